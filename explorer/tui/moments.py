"""A path's way through the layers, as pure functions: which layers brought, changed or hid it, and how to go there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.changes import differences
from explorer.model import Change, Kind
from explorer.text import owner, printable, shortened
from explorer.tui.query import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from explorer.analysis.sizes import DirectorySizes
    from explorer.layers.tree import Node, Tree
    from explorer.model import Entry
    from explorer.tui.listing import Listing
    from explorer.tui.listings import Listings
    from explorer.tui.view import View

_LONGEST = 60
"""Characters of a link's target that are shown."""


class Difference(NamedTuple):
    """One thing in which two versions of a path differ."""

    what: str
    """type, bytes, link, mode, owner, time or attributes."""
    before: str = ""
    """Printable; empty where values say nothing to people, as of bytes."""
    after: str = ""


class Moment(NamedTuple):
    """What one layer made of a path."""

    layer: int
    change: Change
    """UNCHANGED: the same again, or for a directory that only what is below it changed."""
    size: int
    differs: tuple[Difference, ...]
    """For MODIFIED."""


def history(tree: Tree, sizes: DirectorySizes, node: Node) -> Iterator[Moment]:
    """A path's way through the layers, bottom first: those that brought, changed or hid it, or something below it."""
    versions = {version.layer: version for version in node.history}
    layers: Sequence[int] = range(tree.top + 1) if node.children else sorted(versions)
    before = None
    for layer in layers:
        version = versions.get(layer)
        entry = version.entry if version else node.at(layer)
        is_directory = entry is not None and entry.kind is Kind.DIRECTORY
        size = sizes.at(node, layer) if is_directory else entry.size if entry else 0
        if version is None:
            if is_directory and size != sizes.at(node, layer - 1):
                yield Moment(layer, Change.UNCHANGED, size, ())
            continue
        if before is None or before.entry is None:
            if entry is not None:
                yield Moment(layer, Change.ADDED, size, ())
        elif entry is None:
            yield Moment(layer, Change.REMOVED, 0, ())
        else:
            differs = tuple(_difference(what, before.entry, entry) for what in differences(tree, before, version))
            yield Moment(layer, Change.MODIFIED if differs else Change.UNCHANGED, size, differs)
        before = version


def _difference(what: str, before: Entry, after: Entry) -> Difference:
    """What differs, with the values before and after where they fit a line."""
    if what == "mode":
        return Difference(what, f"{before.mode:04o}", f"{after.mode:04o}")
    if what == "owner":
        return Difference(what, owner(before), owner(after))
    if what == "type":
        return Difference(what, before.kind.label, after.kind.label)
    if what == "link":
        return Difference(what, *(printable(shortened(entry.link, _LONGEST)) for entry in (before, after)))
    return Difference(what)


def neighbour(layers: Sequence[int], layer: int, steps: int) -> int | None:
    """Of the layers that touched a path the next one above ``layer``, or below it; None where there is none."""
    if steps > 0:
        return next((each for each in layers if each > layer), None)
    return next((each for each in reversed(layers) if each < layer), None)


def in_force(layers: Sequence[int], layer: int) -> int | None:
    """Place of the moment that made a path what a layer sees of it."""
    return next((place for place in reversed(range(len(layers))) if layers[place] <= layer), None)


def showing(listings: Listings, view: View, node: Node, layer: int) -> View:
    """A view of a layer in which a path shows, as near to the present view as can be."""
    wanted = replace(view, layer=layer)
    unhidden = replace(wanted, hidden=frozenset())
    unfiltered = replace(unhidden, query=EVERYTHING)
    for found in dict.fromkeys((wanted, unhidden, unfiltered)):
        if is_listed(listings.of(found), node):
            return found
    return replace(unfiltered, base=None)


def is_listed(listing: Listing, node: Node) -> bool:
    """Whether a listing shows a path once all that is above it is open."""
    while node.parent is not None:
        if node not in listing.shown(node.parent):
            return False
        node = node.parent
    return True
