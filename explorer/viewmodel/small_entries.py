"""Small entries of an open directory, which share one row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from explorer.layers.tree import Node
from explorer.model import Change
from explorer.viewmodel.visible_tree import VisibleTree

SMALL_BYTES = 1000
"""Entries of fewer bytes are small, unless a directory has a limit of its own."""
_MIN_SMALL_ENTRIES = 3
"""Fewer entries keep their rows."""
_MAX_CHANGES = 100
"""A layer with more changes than these gives its small changes no rows in directories with a limit of their own."""


class Split(NamedTuple):
    """The children of a directory."""

    shown: Sequence[Node]
    """The children with a row of their own, in the order of the view."""
    folded: Sequence[Node]
    """The small children that share the row after them."""


@dataclass(frozen=True)
class Folding:
    """The small entries that share rows."""

    limits: Mapping[Node, int] = field(default_factory=lambda: MappingProxyType({}))
    """Directory to its limit in bytes; 0 gives each of its entries a row. Others have ``SMALL_BYTES``."""
    kept: Set[Node] = frozenset()
    """Nodes that have a row however small they are."""

    def limit(self, directory: Node) -> int:
        """Returns the limit of a directory in bytes."""
        return self.limits.get(directory, SMALL_BYTES)

    def split(self, tree: VisibleTree, directory: Node, opened: Set[Node]) -> Split:
        """Returns the children that have rows, and those that share one.

        If no child is large, or the view asks for something else than the largest, all have rows.
        """
        children, limit = tree.children(directory), self.limit(directory)
        if not limit or not is_folding(tree):
            return Split(children, ())
        nodes = tree.nodes
        start = bisect_right(children, -limit, key=lambda node: -nodes.size(node))
        least = 2 if directory in self.limits else _MIN_SMALL_ENTRIES
        if not start or len(children) - start < least:
            return Split(children, ())
        ends, small = nodes.chain_ends(directory), children[start:]
        kept = {node for node in small if node in self.kept or ends.get(node, node) in opened}
        if nodes.changes.base >= 0 and self._keeps_changes(tree, directory):
            kept.update(node for node in small if is_changed(tree, node))
        folded = [node for node in small if node not in kept]
        if len(folded) < least:
            return Split(children, ())
        return Split([*children[:start], *(node for node in small if node in kept)], folded)

    def _keeps_changes(self, tree: VisibleTree, directory: Node) -> bool:
        """True if small changes in a directory have rows of their own."""
        is_few, has_own_limit = len(tree.nodes.changes.by_node) <= _MAX_CHANGES, directory in self.limits
        if tree.view.changes_only:
            # Everything is a change: a directory that the user opens shows all of them.
            return not has_own_limit and (is_few or directory.parent is not None)
        return is_few or not has_own_limit


def is_folding(tree: VisibleTree) -> bool:
    """True if a view shows the largest files or the largest changes."""
    view = tree.view
    return (
        view.is_largest_first and not view.query and (view.changes_only or not (view.hidden or view.base is not None))
    )


def is_changed(tree: VisibleTree, node: Node) -> bool:
    """True if a node or something below it changed."""
    return tree.nodes.change(node) is not Change.UNCHANGED or tree.nodes.contains_changes(node)
