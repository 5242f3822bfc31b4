"""The columns of the pairs of layers."""

from __future__ import annotations

from explorer.analysis.image_diff.layer_pair import PairStatus
from explorer.text.units import size
from explorer.tui.compare.head import BREAK_MARK
from explorer.tui.compare.words import short_growth
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.viewmodel.pair_rows import STATUS_MARKS, STATUS_WORDS, LayerSide, PairRow

_STATUS_STYLES = {
    PairStatus.SAME: "pair--muted",
    PairStatus.SAME_BUT_TIMES: "pair--times",
    PairStatus.CHANGED: "pair--modified",
    PairStatus.MOVED: "pair--modified",
    PairStatus.ADDED: "pair--added",
    PairStatus.REMOVED: "pair--removed",
}


def status_style(status: PairStatus) -> str:
    """Returns the name of the style of a status."""
    return _STATUS_STYLES[status]


def _number(side: LayerSide | None, cells: int) -> tuple[str, str]:
    return ("" if side is None else str(side.number)).rjust(cells), "pair--number"


def _size(side: LayerSide | None, other: LayerSide | None, cells: int) -> tuple[str, str]:
    is_muted = side is None or not side.bytes or (other is not None and other.bytes == side.bytes)
    return ("" if side is None else size(side.bytes)).rjust(cells), "pair--muted" if is_muted else ""


def _status(row: PairRow, cells: int) -> tuple[str, str]:
    status = row.pair.status
    words = STATUS_MARKS[status] if cells < 2 else f"{STATUS_MARKS[status]} {STATUS_WORDS[status]}"
    return words.ljust(cells), _STATUS_STYLES[status]


def _growth(row: PairRow, cells: int) -> tuple[str, str]:
    style = "pair--added" if row.growth > 0 else "pair--removed" if row.growth else "pair--muted"
    return short_growth(row.growth).rjust(cells), style


PAIR_CELLS: CellTable[PairRow] = {
    Column("break", "", ((0, 1),)): lambda row, _: (BREAK_MARK if row.is_break else " ", "pair--break"),
    Column("old", "old", ((0, 3),), right=True): lambda row, cells: _number(row.old, cells),
    Column("status", "", ((110, 20), (0, 1))): _status,
    Column("new", "new", ((0, 3),), right=True): lambda row, cells: _number(row.new, cells),
    Column("old-size", "old size", ((70, 8),), right=True): lambda row, cells: _size(row.old, row.new, cells),
    Column("new-size", "size", ((44, 7),), right=True): lambda row, cells: _size(row.new, row.old, cells),
    Column("growth", "growth", ((26, 8),), right=True): _growth,
}
"""The columns before the step, from the left."""
PAIR_COLUMNS = (*PAIR_CELLS, Column("step", "step"))
