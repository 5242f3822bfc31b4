"""The left side: the layers, and below them the details of the selected one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.widgets.column_headers import ColumnHeaders

_MAX_LIST_SHARE = 0.6
"""Share of the height that the layers' pane can have beside the details, as in the style sheet."""
_BORDER_LINES = 2


class LayersSide(Container):
    """The layers and the details. Tells the list how many lines it can get."""

    def __init__(self) -> None:
        super().__init__(id="left")

    def compose(self) -> ComposeResult:
        yield LayersPane()
        yield Details()

    def on_resize(self) -> None:
        share = _MAX_LIST_SHARE if self.query_one(Details).display else 1
        headers = self.query_one(LayersPane).query_one(ColumnHeaders)
        lines = int(self.size.height * share) - _BORDER_LINES - headers.display
        self.query_one(LayerList).fit(max(0, lines))
