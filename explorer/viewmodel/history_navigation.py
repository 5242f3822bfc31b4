"""A path's way through the layers, in words: what differed, which layer is next, and how to go there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.analysis.filter.query import EVERYTHING
from explorer.text.printable import printable, shortened
from explorer.text.words import owner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from explorer.layers.tree import Node
    from explorer.model import Entry
    from explorer.viewmodel.view import View
    from explorer.viewmodel.view_cache import ViewCache
    from explorer.viewmodel.visible_tree import VisibleTree

_LONGEST = 60
"""Characters of a link's target that are shown."""


def before_and_after(what: str, before: Entry, after: Entry) -> tuple[str, str] | None:
    """A property before and after, printable; None where that says nothing to people, as of bytes."""
    told = _VALUES.get(what)
    return (told(before), told(after)) if told else None


_VALUES: Mapping[str, Callable[[Entry], str]] = {
    "mode": lambda entry: f"{entry.mode:04o}",
    "owner": owner,
    "type": lambda entry: entry.kind.label,
    "link": lambda entry: printable(shortened(entry.link, _LONGEST)),
}


def next_layer(layers: Sequence[int], layer: int, steps: int) -> int | None:
    """Of the layers that touched a path the next one above ``layer``, or below it; None where there is none."""
    if steps > 0:
        return next((each for each in layers if each > layer), None)
    return next((each for each in reversed(layers) if each < layer), None)


def index_at(layers: Sequence[int], layer: int) -> int | None:
    """Place of the moment that made a path what a layer sees of it."""
    return next((place for place in reversed(range(len(layers))) if layers[place] <= layer), None)


def view_showing(listings: ViewCache, view: View, node: Node, layer: int) -> View:
    """A view of a layer in which a path shows, as near to the present view as can be."""
    wanted = replace(view, layer=layer)
    unhidden = replace(wanted, hidden=frozenset())
    unfiltered = replace(unhidden, query=EVERYTHING)
    for found in dict.fromkeys((wanted, unhidden, unfiltered)):
        if is_listed(listings.of(found), node):
            return found
    return replace(unfiltered, base=None)


def is_listed(listing: VisibleTree, node: Node) -> bool:
    """Whether a listing shows a path once all that is above it is open."""
    while node.parent is not None:
        if node not in listing.nodes.children(node.parent):
            return False
        node = node.parent
    return True
