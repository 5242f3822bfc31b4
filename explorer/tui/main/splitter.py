"""The two sides of a screen, their movable border, and the zoom.

The sides stand side by side on a wide screen, and one above the other on a narrow one. Each arrangement has its own
place of the border. On a narrow screen where the user chose none, the side with the focus gets the room. If the screen
is too small to choose a place, the style sheet decides. If it is too small for both sides, all but one line belongs to
the side with the focus.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from textual import events
from textual.binding import Binding
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widget import Widget

from explorer.config.settings import NARROWEST
from explorer.tui.widgets.list_side import ListSide

MIN_WIDE_CELLS, MIN_TALL_CELLS = 112, 14
"""Least width for two sides side by side; least height of a narrow screen whose border can be moved.

Side by side, each side has the columns that it has in 80 cells.
"""
MIN_SIZE = Size(30, 5)
"""Least cells of each side: the width if side by side, the height if one above the other."""
MIN_FLAT_CELLS = 2 * MIN_SIZE.height + 2
"""Least height of a narrow screen with room for both sides, the header and the footer."""
_WANTED_LOWER_CELLS = 24
"""Height of the lower side with the focus for which the upper one makes room, down to its least."""
_MOST_PERCENT_ABOVE = 65
"""The most of the height that the upper side gets for its rows while it has the focus."""
_KEY_STEPS = 20
"""Number of keys that move the border from one end to the other, if there are enough cells."""
_RIGHT = "right"
_ZOOM_SELECTORS = {"layers": "ListPane", "details": "#details", _RIGHT: "#right"}
"""Name of a zoom, as in the CSS classes ``-zoom-*``, to the selector of the pane that it shows."""


SPLIT_KEYS = (
    Binding("z", "zoom", "Zoom", tooltip="Zoom the pane to the whole screen, or back", id="split.zoom"),
    Binding("escape", "unzoom", "Unzoom", tooltip="Show all panes again", id="split.unzoom"),
    Binding("less_than_sign", "move_border(-1)", show=False, tooltip="Move the border left or up", id="split.less"),
    Binding(
        "greater_than_sign", "move_border(1)", show=False, tooltip="Move the border right or down", id="split.more"
    ),
    Binding("equals_sign", "reset_border", show=False, tooltip="Put the border back", id="split.reset"),
)
"""Keys for the border and the zoom. They belong to the screen, because they work outside both sides, too."""
SPLIT_ACTIONS = ("zoom", "unzoom", "move_border", "reset_border")


class Splitter(Container):
    """The two sides with the border between them, or one zoomed pane."""

    left_percent: var[float | None] = var(None, init=False)
    """The share of the left side if side by side; None leaves it to the style sheet."""
    top_percent: var[float | None] = var(None, init=False)
    """The share of the upper side if one above the other; None leaves it to the style sheet."""
    zoomed: var[str] = var("", init=False)
    """The name of the zoom; empty if no pane is zoomed."""

    @dataclass
    class Moved(Message):
        """The user moved the border."""

        left_percent: int | None
        top_percent: int | None

    def __init__(self, left_percent: int | None = None, top_percent: int | None = None) -> None:
        super().__init__(id="body")
        self.set_reactive(Splitter.left_percent, left_percent)
        self.set_reactive(Splitter.top_percent, top_percent)
        self._dragged = False
        self._has_focus_below = False
        """True if the right or lower side had the focus last."""
        self._make_room_later: Timer | None = None

    @property
    def left(self) -> Widget:
        """The left or upper side."""
        return self.children[0]

    @property
    def right(self) -> Widget:
        """The right or lower side."""
        return self.children[-1]

    @property
    def _side(self) -> ListSide:
        return self.query_one(ListSide)

    @property
    def is_wide(self) -> bool:
        """True if the sides stand side by side."""
        return self.app.size.width >= MIN_WIDE_CELLS

    @property
    def percent(self) -> float | None:
        """The share of the first side in the present arrangement."""
        return self.left_percent if self.is_wide else self.top_percent

    @property
    def _extent(self) -> int:
        """The cells that the sides share."""
        return self.size.width if self.is_wide else self.size.height

    def _clamped(self, cells: float) -> int:
        """Returns the cells of the first side, limited so that both sides have enough."""
        extent, least = self._extent, MIN_SIZE.width if self.is_wide else MIN_SIZE.height
        lowest = max(math.ceil(extent * NARROWEST / 100), min(least, extent // 2))
        return max(lowest, min(round(cells), extent - lowest))

    @property
    def _is_fixed(self) -> bool:
        return not self.is_wide and self.app.size.height < MIN_TALL_CELLS

    def on_mount(self) -> None:
        self.watch(self._side.rows, "virtual_size", self._arrange, init=False)

    def on_resize(self) -> None:
        self._arrange()
        self._mark_focused_side(self.screen.focused)

    def _mark_focused_side(self, focused: Widget | None) -> None:
        """Marks the side with the focus if only that has room; the class costs time."""
        is_low = not self.is_wide and self.app.size.height < MIN_FLAT_CELLS
        self.set_class(is_low and focused is not None and self.right in focused.ancestors_with_self, "-at-right")

    def watch_left_percent(self) -> None:
        self._arrange()

    def watch_top_percent(self) -> None:
        self._arrange()

    def make_room(self, focused: Widget | None, *, by_mouse: bool = False) -> None:
        """Gives the room of a narrow screen to the side with the focus.

        After a click, waits until no double click can follow: a line must not move away below the mouse.
        """
        if self._make_room_later is not None:
            self._make_room_later.stop()
            self._make_room_later = None
        if focused is None or self not in focused.ancestors:
            return
        is_below = self.right in focused.ancestors_with_self
        if is_below == self._has_focus_below:
            return
        if by_mouse and not self.is_wide:
            later = partial(self.make_room, focused)
            self._make_room_later = self.set_timer(self.app.CLICK_CHAIN_TIME_THRESHOLD, later)
            return
        self._has_focus_below = is_below
        self._arrange()

    def _arrange(self) -> None:
        """Gives the first side its share of the width or of the height."""
        styles = self.left.styles
        is_left_to_styles = bool(self._is_fixed or self.zoomed)
        share = None if is_left_to_styles else self.percent
        cells = None if share is None else self._clamped(self._extent * share / 100)
        is_by_focus = share is None and not is_left_to_styles and not self.is_wide
        styles.width = cells if self.is_wide else None
        styles.max_width = self.size.width if cells and self.is_wide else None
        styles.height = None if self.is_wide else self._cells_by_focus() if is_by_focus else cells
        self._side.fit_rows(self._most_above if is_by_focus else 0)

    @property
    def _most_above(self) -> int:
        """The most cells of the upper side while it has the focus."""
        return max(MIN_SIZE.height, self._extent * _MOST_PERCENT_ABOVE // 100)

    def _cells_by_focus(self) -> int:
        """Returns the cells that the upper side needs and gets with the present focus."""
        most = self._most_above
        if self._has_focus_below:
            most = min(most, self._extent - _WANTED_LOWER_CELLS)
        return max(MIN_SIZE.height, min(most, self._side.needed_cells))

    # Moving the border

    def availability(self, action: str) -> bool:
        """True if there is a border to move, or a zoom or a moved border to undo."""
        if action == "unzoom":
            return bool(self.zoomed)
        if action == "reset_border":
            return self.percent is not None and not self.zoomed
        return not (action == "move_border" and (self.zoomed or self._is_fixed))

    def move(self, steps: int) -> None:
        """Moves the border by some steps, left or up for a negative number."""
        now = self.left.outer_size.width if self.is_wide else self.left.outer_size.height
        self._resize_first(now + steps * max(1, self._extent // _KEY_STEPS))
        self._post_moved()

    def reset(self) -> None:
        """Leaves the place of the border to the style sheet."""
        self._resize_first(None)
        self._post_moved()

    def _resize_first(self, cells: int | None) -> None:
        """Gives the first side a number of cells; None leaves it to the style sheet."""
        if cells is not None and not self._extent:
            return
        percent = None if cells is None else 100 * self._clamped(cells) / self._extent
        if self.is_wide:
            self.left_percent = percent
        else:
            self.top_percent = percent

    def _post_moved(self) -> None:
        self.refresh_bindings()
        left, top = (None if each is None else round(each) for each in (self.left_percent, self.top_percent))
        self.post_message(self.Moved(left, top))

    def _is_on_border(self, event: events.MouseEvent) -> bool:
        """True if the mouse is on the border; below a narrow screen's border are the tabs."""
        if self.zoomed or self._is_fixed:
            return False
        if self.is_wide:
            return event.screen_x - self.right.region.x in (-1, 0) and self.right.region.contains_point(
                (self.right.region.x, event.screen_y)
            )
        return event.screen_y == self.right.region.y - 1

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button == 1 and self._is_on_border(event):
            event.stop()
            self._dragged = True
            self.add_class("-dragged")
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if not self._dragged:
            on_border = self._is_on_border(event)
            self.set_class(on_border, "-at-border")
            return
        event.stop()
        at = event.screen_x - self.region.x if self.is_wide else event.screen_y - self.region.y
        self._resize_first(at + 1)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged:
            event.stop()
            self._dragged = False
            self.remove_class("-dragged")
            self.release_mouse()
            self._post_moved()

    def on_leave(self) -> None:
        self.remove_class("-at-border")

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and self._is_on_border(event):
            event.stop()
            self.reset()

    # Zoom

    def pane_of(self, widget: Widget | None) -> str:
        """Returns the zoom of the pane that contains a widget; empty if no pane does."""
        around = list(widget.ancestors_with_self) if widget else []
        return next((name for name, pane in _ZOOM_SELECTORS.items() if self.query_one(pane) in around), "")

    @property
    def is_right_zoomed(self) -> bool:
        """True if the right or lower side is zoomed."""
        return self.zoomed == _RIGHT

    def toggle_zoom(self) -> None:
        """Zooms the pane with the focus, or else the right one; or ends the zoom."""
        self.zoomed = "" if self.zoomed else self.pane_of(self.screen.focused) or _RIGHT

    def focus_in_zoomed(self, steps: int) -> bool:
        """Moves the focus by some widgets of the zoomed side; returns False at its end."""
        screen = self.screen
        zoomed = [widget for widget in screen.focus_chain if self in widget.ancestors]
        place = zoomed.index(screen.focused) + steps if screen.focused in zoomed else 0
        if not 0 <= place < len(zoomed):
            return False
        screen.set_focus(zoomed[place])
        return True

    def watch_zoomed(self, old: str, new: str) -> None:
        for name in (old, new):
            if name:
                self.set_class(name == new, f"-zoom-{name}")
        self._arrange()
        self.refresh_bindings()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._mark_focused_side(event.widget)
        if self.zoomed:
            self.zoomed = self.pane_of(event.widget) or self.zoomed
