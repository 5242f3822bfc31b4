"""The lines of a list with groups that fold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar, cast

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class RowGroup(Protocol):
    """A line that opens."""

    @property
    def key(self) -> Hashable:
        """The name of the group among the others."""

    @property
    def name(self) -> str:
        """The name of the group on the screen."""


class GroupedRow(NamedTuple, Generic[Item_co]):
    """One line: a group, or an item in a group or outside."""

    item: Item_co
    depth: int
    is_open: bool | None = None
    """None for a line that cannot be opened."""


@dataclass(frozen=True)
class GroupedRows(ABC, Generic[Item]):
    """The lines that show. Subclasses implement ``identity``."""

    rows: Sequence[GroupedRow[Item]] = ()
    groups: Sequence[RowGroup] = ()
    """The groups that fold; none if the rows are not grouped."""
    matches: int = 0
    """The items that pass the filter."""

    @abstractmethod
    def identity(self, item: Item) -> object:
        """Returns what an item is known by in other rows."""

    def find(self, item: Item) -> int | None:
        """Returns the line of an item or of a group."""
        wanted = self.identity(item)
        return next((index for index, row in enumerate(self.rows) if self.identity(row.item) == wanted), None)

    def group(self, index: int) -> RowGroup | None:
        """Returns the group of a line; None if the line does not fold."""
        row = self.rows[index] if index < len(self.rows) else None
        return cast("RowGroup", row.item) if row is not None and row.is_open is not None else None

    def parent(self, index: int) -> int | None:
        """Returns the line of the group around a line; None if there is none."""
        if index >= len(self.rows) or not self.rows[index].depth:
            return None
        return next(above for above in range(index, -1, -1) if not self.rows[above].depth)
