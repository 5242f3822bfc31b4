"""The left side of a screen: a list, and the details of the selected row."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget

from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.key_words import key_of
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.prose import Prose

_MAX_LIST_SHARE = 0.6
"""Share of the height that the list's pane can have above the details, as in the style sheet."""
_BORDER_LINES = 2
_MAX_SHORT_LINES = 5
"""Height of a side whose rows are so few that the lines of the headers are better used for one more."""

_CORNER_CELLS = 6
"""Cells of the border that cannot hold text."""
_COPY_ACTIONS = ("copy_digest", "copy_command")
COPY_KEYS: Sequence[BindingType] = (
    Binding("y", "copy_digest", show=False, tooltip="Copy the layer's digest", id="layers.copy-digest"),
    Binding("Y", "copy_command", show=False, tooltip="Copy the command", id="layers.copy-command"),
)
"""The keys of the list and of the details that copy from the selected layer."""


class ListPane(Vertical):
    """The pane of the list: column headers, the rows, and counts of hidden rows."""

    BORDER_TITLE = "Layers"

    @property
    def rows(self) -> CursorList:
        """The list."""
        raise NotImplementedError

    def show_headers(self) -> None:
        """Shows the headers of the columns that fit."""

    def hidden_words(self, indexes: range) -> str:  # noqa: ARG002 - as a default
        """Returns more words about rows out of sight."""
        return ""

    def on_mount(self) -> None:
        for name in ("scroll_y", "virtual_size"):
            self.watch(self.rows, name, self.show_hidden_count)

    def on_resize(self) -> None:
        self.show_headers()
        self.show_hidden_count()

    def show_hidden_count(self) -> None:
        """Shows the number of rows out of sight."""
        rows = self.rows
        above = rows.scroll_offset.y
        below = above + rows.scrollable_content_region.height
        hidden = [("▲", range(min(above, rows.count))), ("▼", range(below, rows.count))]
        counts = [f"{arrow} {len(indexes)} more" for arrow, indexes in hidden if indexes]
        words = [self.hidden_words(indexes) for _, indexes in hidden if indexes]
        hint = (
            [f"{key_of(self, 'split.zoom')}: details"]
            if self.screen.has_class("-narrow", "-tall") and not self._has_details
            else []
        )
        choices = ([*map("".join, zip(counts, words, strict=True)), *hint], [*counts, *hint], counts)
        subtitles = ("  ".join(parts) for parts in choices)
        self.border_subtitle = next((text for text in subtitles if len(text) <= self.size.width - _CORNER_CELLS), "")

    @property
    def _has_details(self) -> bool:
        """True if the details show, too."""
        details = self.screen.query_one_optional("#details")
        return details is not None and details.display


class LayersOwner(Protocol):
    """A list with the actions that copy from the selected layer."""

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Returns the availability of an action."""

    def action_copy_digest(self) -> None: ...
    def action_copy_command(self) -> None: ...


class ListDetails(ActionOwner, Prose):
    """The details of the selected row. The keys that copy are those of the list."""

    BINDINGS: ClassVar[list[BindingType]] = [*COPY_KEYS]

    def __init__(self) -> None:
        super().__init__(id="details")

    @property
    @abstractmethod
    def listed(self) -> LayersOwner:
        """The list."""

    def allow_focus(self) -> bool:
        """True if there is something to scroll."""
        return super().allow_focus() and self.max_scroll_y > 0

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        return self.listed.availability(action, parameters) if action in _COPY_ACTIONS else True

    def action_copy_digest(self) -> None:
        self.listed.action_copy_digest()

    def action_copy_command(self) -> None:
        self.listed.action_copy_command()


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
