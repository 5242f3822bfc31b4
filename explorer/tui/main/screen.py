"""The main screen: the layers, and beside them the files, the waste or the image.

Keys and clicks become actions and messages, which end here. Most replace the frozen View. The screen shows the View and
the parts of the image that the loading worker has read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget

from explorer.analysis.filter.query import EVERYTHING
from explorer.analysis.filter.search import Hit
from explorer.config.settings import Settings, Sort
from explorer.errors import ExplorerError
from explorer.layers.tree import Node
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.dialogs.finder import Finder
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.key_words import with_keys
from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_side import LayersSide
from explorer.tui.loading import Found, LayerRead, Loaded, Progressed, StageReady, fetch_in_thread
from explorer.tui.main.header import ImageHeader
from explorer.tui.main.keys import SCREEN_KEYS
from explorer.tui.main.pane_switcher import PaneSwitcher
from explorer.tui.main.shown_image import ShownImage
from explorer.tui.main.splitter import MIN_WIDE_CELLS, SPLIT_ACTIONS, Splitter
from explorer.tui.main.verdict_bar import VerdictBar
from explorer.tui.main.view_actions import WASTE_ACTIONS, Situation, key_conditions, view_availability
from explorer.tui.palette import ActionProvider, LayerProvider
from explorer.tui.viewer.file_actions import FileActions
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.filter_bar import FilterBar, FilterInput
from explorer.tui.widgets.footer import KeysFooter
from explorer.viewmodel.jumps import jump_back, jump_to_disposable, jump_to_fixes, jump_to_path
from explorer.viewmodel.layer_rows import LayersView
from explorer.viewmodel.places import Place, Places
from explorer.viewmodel.view import Jump, View
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView


class MainScreen(ActionOwner, Screen[None]):
    """The screen of one image."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (50, "-narrow"), (MIN_WIDE_CELLS, "-wide")]  # noqa: RUF012 - so does Textual declare it
    AUTO_FOCUS = "#layer-list"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider, LayerProvider}
    BINDINGS: ClassVar[list[BindingType]] = [*SCREEN_KEYS]

    view: var[View] = var(View(0), init=False, always_update=True)
    pane: var[str] = var("files", init=False)

    def __init__(self, reference: str, settings: Settings = Settings()) -> None:  # noqa: B008 - it is frozen
        super().__init__()
        self.reference = reference
        self._settings = settings
        self.set_reactive(MainScreen.view, View.starting(settings))
        self.set_reactive(MainScreen.pane, settings.pane)
        self.shown = ShownImage(self, reference)
        self._places = Places()
        self._filtered_from: tuple[str, Widget | None] = ("files", None)
        """The pane and the widget with the focus before the filter was typed."""
        self._compared_from: Widget | None = None
        """The widget with the focus before the comparison."""
        self.wanted_layer: int | None = None
        """The layer that the user opened while layers were read; it comes next."""
        self._fetching: int | None = None
        """The layer that is being fetched because the user asked for it."""
        self.is_untouched = True
        """True until the user presses a key or a button after the first files show."""

    def compose(self) -> ComposeResult:
        yield ImageHeader()
        yield VerdictBar()
        with Splitter(self._settings.left_percent, self._settings.top_percent):
            yield LayersSide()
            yield PaneSwitcher()
        yield HistoryBar()
        yield KeysFooter()

    def on_resize(self) -> None:
        # Rewrapped text may need another height during layout; lay out once more.
        self.call_after_refresh(self.refresh, layout=True)

    def on_mount(self) -> None:
        self.query_one(LayerList).arrangement = LayersView(is_folded=None if self._settings.empty_steps else True)
        self.shown.show_summary(self.view)
        self.shown.show_pane(self.pane, self.view)

    @property
    def focus_chain(self) -> list[Widget]:
        """The order of Tab: the layers, the files, and last the details and the history."""
        last = (Details, HistoryBar)
        return sorted(super().focus_chain, key=lambda widget: isinstance(widget, last))

    @property
    def exploration(self) -> Exploration | None:
        """The explored image, once all of it is read."""
        return self.shown.exploration

    # Messages of the loading worker

    def start_again(self) -> None:
        """Forgets the present image, because another one is being loaded.

        Keeps the pane, the sort order and the hidden kinds of changes.
        """
        self.workers.cancel_group(self, "fetch")
        self.wanted_layer = None
        self.shown.forgotten()
        self._places = Places()
        self.view = replace(self.view, layer=0, base=None, query=EVERYTHING, waste=WasteView())
        self.shown.show_summary(self.view)
        self.watch_pane()

    def on_found(self, message: Found) -> None:
        """Shows what is known before the layers are read. The message goes on to the app."""
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
        """Computes and shows the verdict and the fixes."""
        await self.shown.compute_findings(exploration)

    # What follows from the view and the pane

    def watch_view(self, old: View, new: View) -> None:
        """Shows the changes of the view. Equal views may differ in their jump."""
        if (old.layer, old.waste) != (new.layer, new.waste):
            self.shown.show_waste(new)
        if key_conditions(old, self._is_filter_typed) != key_conditions(new, self._is_filter_typed):
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

    @property
    def _file_actions(self) -> FileActions:
        """The pane with the path that the history bar shows."""
        return self.query_one(PaneSwitcher).file_actions(self.pane)

    @property
    def _is_filter_typed(self) -> bool:
        return isinstance(self.focused, FilterInput)

    # Which actions can be taken

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides actions without a meaning now, and dims those that wait."""
        if not self.is_mounted:
            # A key that comes before the screen finds no widgets to ask.
            return False
        if action == "back":
            return bool(self._places)
        if action == "stop_fetching":
            return self._fetching is not None and not self._is_filter_typed
        if action in SPLIT_ACTIONS:
            return self.query_one(Splitter).availability(action)
        if action == "run_file_action":
            if self.shown.views is not None and self.pane == "image":
                return "Show the files or the waste first, and select a file."
            return self._file_actions.availability(str(parameters[0]), ())
        shown, is_typed = self.shown, self._is_filter_typed
        situation = Situation(
            self.view, self.pane, shown.image is not None, shown.views is not None, shown.read, is_typed
        )
        available = view_availability(action, parameters, situation)
        if available is True and action in WASTE_ACTIONS:
            return self.query_one(WastePane).view_availability(action)
        if available is True and action == "walk":
            return self.query_one(HistoryBar).availability(action, parameters)
        return available

    # Focus, zoom and border

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Moves the focus, and the room of a narrow screen with it."""
        super().set_focus(widget, scroll_visible, from_app_focus)
        # Textual scrolls for all but a click.
        for splitter in self.query(Splitter):
            splitter.make_room(self.focused, by_mouse=not scroll_visible)

    def action_next_pane(self, steps: int) -> None:
        """Moves the focus to the next pane; if a pane is zoomed, zooms the next one."""
        splitter = self.query_one(Splitter)
        if not splitter.zoomed:
            self.focus_next() if steps > 0 else self.focus_previous()
        elif not splitter.focus_in_zoomed(steps):
            if splitter.is_right_zoomed:
                self.set_focus(self.query_one(LayerList))
            else:
                self.query_one(PaneSwitcher).focus_pane()

    def action_zoom(self) -> None:
        self.query_one(Splitter).toggle_zoom()

    def action_unzoom(self) -> None:
        self.query_one(Splitter).zoomed = ""

    def action_move_border(self, steps: int) -> None:
        self.query_one(Splitter).move(steps)

    def action_reset_border(self) -> None:
        self.query_one(Splitter).reset()

    # Panes and the order of files

    def action_pane(self, pane: str) -> None:
        """Shows a pane; from a layer, the waste with the first fix of that layer."""
        if pane == "waste" and isinstance(self.focused, LayerList | Details):
            self.query_one(WasteList).select_fix_of(self.query_one(LayerList).selected_layer)
        self.pane = pane
        self.query_one(PaneSwitcher).focus_pane()

    def action_sort(self) -> None:
        self.view = self.view.sorted_by(self.view.sort.following)

    def action_reverse(self) -> None:
        self.view = self.view.sorted_by(self.view.sort)

    @on(ColumnHeaders.Clicked)
    def sort_by(self, message: ColumnHeaders.Clicked) -> None:
        """Sorts the files by a column."""
        message.stop()
        self.view = self.view.sorted_by(Sort(message.key))

    def action_changes_only(self) -> None:
        self.view = self.view.toggled(Change.UNCHANGED)
        if self.view.changes_only and isinstance(self.focused, LayerList) and not self.query_one(Splitter).is_wide:
            # Below the layers, the changes have little room without the focus.
            self.query_one(PaneSwitcher).focus_pane()

    def action_kind(self, kind: str) -> None:
        self.view = self.view.toggled(Change(kind))

    def action_show_all(self) -> None:
        self.view = replace(self.view, hidden=frozenset())

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

    # The filter of the waste pane if it is open, else of the files

    def action_filter(self) -> None:
        self._filtered_from = self.pane, self.focused
        self.pane = "waste" if self.pane == "waste" else "files"
        self._file_actions.edit_filter()

    def action_keep_filter(self) -> None:
        """Filters by the typed text and moves the focus to the rows, unless it is invalid."""
        query = self.query_one(PaneSwitcher).filter_bar(self.pane).keep()
        if query is not None:
            self.view = self.view.filtered(self.pane, query)

    def action_move_filtered(self, lines: int) -> None:
        self.query_one(PaneSwitcher).filter_bar(self.pane).move(lines)

    def action_clear_filter(self) -> None:
        """Clears the filter. If it is still being typed, restores the state before typing."""
        is_typing = self._is_filter_typed
        view = self.view.filtered(self.pane, EVERYTHING)
        if self.pane == "waste":
            self.query_one(WastePane).clear_filter()
        else:
            row = self.query_one(FileTree).selected
            is_cancelled = self.query_one(FilesPane).clear_filter()
            view = replace(view, jump=Jump(row.node) if self.view.query and row and not is_cancelled else None)
        self.view = view
        pane, focused = self._filtered_from
        if is_typing and focused is not None and focused.focusable:
            self.pane = pane
            self.set_focus(focused)

    @on(FilterBar.QueryChanged)
    def filter_as_typed(self, message: FilterBar.QueryChanged) -> None:
        """Filters while the expression is typed, by the last valid one."""
        message.stop()
        # The pane of the filter may no longer be the one that shows.
        pane = message.bar.parent
        if message.query is not None and pane is not None:
            self.view = self.view.filtered(pane.id, message.query)
        # While the expression is invalid, no row shows.
        self.shown.show_history(self.pane)
        self.shown.show_subtitle(self.pane, self.view)

    # Jumps, and the way back

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
        """Searches paths in all layers, or lists the largest files."""

        def go_to(hit: Hit | None) -> None:
            if hit is not None:
                self.go_to(hit.node, hit.layer)

        if self.exploration is not None:
            self.app.push_screen(Finder(self.exploration, by_size), go_to)

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

    async def action_run_file_action(self, action: str) -> None:
        """Takes an action of the file keys on the path of the history bar."""
        await self.app.run_action(action, self._file_actions)

    # Comparing two layers

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

    @on(LayerList.Fetch)
    def fetch_selected(self, message: LayerList.Fetch) -> None:
        """Fetches the selected layer, unless another one is being fetched."""
        message.stop()
        if self._fetching is not None:
            words = f"Layer {self._fetching} is being fetched. Press {{explore.stop-fetching}} to stop."
            self.notify(with_keys(self, words), severity="warning", markup=False)
        elif self.exploration is not None:
            self._fetch(self.exploration, self.query_one(LayerList).selected_layer)

    @work(exclusive=True, group="fetch", exit_on_error=False)
    async def _fetch(self, exploration: Exploration, layer: int) -> None:
        """Fetches a layer; the image with it takes the place of the present one."""
        self._fetching = layer
        self.refresh_bindings()
        try:
            await fetch_in_thread(exploration, layer, self.post_message)
        except ExplorerError as error:
            text = f"{error.message}\n{error.hint}".strip()
            self.notify(text, title=f"Layer {layer} is not read", severity="error", markup=False)
        finally:
            self._fetching = None
            self.shown.fetching_ended()
            self.refresh_bindings()

    def action_stop_fetching(self) -> None:
        self.workers.cancel_group(self, "fetch")

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

    @on(CursorList.CursorMoved, "#file-tree, #waste-list")
    def select_path(self, message: CursorList.CursorMoved) -> None:
        """Shows the history of the selected path."""
        message.stop()
        self.shown.show_history(self.pane)
