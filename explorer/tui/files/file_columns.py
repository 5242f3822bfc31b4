"""The columns of the files: header, widths and cell of each of them, in one table."""

from __future__ import annotations

from typing import NamedTuple

from explorer.config.settings import Sort
from explorer.model import Change, Entry
from explorer.text.units import size
from explorer.text.words import mode, owner
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import bar, cut_or_pad
from explorer.tui.widgets.marks import INSIDE, MARKS


class FileFacts(NamedTuple):
    """Facts about a path that the cells of its row show."""

    entry: Entry
    change: Change
    contains_changes: bool
    bytes: int
    largest_bytes: int


def _mark(facts: FileFacts, cells: int) -> tuple[str, str]:  # noqa: ARG001 - it always fits
    if facts.change is Change.UNCHANGED and facts.contains_changes:
        return f" {INSIDE}", "file--inside"
    return f" {MARKS[facts.change]}", f"file--{facts.change.value}"


def _size(facts: FileFacts, cells: int) -> tuple[str, str]:
    return size(facts.bytes).rjust(cells), "" if facts.bytes else "file--muted"


def _bar(facts: FileFacts, cells: int) -> tuple[str, str]:
    return bar(facts.bytes / (facts.largest_bytes or 1), cells), "file--bar"


def _mode(facts: FileFacts, cells: int) -> tuple[str, str]:
    return mode(facts.entry).ljust(cells), "file--muted"


def _owner(facts: FileFacts, cells: int) -> tuple[str, str]:
    return cut_or_pad(owner(facts.entry), cells), "file--muted"


FILE_CELLS: CellTable[FileFacts] = {
    Column("mark", " ±", ((0, 2),), key=Sort.CHANGE.value): _mark,
    Column("size", "size", ((0, 7),), right=True, key=Sort.SIZE.value): _size,
    Column("bar", "", ((90, 10), (36, 6))): _bar,
    Column("mode", "mode", ((52, 10),), gives_way=True): _mode,
    Column("owner", "owner", ((62, 9),), gives_way=True): _owner,
}
"""The columns before the name, from the left."""
FILE_COLUMNS = (*FILE_CELLS, Column("name", "name", key=Sort.NAME.value))
