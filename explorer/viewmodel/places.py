"""The places that jumps started from, and the way back to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from explorer.layers.tree import Node, Tree
from explorer.viewmodel.view import View

_MAX_PLACES = 100
"""Older places are forgotten."""


@dataclass(frozen=True, slots=True)
class Place:
    """The view, the pane, the selected path and the widget with the focus."""

    view: View
    pane: str
    node: Node | None
    """The selected path among the files."""
    focused: str | None
    """The ID of the widget with the focus."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places to go back to, the last one at the end."""

    stack: Sequence[Place] = ()

    def __bool__(self) -> bool:
        return bool(self.stack)

    @property
    def last(self) -> Place:
        """The place of the last jump. Raises IndexError if there was none."""
        return self.stack[-1]

    def with_place(self, place: Place) -> Places:
        """Returns the places with another one at the end, unless it is there already."""
        if self.stack and self.stack[-1] == place:
            return self
        return Places((*self.stack, place)[-_MAX_PLACES:])

    def moved_to(self, tree: Tree) -> Places:
        """Returns the places with the nodes of a newer tree."""
        return Places([replace(each, node=tree.counterpart(each.node) if each.node else None) for each in self.stack])

    def without_last(self) -> Places:
        """Returns the places without the last one."""
        return Places(self.stack[:-1])
