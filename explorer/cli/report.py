"""``report``: prints the figures of an image as text, JSON or Markdown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from explorer.cli.dockerfile_option import with_dockerfile_option
from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.output import page_of, write
from explorer.cli.output_options import with_format, with_output_file, with_schema
from explorer.cli.rule_options import with_base_options
from explorer.report.formats import FORMATS
from explorer.report.schemas import Schema


@click.command(
    cls=CommandWithSections,
    short_help="Print what to change in IMAGE, and its figures.",
    sections=(
        Examples(
            ("lx report demo", "As text."),
            ("lx report demo --format json | jq '.fixes[0]'", "As JSON."),
            ("lx report --format markdown -o layers.md demo", "As Markdown, for a pull request or a CI summary."),
            ("docker save shop:dev | lx report -", "An archive on standard input."),
            ("lx report --schema", "The JSON Schema of the JSON report."),
        ),
    ),
)
@with_format(FORMATS, "The format of the report.")
@with_output_file
@with_schema(Schema.REPORT)
@with_base_options
@with_dockerfile_option
@with_image_options
@with_damage_option
def report(requested: RequestedImage, format_name: str, output: Path | None) -> None:
    """Print what to change in IMAGE and what that saves, and its figures.

    The text has the fixes, the disposable files, the biggest directories, the waste, and the layers. JSON also has each
    wasted file.
    """
    exploration = requested.explore_with_progress()
    write(FORMATS[format_name](exploration, datetime.now(UTC), page_of(output)), output)
    requested.require_undamaged(exploration)
