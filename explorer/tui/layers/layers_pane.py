"""The layers under their heads, with how many of them are out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.widgets import Static

from explorer.text.units import size
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.widgets.column_headers import ColumnHeaders

if TYPE_CHECKING:
    from textual.app import ComposeResult

_CORNERS = 6
"""Cells of the border that no words can have."""


class LayersPane(Vertical):
    """The list under its heads."""

    BORDER_TITLE = "Layers"

    def compose(self) -> ComposeResult:
        yield ColumnHeaders()
        yield Static("No step made a layer, and such steps are hidden.\n\na shows them.", id="layers-empty")
        yield LayerList()

    def on_mount(self) -> None:
        layers = self.query_one(LayerList)
        for name in ("scroll_y", "virtual_size"):
            self.watch(layers, name, self.tell_hidden)

    def on_resize(self) -> None:
        self.query_one(ColumnHeaders).show(self.query_one(LayerList).columns.headers)
        self.tell_hidden()

    def tell_hidden(self) -> None:
        """Say how many lines are out of sight, and how large the largest of these layers is."""
        layers = self.query_one(LayerList)
        self.query_one("#layers-empty").display = layers.hides_all
        above = layers.scroll_offset.y
        below = above + layers.scrollable_content_region.height
        counts, sizes = [], []
        for arrow, hidden in (("▲", range(min(above, layers.count))), ("▼", range(below, layers.count))):
            if hidden:
                largest = layers.largest_among(hidden)
                counts.append(f"{arrow} {len(hidden)} more")
                sizes.append(f", up to {size(largest)}" if largest else "")
        whole = "  ".join(map("".join, zip(counts, sizes, strict=True)))
        self.border_subtitle = whole if len(whole) <= self.size.width - _CORNERS else "  ".join(counts)
