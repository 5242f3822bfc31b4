"""The two sides of the main screen with a border between them that moves, and one pane of them over all of it.

The border is the two lines of cells where the sides meet, side by side on a wide screen, one above the other on a
narrow one; each of the two has its own place. Where the screen is too small for a choice the style sheet decides alone,
and where it is too small for both, all but a line belongs to the side that has the focus.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var

from explorer.config.settings import NARROWEST

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

WIDE, TALL = 100, 14
"""Cells from which on the sides stand side by side, and from which on a choice can be made in a narrow screen."""
LEAST = Size(30, 5)
"""Cells that each side needs to be of use: of the width side by side, of the height one above the other."""
FLAT = 2 * LEAST.height + 2
"""Cells of a narrow screen from which on both sides have room, above each other and between two lines."""
_STEPS = 20
"""As many keys take the border from one end to the other, if the cells are enough."""
_ZOOMS = {"layers": "LayersPane", "details": "#details", "right": "#right"}
"""Class that a zoomed screen has, behind ``-zoom-``, to the pane that is left of it."""


def clamped(cells: float, extent: int, least: int) -> int:
    """Of ``extent`` cells the first side's, so that both sides are of use."""
    lowest = max(math.ceil(extent * NARROWEST / 100), min(least, extent // 2))
    return max(lowest, min(round(cells), extent - lowest))


class Splitter(Container):
    """The two sides, with the border between them where it was put, or one pane alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zoom", "Zoom", show=False, tooltip="Zoom the pane to the whole screen, or back", id="split.zoom"),
        Binding("escape", "unzoom", "Unzoom", tooltip="Zoom the pane back", id="split.unzoom"),
        Binding("less_than_sign", "move(-1)", show=False, tooltip="Move the border left or up", id="split.less"),
        Binding("greater_than_sign", "move(1)", show=False, tooltip="Move the border right or down", id="split.more"),
        Binding("equals_sign", "reset", show=False, tooltip="Put the border back", id="split.reset"),
    ]

    left_percent: var[float | None] = var(None, init=False)
    """What the left side takes where they stand side by side; None leaves it to the style sheet."""
    top_percent: var[float | None] = var(None, init=False)
    """What the upper one takes where one stands above the other."""
    zoomed: var[str] = var("", init=False)
    """Which pane has the whole screen, as a key of ``_ZOOMS``; empty: none has."""

    class Moved(Message):
        """Somebody moved the border."""

        def __init__(self, left_percent: int | None, top_percent: int | None) -> None:
            super().__init__()
            self.left_percent = left_percent
            self.top_percent = top_percent

    def __init__(self, left_percent: int | None = None, top_percent: int | None = None) -> None:
        super().__init__(id="body")
        self.set_reactive(Splitter.left_percent, left_percent)
        self.set_reactive(Splitter.top_percent, top_percent)
        self._dragged = False

    @property
    def left(self) -> Widget:
        """The left side, or the upper one."""
        return self.children[0]

    @property
    def right(self) -> Widget:
        """The right side, or the lower one."""
        return self.children[-1]

    @property
    def is_wide(self) -> bool:
        """Whether the sides stand side by side."""
        return self.app.size.width >= WIDE

    @property
    def percent(self) -> float | None:
        """What the first side takes, as the sides stand now."""
        return self.left_percent if self.is_wide else self.top_percent

    @property
    def _extent(self) -> int:
        """Cells that the sides share."""
        return self.size.width if self.is_wide else self.size.height

    def _clamped(self, cells: float) -> int:
        return clamped(cells, self._extent, LEAST.width if self.is_wide else LEAST.height)

    @property
    def _is_fixed(self) -> bool:
        return not self.is_wide and self.app.size.height < TALL

    def on_resize(self) -> None:
        self._arrange()
        self._favour(self.screen.focused)

    def _favour(self, focused: Widget | None) -> None:
        """Where there is no room for both sides, say which of them has the focus; else that would cost time."""
        is_low = not self.is_wide and self.app.size.height < FLAT
        self.set_class(is_low and focused is not None and self.right in focused.ancestors_with_self, "-at-right")

    def watch_left_percent(self) -> None:
        self._arrange()

    def watch_top_percent(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Give the first side its share, in the one direction that counts."""
        styles = self.left.styles
        share = None if self._is_fixed or self.zoomed else self.percent
        cells = None if share is None else self._clamped(self._extent * share / 100)
        styles.width = cells if self.is_wide else None
        styles.max_width = self.size.width if cells and self.is_wide else None
        styles.height = None if self.is_wide else cells

    # Moving the border

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """There is a border to move where both sides are to be seen."""
        if action == "unzoom":
            return bool(self.zoomed)
        if action == "reset":
            return self.percent is not None and not self.zoomed
        return not (action == "move" and (self.zoomed or self._is_fixed))

    def action_move(self, steps: int) -> None:
        now = self.left.outer_size.width if self.is_wide else self.left.outer_size.height
        self._put(now + steps * max(1, self._extent // _STEPS))
        self._tell()

    def action_reset(self) -> None:
        self._put(None)
        self._tell()

    def _put(self, cells: int | None) -> None:
        """Give the first side as many cells; None leaves it to the style sheet."""
        if cells is not None and not self._extent:
            return
        percent = None if cells is None else 100 * self._clamped(cells) / self._extent
        if self.is_wide:
            self.left_percent = percent
        else:
            self.top_percent = percent

    def _tell(self) -> None:
        self.refresh_bindings()
        left, top = (None if each is None else round(each) for each in (self.left_percent, self.top_percent))
        self.post_message(self.Moved(left, top))

    def _is_on_border(self, event: events.MouseEvent) -> bool:
        """Whether the mouse is where the sides meet. On a narrow screen the lower of the two lines holds the tabs."""
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
        self._put(at + 1)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._dragged:
            event.stop()
            self._dragged = False
            self.remove_class("-dragged")
            self.release_mouse()
            self._tell()

    def on_leave(self) -> None:
        self.remove_class("-at-border")

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and self._is_on_border(event):
            event.stop()
            self.action_reset()

    # One pane alone

    def pane_of(self, widget: Widget | None) -> str:
        """Which pane a widget stands in; empty: in none."""
        around = list(widget.ancestors_with_self) if widget else []
        return next((name for name, pane in _ZOOMS.items() if self.query_one(pane) in around), "")

    def action_zoom(self) -> None:
        self.zoomed = "" if self.zoomed else self.pane_of(self.screen.focused)

    def action_unzoom(self) -> None:
        self.zoomed = ""

    def watch_zoomed(self, old: str, new: str) -> None:
        for name in (old, new):
            if name:
                self.set_class(name == new, f"-zoom-{name}")
        self._arrange()
        self.refresh_bindings()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What has the focus can be seen."""
        self._favour(event.widget)
        if self.zoomed:
            self.zoomed = self.pane_of(event.widget) or self.zoomed
