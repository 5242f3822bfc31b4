"""The main screen: the layers, and beside them one of the other panes.

Keys and clicks become actions and messages, which end here or in the modules ``*_actions`` beside it. Most replace the
frozen View. The screen shows the View and the parts of the image that the loading worker has read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.command import Provider

from explorer.analysis.filter.query import EVERYTHING
from explorer.pipeline import Exploration
from explorer.tui.availability import Availability
from explorer.tui.files.file_tree import FileTree
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.loading import Found, LayerRead, Loaded, Progressed, StageReady
from explorer.tui.main.compare_actions import CompareActions
from explorer.tui.main.dockerfile_actions import DockerfileActions
from explorer.tui.main.fetch_actions import FetchActions
from explorer.tui.main.filter_actions import FilterActions
from explorer.tui.main.finding_actions import FindingActions
from explorer.tui.main.keys import SCREEN_KEYS
from explorer.tui.main.load_actions import LoadActions
from explorer.tui.main.splitter import SPLIT_ACTIONS
from explorer.tui.main.view_actions import WASTE_ACTIONS, Situation, view_availability
from explorer.tui.palette import ActionProvider, LayerProvider
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.cursor_list import CursorList
from explorer.viewmodel.finding_rows import FindingsView
from explorer.viewmodel.package_rows import PackagesView
from explorer.viewmodel.places import Places
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView


class MainScreen(CompareActions, DockerfileActions, FetchActions, FilterActions, FindingActions, LoadActions):
    """The screen of one image."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider, LayerProvider}
    BINDINGS: ClassVar[list[BindingType]] = [*SCREEN_KEYS]

    # Messages of the loading worker

    def start_again(self) -> None:
        """Forgets the present image, because another one is being loaded.

        Keeps the pane, the sort order and the hidden kinds of changes.
        """
        self.action_stop_fetching()
        self.action_stop_findings()
        self.wanted_layer = None
        self.shown.forgotten()
        self._places = Places()
        self.view = replace(
            self.view,
            layer=0,
            base=None,
            query=EVERYTHING,
            waste=WasteView(),
            packages=PackagesView(),
            findings=FindingsView(),
        )
        self.shown.show_summary(self.view)
        self.watch_pane()

    def on_found(self, message: Found) -> None:
        """Shows what is known before the layers are read."""
        message.stop()
        self.note_platforms(message.image)
        if self.shown.views is not None:
            # Some layers arrived before the image was complete. What is shown of them stays.
            self.shown.image = message.image
            return
        self.shown.found(message.image)
        self.shown.show_summary(self.view)
        self.view = replace(self.view, layer=0)
        self.query_one(LayerList).select(0)
        self.shown.show_details()

    def on_progressed(self, message: Progressed) -> None:
        message.stop()
        self.shown.progressed(message.progress)

    def on_layer_read(self, message: LayerRead) -> None:
        message.stop()
        self.shown.layer_read(message.number, message.bytes)
        if message.number == self.view.layer:
            self.shown.show_details()

    def on_stage_ready(self, message: StageReady) -> None:
        message.stop()
        if self.shown.views is None:
            self.is_untouched = True
        self._explore(message.stage, is_whole=False)

    def on_loaded(self, message: Loaded) -> None:
        message.stop()
        exploration = message.exploration
        self._explore(exploration, is_whole=True)
        if exploration.damage:
            self.notify(exploration.damage[0], title="The image is damaged", severity="error", markup=False)
        # Only after the first paint, because it takes up to a second.
        self.call_after_refresh(self._judge, exploration)

    def _explore(self, exploration: Exploration, *, is_whole: bool) -> None:
        """Shows an exploration in place of the present one, which may have fewer layers."""
        layers, shown = self.query_one(LayerList), self.shown
        is_chosen = layers.selected is not None and (layers.selected.layer > 0 or layers.selected.is_empty)
        is_untouched = is_whole and (shown.views is None or self.is_untouched)
        with self.prevent(LayerList.CursorMoved):
            shown.explored(exploration, is_whole=is_whole, keeps_place=not is_untouched)
            if is_untouched and not is_chosen:
                layers.select_largest()
        view = replace(self.view, layer=max(0, min(layers.selected_layer, shown.read.total - 1)))
        # Its change would show the files once more.
        self.set_reactive(MainScreen.view, view)
        self._places = self._places.moved_to(exploration.tree)
        shown.show_summary(self.view)
        shown.show_explored(self.view)
        self.watch_pane()

    @work(exclusive=True, group="verdict")
    async def _judge(self, exploration: Exploration) -> None:
        """Computes and shows verdict and fixes, and reads the packages.

        The packages come first if the screen waits for them.
        """
        steps = [self.shown.compute_savings, self.shown.compare_dockerfile, self.read_packages]
        for step in reversed(steps) if self._waits_for_packages else steps:
            await step(exploration)
        self.read_findings(exploration)

    # Which actions can be taken

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides actions without a meaning now, and dims those that wait."""
        if not self.is_mounted:
            # Textual's App._check_bindings takes the keys of a screen from the moment that it is on the stack, and then
            # there are no widgets to ask.
            return False
        if action in SPLIT_ACTIONS:
            return self.splitter.availability(action)
        if action == "run_file_action":
            if self.shown.views is not None and self.pane in ("image", "packages", "dockerfile"):
                return "Show the files or the waste first, and select a file."
            return self.file_actions.availability(str(parameters[0]), ())
        shown, is_typed = self.shown, self.is_filter_typed
        situation = Situation(
            self.view,
            self.pane,
            shown.image is not None,
            shown.views is not None,
            shown.read,
            is_typed,
            shown.needs_package_fetch,
        )
        available = view_availability(action, parameters, situation)
        if available is True and action in WASTE_ACTIONS:
            return self.query_one(WastePane).view_availability(action)
        return super().availability(action, parameters) if available is True else available

    # The files

    def action_changes_only(self) -> None:
        super().action_changes_only()
        if self.view.changes_only and self.view.base is None and isinstance(self.focused, LayerList):
            # The next keys are about the changes, such as those that open or save a file.
            self.panes.focus_pane()
            self.query_one(FileTree).select_only_file()

    # Groups, order and layer of the waste

    def action_group_waste(self, grouping: str = "") -> None:
        """Groups the waste in one way, or else in the next one."""
        waste = self.view.waste
        self._show_waste(replace(waste, grouping=Grouping(grouping) if grouping else waste.grouping.following))

    def action_sort_waste(self, order: str = "") -> None:
        """Sorts the waste in an order, reversed if it has that one, or in the other."""
        waste = self.view.waste
        self._show_waste(waste.sorted_by(WasteOrder(order) if order else waste.order.other))

    def action_reverse_waste(self) -> None:
        self._show_waste(self.view.waste.sorted_by(self.view.waste.order))

    def action_this_layer(self) -> None:
        """Shows the waste of the selected layer only, or again of all layers."""
        waste = self.view.waste
        self._show_waste(replace(waste, layer=self.view.layer if waste.layer is None else None))

    def action_all_layers(self) -> None:
        self._show_waste(replace(self.view.waste, layer=None))

    def _show_waste(self, waste: WasteView) -> None:
        self.view = replace(self.view, waste=waste)

    # Selections

    def action_digit(self, digit: int) -> None:
        """Goes to the layer of the number that is typed, from every pane."""
        problem = self.query_one(LayerList).type_digit(digit)
        if problem:
            self.app.notify(problem, severity="warning", markup=False)

    @on(LayerList.Opened)
    def open_layer(self, message: LayerList.Opened) -> None:
        """Moves the focus to the files of the layer, which is read next if it is not yet."""
        message.stop()
        self.wanted_layer = self.query_one(LayerList).selected_layer
        self.action_pane("files")

    @on(LayerList.CursorMoved, "#layer-list")
    def select_layer(self, message: LayerList.CursorMoved) -> None:
        """Shows the layer, or the details of the step with the files of the layer below."""
        message.stop()
        if self.shown.image is not None:
            self.view = replace(self.view, layer=self.query_one(LayerList).selected_layer)
        self.shown.show_details()
        if self.exploration is not None and self.exploration.missing_layers:
            # Another row may be one that can be fetched, or none.
            self.refresh_bindings()

    @on(CursorList.CursorMoved, "#file-tree, #waste-list, #package-list, #finding-list")
    def select_path(self, message: CursorList.CursorMoved) -> None:
        """Shows the history of the selected path."""
        message.stop()
        self.shown.show_history(self.pane)
