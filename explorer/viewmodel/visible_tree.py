"""The tree as one view shows it: its visible nodes, in the order of the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from explorer.analysis.changes import Changes
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import DirectorySizes
from explorer.config.settings import Sort
from explorer.layers.tree import Node
from explorer.model import Change
from explorer.viewmodel.view import View
from explorer.viewmodel.visible_nodes import VisibleNodes

_BY_NAME = attrgetter("name")
_RANKS = {Change.REMOVED: 0, Change.MODIFIED: 1, Change.ADDED: 2}


@dataclass(frozen=True, slots=True, eq=False)
class VisibleTree:
    """The nodes that a view shows, in its order."""

    view: View
    nodes: VisibleNodes
    _sorted: dict[Node, Sequence[Node]] = field(default_factory=dict)

    @classmethod
    def unfiltered(cls, view: View, directories: Directories, sizes: DirectorySizes, changes: Changes) -> VisibleTree:
        """Returns the tree of a view without a query; ``changes`` are from base to layer."""
        return cls(view, VisibleNodes(directories, sizes, changes, view.hidden))

    def children(self, node: Node) -> Sequence[Node]:
        """Returns the visible children of a node, in the order of the view."""
        children = self._sorted.get(node)
        if children is None:
            children = self._sorted[node] = self._sort(node)
        return children

    def _sort(self, directory: Node) -> Sequence[Node]:
        nodes = self.nodes.children(directory)
        if len(nodes) < 2:
            return nodes
        # Nodes of the same size or rank are sorted by name, from A to Z in both directions.
        sort, is_reversed = self.view.sort, self.view.reversed
        children = sorted(nodes, key=_BY_NAME, reverse=is_reversed and sort is Sort.NAME)
        size, is_by_size = self.nodes.size, sort in (Sort.SIZE, Sort.GROWTH)
        if sort is Sort.GROWTH:
            size = self.nodes.growth
        if sort is not Sort.NAME and self.nodes.hidden:
            # A row shows the figures of the last directory in it.
            ends = self.nodes.chain_ends(directory)
            children.sort(key=lambda node: size(ends.get(node, node)), reverse=not (is_reversed and is_by_size))
        elif sort is not Sort.NAME:
            children.sort(key=size, reverse=not (is_reversed and is_by_size))
        if sort is Sort.CHANGE:
            ends = self.nodes.chain_ends(directory)
            children.sort(key=lambda node: self._rank(ends.get(node, node)), reverse=is_reversed)
        return children

    def _rank(self, node: Node) -> int:
        """Ranks removed, modified, added nodes, directories with changes, and the rest."""
        change = self.nodes.change(node)
        if change is not Change.UNCHANGED:
            return _RANKS[change]
        return 3 if self.nodes.contains_changes(node) else 4
