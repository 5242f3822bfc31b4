"""``report``: prints the figures of an image as text, JSON or Markdown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from explorer.cli.help_pages import EXIT_CODES, CommandWithSections, Examples
from explorer.cli.image_options import RequestedImage, with_image_options
from explorer.cli.output import write
from explorer.cli.output_options import with_format, with_output_file, with_schema
from explorer.report.formats import FORMATS
from explorer.report.schemas import Schema


@click.command(
    cls=CommandWithSections,
    short_help="Print the figures of IMAGE, its layers and its waste.",
    sections=(
        Examples(
            (
                ("lx report demo", "For people."),
                ("lx report demo --format json | jq '.image.wasted_by_cause'", "For programs."),
                ("lx report --format markdown -o layers.md demo", "For a pull request, or the summary of a pipeline."),
                ("docker save shop:dev | lx report -", "Of an archive on standard input."),
                ("lx report --schema", "What the JSON holds, as a JSON Schema."),
            )
        ),
        EXIT_CODES,
    ),
)
@with_format(FORMATS, "For people, for programs, for a pull request.")
@with_output_file
@with_schema(Schema.REPORT)
@with_image_options
def report(requested: RequestedImage, form: str, output: Path | None) -> None:
    """Print the figures of IMAGE, its layers, and every wasted byte with its cause."""
    write(FORMATS[form](requested.explore_with_progress(), datetime.now(UTC)), output)
