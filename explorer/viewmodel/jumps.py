"""The views that jumps lead to: paths, fixes, disposable files, and the way back."""

from __future__ import annotations

from dataclasses import replace

from explorer.analysis.filter.query import EVERYTHING, parse
from explorer.layers.tree import Node
from explorer.viewmodel.history_navigation import view_showing
from explorer.viewmodel.places import Place
from explorer.viewmodel.view import Jump, View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.waste_view import Grouping

_DISPOSABLE = "is:disposable"
"""The filter for disposable files."""


def jump_to_path(views: ViewCache, view: View, node: Node, layer: int) -> View:
    """Returns a view in which a path shows at a layer, as similar as possible."""
    return replace(view_showing(views, view, node, layer), jump=Jump(node))


def jump_to_disposable(views: ViewCache, view: View) -> View:
    """Returns the view of all disposable files of the whole image."""
    top = views.exploration.tree.top
    view = replace(view, layer=top, base=None, hidden=frozenset(), query=parse(_DISPOSABLE, top))
    listing = views.of(view)
    # The first row, which is the largest in the usual order.
    first = next(iter(listing.children(listing.nodes.tree.root)), None)
    return replace(view, jump=Jump(first) if first is not None else None)


def jump_to_fixes(view: View) -> View:
    """Returns the view of all fixes."""
    return replace(view, waste=replace(view.waste, grouping=Grouping.FIX, layer=None, query=EVERYTHING))


def jump_back(place: Place) -> View:
    """Returns the view of a place, with the path that was selected."""
    return replace(place.view, jump=Jump(place.node) if place.node is not None else None)
