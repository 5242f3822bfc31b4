"""The ways from one layer of a path's history to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explorer.analysis.filter.query import EVERYTHING
from explorer.layers.tree import Node
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.visible_nodes import VisibleNodes


def next_layer(layers: Sequence[int], layer: int, direction: int) -> int | None:
    """Returns the nearest layer above ``layer``, or below for -1; None without one."""
    if direction > 0:
        return next((other for other in layers if other > layer), None)
    return next((other for other in reversed(layers) if other < layer), None)


def index_at(layers: Sequence[int], layer: int) -> int | None:
    """Returns the index of the last layer up to ``layer``; None without one."""
    return next((index for index in reversed(range(len(layers))) if layers[index] <= layer), None)


def view_showing(views: ViewCache, view: View, node: Node, layer: int) -> View:
    """Returns the view most like the present one in which a node shows at a layer."""
    wanted = replace(view, layer=layer)
    unhidden = replace(wanted, hidden=frozenset())
    unfiltered = replace(unhidden, query=EVERYTHING)
    for candidate in dict.fromkeys((wanted, unhidden, unfiltered)):
        if _shows(views.of(candidate).nodes, node):
            return candidate
    return replace(unfiltered, base=None)


def _shows(nodes: VisibleNodes, node: Node) -> bool:
    """True if a node shows while everything above it is open."""
    while node.parent is not None:
        if node not in nodes.children(node.parent):
            return False
        node = node.parent
    return True
