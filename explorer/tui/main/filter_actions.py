"""The actions that filter the files, the waste or the packages."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.widget import Widget

from explorer.analysis.filter.query import EVERYTHING
from explorer.tui.files.file_tree import FileTree
from explorer.tui.main.image_screen import ImageScreen
from explorer.tui.main.pane_switcher import PaneSwitcher
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.viewmodel.view import Jump
from explorer.viewmodel.word_query import ALL_ROWS

_WITH_OWN_FILTER = ("waste", "packages", "findings")
"""Panes with a filter of their own; the others share that of the files."""


class FilterActions(ImageScreen):
    """Opens a filter, filters as it is typed, and clears it."""

    _filtered_from: tuple[str, Widget | None] = ("files", None)
    """The pane and the widget with the focus before the filter was typed."""

    def action_filter(self) -> None:
        self._filtered_from = self.pane, self.focused
        self.pane = self.pane if self.pane in _WITH_OWN_FILTER else "files"
        self.file_actions.edit_filter()

    def action_keep_filter(self) -> None:
        """Filters by the typed text and moves the focus to the rows, unless it is invalid."""
        query = self.query_one(PaneSwitcher).filter_bar(self.pane).keep()
        if query is not None:
            self.view = self.view.filtered(self.pane, query)

    def action_move_filtered(self, lines: int) -> None:
        self.query_one(PaneSwitcher).filter_bar(self.pane).move(lines)

    def action_clear_filter(self) -> None:
        """Clears the filter. If it is still being typed, restores the state before typing."""
        is_typing = self.is_filter_typed
        has_words = self.pane in ("packages", "findings")
        view = self.view.filtered(self.pane, ALL_ROWS if has_words else EVERYTHING)
        row = self.query_one(FileTree).selected
        is_cancelled = self.file_actions.clear_filter()
        if self.pane not in _WITH_OWN_FILTER:
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
        pane, before = message.bar.parent, self.view
        if message.query is not None and pane is not None:
            self.view = self.view.filtered(pane.id, message.query)
        if self.view == before:
            # Otherwise the change of the view shows them. While the expression is invalid, no row shows.
            self.shown.show_history(self.pane)
            self.shown.show_subtitle(self.pane, self.view)
