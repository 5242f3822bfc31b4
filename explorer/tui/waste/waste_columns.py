"""The columns of the waste: header, widths and cell, a table for each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.disposables.disposables import Disposable
from explorer.text.units import fine_size, percent, size
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import bar, cut, split_bar
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_rows import Item
from explorer.viewmodel.waste_tree import is_base
from explorer.viewmodel.waste_view import WasteOrder


class WasteFacts(NamedTuple):
    """Facts about a file or a group of them that the cells of its row show."""

    item: Item
    largest_bytes: int
    wasted_bytes: int
    """Wasted bytes of the image."""
    image_bytes: int | None = None
    """Size of the image after the fix of the row; None if the row is no fix."""
    has_colours: bool = True

    @property
    def is_disposable(self) -> bool:
        """True if all bytes of the row are disposable."""
        item = self.item
        return item.disposable_bytes == item.bytes > 0 if isinstance(item, Group) else isinstance(item, Disposable)


def _size(facts: WasteFacts, cells: int) -> tuple[str, str]:
    item = facts.item
    style = "waste--bytes" if isinstance(item, Group) else ""
    if facts.is_disposable:
        style = "waste--disposable"
    if isinstance(item, Group) and is_base(item):
        style = "waste--muted"
    return size(facts.item.bytes).rjust(cells), style


def _bar(facts: WasteFacts, cells: int) -> tuple[str, str]:
    return bar(facts.item.bytes / (facts.largest_bytes or 1), cells), "waste--bar"


def _fix_bar(facts: WasteFacts, cells: int) -> list[tuple[str, str]]:
    """Returns the bar of the disposable bytes, then that of the wasted ones."""
    item = facts.item
    disposable = item.disposable_bytes if isinstance(item, Group) else item.bytes if facts.is_disposable else 0
    largest = facts.largest_bytes or 1
    bars = split_bar(disposable / largest, (item.bytes - disposable) / largest, cells, has_colours=facts.has_colours)
    return [
        (bars.kept, "waste--disposable-bar"),
        (bars.joint, "waste--joint"),
        (bars.wasted, "waste--bar"),
        (bars.blank, ""),
    ]


def _share(facts: WasteFacts, cells: int) -> tuple[str, str]:
    return percent(facts.item.bytes / (facts.wasted_bytes or 1)).rjust(cells), "waste--muted"


def _image(facts: WasteFacts, cells: int) -> tuple[str, str]:
    return ("" if facts.image_bytes is None else fine_size(facts.image_bytes)).rjust(cells), ""


def _shipped_by(facts: WasteFacts, cells: int) -> tuple[str, str]:
    layer = facts.item.shipped_in
    return ("" if layer is None else f" layer {layer}").ljust(cells), ""


def _hidden_by(facts: WasteFacts, cells: int) -> tuple[str, str]:
    layer = None if isinstance(facts.item, Disposable) else facts.item.hidden_in
    return ("" if layer is None else f"layer {layer}").ljust(cells), ""


def _layers(facts: WasteFacts, cells: int) -> tuple[str, str]:
    item = facts.item
    if isinstance(item, Disposable):
        return f"{item.shipped_in:>2}".ljust(cells), ""
    shipped_in, hidden_in = item.shipped_in, item.hidden_in
    return ("" if shipped_in is None else f"{shipped_in:>2} → {hidden_in:<2}").ljust(cells), ""


def _fix_layers(facts: WasteFacts, cells: int) -> tuple[str, str]:
    item = facts.item
    if not isinstance(item, Group):
        return _layers(facts, cells)
    layers = item.fix.layers if item.fix is not None and not item.directory and not item.is_part else ()
    return cut(f" {layer_ranges(layers)}", cells).ljust(cells), ""


def layer_ranges(numbers: Sequence[int]) -> str:
    """Returns ascending numbers, neighbours as a range: ``1-4 8``."""
    return " ".join(_ranges(numbers))


def _ranges(numbers: Sequence[int]) -> Iterator[str]:
    known = set(numbers)
    starts = [number for number in numbers if number - 1 not in known]
    ends = [number for number in numbers if number + 1 not in known]
    for start, end in zip(starts, ends, strict=True):
        yield str(start) if start == end else f"{start}-{end}"


_SIZE, _PATH = WasteOrder.SIZE.value, WasteOrder.PATH.value

WASTE_CELLS: CellTable[WasteFacts] = {
    Column("size", "size", ((0, 7),), right=True, key=_SIZE): _size,
    Column("bar", "", ((90, 10), (56, 6), (48, 4))): _bar,
    Column("share", "share", ((48, 5),), right=True, key=_SIZE): _share,
    Column("shipped", " shipped by", ((76, 12),)): _shipped_by,
    Column("hidden", "hidden by", ((76, 9),)): _hidden_by,
    Column("layers", " layers", ((76, 0), (0, 8))): _layers,
}
"""The columns before the path, from the left."""
WASTE_COLUMNS = (*WASTE_CELLS, Column("path", "  path", key=_PATH))
PACKAGE_WASTE_COLUMNS = (*WASTE_CELLS, Column("path", "  package", key=_PATH))
"""The columns of the waste by package."""
FIX_CELLS: CellTable[WasteFacts] = {
    Column("size", "saves", ((0, 7),), right=True, key=_SIZE): _size,
    Column("bar", "", ((90, 10), (66, 6), (50, 4))): _fix_bar,
    Column("image", "→ image", ((50, 7),), right=True): _image,
    Column("layers", " layers", ((80, 10), (72, 8)), key=_PATH): _fix_layers,
}
"""The columns before the fix, from the left."""
FIX_COLUMNS = (*FIX_CELLS, Column("path", "  fix", key=_PATH))
