"""The main screen: what keys and clicks do.

Keys and clicks become actions and messages, and these end here: most of them put another View in the place of the one
that ``panes`` holds, which then shows everything anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from explorer.analysis.filter.query import EVERYTHING
from explorer.config.settings import Sort
from explorer.model import Change
from explorer.tui.availability import FILES_ONLY, UNREAD, ActionOwner, Availability
from explorer.tui.dialogs.finder import Finder
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.panes import Panes
from explorer.tui.palette import ActionProvider, LayerProvider
from explorer.tui.viewer.file_actions import FileActions
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.filter_bar import FilterBar, FilterInput
from explorer.viewmodel.history_navigation import view_showing

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.command import Provider

    from explorer.analysis.filter.search import Hit
    from explorer.layers.tree import Node

_OF_IMAGE = (
    "sort", "reverse", "changes_only", "kind", "filter", "find", "largest", "compare", "swap", "walk", "pane"
)  # fmt: skip
"""Actions that need the image."""


class MainScreen(ActionOwner, Panes):
    """The screen of one image."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider, LayerProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Show only what matches", id="explore.filter"),
        Binding("ctrl+f", "find", "Find", show=False, tooltip="Find a path in any layer", id="explore.find"),
        Binding("L", "largest", "Largest", show=False, tooltip="List the largest files", id="explore.largest"),
        Binding("s", "sort", "Sort", tooltip="Sort by size, name or change", id="explore.sort"),
        Binding("S", "reverse", show=False, tooltip="Sort the other way round", id="explore.reverse"),
        Binding("c", "changes_only", "Changes", tooltip="Show changes only, or also the rest", id="explore.changes"),
        Binding("m", "compare", "Compare", tooltip="Compare the layers with this one", id="explore.compare"),
        Binding("m", "stop_comparing", "Stop comparing", tooltip="Stop comparing", id="explore.stop-comparing"),
        Binding("M", "swap", show=False, tooltip="Swap the two layers that are compared", id="explore.swap"),
        Binding(
            "left_square_bracket,alt+left",
            "walk(-1)",
            show=False,
            key_display="[",
            tooltip="Go to the layer that touched this path before",
            id="explore.earlier",
        ),
        Binding(
            "right_square_bracket,alt+right",
            "walk(1)",
            show=False,
            key_display="]",
            tooltip="Go to the layer that touched this path next",
            id="explore.later",
        ),
        Binding("f", "pane('files')", "Files", tooltip="Show the files", id="explore.files"),
        Binding("w", "pane('waste')", "Waste", tooltip="Show what was shipped for nothing", id="explore.waste"),
        Binding("i", "pane('image')", "Image", tooltip="Show what the image says of itself", id="explore.image"),
        Binding("escape", "clear_filter", "Clear filter", tooltip="Clear the filter", id="explore.clear-filter"),
        Binding("escape", "stop_comparing", show=False, tooltip="Stop comparing", id="explore.stop-comparing"),
        Binding("escape", "show_all", "Show all", tooltip="Show what is hidden", id="explore.show-all"),
    ]

    # The view changes

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """What needs the image is dim until that is read, a walk that leads nowhere too; what has no use is hidden."""
        is_comparing = self.view.base is not None
        if action == "stop_comparing":
            return is_comparing
        if action == "clear_filter":
            is_filtered = self.query_one(WastePane).is_filtered if self.pane == "waste" else bool(self.view.query)
            return is_filtered or isinstance(self.focused, FilterInput)
        if action == "filter" and isinstance(self.focused, FilterInput):
            return False
        if action in FILES_ONLY and self.pane != "files":
            return False
        if action == "show_all":
            return bool(self.view.hidden) and not is_comparing
        if action == "look":
            return self._looking.availability(str(parameters[0]), ())
        if action == "compare" and is_comparing:
            return False
        if action == "pane" and (parameters != ("image",) or self.image is not None):
            return True
        return self._availability_of_loaded(action, parameters) if action in _OF_IMAGE else True

    def _availability_of_loaded(self, action: str, parameters: tuple[object, ...]) -> Availability:
        if self._views is None:
            return UNREAD
        if action == "walk":
            return self.query_one(HistoryBar).availability(action, parameters)
        if action == "swap" and self.view.base is None:
            return "Nothing is compared: m compares with the selected layer."
        layers = len(self._views.exploration.layers)
        if action == "compare" and layers < 2:
            return f"There is nothing to compare: the image has {'one layer' if layers else 'no layers'}."
        return True

    def action_pane(self, pane: str) -> None:
        """Show one of the panes and go there."""
        self.pane = pane
        self.focus_pane()

    def action_sort(self) -> None:
        self.view = self.view.sorted_by(self.view.sort.following)

    def action_reverse(self) -> None:
        self.view = self.view.sorted_by(self.view.sort)

    def action_changes_only(self) -> None:
        self.view = self.view.toggled(Change.UNCHANGED)

    def action_filter(self) -> None:
        """Let the filter be typed: that of the waste where it shows, or else that of the files."""
        if self.pane == "waste":
            self.query_one(WastePane).edit_filter()
        else:
            self.pane = "files"
            self.query_one(FilesPane).edit_filter()

    @property
    def _filter_bar(self) -> FilterBar:
        return self.query_one("#waste FilterBar" if self.pane == "waste" else "#files FilterBar", FilterBar)

    def action_keep_filter(self) -> None:
        """Filter by all that is typed, and go to the rows, unless it means nothing."""
        query = self._filter_bar.keep()
        if query is None:
            return
        if self.pane == "waste":
            self.query_one(WasteList).narrow(query)
        else:
            self.view = replace(self.view, query=query)

    def action_move_filtered(self, lines: int) -> None:
        self._filter_bar.move(lines)

    def action_clear_filter(self) -> None:
        """Clear it, and stay at the selected path; while it is typed, all is as it was before."""
        if self.pane == "waste":
            self.query_one(WastePane).clear_filter()
            return
        row = self.query_one(FileTree).selected
        is_cancelled = self.query_one(FilesPane).clear_filter()
        if self.view.query:
            self._go_to = row.node if row and not is_cancelled else None
        self.view = replace(self.view, query=EVERYTHING)

    @on(FilesPane.Filtered)
    def filter_files(self, message: FilesPane.Filtered) -> None:
        message.stop()
        self.view = replace(self.view, query=message.query)

    def action_find(self) -> None:
        """Look for paths in all layers."""
        self._find(by_size=False)

    def action_largest(self) -> None:
        """List the largest files of all layers."""
        self._find(by_size=True)

    def _find(self, by_size: bool) -> None:
        if self._views is None:
            return

        def chosen(hit: Hit | None) -> None:
            if hit is not None:
                self.go_to(hit.node, hit.layer)

        self.app.push_screen(Finder(self._views.exploration, by_size), chosen)

    def go_to(self, node: Node | None, layer: int) -> None:
        """Show a path at a layer, whatever was hidden or filtered before."""
        view = replace(self.view, layer=layer, base=None, hidden=frozenset(), query=EVERYTHING)
        self._go_to = node
        if view == self.view:
            self._show_files()
        self.view = view
        self.action_pane("files")

    def action_kind(self, kind: str) -> None:
        self.view = self.view.toggled(Change(kind))

    def action_compare(self) -> None:
        # The cursor may be ahead of the view when keys come fast.
        layers = self.query_one(LayerList)
        layer = layers.selected_layer
        self.view = replace(self.view, layer=layer, base=layer)
        # What comes next is to choose the other layer.
        self.set_focus(layers)

    def action_swap(self) -> None:
        """Look from the other side."""
        if self.view.base is not None:
            self.view = replace(self.view, layer=self.view.base, base=self.view.layer)

    @property
    def _looking(self) -> FileActions:
        """The pane whose selected path the line at the bottom is about."""
        return self.query_one(WastePane if self.pane == "waste" else FilesPane)

    async def action_look(self, action: str) -> None:
        """Look inside the path of the line at the bottom, or copy what names it."""
        await self.app.run_action(action, self._looking)

    def action_walk(self, steps: int) -> None:
        self.query_one(HistoryBar).action_walk(steps)

    @on(HistoryBar.Chosen)
    def walk_to(self, message: HistoryBar.Chosen) -> None:
        """Show the selected path at another layer."""
        message.stop()
        node = self._walked
        if self._views is None or node is None:
            return
        if self.pane != "files":
            self.go_to(node, message.layer)
            return
        self._go_to = node
        self.view = view_showing(self._views, self.view, node, message.layer)
        self.query_one(LayerList).select(message.layer)

    def action_stop_comparing(self) -> None:
        self.view = replace(self.view, base=None)

    def action_show_all(self) -> None:
        self.view = replace(self.view, hidden=frozenset())

    @on(ColumnHeaders.Clicked)
    def sort_by(self, message: ColumnHeaders.Clicked) -> None:
        message.stop()
        self.view = self.view.sorted_by(Sort(message.key))

    @on(LayerList.Opened)
    def open_layer(self, message: LayerList.Opened) -> None:
        message.stop()
        self.action_pane("files")

    @on(WasteList.Chosen)
    def show_wasted(self, message: WasteList.Chosen) -> None:
        """Go to a wasted file, at the layer that shipped it or at the one that hid it."""
        message.stop()
        if self._views is None:
            return
        self.go_to(self._views.exploration.tree.find(message.waste.path), message.layer)

    @on(LayerList.CursorMoved, "#layer-list")
    def select_layer(self, message: LayerList.CursorMoved) -> None:
        message.stop()
        layer = self.query_one(LayerList).selected_layer
        if self._views is not None:
            self.view = replace(self.view, layer=layer)
        elif self.image is not None and layer != self.view.layer:
            self.set_reactive(Panes.view, replace(self.view, layer=layer))
        # A step that made no layer shows the files of the layer below, and has details of its own.
        self._show_details()

    @on(FileTree.CursorMoved, "#file-tree")
    def select_file(self, message: FileTree.CursorMoved) -> None:
        message.stop()
        self._show_history()

    @on(WastePane.Selected)
    def select_waste(self, message: WastePane.Selected) -> None:
        message.stop()
        self._show_history()
