"""The left side: the layers, and below them the details of the selected one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.widget import Widget

from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.widgets.column_headers import ColumnHeaders

_MAX_LIST_SHARE = 0.6
"""Share of the height that the layers' pane can have above the details, as in the style sheet."""
_MAX_SHARE = 0.65
"""Share of the height that this side can have above the other one, as in the style sheet."""
_BORDER_LINES = 2
_MAX_SHORT_LINES = 5
"""Height of a side whose layers are so few that the lines of the headers are better used for one more."""


class LayersSide(Container):
    """The layers and the details. Tells the list how many lines it can get."""

    def __init__(self) -> None:
        super().__init__(id="left")

    def compose(self) -> ComposeResult:
        yield LayersPane()
        yield Details()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's own
        """Returns the height of all rows, where the style sheet asks for it: on a narrow screen."""
        return self.query_one(LayerList).count + _BORDER_LINES + 1

    def on_resize(self) -> None:
        self.set_class(self.size.height <= _MAX_SHORT_LINES, "-short")
        self.fit_rows()

    def fit_rows(self) -> None:
        """Tells the list its room: on a narrow screen that while the focus is here, so that the rows stay the same."""
        height, share = self.size.height, _MAX_LIST_SHARE
        styles_height, around = self.styles.height, self.parent
        if styles_height is not None and styles_height.is_auto and isinstance(around, Widget):
            height, share = around.size.height, _MAX_SHARE
        elif not self.query_one(Details).display:
            share = 1
        has_headers = self.has_class("-short") or self.query_one(LayersPane).query_one(ColumnHeaders).display
        self.query_one(LayerList).fit(max(0, int(height * share) - _BORDER_LINES - has_headers))
