"""``ls``: lists the files of an image at one layer."""

from __future__ import annotations

import click

from explorer.cli.help_pages import CommandWithSections, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.output import write_lines
from explorer.cli.output_options import with_format, with_schema
from explorer.errors import UsageError
from explorer.report.schemas import Schema
from explorer.text.printable import printable


@click.command(
    cls=CommandWithSections,
    name="ls",
    short_help="List the files of IMAGE at a layer.",
    sections=(
        Examples(
            ("lx ls demo", "The files that a container sees, and those that the top layer removed."),
            ("lx ls --layer 2 --changes demo", "The changes of one layer. Layer 0 is the base."),
            ("lx ls --format json demo | jq -r 'select(.bytes > 10000000) | .path'", "The files over 10 MB."),
        ),
    ),
)
@headed_option(
    Heading.LISTING,
    "--layer",
    "number",
    type=int,
    metavar="N",
    help="List the files as of layer N; the default is the top layer.",
)
@headed_option(
    Heading.LISTING,
    "--changes",
    "changes_only",
    is_flag=True,
    help="List only the files that layer N added, modified or removed.",
)
@with_format(("text", "json"), "Text, or one JSON object per line.")
@with_schema(Schema.LISTING)
@with_image_options
@with_damage_option
def list_files(requested: RequestedImage, number: int | None, changes_only: bool, format_name: str) -> None:
    """List the files of IMAGE as a container of layers 0 to N sees them.

    Each line begins with the change of layer N: + added, ~ modified, - removed. With --format json, each line is a JSON
    object.
    """
    from explorer.report import listing

    exploration = requested.explore_with_progress()
    count = len(exploration.layers)
    layer = count - 1 if number is None else number
    if number is not None and not 0 <= number < count:
        numbers = f"layers 0 to {count - 1}" if count else "no layers"
        raise UsageError(f"there is no layer {number}", f"{printable(requested.reference)} has {numbers}.")
    formatted = listing.as_json if format_name == "json" else listing.as_text
    write_lines(map(formatted, listing.listing(exploration, layer, changes_only=changes_only)))
    requested.require_undamaged(exploration)
