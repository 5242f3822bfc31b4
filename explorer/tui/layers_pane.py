"""The layers under their heads, with how many of them are out of sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from explorer.tui.layer_list import Columns, LayerList
from explorer.tui.lines.heads import Heads

if TYPE_CHECKING:
    from textual.app import ComposeResult


class LayersPane(Vertical):
    """The list under its heads."""

    BORDER_TITLE = "Layers"

    def compose(self) -> ComposeResult:
        yield Heads()
        yield LayerList()

    def on_mount(self) -> None:
        layers = self.query_one(LayerList)
        for name in ("scroll_y", "virtual_size"):
            self.watch(layers, name, self._count_hidden)

    def on_resize(self) -> None:
        width = self.query_one(LayerList).scrollable_content_region.width
        self.query_one(Heads).show(Columns.fitting(width).heads())
        self._count_hidden()

    def _count_hidden(self) -> None:
        """Say how many lines are out of sight."""
        layers = self.query_one(LayerList)
        above = layers.scroll_offset.y
        below = layers.count - above - layers.scrollable_content_region.height
        parts = [f"{arrow} {count} more" for arrow, count in (("▲", above), ("▼", below)) if count > 0]
        self.border_subtitle = "  ".join(parts)
