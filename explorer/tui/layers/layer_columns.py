"""The columns of the layers, and the cells of a layer before its step."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from explorer.text.units import size
from explorer.tui.widgets.column_headers import Column, Columns
from explorer.tui.widgets.drawing import split_bar
from explorer.tui.widgets.marks import SAME
from explorer.viewmodel.findings_by_layer import SeverityMark
from explorer.viewmodel.layer_rows import LayerOrder, LayerSizes

UNDONE, REPEATED = "✗", SAME
"""Marks of a layer that deletes or replaces what lower layers shipped, and of one that ships it again unchanged."""
_READING, _LEFT_OUT = "reading…", "not read"
_MIN_RED_SHARE = 0.01
"""Waste of a smaller share of the image is faint."""

_MIN_CELLS_WITH_WASTED = 56
"""Width of a list with room for the figure of the waste beside the step. The bar shows the waste at every width."""

LAYER_COLUMNS = (
    Column("number", "#", ((0, 4),), right=True, key=LayerOrder.NUMBER.value),
    Column("size", "size", ((0, 6),), right=True, key=LayerOrder.SIZE.value),
    Column("bar", "", ((90, 18), (72, 12), (56, 9), (29, 6), (24, 4))),
    Column("wasted", "wasted", ((_MIN_CELLS_WITH_WASTED, 7),), right=True, key=LayerOrder.WASTED.value),
    Column("marks", "", ((0, 2),)),
    Column("step", "step"),
)
"""The columns. The bar stays longer than the figures of the waste, which it shows, too."""
COLUMNS_BY_WASTE = tuple(
    column._replace(cells=((33, 7),)) if column.name == LayerOrder.WASTED.value else column for column in LAYER_COLUMNS
)
"""The columns while the waste is the order of the rows: narrower lists show its figure, too."""


_MIN_CELLS_WITH_FINDINGS = 33
"""Width of a list with room for the mark of the findings."""


@lru_cache(maxsize=16)
def with_findings(columns: tuple[Column, ...], mark_cells: int) -> tuple[Column, ...]:
    """Returns columns with one for the findings of the layers, before the marks."""
    if not mark_cells:
        return columns
    at = [column.name for column in columns].index("marks")
    return (
        *columns[:at],
        Column("findings", "F", ((_MIN_CELLS_WITH_FINDINGS, mark_cells),), right=True),
        *columns[at:],
    )


class LayerFacts(NamedTuple):
    """Facts about a layer that its cells show."""

    layer: int
    sizes: LayerSizes
    largest_bytes: int
    shipped_bytes: int
    """Bytes of all layers, as far as they are known."""
    mark: SeverityMark | None = None
    """The most severe findings of the layer."""


def layer_cells(facts: LayerFacts, columns: Columns, has_colours: bool) -> Iterator[tuple[str, str]]:
    """Yields texts and style names of the cells before the step, except the first."""
    cells, sizes = columns.cells, facts.sizes
    yield f"{facts.layer:>{cells['number'] - 1}} ", "layer--number"
    known = sizes.download_bytes if sizes.bytes is None else sizes.bytes
    text = "…" if known is None else size(known)
    yield f"{text:>{cells['size']}} ", "" if sizes.bytes else "layer--muted"
    if cells["bar"] and sizes.bytes is None:
        room = cells["bar"]
        words = _LEFT_OUT if sizes.is_left_out else _READING
        yield f"{words if len(words) <= room else '':<{room}} ", "layer--muted"
    elif cells["bar"]:
        wasted = min(sizes.wasted or 0, sizes.bytes or 0)
        kept = (sizes.bytes or 0) - wasted
        largest = facts.largest_bytes or 1
        bar = split_bar(kept / largest, wasted / largest, cells["bar"], has_colours=has_colours)
        yield bar.kept, "layer--bar"
        yield bar.joint, "layer--joint"
        yield bar.wasted, "layer--waste-bar"
        yield f"{bar.blank} ", ""
    if cells["wasted"]:
        text = "" if sizes.wasted is None else size(sizes.wasted) if sizes.wasted else "·"
        yield f"{text:>{cells['wasted']}} ", _waste_style(sizes.wasted or 0, facts)
    if mark_cells := cells.get("findings", 0):
        mark = facts.mark
        yield (
            (f"{mark.text:>{mark_cells}} ", f"severity--{mark.severity.value}")
            if mark
            else (" " * (mark_cells + 1), "")
        )
    yield UNDONE if sizes.undone else " ", _waste_style(sizes.undone, facts)
    yield f"{REPEATED if sizes.repeated else ' '} ", _waste_style(sizes.repeated, facts)


def _waste_style(count: int, facts: LayerFacts) -> str:
    return "layer--waste" if count and count >= _MIN_RED_SHARE * facts.shipped_bytes else "layer--muted"
