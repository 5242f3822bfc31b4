"""The screen of an image as such: its widgets, and what they show of the view.

The modules ``*_actions`` beside it add the actions of one feature each. The main screen is made of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from explorer.config.settings import Settings
from explorer.layers.tree import Tree
from explorer.pipeline import Exploration
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_side import LayersSide
from explorer.tui.main.header import ImageHeader
from explorer.tui.main.pane_switcher import PaneSwitcher
from explorer.tui.main.shown_image import ShownImage
from explorer.tui.main.split_screen import SplitScreen
from explorer.tui.main.verdict_bar import VerdictBar
from explorer.tui.main.view_actions import key_conditions
from explorer.tui.waste.waste_list import WasteList
from explorer.viewmodel.layer_rows import LayersView
from explorer.viewmodel.view import View


class ImageScreen(SplitScreen):
    """Shows one image: each change of the view or of the pane changes its widgets."""

    AUTO_FOCUS = "#layer-list"
    LAST_WITH_TAB = (Details, HistoryBar)

    def __init__(self, reference: str, settings: Settings) -> None:
        super().__init__(settings)
        self.reference = reference
        self.set_reactive(ImageScreen.view, View.starting(settings))
        self.set_reactive(ImageScreen.pane, settings.pane)
        self.shown = ShownImage(self, reference)

    def heads(self) -> ComposeResult:
        yield ImageHeader()
        yield VerdictBar()

    def sides(self) -> ComposeResult:
        yield LayersSide()
        yield PaneSwitcher()

    def on_mount(self) -> None:
        self.query_one(LayerList).arrangement = LayersView(is_folded=None if self._settings.empty_steps else True)
        self.shown.show_summary(self.view)
        self.shown.show_pane(self.pane, self.view)

    @property
    def exploration(self) -> Exploration | None:
        """The explored image, once all of it is read."""
        return self.shown.exploration

    @property
    def is_read(self) -> bool:
        """True once the whole image is read."""
        return self.exploration is not None

    @property
    def trees(self) -> Sequence[Tree]:
        return () if self.shown.views is None else (self.shown.views.exploration.tree,)

    def show_selection(self) -> None:
        self.shown.show_history(self.pane)
        self.shown.show_subtitle(self.pane, self.view)

    def watch_view(self, old: View, new: View) -> None:
        """Shows the changes of the view. Equal views may differ in their jump."""
        if (old.layer, old.waste) != (new.layer, new.waste):
            self.shown.show_waste(new)
        if old.packages != new.packages:
            self.shown.show_packages(new)
        if old.findings != new.findings:
            self.shown.show_findings(new)
        if key_conditions(old, self.is_filter_typed) != key_conditions(new, self.is_filter_typed):
            self.refresh_bindings()
        if new == old and new.jump is old.jump:
            return
        layers = self.query_one(LayerList)
        if old.base != new.base:
            layers.mark(new.base)
        if old.layer != new.layer:
            layers.follow(new.layer)
            self.shown.show_details()
        self.shown.show_files(new, new.jump.node if new.jump and new.jump is not old.jump else None)
        self.shown.show_subtitle(self.pane, self.view)
        # The totals of the comparison can wait until the files are seen.
        self.call_after_refresh(lambda: self.shown.show_comparison(self.view))

    def watch_pane(self) -> None:
        self.shown.show_pane(self.pane, self.view)
        self.refresh_bindings()

    def action_pane(self, pane: str) -> None:
        """Shows a pane; from a layer, the waste with the first fix of that layer."""
        if pane == "waste" and isinstance(self.focused, LayerList | Details):
            self.query_one(WasteList).select_fix_of(self.query_one(LayerList).selected_layer)
        super().action_pane(pane)
