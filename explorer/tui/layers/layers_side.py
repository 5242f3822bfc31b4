"""The left side: the layers, and below them the details of the selected one."""

from __future__ import annotations

from textual.app import ComposeResult

from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.widgets.list_side import ListSide


class LayersSide(ListSide):
    """The layers and the details."""

    def compose(self) -> ComposeResult:
        yield LayersPane()
        yield Details()

    @property
    def rows(self) -> LayerList:
        return self.query_one(LayerList)

    def fit_list(self, lines: int) -> None:
        self.rows.fit(lines)
