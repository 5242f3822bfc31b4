"""The heads of a table's columns. Those that the rows can be sorted by are bright, and a click says which was meant."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events


class Column(NamedTuple):
    """One column of a list, and the widths of the list at which it shows."""

    name: str
    title: str
    cells: tuple[tuple[int, int], ...] = ()
    """Pairs of a width of the list and the column's cells from that width on, the largest width first.

    A narrower list leaves the column out. The last column needs no pairs, because it takes the rest of the line.
    """
    right: bool = False
    """True if the column is aligned to the right."""
    key: str = ""
    """The sort order that a click on the header means; empty: a click does nothing."""
    gives_way: bool = False
    """True if the column is left out where the texts of the last column need its room."""


class ColumnHeader(NamedTuple):
    """Header of a column that shows."""

    title: str
    width: int
    """Cells, without the blank that follows; 0 takes the rest."""
    right: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that fit a list."""

    headers: tuple[ColumnHeader, ...]
    cells: dict[str, int]
    """Name of a column to its cells; 0 if it is left out."""
    last_at: int
    """Cell where the last column starts. A blank follows each column before it."""


@lru_cache(maxsize=64)
def fit_columns(columns: tuple[Column, ...], width: int, last_cells: int = 0) -> Columns:
    """Returns the columns that fit a list.

    Args:
        columns: all columns from the left; the last one always shows.
        width: cells of the list.
        last_cells: cells that the last column should have. Columns that give way do so for it, from the right.
    """
    *others, last = columns
    cells = {column.name: next((cells for least, cells in column.cells if width >= least), 0) for column in others}
    for column in reversed(others):
        if column.gives_way and _width(cells) + last_cells > width:
            cells[column.name] = 0
    shown = [column for column in others if cells[column.name]]
    headers = [ColumnHeader(column.title, cells[column.name], column.right, column.key) for column in shown]
    return Columns((*headers, ColumnHeader(last.title, 0, last.right, last.key)), cells, _width(cells))


def _width(cells: dict[str, int]) -> int:
    return sum([count + 1 for count in cells.values() if count])


def _marked(head: ColumnHeader, mark: str) -> str:
    """A head's title with a mark behind it, if that has room; a blank before the title can give way."""
    choices = (f"{head.title}{mark}", f"{head.title.lstrip()}{mark}", head.title)
    return next(choice for choice in choices if not head.width or cell_len(choice) <= head.width)


class ColumnHeaders(Widget):
    """One line of column heads."""

    ALLOW_SELECT = False

    hovered: reactive[str] = reactive("")
    """The key of the head below the mouse."""

    class Clicked(Message):
        """Somebody clicked a column's head."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self._heads: Sequence[ColumnHeader] = ()
        self._active = ""
        self._mark = "▾"

    def show(self, heads: Sequence[ColumnHeader], active: str = "", is_reversed: bool = False) -> None:
        """Show these columns; ``active`` is the key of the one that the rows are sorted by."""
        self._heads = heads
        self._active = active
        self._mark = "▴" if is_reversed else "▾"
        self.refresh()

    def render(self) -> Content:
        """The heads, each over its column."""
        parts: list[Content] = []
        for head in self._heads:
            title, style = head.title, "$foreground" if head.key else "$muted"
            if head.key and head.key == self._active:
                title, style = _marked(head, self._mark), "bold $key"
            if head.key and head.key == self.hovered:
                style += " underline"
            space = " " * max(0, head.width - cell_len(title))
            shown = Content.styled(title, style)
            parts += [Content(space), shown] if head.right else [shown, Content(space)]
            parts.append(Content(" "))
        return Content("").join(parts)

    def _key_at(self, x: int) -> str:
        """What a click on a cell means; empty: nothing."""
        left = 0
        for head in self._heads:
            right = left + head.width + 1 if head.width else self.size.width
            if left <= x < right:
                return head.key
            left = right
        return ""

    def watch_hovered(self, hovered: str) -> None:
        """Show that a click is of use here."""
        self.set_class(bool(hovered), "-sorts")

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        self.hovered = self._key_at(offset.x) if offset is not None else ""

    def on_leave(self) -> None:
        self.hovered = ""

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        key = self._key_at(offset.x)
        if key:
            self.post_message(self.Clicked(key))
