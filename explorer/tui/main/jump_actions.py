"""The actions that jump to a path, a layer or a fix, and the way back."""

from __future__ import annotations

from dataclasses import replace

from textual import on

from explorer.analysis.filter.query import EVERYTHING
from explorer.analysis.filter.search import Hit
from explorer.layers.tree import Node
from explorer.tui.availability import Availability
from explorer.tui.dialogs.finder import Finder
from explorer.tui.files.file_tree import FileTree
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.image_screen import ImageScreen
from explorer.tui.main.pane_switcher import PaneSwitcher
from explorer.tui.waste.waste_list import WasteList
from explorer.viewmodel.jumps import jump_back, jump_to_disposable, jump_to_fixes, jump_to_path
from explorer.viewmodel.places import Place, Places
from explorer.viewmodel.view import View


class JumpActions(ImageScreen):
    """Jumps, and keeps the place where each jump starts."""

    _places: Places = Places()

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides the way back from nowhere, and dims the steps that a path does not have."""
        if action == "back":
            return bool(self._places)
        if action == "walk":
            return self.query_one(HistoryBar).availability(action, parameters)
        return super().availability(action, parameters)

    def _keep_place(self) -> None:
        """Keeps the present place, to go back to it after a jump."""
        row = self.query_one(FileTree).selected
        focused = self.focused.id if self.focused is not None else None
        self._places = self._places.with_place(Place(self.view, self.pane, row.node if row else None, focused))
        self.refresh_bindings()

    def _jump(self, view: View, pane: str) -> None:
        """Shows a view in a pane, and keeps the present place."""
        self._keep_place()
        self.view = view
        self.action_pane(pane)

    def action_back(self) -> None:
        """Goes back to where the last jump started."""
        place, self._places = self._places.last, self._places.without_last()
        self.view = jump_back(place)
        self.action_pane(place.pane)
        if place.focused is not None and self.query_one(f"#{place.focused}").focusable:
            self.set_focus(self.query_one(f"#{place.focused}"))
        self.refresh_bindings()

    def action_fixes(self) -> None:
        """Shows all fixes."""
        self._jump(jump_to_fixes(self.view), "waste")

    def action_disposable(self) -> None:
        """Shows the disposable files of the whole image."""
        if self.shown.views is not None and self.exploration is not None:
            self._jump(jump_to_disposable(self.shown.views, self.view), "files")

    def go_to(self, node: Node, layer: int) -> None:
        """Shows a path at a layer, without filter and comparison; hides nothing above it."""
        if self.shown.views is not None:
            view = replace(self.view, base=None, query=EVERYTHING)
            self._jump(jump_to_path(self.shown.views, view, node, layer), "files")

    def action_find(self, by_size: bool = False) -> None:
        """Searches paths in all layers, or lists the largest files.

        The search begins with the filter of the files, because its matches may be at other layers.
        """

        def go_to(hit: Hit | None) -> None:
            if hit is not None:
                self.go_to(hit.node, hit.layer)

        if self.exploration is not None:
            text = "" if by_size or self.pane != "files" else self.query_one(PaneSwitcher).filter_bar("files").text
            self.app.push_screen(Finder(self.exploration, by_size, text), go_to)

    @on(WasteList.Chosen)
    def show_wasted(self, message: WasteList.Chosen) -> None:
        """Goes to a file at the layer that shipped it or at the one that hid it."""
        message.stop()
        views = self.shown.views
        node = views.exploration.tree.find(message.path) if views is not None else None
        if node is not None:
            self.go_to(node, message.layer)

    @on(HistoryBar.Chosen)
    def walk_to(self, message: HistoryBar.Chosen) -> None:
        """Shows the path of the history bar at another layer."""
        message.stop()
        if self.pane != "files":
            self.go_to(message.node, message.layer)
        elif self.shown.views is not None:
            self._keep_place()
            self.view = jump_to_path(self.shown.views, self.view, message.node, message.layer)
            self.query_one(LayerList).select(message.layer)

    def action_walk(self, steps: int) -> None:
        self.query_one(HistoryBar).action_walk(steps)
