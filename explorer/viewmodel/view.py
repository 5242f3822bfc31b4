"""What of the image is looked at, and how: the one state of the main screen, never changed but replaced."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from explorer.analysis.filter.query import EVERYTHING, Query
from explorer.config.settings import Settings, Sort
from explorer.model import Change

if TYPE_CHECKING:
    from explorer.layers.tree import Node


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """An order to go to a path. Each jump is carried out once, also if the next one goes to the same path."""

    node: Node


@dataclass(frozen=True, slots=True)
class View:
    """What of the image is looked at, and how."""

    layer: int
    """The files are those of a container of layers 0 to this one."""
    base: int | None = None
    """The point to compare with; None is the layer below, whichever is looked at."""
    sort: Sort = Sort.SIZE
    reversed: bool = False
    """Whether the order is the other way round: smallest first, or from Z to A."""
    hidden: frozenset[Change] = frozenset()
    """Kinds of change whose rows are left out."""
    query: Query = EVERYTHING
    """The query that a path matches if it shows, or some path below it."""
    jump: Jump | None = field(default=None, compare=False)
    """The last jump; a view with the jump of the view before it keeps the selected path."""

    @classmethod
    def starting(cls, settings: Settings) -> View:
        """The view that people want to begin with."""
        hidden = frozenset({Change.UNCHANGED} if settings.changes_only else ())
        return cls(0, sort=Sort(settings.sort), hidden=hidden)

    @property
    def since(self) -> int:
        """The point to compare with, as a number; -1 is the empty image."""
        return self.layer - 1 if self.base is None else self.base

    @property
    def changes_only(self) -> bool:
        """Whether the unchanged is left out."""
        return Change.UNCHANGED in self.hidden

    def sorted_by(self, sort: Sort) -> View:
        """The view in another order; in the one that it has, the other way round."""
        return replace(self, sort=sort, reversed=sort is self.sort and not self.reversed)

    def toggled(self, change: Change) -> View:
        """The view with one kind of change hidden or shown again."""
        return replace(self, hidden=self.hidden ^ {change})
