"""The columns of the waste: header, widths and cell of each of them, in one table."""

from __future__ import annotations

from typing import NamedTuple

from explorer.model import Waste
from explorer.text.units import percent, size
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import bar
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_view import WasteOrder


class WasteFacts(NamedTuple):
    """Facts about a wasted file or a group of them that the cells of its row show."""

    item: Group | Waste
    largest_bytes: int
    wasted_bytes: int
    """Wasted bytes of the image."""


def _size(facts: WasteFacts, cells: int) -> tuple[str, str]:
    return size(facts.item.bytes).rjust(cells), "waste--bytes" if isinstance(facts.item, Group) else ""


def _bar(facts: WasteFacts, cells: int) -> tuple[str, str]:
    return bar(facts.item.bytes / (facts.largest_bytes or 1), cells), "waste--bar"


def _share(facts: WasteFacts, cells: int) -> tuple[str, str]:
    return percent(facts.item.bytes / (facts.wasted_bytes or 1)).rjust(cells), "waste--muted"


def _shipped_by(facts: WasteFacts, cells: int) -> tuple[str, str]:
    layer = facts.item.shipped_in
    return ("" if layer is None else f"layer {layer}").ljust(cells), ""


def _hidden_by(facts: WasteFacts, cells: int) -> tuple[str, str]:
    layer = facts.item.hidden_in
    return ("" if layer is None else f"layer {layer}").ljust(cells), ""


def _layers(facts: WasteFacts, cells: int) -> tuple[str, str]:
    shipped_in, hidden_in = facts.item.shipped_in, facts.item.hidden_in
    return ("" if shipped_in is None else f"{shipped_in:>2} → {hidden_in:<2}").ljust(cells), ""


WASTE_CELLS: CellTable[WasteFacts] = {
    Column("size", "size", ((0, 7),), right=True, key=WasteOrder.SIZE.value): _size,
    Column("bar", "", ((90, 10), (56, 6))): _bar,
    Column("share", "share", ((48, 5),), right=True, key=WasteOrder.SIZE.value): _share,
    Column("shipped", "shipped by", ((76, 10),)): _shipped_by,
    Column("hidden", "hidden by", ((76, 8),)): _hidden_by,
    Column("layers", "layers", ((76, 0), (0, 8))): _layers,
}
"""The columns before the path, from the left."""
WASTE_COLUMNS = (*WASTE_CELLS, Column("path", "  path", key=WasteOrder.PATH.value))
