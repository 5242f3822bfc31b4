"""The views of two images as one tree, with or without changes of time alone."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from explorer.analysis.changes import Changes
from explorer.config.settings import Sort
from explorer.layers.tree import Node, directories_above
from explorer.model import Change
from explorer.pipeline import Exploration, ImageDiff
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache

OLD, NEW = 0, 1
"""The points of the old and of the new image in their joined exploration."""
STARTING_VIEW = View(NEW, OLD, Sort.GROWTH, hidden=frozenset({Change.UNCHANGED}))
"""Only changes show, those that grew most first."""


class ComparedViews(ViewCache):
    """Computes the visible trees of two images."""

    def __init__(self, exploration: Exploration, hidden: Set[Node] = frozenset()) -> None:
        """Takes the joined exploration, and modified nodes that count as unchanged."""
        super().__init__(exploration)
        self.hidden = hidden

    def _changes(self, view: View) -> Changes:
        every = super()._changes(view)
        if not self.hidden or not self.hidden & every.by_node.keys():
            return every
        by_node = {node: change for node, change in every.by_node.items() if node not in self.hidden}
        return replace(every, by_node=by_node, above=frozenset(directories_above(by_node)))


def nodes_of_times(diff: ImageDiff, exploration: Exploration) -> Set[Node]:
    """Returns the nodes of the joined exploration that differ only in their times."""
    found = (exploration.tree.find(change.path) for change in diff.file_changes if change.is_time_only)
    return frozenset(node for node in found if node is not None)
