"""Base of the screens with a list on the left side and tabs on the right side.

One image and two images share the keys for the sides, the border, the zoom, and the order and kinds of files.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.reactive import var
from textual.widget import Widget

from explorer.config.settings import FILE_ORDERS, Settings, Sort
from explorer.model import Change
from explorer.tui.content_screen import ContentScreen
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.main.splitter import MIN_WIDE_CELLS, Splitter
from explorer.tui.main.tabbed_panes import TabbedPanes
from explorer.tui.viewer.file_actions import FileActions
from explorer.tui.widgets.filter_bar import FilterInput
from explorer.tui.widgets.footer import KeysFooter
from explorer.tui.widgets.list_side import ListSide
from explorer.viewmodel.view import View


class SplitScreen(ContentScreen):
    """A screen with two sides. Subclasses show what changes of the view and pane mean."""

    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (50, "-narrow"), (MIN_WIDE_CELLS, "-wide")]  # noqa: RUF012 - so does Textual declare it
    LAST_WITH_TAB: ClassVar[tuple[type[Widget], ...]]
    """The widgets that the key Tab reaches last."""
    ORDERS: ClassVar[Sequence[Sort]] = FILE_ORDERS
    """The orders of the files."""

    view: var[View] = var(View(0), init=False, always_update=True)
    pane: var[str] = var("files", init=False)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    @abstractmethod
    def heads(self) -> ComposeResult:
        """Yields the widgets above the sides."""

    @abstractmethod
    def sides(self) -> ComposeResult:
        """Yields the left and the right side."""

    @abstractmethod
    def show_selection(self) -> None:
        """Shows the line about the selected row, and what the pane shows."""

    def compose(self) -> ComposeResult:
        yield from self.heads()
        with Splitter(self._settings.left_percent, self._settings.top_percent):
            yield from self.sides()
        yield HistoryBar()
        yield KeysFooter()

    def on_resize(self) -> None:
        # Rewrapped text may need another height during layout; lay out once more.
        self.call_after_refresh(self.refresh, layout=True)

    @property
    def focus_chain(self) -> list[Widget]:
        return sorted(super().focus_chain, key=lambda widget: isinstance(widget, self.LAST_WITH_TAB))

    @property
    def splitter(self) -> Splitter:
        """The two sides."""
        return self.query_one(Splitter)

    @property
    def panes(self) -> TabbedPanes:
        """The right side."""
        return self.query_one(TabbedPanes)

    @property
    def file_actions(self) -> FileActions:
        """The pane with the path that the history bar shows."""
        return self.panes.file_actions(self.pane)

    @property
    def is_filter_typed(self) -> bool:
        """True while the focus is in the line of a filter."""
        return isinstance(self.focused, FilterInput)

    # Focus, zoom and border

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Moves the focus, and the room of a narrow screen with it."""
        super().set_focus(widget, scroll_visible, from_app_focus)
        # Textual scrolls for all but a click.
        splitter = self.query_one_optional(Splitter)
        if splitter is not None:
            splitter.make_room(self.focused, by_mouse=not scroll_visible)

    def action_next_pane(self, steps: int) -> None:
        """Moves the focus to the next pane; if a pane is zoomed, zooms the next one."""
        splitter = self.splitter
        if not splitter.zoomed:
            self.focus_next() if steps > 0 else self.focus_previous()
        elif not splitter.focus_in_zoomed(steps):
            if splitter.is_right_zoomed:
                self.set_focus(self.query_one(ListSide).rows)
            else:
                self.panes.focus_pane()

    def action_zoom(self) -> None:
        self.splitter.toggle_zoom()

    def action_unzoom(self) -> None:
        self.splitter.zoomed = ""

    def action_move_border(self, steps: int) -> None:
        self.splitter.move(steps)

    def action_reset_border(self) -> None:
        self.splitter.reset()

    def action_pane(self, pane: str) -> None:
        """Shows a pane, and moves the focus there."""
        self.pane = pane
        self.panes.focus_pane()

    # The files

    def action_sort(self, order: str = "") -> None:
        """Sorts the files in an order, reversed if they have that one, or in the next."""
        self.view = self.view.sorted_by(Sort(order) if order else self.view.sort.following_in(self.ORDERS))

    def action_reverse(self) -> None:
        self.view = self.view.sorted_by(self.view.sort)

    def action_changes_only(self) -> None:
        self.view = self.view.toggled(Change.UNCHANGED)

    def action_kind(self, kind: str) -> None:
        self.view = self.view.toggled(Change(kind))

    def action_show_all(self) -> None:
        self.view = replace(self.view, hidden=frozenset())

    async def action_run_file_action(self, action: str) -> None:
        """Takes an action of the file keys on the path of the history bar."""
        await self.app.run_action(action, self.file_actions)
