"""``report`` and ``ls``: what is known of an image, as text."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from explorer.cli.command_line import reporting_errors
from explorer.cli.subject import Subject, about_an_image
from explorer.errors import UsageError
from explorer.text import printable


@click.command(short_help="Print the figures of IMAGE, its layers and its waste.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead of stdout."
)
@reporting_errors
@about_an_image
def report(subject: Subject, form: str, output: Path | None) -> None:
    """Print the figures of IMAGE, its layers, and every wasted byte with its cause."""
    from explorer.report.as_json import report_json
    from explorer.report.as_text import report_text

    exploration = subject.explored_aloud()
    text = f"{report_json(exploration)}\n" if form == "json" else report_text(exploration)
    if output is None or str(output) == "-":
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{printable(str(output))} cannot be written: {error.strerror}") from error


@click.command(name="ls", short_help="List the files of IMAGE at a layer.")
@click.option(
    "--layer", "number", type=int, help="As a container of layers 0 to N sees it; the default is the top.", metavar="N"
)
@click.option("--changes", "changes_only", is_flag=True, help="Only what layer N added, modified or removed.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@reporting_errors
@about_an_image
def list_files(subject: Subject, number: int | None, changes_only: bool, form: str) -> None:
    """List the files of IMAGE as a container of layers 0 to N sees them, in path order.

    Each line begins with what layer N did to the path: + added, ~ modified, - removed. With --format json each line is
    an object.
    """
    from explorer.report import listing

    exploration = subject.explored_aloud()
    count = len(exploration.layers)
    layer = count - 1 if number is None else number
    if number is not None and not 0 <= number < count:
        there = f"layers 0 to {count - 1}" if count else "no layers"
        raise UsageError(f"there is no layer {number}", f"{printable(subject.reference)} has {there}.")
    say = listing.as_json if form == "json" else listing.as_text
    for line in listing.listing(exploration, layer, changes_only=changes_only):
        sys.stdout.write(f"{say(line)}\n")
