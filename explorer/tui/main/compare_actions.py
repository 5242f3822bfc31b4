"""The actions that compare two layers."""

from __future__ import annotations

from dataclasses import replace

from textual.widget import Widget

from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.image_screen import ImageScreen


class CompareActions(ImageScreen):
    """Starts and stops the comparison of two layers, and swaps them."""

    _compared_from: Widget | None = None
    """The widget with the focus before the comparison."""

    def action_compare(self) -> None:
        """Compares with the selected layer. The next thing to choose is the other one."""
        # The cursor may be ahead of the view when keys come fast.
        layers = self.query_one(LayerList)
        layer = layers.selected_layer
        # A reason that still shows may say that nothing is compared.
        self.app.clear_notifications()
        self.view = replace(self.view, layer=layer, base=layer)
        self._compared_from = self.focused
        self.set_focus(layers)

    def action_swap(self) -> None:
        if self.view.base is not None:
            self.view = replace(self.view, layer=self.view.base, base=self.view.layer)

    def action_stop_comparing(self) -> None:
        """Stops comparing, and moves the focus back unless it left the layers."""
        self.view = replace(self.view, base=None)
        before = self._compared_from
        if isinstance(self.focused, LayerList) and before is not None and before.focusable:
            self.set_focus(before)
