"""The actions that filter the rows of a pane."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.widget import Widget

from explorer.analysis.filter.query import EVERYTHING, Query
from explorer.tui.files.file_tree import FileTree
from explorer.tui.main.split_screen import SplitScreen
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.viewmodel.view import Jump
from explorer.viewmodel.word_query import ALL_ROWS, WordQuery


class FilterActions(SplitScreen):
    """Opens a filter, filters as it is typed, and clears it."""

    _filtered_from: tuple[str, Widget | None] = ("files", None)
    """The pane and the widget with the focus before the filter was typed."""

    def query_of(self, pane: str | None) -> Query | WordQuery:
        """Returns the filter of a pane."""
        return self.view.query_of(pane)

    def filter_by(self, pane: str | None, query: Query | WordQuery, jump: Jump | None = None) -> None:
        """Filters a pane. A jump goes to a path of the files."""
        view = self.view.filtered(pane, query)
        self.view = view if jump is None else replace(view, jump=jump)

    def action_filter(self) -> None:
        self._filtered_from = self.pane, self.focused
        self.pane = self.pane if self.pane in self.panes.FILTERED else "files"
        self.file_actions.edit_filter()

    def action_keep_filter(self) -> None:
        """Filters by the typed text and moves the focus to the rows, unless it is invalid."""
        query = self.panes.filter_bar(self.pane).keep()
        if query is not None:
            self.filter_by(self.pane, query)

    def action_move_filtered(self, lines: int) -> None:
        self.panes.filter_bar(self.pane).move(lines)

    def action_clear_filter(self) -> None:
        """Clears the filter. If it is still being typed, restores the state before typing."""
        is_typing, old = self.is_filter_typed, self.query_of(self.pane)
        row = self.query_one(FileTree).selected
        is_cancelled = self.file_actions.clear_filter()
        # The selected path stays in sight among all files.
        is_of_files = self.pane not in self.panes.FILTERED
        jump = Jump(row.node) if is_of_files and old and row and not is_cancelled else None
        self.filter_by(self.pane, ALL_ROWS if isinstance(old, WordQuery) else EVERYTHING, jump)
        pane, focused = self._filtered_from
        if is_typing and focused is not None and focused.focusable:
            self.pane = pane
            self.set_focus(focused)

    @on(FilterBar.QueryChanged)
    def filter_as_typed(self, message: FilterBar.QueryChanged) -> None:
        """Filters while the expression is typed, by the last valid one."""
        message.stop()
        # The pane of the filter may no longer be the one that shows.
        pane, before = message.bar.parent, self.view
        if message.query is not None and pane is not None:
            self.filter_by(pane.id, message.query)
        if self.view == before:
            # Otherwise the change of the view shows them. While the expression is invalid, no row shows.
            self.show_selection()
