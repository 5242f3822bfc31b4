"""Base of the packages and the findings: items in groups that fold."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual.binding import Binding, BindingType

from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.widgets.column_headers import Column, Columns, fit_columns
from explorer.tui.widgets.cursor_list import StyledText
from explorer.tui.widgets.folding_list import FoldingList, fold_arrow, indent
from explorer.viewmodel.grouped_rows import GroupedRows

Item = TypeVar("Item")

ROW_ACTIONS = ("choose", "open_or_close", "open", "close", "open_all", "close_all")


def grouping_bindings(noun: str, groups: str, orders: str) -> Sequence[BindingType]:
    """Returns the keys that group, sort and fold.

    Args:
        noun: The items, which their IDs begin with: ``packages``.
        groups: The groupings in words.
        orders: The orders in words.
    """
    return [
        Binding("enter", "open_or_close", "Fold", show=False, tooltip="Fold or unfold", id=f"{noun}.enter-fold"),
        Binding("b", f"screen.group_{noun}", "Group by", tooltip=f"Group the {noun} {groups}", id=f"{noun}.group"),
        Binding("s", f"screen.sort_{noun}", "Sort", tooltip=f"Sort the {noun} {orders}", id=f"{noun}.sort"),
        Binding(
            "S", f"screen.reverse_{noun}", show=False, tooltip=f"Reverse the order of the {noun}", id=f"{noun}.reverse"
        ),
        Binding("space", "open_or_close", show=False, tooltip="Fold or unfold a group", id=f"{noun}.fold"),
        Binding("left,h", "close", show=False, tooltip="Fold the group, or go to it", id=f"{noun}.close"),
        Binding("right,l", "open", show=False, tooltip="Unfold, or go to the first inside", id=f"{noun}.open"),
        Binding("e", "open_all", show=False, tooltip="Unfold all groups", id=f"{noun}.open-all"),
        Binding("E", "close_all", show=False, tooltip="Fold all groups", id=f"{noun}.close-all"),
    ]


class GroupedList(ActionOwner, FoldingList, Generic[Item]):
    """Lines of items and groups. Subclasses implement their rows and cells."""

    MUTED_STYLE: ClassVar[str]
    """The name of the style of arrows."""
    NO_ITEM: ClassVar[str]
    """The reason against actions on an item if there is none."""

    rows: GroupedRows[Item]
    """The lines that show."""
    all_columns: tuple[Column, ...] = ()
    """The columns, also those that do not fit."""

    def __init__(self, id: str, words: Callable[[Item, int], Iterable[StyledText]]) -> None:  # noqa: A002 - Textual's own name
        """Takes the name, and the function of the words of a row in a number of cells."""
        super().__init__(id=id)
        self._words = words
        self.opened: set[Hashable] = set()
        """The keys of the groups that are open."""

    @abstractmethod
    def update_rows(self) -> None:
        """Makes the rows and the columns of what is shown now."""

    @abstractmethod
    def item_cells(self, item: Item, columns: Columns) -> list[Segment]:
        """Returns the cells before the arrow of a row."""

    @property
    def count(self) -> int:
        return len(self.rows.rows)

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        return fit_columns(self.all_columns, self.scrollable_content_region.width)

    @property
    def selected(self) -> Item | None:
        """The item or group under the cursor."""
        return self.rows.rows[self.cursor].item if self.cursor < self.count else None

    def refold(self, *, keeps_row: bool = True) -> None:
        """Shows the rows again, on the selected one or on the first."""
        selected = self.selected if keeps_row else None
        self.update_rows()
        self.replace_lines((self.rows.find(selected) if selected is not None else 0) or 0)

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row, columns = self.rows.rows[index], self.columns
        segments, room = self.item_cells(row.item, columns), width - columns.last_at
        if self.rows.groups:
            arrow = " " * indent(row.depth, room) + fold_arrow(row.is_open)
            segments.append(Segment(arrow, self.style_of(self.MUTED_STYLE)))
            room -= len(arrow)
        return [*segments, *self.styled(self._words(row.item, room))]

    def is_open(self, index: int) -> bool | None:
        return self.rows.rows[index].is_open if index < self.count else None

    def parent_line(self, index: int) -> int | None:
        return self.rows.parent(index)

    def arrow_cell(self, index: int, width: int) -> int:
        left = self.columns.last_at
        return left + indent(self.rows.rows[index].depth, width - left)

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        is_group = self.is_open(self.cursor) is not None
        if action == "choose":
            return False if is_group else self.selected is not None or self.NO_ITEM
        if action in ROW_ACTIONS and action != "close":
            return bool(self.rows.groups) and (is_group or action != "open_or_close")
        return super().availability(action, parameters)

    def clicked(self, index: int, x: int, again: bool) -> None:
        if self.is_open(index) is not None:
            super().clicked(index, x, again)

    def action_open_or_close(self) -> None:
        group = self.rows.group(self.cursor)
        if group is not None:
            self.opened.symmetric_difference_update({group.key})
            self.refold()

    def action_open_all(self) -> None:
        self.opened.update(group.key for group in self.rows.groups)
        self.refold()

    def action_close_all(self) -> None:
        row = self.parent_line(self.cursor)
        group = self.rows.group(row) if row is not None else None
        self.opened.clear()
        self.refold()
        if group is not None:
            lines = range(self.count)
            self.cursor = next(
                (line for line in lines if (found := self.rows.group(line)) and found.key == group.key), 0
            )
