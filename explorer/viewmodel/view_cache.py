"""The visible trees of recent views, each computed from a similar one if possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from explorer.analysis.changes import Changes, changes
from explorer.analysis.filter.query import EVERYTHING
from explorer.config.settings import Sort
from explorer.pipeline import Exploration
from explorer.viewmodel.matching_nodes import matching
from explorer.viewmodel.view import View
from explorer.viewmodel.visible_tree import VisibleTree

_MAX_COST = 400_000
"""The limit for the total cost of all cached trees, in nodes."""
_MIN_VIEWS = 6
"""The number of trees that are always cached."""
_BASE_COST = 2_000
"""The cost of the smallest tree."""


class ViewCache:
    """Computes the visible tree of a view and caches it."""

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration
        self._unfiltered: dict[View, VisibleTree] = {}
        self._filtered: dict[View, VisibleTree] = {}
        """The trees of views with a query. Each letter typed adds one; they must not displace the others."""

    def of(self, view: View) -> VisibleTree:
        """Returns the visible tree of a view. Raises BadQuery."""
        cached = self._filtered if view.query else self._unfiltered
        tree = cached.pop(view, None)
        if tree is None:
            tree = self._resorted(view, cached) or self._computed(view)
        cached[view] = tree
        while len(cached) > _MIN_VIEWS and sum(map(self._cost, cached.values())) > _MAX_COST:
            del cached[next(iter(cached))]
        return tree

    def prepare(self, view: View) -> None:
        """Computes what the first query will need."""
        path_filter = self.exploration.path_filter
        path_filter.prepare()
        self.of(replace(view, query=EVERYTHING)).nodes.prepare(path_filter.all)

    def _cost(self, tree: VisibleTree) -> int:
        """Returns a tree's directories, changes and matches: some hundred bytes each."""
        return (
            _BASE_COST
            + len(self.exploration.directories.all)
            + len(tree.nodes.changes.by_node)
            + tree.nodes.match_count
        )

    def _computed(self, view: View) -> VisibleTree:
        if view.query:
            plain, matcher = self.of(replace(view, query=EVERYTHING)), self.exploration.path_filter
            if view.query.needs_packages:
                plain.nodes.known_packages = self.exploration.packages
            return VisibleTree(view, matching(plain.nodes, view.query, matcher.nodes(view.query), matcher.all))
        return VisibleTree.unfiltered(view, self.exploration.directories, self.exploration.sizes, self._changes(view))

    def _resorted(self, view: View, cached: Mapping[View, VisibleTree]) -> VisibleTree | None:
        """Returns a tree that differs only in its order from a cached one, or None."""
        others = (replace(view, sort=sort, reversed=other_way) for sort in Sort for other_way in (False, True))
        similar = next((cached[other] for other in others if other in cached), None)
        return VisibleTree(view, similar.nodes) if similar else None

    def _changes(self, view: View) -> Changes:
        """Returns the changes of a view, from a cached tree if one has them."""
        cached = (tree.nodes.changes for tree in self._unfiltered.values())
        reusable = next((each for each in cached if (each.base, each.layer) == (view.since, view.layer)), None)
        return reusable or changes(self.exploration.tree, view.since, view.layer)
