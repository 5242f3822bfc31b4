"""``compare``: prints the differences between two images."""

from __future__ import annotations

from pathlib import Path

import click

from explorer.cli.help_pages import CommandWithSections, Examples
from explorer.cli.output import page_of, write
from explorer.cli.output_options import with_output_file
from explorer.cli.two_images import RequestedPair, with_two_images


@click.command(
    cls=CommandWithSections,
    name="compare",
    short_help="Show what differs between two images.",
    sections=(
        Examples(
            ("lx compare shop:1.3 shop:1.4", "The differences between two releases."),
        ),
    ),
)
@with_output_file
@with_two_images
def compare_images(requested: RequestedPair, output: Path | None) -> None:
    """Show what changed from the image OLD to the image NEW.

    These are sizes, layers, files, packages and settings.

    OLD and NEW are references as IMAGE in other commands; one of them may be `-`.
    """
    from explorer.report.compare.as_text import comparison_text

    diff = requested.compare_with_progress()
    write(comparison_text(diff, page_of(output)), output)
    requested.require_undamaged(diff)
