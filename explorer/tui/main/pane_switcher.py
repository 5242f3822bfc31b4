"""The right side of the main screen, with a tab for each pane."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from explorer.config.settings import PANES
from explorer.tui.dockerfile.dockerfile_list import DockerfileList
from explorer.tui.dockerfile.dockerfile_pane import DockerfilePane
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane
from explorer.tui.findings.finding_list import FindingList
from explorer.tui.findings.findings_pane import FindingsPane
from explorer.tui.key_words import key_of
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.main.pane_tabs import Tab, tabs_line
from explorer.tui.packages.package_list import PackageList
from explorer.tui.packages.packages_pane import PackagesPane
from explorer.tui.viewer.file_actions import FileActions
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.filter_bar import FilterBar

_LOADING = "loading"
_CORNER_CELLS = 6
"""Cells of the border beside its text."""
_FOCUS: dict[str | None, type[Widget]] = {
    "files": FileTree,
    "waste": WasteList,
    "packages": PackageList,
    "findings": FindingList,
    "dockerfile": DockerfileList,
    "image": ImagePane,
}
"""Pane to the widget in it that takes the focus."""


class PaneSwitcher(ContentSwitcher):
    """Shows one of the panes, or the progress of loading in its place."""

    def __init__(self) -> None:
        super().__init__(initial=_LOADING, id="right")
        self._description: Callable[[int], Content] | None = None
        self._counts: dict[str, int | None] = {}
        self._pane = ""

    def compose(self) -> ComposeResult:
        yield LoadingPane(id=_LOADING)
        yield FilesPane(id="files")
        yield WastePane(id="waste")
        yield PackagesPane(id="packages")
        yield FindingsPane(id="findings")
        yield DockerfilePane(id="dockerfile")
        yield ImagePane()

    def show(self, pane: str, *, is_ready: bool) -> None:
        """Shows a pane, or until it is ready the progress; keeps the focus on this side."""
        before = self.current
        self.current, self._pane = pane if is_ready else _LOADING, pane
        self._show_tabs()
        if self.current != before and self.has_focus_within:
            self.focus_pane()

    def show_count(self, pane: str, count: int | None) -> None:
        """Shows a number in the tab of a pane; None shows none."""
        counts = {**self._counts, pane: count}
        if counts != self._counts:
            self._counts = counts
            self._show_tabs()

    def _show_tabs(self) -> None:
        """Shows the tabs, as much of them as fits into the border."""
        tabs = [
            Tab(name, name.title(), key_of(self, f"explore.{name}"), name == self._pane, self._counts.get(name))
            for name in PANES
        ]
        self.border_title = tabs_line(tabs, self.outer_size.width - _CORNER_CELLS)

    def describe(self, description: Callable[[int], Content] | None) -> None:
        """Shows in the border what a function returns for the cells that are there."""
        self._description = description
        self._show_description()

    def on_resize(self) -> None:
        """Fits the tabs and the description into the border."""
        self._show_tabs()
        self._show_description()

    def _show_description(self) -> None:
        room = self.outer_size.width - _CORNER_CELLS
        self.border_subtitle = self._description(room) if self._description is not None else ""

    def focus_pane(self) -> None:
        """Moves the focus to the pane at once, so that it gets the next key."""
        self.screen.set_focus(self.query_one(_FOCUS.get(self.current, LoadingPane)))

    def file_actions(self, pane: str) -> FileActions:
        """Returns the pane with the path that the history bar shows beside a pane."""
        kinds: dict[str, type[FileActions]] = {
            "waste": WastePane,
            "packages": PackagesPane,
            "findings": FindingsPane,
        }
        return self.query_one(kinds.get(pane, FilesPane))

    def filter_bar(self, pane: str) -> FilterBar:
        """Returns the filter of a pane, or else of the files."""
        return self.file_actions(pane).query_one(FilterBar)
