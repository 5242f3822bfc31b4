"""Columns of a list that fit its width, and the line of their headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

Facts = TypeVar("Facts")
"""Facts of a row."""


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
    """Returns the columns that fit into ``width`` cells; the last one always shows.

    To give the last one ``last_cells``, columns that give way are left out, from the right.
    """
    *others, last = columns
    cells = {column.name: next((cells for least, cells in column.cells if width >= least), 0) for column in others}
    for column in reversed(others):
        if column.gives_way and _width(cells) + last_cells > width:
            cells[column.name] = 0
    shown = [column for column in others if cells[column.name]]
    headers = [ColumnHeader(column.title, cells[column.name], column.right, column.key) for column in shown]
    return Columns((*headers, ColumnHeader(last.title, 0, last.right, last.key)), cells, _width(cells))


def row_cells(
    table: Mapping[Column, Callable[[Facts, int], tuple[str, str]]], facts: Facts, columns: Columns
) -> Iterator[tuple[str, str]]:
    """Yields text and style name of each cell of a row, with the blank after it.

    ``table`` has each column except the last one, with what makes its cell from the facts of the row and a width.
    """
    for column, cell in table.items():
        cells = columns.cells[column.name]
        if cells:
            text, style = cell(facts, cells)
            yield f"{text} ", style


def _width(cells: dict[str, int]) -> int:
    return sum([count + 1 for count in cells.values() if count])


def _with_mark(header: ColumnHeader, mark: str) -> str:
    """The title with a mark, if there is room, maybe in place of a leading blank."""
    choices = (f"{header.title}{mark}", f"{header.title.lstrip()}{mark}", header.title)
    return next(choice for choice in choices if not header.width or cell_len(choice) <= header.width)


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
        self._headers: Sequence[ColumnHeader] = ()
        self._active = ""
        self._mark = "▾"

    def show(self, headers: Sequence[ColumnHeader], active: str = "", is_reversed: bool = False) -> None:
        """Shows headers; ``active`` is the key of the one that the rows are sorted by."""
        self._headers = headers
        self._active = active
        self._mark = "▴" if is_reversed else "▾"
        self.refresh()

    def render(self) -> Content:
        parts: list[Content] = []
        for header in self._headers:
            title, style = header.title, "$foreground" if header.key else "$muted"
            if header.key and header.key == self._active:
                title, style = _with_mark(header, self._mark), "bold $key"
            if header.key and header.key == self.hovered:
                style += " underline"
            space = Content(" " * max(0, header.width - cell_len(title)))
            words = Content.styled(title, style)
            parts += [space, words] if header.right else [words, space]
            parts.append(Content(" "))
        return Content("").join(parts)

    def _key_at(self, x: int) -> str:
        left = 0
        for header in self._headers:
            right = left + header.width + 1 if header.width else self.size.width
            if left <= x < right:
                return header.key
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
