"""Words for paths that match a filter, but that only other layers have."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.analysis.filter.query import Query
from explorer.layers.tree import Node
from explorer.pipeline import Exploration
from explorer.text.printable import printable
from explorer.text.units import counted


def in_other_layers(exploration: Exploration, layer: int, query: Query) -> Iterator[str]:
    """Yields a line for one matching path, and the number of the others.

    Nothing if the query asks for facts that depend on the layer. Raises BadQuery.

    Args:
        exploration: The image.
        layer: The layer that has no path that matches.
        query: The filter.
    """
    nodes = () if query.view_terms else exploration.path_filter.nodes(query)
    if nodes:
        # The shortest path is the file itself, or the directory above the others.
        yield _place(min(nodes, key=lambda node: len(node.path)), layer)
    if len(nodes) > 1:
        yield f"The filter matches {counted(len(nodes) - 1, 'more path')} of other layers."


def _place(node: Node, layer: int) -> str:
    path = printable(f"/{node.path}")
    shipped_in = [version.layer for version in node.history if version.entry is not None]
    number = max((each for each in shipped_in if each <= layer), default=None)
    if number is None:
        return f"Layer {shipped_in[0]} ships {path}: `--layer {shipped_in[0]}` shows it."
    removed = node.version_after(number)
    removed_words = f", layer {removed.layer} removed it" if removed is not None else ""
    return f"Layer {number} shipped {path}{removed_words}: `--layer {number}` shows it."
