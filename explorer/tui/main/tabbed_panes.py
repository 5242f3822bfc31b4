"""The right side of a screen, with a tab for each pane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from explorer.tui.files.files_pane import FilesPane
from explorer.tui.key_words import key_of
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.main.pane_tabs import Tab, tabs_line
from explorer.tui.viewer.file_actions import FileActions
from explorer.tui.widgets.filter_bar import FilterBar

LOADING = "loading"
"""The ID of the pane with the progress."""
_CORNER_CELLS = 6
"""Cells of the border beside its text."""


class TabbedPanes(ContentSwitcher):
    """Shows one of the panes, or the progress of loading in its place.

    Subclasses compose a loading pane with the ID ``LOADING``, and the panes.
    """

    NAMES: ClassVar[Sequence[str]]
    """The IDs of the panes, in the order of their tabs. The key of each is that of the binding ``explore.ID``."""
    FOCUS: ClassVar[Mapping[str | None, type[Widget]]]
    """Pane to the widget in it that takes the focus."""
    FILTERED: ClassVar[Mapping[str, type[FileActions]]]
    """The panes beside that of the files that have a filter and paths of their own."""

    def __init__(self) -> None:
        super().__init__(initial=LOADING, id="right")
        self._description: Callable[[int], Content] | None = None
        self._counts: dict[str, int | None] = {}
        self._pane = ""

    def show(self, pane: str, *, is_ready: bool) -> None:
        """Shows a pane, or until it is ready the progress; keeps the focus on this side."""
        before = self.current
        self.current, self._pane = pane if is_ready else LOADING, pane
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
            for name in self.NAMES
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

    def file_actions(self, pane: str) -> FileActions:
        """Returns the pane with the path that the history bar shows beside a pane."""
        return self.query_one(self.FILTERED.get(pane, FilesPane))

    def filter_bar(self, pane: str) -> FilterBar:
        """Returns the filter of a pane, or else of the files."""
        return self.file_actions(pane).query_one(FilterBar)

    def focus_pane(self) -> None:
        """Moves the focus to the pane at once, so that it gets the next key."""
        self.screen.set_focus(self.query_one(self.FOCUS.get(self.current, LoadingPane)))
