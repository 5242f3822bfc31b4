"""The views of two images as one tree, of all changes or of some."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from explorer.analysis.changes import Changes, changes
from explorer.analysis.image_diff.package_changes import PackageChange
from explorer.config.settings import Sort
from explorer.layers.tree import Node, directories_above
from explorer.model import Change
from explorer.pipeline import Exploration, ImageDiff
from explorer.viewmodel.pair_rows import PairRow
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache

OLD, NEW = 0, 1
"""The points of the old and of the new image in their joined exploration."""
STARTING_VIEW = View(NEW, OLD, Sort.GROWTH, hidden=frozenset({Change.UNCHANGED}))
"""Only changes show, those that grew most first."""


class ComparedViews(ViewCache):
    """Computes the visible trees of two images."""

    def __init__(self, exploration: Exploration, every: Changes, hidden: Set[Node] = frozenset()) -> None:
        """Prepares the views.

        Args:
            exploration: The joined exploration.
            every: All its changes.
            hidden: Changed nodes that count as unchanged.
        """
        super().__init__(exploration)
        self.hidden = hidden
        self._shown = _without(every, hidden)

    def shows(self, node: Node) -> bool:
        """True if a path differs in these views, or one below it."""
        return node in self._shown.by_node or node in self._shown.above

    def _changes(self, view: View) -> Changes:
        return self._shown if (view.since, view.layer) == (OLD, NEW) else super()._changes(view)


def _without(every: Changes, hidden: Set[Node]) -> Changes:
    if not hidden:
        return every
    by_node = {node: change for node, change in every.by_node.items() if node not in hidden}
    return replace(every, by_node=by_node, above=frozenset(directories_above(by_node)))


def all_changes(exploration: Exploration) -> Changes:
    """Returns all changes of a joined exploration."""
    return changes(exploration.tree, OLD, NEW)


def nodes_of_times(diff: ImageDiff, exploration: Exploration) -> Set[Node]:
    """Returns the nodes of the joined exploration that differ only in their times."""
    found = (exploration.tree.find(change.path) for change in diff.file_changes if change.is_time_only)
    return frozenset(node for node in found if node is not None)


def package_filter(change: PackageChange | None) -> str:
    """Returns the filter for the files of a package; None is for files without one."""
    package = None if change is None else change.new or change.old
    return "is:unowned" if package is None else f"package:{package.full_name}"


def nodes_beside(row: PairRow, diff: ImageDiff, files: Exploration, every: Changes) -> Set[Node]:
    """Returns the changed nodes that none of the layers of a pair ships or removes.

    Args:
        row: The pair.
        diff: The two images.
        files: Their joined exploration.
        every: All its changes.
    """
    shipped: set[Node | None] = set()
    removed: set[Node | None] = set()
    find = files.tree.find
    for exploration, number in ((diff.old, row.pair.old), (diff.new, row.pair.new)):
        if number is not None:
            index = exploration.tree.layers[number]
            shipped.update(find(entry.path) for entry in index.entries)
            removed.update(map(find, (*index.whiteouts, *index.opaques)))
    beside = every.by_node.keys() - shipped - removed
    return {node for node in beside if removed.isdisjoint(node.ancestors())} if removed else beside
