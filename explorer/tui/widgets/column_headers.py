"""Columns of a list that fit its width, and the line of their headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from explorer.tui.widgets.drawing import cut


class Column(NamedTuple):
    """One column of a list, and the widths of the list at which it shows."""

    name: str
    title: str
    cells: tuple[tuple[int, int], ...] = ()
    """Pairs of a width of the list and the column's cells from that width on, the largest width first.

    A narrower list leaves the column out. The last column needs no pairs, because it takes the rest of the line.
    """
    right: bool = False
    key: str = ""
    """The sort order that a click on the header means; empty: a click does nothing."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that fit a list."""

    headers: tuple[tuple[Column, int], ...]
    """The columns that show, with their cells without the blank that follows; 0 takes the rest."""
    cells: dict[str, int]
    """Name of a column to its cells; 0 if it is left out."""
    last_at: int
    """Cell where the last column starts. A blank follows each column before it."""


@lru_cache(maxsize=64)
def fit_columns(columns: tuple[Column, ...], width: int) -> Columns:
    """Returns the columns that fit into ``width`` cells; the last one always shows."""
    *others, last = columns
    cells = {column.name: next((cells for least, cells in column.cells if width >= least), 0) for column in others}
    headers = [(column, cells[column.name]) for column in others if cells[column.name]]
    return Columns((*headers, (last, 0)), cells, _width(cells))


def _width(cells: dict[str, int]) -> int:
    return sum([count + 1 for count in cells.values() if count])


def _with_mark(title: str, cells: int, mark: str) -> str:
    """The title with a mark, if there is room, maybe in place of a leading blank."""
    choices = (f"{title}{mark}", f"{title.lstrip()}{mark}", title)
    return next((choice for choice in choices if not cells or cell_len(choice) <= cells), f"{title[: cells - 1]}{mark}")


class ColumnHeaders(Widget):
    """One line of column headers."""

    ALLOW_SELECT = False

    hovered: reactive[str] = reactive("")
    """The key of the header below the mouse."""

    @dataclass
    class Clicked(Message):
        """A header that sorts was clicked."""

        key: str

    def __init__(self) -> None:
        super().__init__()
        self._headers: Sequence[tuple[Column, int]] = ()
        self._active = ""
        self._mark = "▾"

    def show(self, headers: Sequence[tuple[Column, int]], active: str = "", is_reversed: bool = False) -> None:
        """Shows headers; ``active`` is the key of the one that the rows are sorted by."""
        self._headers = headers
        self._active = active
        self._mark = "▴" if is_reversed else "▾"
        self.refresh()

    def render(self) -> Content:
        parts: list[Content] = []
        for column, cells in self._headers:
            title, style = (
                cut(column.title, cells) if cells else column.title,
                "$foreground" if column.key else "$muted",
            )
            if column.key and column.key == self._active:
                title, style = _with_mark(column.title, cells, self._mark), "bold $key"
            if column.key and column.key == self.hovered:
                style += " underline"
            space = Content(" " * max(0, cells - cell_len(title)))
            words = Content.styled(title, style)
            parts += [space, words] if column.right else [words, space]
            parts.append(Content(" "))
        return Content("").join(parts)

    def _key_at(self, x: int) -> str:
        left = 0
        for column, cells in self._headers:
            right = left + cells + 1 if cells else self.size.width
            if left <= x < right:
                return column.key
            left = right
        return ""

    def watch_hovered(self, hovered: str) -> None:
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
