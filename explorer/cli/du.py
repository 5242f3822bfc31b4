"""``du``: lists directories or kinds of files of an image with their bytes."""

from __future__ import annotations

from collections.abc import Iterator

import click

from explorer.cli.help_pages import CommandWithSections, Examples, Heading, headed_option
from explorer.cli.image_options import RequestedImage
from explorer.cli.listing_options import layer_number, with_layer, with_lines, with_top
from explorer.cli.output import page_of, write_lines
from explorer.errors import UsageError
from explorer.layers.tree import Node
from explorer.model import Kind
from explorer.pipeline import Exploration
from explorer.report.schemas import Schema
from explorer.text.printable import printable
from explorer.text.suggestions import did_you_mean, nearest


@click.command(
    cls=CommandWithSections,
    name="du",
    short_help="List the biggest directories of IMAGE, or its kinds of files.",
    sections=(
        Examples(
            ("lx du demo", "The directories that hold most of the image."),
            ("lx du demo /usr --depth 1", "What is in /usr, as `du -d 1` in a container shows it."),
            ("lx du demo --layer 2", "What one layer ships, and how much of it is wasted."),
            ("lx du demo --by kind", "Shared libraries, documentation, caches …: what the files are."),
            ("lx du --depth 2 --format json demo | jq -r '[.bytes, .path] | @tsv'", "Figures for another program."),
        ),
    ),
)
@headed_option(
    Heading.LISTING,
    "--by",
    "grouping",
    type=click.Choice(("directory", "kind")),
    default="directory",
    show_default=True,
    help="List directories, or kinds of files, which are known by path, name and mode.",
)
@headed_option(
    Heading.LISTING,
    "--depth",
    type=click.IntRange(min=0),
    metavar="N",
    help="List all directories down to N levels below PATH, each after those inside it.",
)
@with_top("List only the N largest directories or kinds; the default for directories without --depth is 15.")
@with_layer("Count the bytes that layer N ships, instead of those that a container sees.")
@with_lines(Schema.DIRECTORY_USAGE)
@click.argument("path", metavar="[PATH]", default="/")
def show_directories(
    requested: RequestedImage,
    path: str,
    grouping: str,
    depth: int | None,
    top: int | None,
    number: int | None,
    format_name: str,
) -> None:
    """List the directories below PATH that hold most bytes.

    No byte is counted twice: if a few subdirectories hold most of a directory, they are listed in its place. The last
    line is PATH itself; the other lines add up to it.

    With --by kind, list the files below PATH by what they are. Each has one kind; the last line is their sum.
    Empty files count, too; those of `lx report` have bytes.
    """
    if grouping == "kind" and depth is not None:
        raise UsageError("--depth is for directories, but --by kind lists kinds of files", "Leave out --depth.")
    exploration = requested.explore_for_list()
    layer = None if number is None else layer_number(exploration, number, requested.reference)
    directory = _directory(exploration, path, exploration.tree.top if layer is None else layer)
    if grouping == "kind":
        write_lines(_kind_lines(exploration, directory.path, layer, top, format_name))
    else:
        write_lines(_directory_lines(exploration, directory.path, layer, depth, top, format_name))
    requested.require_undamaged(exploration)


def _directory_lines(
    exploration: Exploration, path: str, layer: int | None, depth: int | None, top: int | None, format_name: str
) -> Iterator[str]:
    from explorer.report import directory_usage

    if layer is None:
        usage = directory_usage.visible_usage(exploration)
    else:
        usage = directory_usage.shipped_usage(exploration, layer)
    rows = directory_usage.directory_usage(usage, path, depth, top)
    if format_name == "json":
        return (directory_usage.as_json(row, usage) for row in rows if row.path is not None)
    return directory_usage.as_text(rows, usage, page_of(None))


def _kind_lines(
    exploration: Exploration, path: str, layer: int | None, top: int | None, format_name: str
) -> Iterator[str]:
    from explorer.report import kind_usage

    if format_name == "json":
        base_layers = exploration.known_base_layers
        usages = kind_usage.kind_usage(exploration, path, layer, base_layers or 0)[:top]
        return (kind_usage.as_json(usage, layer, base_layers is not None) for usage in usages)
    return kind_usage.as_text(kind_usage.kind_usage(exploration, path, layer), layer, top, page_of(None))


def _directory(exploration: Exploration, path: str, layer: int) -> Node:
    """Returns the directory of a path at a layer. Raises UsageError if it is none."""
    tree = exploration.tree
    node = tree.find(path)
    entry = node.entry_at(layer) if node is not None else None
    if node is not None and (node is tree.root or (entry is not None and entry.kind is Kind.DIRECTORY)):
        return node
    shown = printable(path)
    if entry is None:
        names = (f"/{each.path}" for each in tree.directories() if each.entry_at(layer) is not None)
        similar = nearest(f"/{path.strip('/')}", names)
        raise UsageError(f"there is no {shown} at layer {layer}", did_you_mean(similar))
    hint = f"It points to {printable(entry.link)}." if entry.kind is Kind.SYMLINK else "Name a directory."
    raise UsageError(f"{shown} is a {entry.kind.label}, not a directory", hint)
