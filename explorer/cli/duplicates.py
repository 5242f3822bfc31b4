"""``duplicates``: lists files of the same content at different paths."""

from __future__ import annotations

import click

from explorer.cli.help_pages import CommandWithSections, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage, with_damage_option, with_image_options
from explorer.cli.listing_options import with_top
from explorer.cli.output import page_of, print_note, write, write_lines
from explorer.cli.output_options import with_format, with_schema
from explorer.errors import UsageError
from explorer.report.schemas import Schema
from explorer.text.printable import printable
from explorer.text.units import parse_size, round_size

_DEFAULT_MIN_SIZE = "4k"
_DEFAULT_TEXT_GROUPS = 15


def _bytes(_: click.Context, __: click.Parameter, value: str) -> int:
    count = parse_size(value)
    if count is None:
        raise UsageError(f"--min-size {printable(value)} is no size", "Give bytes, or a size such as 100k or 1MiB.")
    return count


@click.command(
    cls=CommandWithSections,
    name="duplicates",
    short_help="List files of IMAGE with the same content at other paths.",
    sections=(
        Examples(
            ("lx duplicates demo", "The copies that hold most bytes, by the directories that share them."),
            ("lx duplicates --min-size 1M demo", "Only files of a megabyte and more."),
            ("lx duplicates --format json demo | jq '.groups[0].contents'", "Each content with all its paths."),
        ),
    ),
)
@headed_option(
    Heading.LISTING,
    "--min-size",
    "min_bytes",
    default=_DEFAULT_MIN_SIZE,
    show_default=True,
    metavar="SIZE",
    callback=_bytes,
    help="Leave out smaller files.",
)
@with_top(f"List only the first N groups; the default for text is {_DEFAULT_TEXT_GROUPS}.")
@with_format(("text", "json"), "Text or JSON.")
@with_schema(Schema.DUPLICATES)
@with_image_options
@with_damage_option
def list_duplicates(requested: RequestedImage, min_bytes: int, top: int | None, format_name: str) -> None:
    """List the files of IMAGE with the same content at different paths.

    All but one of them could be links. A container sees each of them, so they are no waste, and no other figure counts
    them. Hard links of one file are no copies.

    Copies whose paths end alike are one group, such as two copies of a package. Its lines are the directories that have
    the same files, or single files.

    Files of equal size are read and compared. The contents that are read once are known the next time.
    """
    from explorer.report import duplicates as report

    exploration = requested.explore_for_list()
    found = requested.read_duplicates(exploration, min_bytes)
    for problem in found.problems:
        print_note(problem)
    base_layers = exploration.known_base_layers
    if format_name == "json":
        write(report.as_json(found.groups, found.groups[:top], found.unknown, base_layers), None)
    else:
        write_lines(report.as_text(found.groups, top or _DEFAULT_TEXT_GROUPS, base_layers or 0, page_of(None)))
        if not found.groups:
            click.echo(f"No two files of {round_size(min_bytes)} or more have the same content.", err=True)
    requested.require_undamaged(exploration)
