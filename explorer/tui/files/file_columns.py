"""The columns of the files: header, widths and cell of each of them, in one table."""

from __future__ import annotations

from typing import NamedTuple

from explorer.config.settings import Sort
from explorer.model import Change, Entry
from explorer.text.units import percent, size
from explorer.text.words import mode, owner
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import bar, cut_or_pad
from explorer.tui.widgets.marks import DISPOSABLE, INSIDE, MARKS


class FileFacts(NamedTuple):
    """Facts about a path that the cells of its row show."""

    change: Change
    contains_changes: bool
    bytes: int
    largest_bytes: int
    """Bytes of the largest row at the top."""
    total_bytes: int
    """Bytes of all files that the view shows."""
    files: int | None = None
    """Number of files below a directory; None for others, or if it is not known yet."""
    is_disposable: bool = False
    removed_below: int = 0
    """Bytes of removed files among those of a directory or of small entries, if only changes show."""
    entry: Entry | None = None
    """None for a row of small entries."""


def _mark(facts: FileFacts, cells: int) -> tuple[str, str]:  # noqa: ARG001 - it always fits
    if facts.removed_below and facts.change is not Change.REMOVED:
        first = MARKS[facts.change].strip() or INSIDE
        is_all = facts.removed_below == facts.bytes
        return (f"{first}{MARKS[Change.REMOVED]}", "file--removed") if is_all else (f"{first}±", "file--inside")
    if facts.change is Change.UNCHANGED and facts.contains_changes:
        return f" {INSIDE}", "file--inside"
    return f" {MARKS[facts.change]}", f"file--{facts.change.value}"


def _size(facts: FileFacts, cells: int) -> tuple[str, str]:
    return size(facts.bytes).rjust(cells), "" if facts.bytes else "file--muted"


def _share(facts: FileFacts, cells: int) -> tuple[str, str]:
    if facts.change is Change.REMOVED or not facts.bytes or not facts.total_bytes:
        return " " * cells, ""
    # The unit stands in the header.
    return percent(facts.bytes / facts.total_bytes).removesuffix(" %").rjust(cells), "file--muted"


def _bar(facts: FileFacts, cells: int) -> tuple[str, str]:
    return bar(facts.bytes / (facts.largest_bytes or 1), cells), "file--bar"


def _files(facts: FileFacts, cells: int) -> tuple[str, str]:
    count = "" if facts.files is None else f"{facts.files:,}"
    if facts.files is not None and len(count) > cells:
        count = size(facts.files).removesuffix("B").replace(" ", "")
    return count.rjust(cells), "file--muted"


def _disposable(facts: FileFacts, cells: int) -> tuple[str, str]:  # noqa: ARG001 - it always fits
    return (DISPOSABLE, "file--disposable") if facts.is_disposable else (" ", "file--muted")


def _mode(facts: FileFacts, cells: int) -> tuple[str, str]:
    return (f" {mode(facts.entry)}" if facts.entry else "").ljust(cells), "file--muted"


def _owner(facts: FileFacts, cells: int) -> tuple[str, str]:
    return cut_or_pad(owner(facts.entry) if facts.entry else "", cells), "file--muted"


FILE_CELLS: CellTable[FileFacts] = {
    Column("mark", " ±", ((0, 2),), key=Sort.CHANGE.value): _mark,
    Column("size", "size", ((0, 7),), right=True, key=Sort.SIZE.value): _size,
    Column("share", "%", ((40, 3),), right=True): _share,
    Column("bar", "", ((90, 10), (56, 6), (52, 4), (36, 6))): _bar,
    Column("files", "files", ((90, 7), (52, 5)), right=True): _files,
    Column("mode", " mode", ((96, 11),)): _mode,
    Column("owner", "owner", ((106, 9),)): _owner,
    Column("disposable", "", ((30, 1),)): _disposable,
}
"""The columns before the name, from the left."""
FILE_COLUMNS = (*FILE_CELLS, Column("name", "name", key=Sort.NAME.value))
