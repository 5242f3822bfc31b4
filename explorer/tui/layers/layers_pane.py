"""The pane of the layers: column headers, the list, and counts of hidden rows."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from explorer.text.units import size
from explorer.tui.key_words import key_of
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.list_side import ListPane

_CORNER_CELLS = 6
"""Cells of the border that cannot hold text."""


class LayersPane(ListPane):
    """The pane of the layers."""

    BORDER_TITLE = "Layers"

    def compose(self) -> ComposeResult:
        yield ColumnHeaders()
        yield LayerList()

    def on_mount(self) -> None:
        layers = self.query_one(LayerList)
        for name in ("scroll_y", "virtual_size"):
            self.watch(layers, name, self.show_hidden_count)

    def on_resize(self) -> None:
        self.show_headers()
        self.show_hidden_count()

    def show_headers(self) -> None:
        """Shows the headers of the columns that fit, and the order."""
        layers = self.query_one(LayerList)
        order, is_reversed = layers.arrangement.order.value, layers.arrangement.is_reversed
        self.query_one(ColumnHeaders).show(layers.columns.headers, order, is_reversed)

    @on(LayerList.Arranged)
    def arranged(self, message: LayerList.Arranged) -> None:
        message.stop()
        self.show_headers()

    @on(ColumnHeaders.Clicked)
    def sort_by(self, message: ColumnHeaders.Clicked) -> None:
        message.stop()
        self.query_one(LayerList).action_sort(message.key)

    def show_hidden_count(self) -> None:
        """Shows the number of rows out of sight, and their largest layer's size."""
        layers = self.query_one(LayerList)
        above = layers.scroll_offset.y
        below = above + layers.scrollable_content_region.height
        counts, sizes = [], []
        for arrow, indexes in (("▲", range(min(above, layers.count))), ("▼", range(below, layers.count))):
            if indexes:
                largest = layers.largest_among(indexes)
                counts.append(f"{arrow} {len(indexes)} more")
                sizes.append(f", up to {size(largest)}" if largest else "")
        hint = (
            [f"{key_of(self, 'split.zoom')}: details"]
            if self.screen.has_class("-narrow", "-tall") and not self._has_details
            else []
        )
        choices = ([*map("".join, zip(counts, sizes, strict=True)), *hint], [*counts, *hint], counts)
        subtitles = ("  ".join(parts) for parts in choices)
        self.border_subtitle = next((text for text in subtitles if len(text) <= self.size.width - _CORNER_CELLS), "")

    @property
    def _has_details(self) -> bool:
        """True if the details show, too."""
        details = self.screen.query_one_optional("#details")
        return details is not None and details.display
