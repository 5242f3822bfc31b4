"""Base of the packages and the findings: items in groups that fold."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterator, Sequence
from typing import Protocol

from rich.segment import Segment

from explorer.tui.widgets.column_headers import Columns
from explorer.tui.widgets.folding_list import FoldingList, fold_arrow, indent
from explorer.viewmodel.grouped_rows import GroupedRow, parent_row


class RowGroup(Protocol):
    """A line that opens."""

    @property
    def key(self) -> Hashable:
        """The name of the group among the others."""


class GroupedList(FoldingList):
    """Lines of items and groups. Subclasses implement the rows and the columns."""

    @property
    @abstractmethod
    def columns(self) -> Columns:
        """The columns that fit."""

    @property
    @abstractmethod
    def grouped_rows(self) -> Sequence[GroupedRow[object]]:
        """The lines that show."""

    @property
    @abstractmethod
    def opened(self) -> set[Hashable]:
        """The keys of the groups that are open."""

    @property
    @abstractmethod
    def groups(self) -> Sequence[RowGroup]:
        """The groups; none if the rows are not grouped."""

    @abstractmethod
    def group_at(self, index: int) -> RowGroup | None:
        """Returns the group of a line; None if it is an item."""

    @abstractmethod
    def refold(self) -> None:
        """Shows the lines again, because other groups are open."""

    @property
    def count(self) -> int:
        return len(self.grouped_rows)

    def arrow_segments(self, index: int, room: int, style: str) -> Iterator[Segment]:
        """Yields the indent and the arrow of a line, if lines are grouped."""
        if self.groups:
            row = self.grouped_rows[index]
            yield Segment(" " * indent(row.depth, room) + fold_arrow(row.is_open), self.style_of(style))

    def is_open(self, index: int) -> bool | None:
        return self.grouped_rows[index].is_open if index < self.count else None

    def parent_line(self, index: int) -> int | None:
        return parent_row(self.grouped_rows, index)

    def arrow_cell(self, index: int, width: int) -> int:
        left = self.columns.last_at
        return left + indent(self.grouped_rows[index].depth, width - left)

    def clicked(self, index: int, x: int, again: bool) -> None:
        if self.is_open(index) is not None:
            super().clicked(index, x, again)

    def action_open_or_close(self) -> None:
        group = self.group_at(self.cursor)
        if group is not None:
            self.opened.symmetric_difference_update({group.key})
            self.refold()

    def action_open_all(self) -> None:
        self.opened.update(group.key for group in self.groups)
        self.refold()

    def action_close_all(self) -> None:
        row = self.parent_line(self.cursor)
        group = self.group_at(row) if row is not None else None
        self.opened.clear()
        self.refold()
        if group is not None:
            lines = range(self.count)
            self.cursor = next((line for line in lines if (found := self.group_at(line)) and found.key == group.key), 0)
