"""The columns of the images: header, widths and cell of each of them."""

from __future__ import annotations

from typing import NamedTuple

from explorer.text.units import age, size
from explorer.tui import clock
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import cut
from explorer.viewmodel.image_catalog import ImageRow
from explorer.viewmodel.image_rows import ImageOrder

_UNREAD = "?"
_MARK = "✓"


class ImageFacts(NamedTuple):
    """Facts about an image that the cells of its row show."""

    row: ImageRow
    is_marked: bool = False
    waste_words: str = ""
    """Words in the place of the wasted bytes, while they are read or if they cannot be."""


def _mark(facts: ImageFacts, cells: int) -> tuple[str, str]:
    return (_MARK if facts.is_marked else "").ljust(cells), "image--mark"


def _place(facts: ImageFacts, cells: int) -> tuple[str, str]:
    return cut(facts.row.place, cells).ljust(cells), "image--muted"


def _age(facts: ImageFacts, cells: int) -> tuple[str, str]:
    created = facts.row.created
    words = "" if created is None else age(created, clock.now()).removesuffix(" ago")
    return cut(words, cells).rjust(cells), "image--muted"


def _figure(count: int | None, cells: int) -> str:
    return ("" if count is None else size(count)).rjust(cells)


def _size(facts: ImageFacts, cells: int) -> tuple[str, str]:
    return _figure(facts.row.bytes, cells), ""


def _shared(facts: ImageFacts, cells: int) -> tuple[str, str]:
    return _figure(facts.row.usage.shared_bytes, cells), "image--muted"


def _unique(facts: ImageFacts, cells: int) -> tuple[str, str]:
    return _figure(facts.row.usage.unique_bytes, cells), ""


def _freed(facts: ImageFacts, cells: int) -> tuple[str, str]:
    return _figure(facts.row.usage.freed_bytes, cells), ""


def _wasted(facts: ImageFacts, cells: int) -> tuple[str, str]:
    if facts.row.wasted_bytes is not None:
        return _figure(facts.row.wasted_bytes, cells), "image--waste" if facts.row.wasted_bytes else ""
    return cut(facts.waste_words or ("" if facts.row.is_missing else _UNREAD), cells).rjust(cells), "image--muted"


IMAGE_CELLS: CellTable[ImageFacts] = {
    Column("mark", "", ((0, 1),)): _mark,
    Column("place", "in", ((60, 8),)): _place,
    Column("age", "age", ((70, 10),), right=True, key=ImageOrder.AGE.value): _age,
    Column("size", "size", ((25, 7),), right=True, key=ImageOrder.SIZE.value): _size,
    Column("shared", "shared", ((104, 7),), right=True): _shared,
    Column("unique", "unique", ((96, 7),), right=True): _unique,
    Column("freed", "freed", ((46, 7),), right=True, key=ImageOrder.FREED.value): _freed,
    Column("wasted", "wasted", ((54, 7),), right=True, key=ImageOrder.WASTED.value): _wasted,
}
"""The columns before the name, from the left."""
IMAGE_COLUMNS = (*IMAGE_CELLS, Column("name", "name", key=ImageOrder.NAME.value))
