"""The left side: the layers, and below them the details of the selected one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container

from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.widgets.column_headers import ColumnHeaders

_MAX_LIST_SHARE = 0.6
"""Share of the height that the layers' pane can have above the details, as in the style sheet."""
_BORDER_LINES = 2
_MAX_SHORT_LINES = 5
"""Height of a side whose layers are so few that the lines of the headers are better used for one more."""


class LayersSide(Container):
    """The layers and the details. Tells the list how many lines it can get."""

    def __init__(self) -> None:
        super().__init__(id="left")
        self._room = 0
        """Height with the focus, so that the rows stay the same without it; 0 is the present height."""

    def compose(self) -> ComposeResult:
        yield LayersPane()
        yield Details()

    @property
    def needed_cells(self) -> int:
        """Height that shows all rows without the details."""
        return self.query_one(LayerList).count + _BORDER_LINES + 1

    def on_resize(self) -> None:
        self.set_class(self.size.height <= _MAX_SHORT_LINES, "-short")
        self.fit_rows()

    def fit_rows(self, room: int | None = None) -> None:
        """Tells the list its lines.

        ``room`` is the height of this side with the focus; 0 is the present one, None the last one.
        """
        if room is not None:
            self._room = room
        share = _MAX_LIST_SHARE if self.query_one(Details).display else 1
        has_headers = self.has_class("-short") or self.query_one(LayersPane).query_one(ColumnHeaders).display
        lines = int((self._room or self.size.height) * share) - _BORDER_LINES - has_headers
        layers = self.query_one(LayerList)
        # Above the details the list is as high as its rows; a higher one than its pane cannot scroll.
        layers.styles.max_height = max(1, lines) if self.query_one(Details).display else None
        layers.fit(max(0, lines))
