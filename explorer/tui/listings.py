"""The listings of the views looked at last, so that going to and fro between layers and orders costs little."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.analysis.changes import Changes, changes
from explorer.tui.rows import Listing
from explorer.tui.view import Sort, View

if TYPE_CHECKING:
    from explorer.analysis.sizes import DirectorySizes
    from explorer.layers.tree import Tree

_REMEMBERED = 6


class Listings:
    """Makes the listing of a view, remembers the last few, and makes new ones from those where it can."""

    def __init__(self, tree: Tree, sizes: DirectorySizes) -> None:
        self.tree = tree
        self.sizes = sizes
        self._known: dict[View, Listing] = {}

    def of(self, view: View) -> Listing:
        """The listing of a view."""
        found = self._known.pop(view, None)
        if found is None:
            found = (
                self._resorted(view) or self._moved(view) or Listing(self.tree, self.sizes, view, self._changes(view))
            )
        self._known[view] = found
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    def _resorted(self, view: View) -> Listing | None:
        """From a known one that differs in its order alone."""
        others = (replace(view, sort=sort) for sort in Sort)
        similar = next((self._known[other] for other in others if other in self._known), None)
        return similar.resorted(view.sort) if similar else None

    def _moved(self, view: View) -> Listing | None:
        """From the last one that shows everything in the same order between other layers."""
        if view.hidden:
            return None
        known = reversed(self._known.values())
        similar = next((each for each in known if not each.view.hidden and each.view.sort is view.sort), None)
        return similar.moved(view, self._changes(view)) if similar else None

    def _changes(self, view: View) -> Changes:
        """The changes of a view, which those of other orders and filters may know already."""
        known = (listing.changes for listing in self._known.values())
        same = next((each for each in known if (each.base, each.layer) == (view.since, view.layer)), None)
        return same or changes(self.tree, view.since, view.layer)
