"""The listings of a tree: made when a view is looked at, from another one where that is less work, and remembered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.analysis.changes import Changes, changes
from explorer.analysis.filter.query import EVERYTHING
from explorer.config.settings import Sort
from explorer.viewmodel.view import View
from explorer.viewmodel.visible_tree import VisibleTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.pipeline import Exploration

_ROOM = 400_000
"""What the listings that are remembered may cost together."""
_FEWEST = 6
"""As many are remembered whatever they cost."""
_SMALLEST = 2_000
"""What the smallest listing costs."""


class ViewCache:
    """Makes the listing of a view, remembers the last ones, and makes new ones from those where it can."""

    def __init__(self, exploration: Exploration) -> None:
        self.exploration = exploration
        self._known: dict[View, VisibleTree] = {}
        self._narrowed: dict[View, VisibleTree] = {}
        """Those of views with a query: they come with every letter typed, and must not displace the others."""

    def of(self, view: View) -> VisibleTree:
        """The listing of a view. Raises BadQuery."""
        known = self._narrowed if view.query else self._known
        found = known.pop(view, None)
        if found is None:
            found = self._resorted(view, known) or self._made(view)
        known[view] = found
        while len(known) > _FEWEST and sum(map(self._cost, known.values())) > _ROOM:
            del known[next(iter(known))]
        return found

    def prepare(self, view: View) -> None:
        """Gather what the first query will need."""
        path_filter = self.exploration.path_filter
        path_filter.prepare()
        self.of(replace(view, query=EVERYTHING)).nodes.visible(path_filter.all)

    def _cost(self, listing: VisibleTree) -> int:
        """What a listing holds: directories, changes and matches, of some hundred bytes each."""
        return (
            _SMALLEST
            + len(self.exploration.directories.all)
            + len(listing.nodes.changes.by_node)
            + listing.nodes.match_count
        )

    def _made(self, view: View) -> VisibleTree:
        if view.query:
            plain, matcher = self.of(replace(view, query=EVERYTHING)), self.exploration.path_filter
            return plain.filtered(view.query, matcher.nodes(view.query), matcher.all)
        return VisibleTree.unfiltered(view, self.exploration.directories, self.exploration.sizes, self._changes(view))

    def _resorted(self, view: View, known: Mapping[View, VisibleTree]) -> VisibleTree | None:
        """From a known one that differs in its order alone."""
        others = (replace(view, sort=sort, reversed=other_way) for sort in Sort for other_way in (False, True))
        similar = next((known[other] for other in others if other in known), None)
        return similar.sorted_as(view) if similar else None

    def _changes(self, view: View) -> Changes:
        """The changes of a view, which those of other orders and filters may know already."""
        known = (listing.nodes.changes for listing in self._known.values())
        same = next((each for each in known if (each.base, each.layer) == (view.since, view.layer)), None)
        return same or changes(self.exploration.tree, view.since, view.layer)
