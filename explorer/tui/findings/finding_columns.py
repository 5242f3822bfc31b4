"""The columns of the findings: header, widths and cell of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.text.units import size
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import ARROW_CELLS, layer_span
from explorer.viewmodel.finding_rows import FindingGroup, FindingItem, FindingOrder

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding

_SHORT_WORDS = {"critical": "crit", "medium": "med"}
"""Words of severities that are longer than four letters, in a narrow list."""
_MIN_LAYER_CELLS = 6
"""Cells that the header needs."""


def _severity(item: FindingItem, cells: int) -> tuple[str, str]:
    if isinstance(item, FindingGroup):
        return " " * cells, ""
    word = item.severity.value
    return (word if len(word) <= cells else _SHORT_WORDS[word]).ljust(cells), f"severity--{word}"


def _layer(item: FindingItem, cells: int) -> tuple[str, str]:
    if isinstance(item, FindingGroup) or item.layer is None:
        return " " * cells, ""
    return layer_span(item.layer, item.hidden_in, cells), "finding--layer"


def _size(item: FindingItem, cells: int) -> tuple[str, str]:
    bytes_ = 0 if isinstance(item, FindingGroup) else item.bytes
    return (size(bytes_) if bytes_ else "").rjust(cells), ""


FINDING_CELLS: CellTable[FindingItem] = {
    Column("severity", "severity", ((44, 9), (0, 4)), key=FindingOrder.SEVERITY.value): _severity,
    Column("layer", " layer", ((34, _MIN_LAYER_CELLS),), key=FindingOrder.LAYER.value): _layer,
    Column("size", "size", ((72, 7),), right=True, key=FindingOrder.SIZE.value): _size,
}
"""The columns before the title, from the left."""
_TITLE = Column("finding", "finding", key=FindingOrder.TITLE.value)


def finding_columns(findings: Sequence[Finding], *, has_arrows: bool) -> tuple[Column, ...]:
    """Returns the columns, only as wide as the layers need.

    Args:
        findings: The findings of the image.
        has_arrows: True if rows can be opened, so that the titles start further right.
    """
    top = max([max(finding.layer or 0, finding.hidden_in or 0) for finding in findings], default=0)
    cells = max(_MIN_LAYER_CELLS, 2 * len(str(top)) + ARROW_CELLS)
    columns = [
        column._replace(cells=((column.cells[0][0], cells),)) if column.name == "layer" else column
        for column in FINDING_CELLS
    ]
    return (*columns, _TITLE._replace(title="  finding") if has_arrows else _TITLE)
