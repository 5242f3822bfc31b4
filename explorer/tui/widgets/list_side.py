"""The left side of a screen: a list, and the details of the selected row."""

from __future__ import annotations

from textual.containers import Container, Vertical
from textual.widget import Widget

from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.cursor_list import CursorList

_MAX_LIST_SHARE = 0.6
"""Share of the height that the list's pane can have above the details, as in the style sheet."""
_BORDER_LINES = 2
_MAX_SHORT_LINES = 5
"""Height of a side whose rows are so few that the lines of the headers are better used for one more."""


class ListPane(Vertical):
    """The pane of the list: column headers, and the rows."""


class ListSide(Container):
    """A list and the details. Tells the list how many lines it can get.

    Subclasses compose a ``ListPane`` and a widget with the ID ``details``.
    """

    def __init__(self) -> None:
        super().__init__(id="left")
        self._room = 0
        """Height with the focus, so that the rows stay the same without it; 0 is the present height."""

    @property
    def rows(self) -> CursorList:
        """The list."""
        raise NotImplementedError

    def fit_list(self, lines: int) -> None:
        """Called with the lines that the list can get."""

    @property
    def details(self) -> Widget:
        """The details."""
        return self.query_one("#details")

    @property
    def needed_cells(self) -> int:
        """Height that shows all rows without the details."""
        return self.rows.count + _BORDER_LINES + 1

    def on_resize(self) -> None:
        self.set_class(self.size.height <= _MAX_SHORT_LINES, "-short")
        self.fit_rows()

    def fit_rows(self, room: int | None = None) -> None:
        """Tells the list its lines.

        ``room`` is the height of this side with the focus; 0 is the present one, None the last one.
        """
        if room is not None:
            self._room = room
        share = _MAX_LIST_SHARE if self.details.display else 1
        has_headers = self.has_class("-short") or self.query_one(ListPane).query_one(ColumnHeaders).display
        lines = int((self._room or self.size.height) * share) - _BORDER_LINES - has_headers
        # Above the details the list is as high as its rows; a higher one than its pane cannot scroll.
        self.rows.styles.max_height = max(1, lines) if self.details.display else None
        self.fit_list(max(0, lines))
