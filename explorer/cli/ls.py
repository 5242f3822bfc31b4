"""``ls``: lists the files of an image at one layer."""

from __future__ import annotations

from functools import partial

import click

from explorer.cli.help_pages import CommandWithSections, DefinitionList, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage
from explorer.cli.listing_options import layer_number, with_layer, with_lines, with_top
from explorer.cli.output import print_note, write_lines
from explorer.errors import UsageError
from explorer.report.schemas import Schema
from explorer.text.printable import printable

_ORDERS = ("path", "size", "layer", "change")
_FILTER = DefinitionList(
    "FILTER is what you type after `/` on the screen; all terms must match",
    ("word, usr/lib, *.so, usr/**/*.a", "a part of the name or the path, or a glob"),
    ("/expr/, re:expr", "a regular expression"),
    ("size>10M, size<4KiB", "the size of files; with type:dir, also of directories"),
    ("is:STATE", "added, modified, removed, unchanged, wasted, disposable or unowned"),
    ("package:NAME", "owned by this package: its name, a glob of it, or its package URL"),
    ("kind:NAME", "a kind of file that `lx du --by kind` lists, as in kind:shared-libraries"),
    ("layer:3, layer:3-5", "touched by these layers"),
    ("type:KIND", "file, dir, link, symlink, hardlink, device or fifo"),
    ('!term, "a b"', "does not match; a word with a space"),
)


@click.command(
    cls=CommandWithSections,
    name="ls",
    short_help="List the files that a container of IMAGE sees.",
    sections=(
        _FILTER,
        Examples(
            ("lx ls demo", "The files that a container sees, and those that the top layer removed."),
            ("lx ls --layer 2 --changes demo", "The changes of one layer. Layer 0 is the base."),
            ("lx ls --top 10 demo '*.so' 'size>1M'", "The ten largest libraries over 1 MB."),
            ("lx ls demo is:disposable", "The disposable files."),
            ("lx ls --format json demo | jq -r 'select(.bytes > 10000000) | .path'", "The files over 10 MB."),
        ),
    ),
)
@with_layer("List the files as of layer N; the default is the top layer.")
@headed_option(
    Heading.LISTING,
    "--changes",
    "changes_only",
    is_flag=True,
    help="List only the files that layer N added, modified or removed.",
)
@headed_option(
    Heading.LISTING,
    "--packages",
    "with_packages",
    is_flag=True,
    help="Add the package that owns each file.",
)
@headed_option(
    Heading.LISTING,
    "--sort",
    "order_name",
    type=click.Choice(_ORDERS),
    help="The order of the lines: path (the default), size (largest first, directories last), layer or change.",
)
@with_top("List only the first N lines; without --sort, the largest.")
@with_lines(Schema.LISTING)
@click.argument("words", metavar="[FILTER]...", nargs=-1)
def list_files(
    requested: RequestedImage,
    words: tuple[str, ...],
    number: int | None,
    changes_only: bool,
    with_packages: bool,
    order_name: str | None,
    top: int | None,
    format_name: str,
) -> None:
    """List the files that a container of IMAGE sees, with layers 0 to N only.

    Give a FILTER to list only the files that match.

    Each line begins with the change of layer N: + added, ~ modified, - removed. Then ◌ marks disposable
    files: those that a container is not expected to need. The size of a directory is that of the visible files below
    it. With --format json, each line is a JSON object.
    """
    from explorer.analysis.filter.query import BadQuery, parse
    from explorer.report import listing
    from explorer.report.other_layers import in_other_layers

    text = " ".join(words)
    try:
        # A wrong filter is an error before a large image is read.
        parse(text)
        exploration = requested.explore_for_list()
        layer = layer_number(exploration, number, requested.reference)
        query = parse(text, exploration.tree.top)
        if query.needs_packages or with_packages:
            requested.read_packages(exploration)
        paths = listing.listing(exploration, layer, changes_only=changes_only, query=query, with_packages=with_packages)
        order = listing.Order(order_name or ("path" if top is None else "size"))
        lines = listing.ordered(paths, order, top, directories_last=not query.wants_directories)
        as_text = partial(listing.as_text, max_owner_chars=listing.owner_chars(exploration))
        count = write_lines(map(listing.as_json if format_name == "json" else as_text, lines))
        elsewhere = () if count or changes_only or not query else [*in_other_layers(exploration, layer, query)]
    except BadQuery as error:
        raise UsageError(f"the filter {printable(text)} is wrong: {error}", "See `lx ls --help`.") from error
    if query and not count:
        click.echo(f"No {'change' if changes_only else 'path'} at layer {layer} matches {printable(text)}.", err=True)
        for line in elsewhere:
            print_note(line)
    requested.require_undamaged(exploration)
