"""The screen of two images: their layers in pairs, and beside them what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.command import Provider
from textual.reactive import var

from explorer.analysis.filter.query import EVERYTHING, parse
from explorer.analysis.image_diff.layer_pair import PairStatus
from explorer.config.settings import COMPARED_ORDERS, Settings
from explorer.layers.tree import Node, Tree
from explorer.model import Change, Watcher
from explorer.pipeline.joined import join_packages
from explorer.text.printable import printable
from explorer.tui.availability import FILES_ONLY, Availability
from explorer.tui.compare.cause_actions import CauseActions
from explorer.tui.compare.causes_pane import NO_REBUILD, CausesPane
from explorer.tui.compare.causes_pane import NOT_YET_READ as CAUSES_NOT_READ
from explorer.tui.compare.change_texts import SettingChanges, WasteChanges
from explorer.tui.compare.compared_files import ComparedFiles, files_description
from explorer.tui.compare.head import ComparisonHead
from explorer.tui.compare.keys import COMPARE_KEYS
from explorer.tui.compare.loading import (
    Compared,
    Comparison,
    PairLoad,
    PairProgressed,
    compare_in_thread,
    swapped,
)
from explorer.tui.compare.loading_pane import PairLoadingPane
from explorer.tui.compare.package_changes import PackageChangeList, PackageChangesPane
from explorer.tui.compare.pair_list import PairList
from explorer.tui.compare.pair_text import pair_title
from explorer.tui.compare.pairs_side import PairDetails, PairsSide
from explorer.tui.compare.panes import ComparePanes
from explorer.tui.compare.words import ARROW
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.main.splitter import SPLIT_ACTIONS
from explorer.tui.palette import ActionProvider
from explorer.tui.read_in_thread import read_in_thread
from explorer.tui.widgets.cursor_list import CursorList
from explorer.viewmodel.compared_views import NEW, STARTING_VIEW, ComparedViews, nodes_beside, package_filter
from explorer.viewmodel.layers_read import NOT_YET_READ, LayersRead
from explorer.viewmodel.view import View

_SWAP_SECONDS = 2.0
"""Time for which the screen says that it compares; most images take less."""
_NEED_IMAGES = ("sort", "reverse", "changes_only", "kind", "filter", "times", "swap_images")


class CompareScreen(CauseActions):
    """The screen of two images. It reads them once it is mounted."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}
    BINDINGS: ClassVar[list[BindingType]] = [*COMPARE_KEYS]
    AUTO_FOCUS = "#pair-list"
    FIRST_ACTIONS = ("diff", "times", "choose")
    LAST_WITH_TAB = (PairDetails,)
    ORDERS = COMPARED_ORDERS

    hides_times: var[bool] = var(True, init=False)
    """True if what differs only in its time counts as unchanged."""

    def __init__(self, old: str, new: str, load: PairLoad, settings: Settings = Settings()) -> None:  # noqa: B008 - it is frozen
        """Prepares the screen.

        Args:
            old: The name of the old image.
            new: The name of the new image.
            load: Reads and compares both; the first watcher is that of the old image.
            settings: The user's settings.
        """
        super().__init__(settings)
        self.set_reactive(CompareScreen.view, STARTING_VIEW)
        self._set_names(printable(old), printable(new))
        self._load = load
        self.comparison: Comparison | None = None
        self._views: dict[tuple[bool, int | None], ComparedViews] = {}
        """True if times are hidden, and the pair of layers that the files are narrowed to, to the views."""
        self._step: int | None = None
        """The index of the pair of layers that the files are narrowed to."""

    def _set_names(self, old: str, new: str) -> None:
        """Keeps the printable names of both images."""
        self.names = old, new
        self.reference = f"{old}{ARROW}{new}"

    @property
    def is_read(self) -> bool:
        """True once both images are compared."""
        return self.comparison is not None

    @property
    def trees(self) -> Sequence[Tree]:
        found = self.comparison
        return () if found is None else (found.files.tree, found.diff.old.tree, found.diff.new.tree)

    def heads(self) -> ComposeResult:
        yield ComparisonHead()

    def sides(self) -> ComposeResult:
        yield PairsSide()
        yield ComparePanes()

    def on_mount(self) -> None:
        self.query_one(ComparisonHead).names = self.names
        self.watch_pane()
        self.compare(self._load)

    def on_resize(self) -> None:
        # Rewrapped text may need another height during layout; lay out once more.
        self.query_one(ComparisonHead).refresh(layout=True)
        super().on_resize()

    @property
    def files(self) -> ComparedFiles:
        """The pane of the files."""
        return self.query_one(ComparedFiles)

    # Reading and comparing

    @work(exclusive=True, group="compare", exit_on_error=False)
    async def compare(self, load: PairLoad) -> None:
        """Reads and compares both images until the screen closes."""
        await compare_in_thread(load, self.post_message)

    def on_pair_progressed(self, message: PairProgressed) -> None:
        message.stop()
        self.query_one(PairLoadingPane).report(message.number, message.progress)

    def on_compared(self, message: Compared) -> None:
        message.stop()
        found = self.comparison = message.comparison
        diff = found.diff
        self._set_names(found.summary.old_name, found.summary.new_name)
        self._views.clear()
        self._step = None
        self.query_one(ComparisonHead).summary = found.summary
        pane = self.files
        pane.read, pane.time_count, pane.differences = LayersRead(2, 2), len(found.times), found.differences
        self.query_one(PairList).show(diff, found.pairs)
        self.query_one(SettingChanges).show(diff.config_changes)
        self.query_one(WasteChanges).show(diff)
        self.query_one(PackageChangesPane).show(None)
        self.query_one(CausesPane).wait(CAUSES_NOT_READ if diff.is_rebuild else NO_REBUILD)
        panes = self.panes
        panes.show_count("settings", len(diff.config_changes))
        panes.show_count("packages", None)
        self.show_causes(diff.known_causes)
        self._show_files()
        self.watch_pane()
        problems = [text for text in (found.summary.damaged, *diff.problems) if text]
        if problems:
            self.notify(problems[0], title="Not all can be compared", severity="warning", markup=False)
        # Only after the first paint, because it reads databases.
        self.call_after_refresh(self.read_packages, found)

    @work(exclusive=True, group="packages", exit_on_error=False)
    async def read_packages(self, found: Comparison) -> None:
        """Reads and compares the packages, and shows them."""
        pane = self.query_one(PackageChangesPane)

        def read(watcher: Watcher) -> None:
            for exploration in (found.diff.old, found.diff.new):
                exploration.read_packages(watcher, fetches=False)
            _ = found.diff.package_changes

        problem = await read_in_thread(read, pane.progressed)
        if found is not self.comparison:
            return
        if problem:
            pane.wait(f"The package databases cannot be read: {problem}")
        else:
            join_packages(found.diff, found.files)
            pane.show(found.diff.package_changes)
            self.panes.show_count("packages", len(found.diff.package_changes.changes))
            if found.diff.is_rebuild:
                self.read_causes(found)

    def action_swap_images(self) -> None:
        """Compares the other way round."""
        if self.comparison is not None:
            self.notify("Comparing the other way round…", timeout=_SWAP_SECONDS, markup=False)
            self.compare(swapped(self.comparison.diff))

    # What shows

    def watch_view(self, old: View, new: View) -> None:
        """Shows the changes of the view. Equal views may differ in their jump."""
        if new != old or new.jump is not old.jump:
            self._show_files(new.jump.node if new.jump is not None and new.jump is not old.jump else None)
            self.refresh_bindings()

    def watch_hides_times(self) -> None:
        self._show_files()
        self.refresh_bindings()

    def watch_pane(self) -> None:
        self.panes.show(self.pane, is_ready=self.is_read)
        self.show_selection()
        self.refresh_bindings()

    def show_selection(self) -> None:
        self._show_path()
        self._describe()

    def _show_files(self, go_to: Node | None = None) -> None:
        if self.comparison is not None:
            self.files.is_narrowed = self._step is not None
            self.files.show(self._shown_views(self.comparison), self.view, go_to)
            self._describe()

    def _shown_views(self, found: Comparison) -> ComparedViews:
        """Returns the views of the changes that show."""
        key = self.hides_times, self._step
        if key not in self._views:
            # Those of all pairs would take too much memory.
            self._views = {each: views for each, views in self._views.items() if each[1] in (None, self._step)}
            hidden = set(found.times) if self.hides_times else set()
            if self._step is not None:
                hidden |= nodes_beside(found.pairs[self._step], found.diff, found.files, found.changes)
            self._views[key] = ComparedViews(found.files, found.changes, hidden)
        return self._views[key]

    def _describe(self) -> None:
        """Shows below the files which of them show."""
        description = None
        if self.comparison is not None and self.pane == "files":
            view = replace(self.view, query=EVERYTHING) if self.panes.filter_bar("files").is_invalid else self.view
            step = pair_title(self.comparison.pairs[self._step]) if self._step is not None else ""
            description = partial(files_description, view, self.hides_times, len(self.comparison.times), step)
        self.panes.describe(description)

    def _show_path(self) -> None:
        """Shows the selected path in both images."""
        is_known = self.is_read and self.pane == "files" and not self.panes.filter_bar("files").is_invalid
        self.query_one(HistoryBar).show(self.files.path_history() if is_known else None)

    def go_to_path(self, node: Node) -> None:
        """Shows the files with a path selected; what hides it is shown again."""
        found = self.comparison
        if found is None:
            return
        self.files.clear_filter()
        self._step = None
        self.hides_times = self.hides_times and self._shown_views(found).shows(node)
        is_above_changes = self._shown_views(found).shows(node) and node not in found.changes.by_node
        kind = None if is_above_changes else found.changes.by_node.get(node, Change.UNCHANGED)
        self.view = replace(self.view.filtered("files", EVERYTHING), hidden=self.view.hidden - {kind})
        self.files.show(self._shown_views(found), self.view, node)
        self.action_pane("files")

    # Which actions can be taken

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides actions without a meaning now, and dims those that wait."""
        if not self.is_mounted:
            return False
        if action in SPLIT_ACTIONS:
            return self.splitter.availability(action)
        if action == "clear_filter":
            return bool(self.view.query) or self.is_filter_typed
        if action == "filter" and self.is_filter_typed:
            return False
        if (action in FILES_ONLY or action == "times") and self.pane != "files":
            return False
        if action == "show_all_steps":
            return self._step is not None
        if action == "show_all":
            return bool(self.view.hidden - {Change.UNCHANGED})
        if action in (*_NEED_IMAGES, "run_file_action") and self.comparison is None:
            return NOT_YET_READ
        if action == "run_file_action":
            if self.pane != "files":
                return "Show the files first, and select a file."
            return self.files.availability(str(parameters[0]), ())
        if action == "times" and self.comparison is not None and not self.comparison.times:
            return "No path differs only in its time."
        return super().availability(action, parameters)

    # The files

    def action_show_all(self) -> None:
        self.view = replace(self.view, hidden=self.view.hidden & {Change.UNCHANGED})

    def action_times(self) -> None:
        self.hides_times = not self.hides_times

    @on(PairList.Opened)
    def open_files(self, message: PairList.Opened) -> None:
        """Shows the files that differ and that the layers of the selected pair touch."""
        message.stop()
        pairs = self.query_one(PairList)
        if pairs.selected is not None and pairs.selected.pair.status is not PairStatus.SAME:
            self._step = pairs.cursor
            self._show_files()
            self.refresh_bindings()
        self.action_pane("files")

    def action_show_all_steps(self) -> None:
        """Shows what differs in all layers again."""
        self._step = None
        self._show_files()
        self.refresh_bindings()

    @on(CursorList.CursorMoved, "#pair-list")
    def show_pair(self, message: CursorList.CursorMoved) -> None:
        """Shows the details of the selected pair."""
        message.stop()
        diff = self.comparison.diff if self.comparison is not None else None
        self.query_one(PairDetails).show(self.query_one(PairList).selected, diff)

    @on(CursorList.CursorMoved, "#file-tree")
    def select_path(self, message: CursorList.CursorMoved) -> None:
        """Shows the selected path in both images."""
        message.stop()
        self._show_path()

    @on(PackageChangeList.Chosen)
    def show_package(self, message: PackageChangeList.Chosen) -> None:
        """Shows the files of a package that differ, or those without a package."""
        message.stop()
        self._step = None
        self.view = self.view.filtered("files", parse(package_filter(message.change), NEW))
        self._show_files()
        self.action_pane("files")

    def leaves_out_of_help(self, action: str) -> bool:
        """True for the actions on files beside another pane."""
        name = action.partition("(")[0]
        return self.pane != "files" and name in (*FILES_ONLY, "times", "run_file_action")
