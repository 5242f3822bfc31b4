"""The pane of the layers: column headers, the list, and counts of hidden rows."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from explorer.text.units import size
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.list_side import ListPane


class LayersPane(ListPane):
    """The pane of the layers."""

    def compose(self) -> ComposeResult:
        yield ColumnHeaders()
        yield LayerList()

    @property
    def rows(self) -> LayerList:
        return self.query_one(LayerList)

    def show_headers(self) -> None:
        layers = self.rows
        order, is_reversed = layers.arrangement.order.value, layers.arrangement.is_reversed
        self.query_one(ColumnHeaders).show(layers.columns.headers, order, is_reversed)

    @on(LayerList.Arranged)
    def arranged(self, message: LayerList.Arranged) -> None:
        message.stop()
        self.show_headers()

    @on(ColumnHeaders.Clicked)
    def sort_by(self, message: ColumnHeaders.Clicked) -> None:
        message.stop()
        self.rows.action_sort(message.key)

    def hidden_words(self, indexes: range) -> str:
        largest = self.rows.largest_among(indexes)
        return f", up to {size(largest)}" if largest else ""
