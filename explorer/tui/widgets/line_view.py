"""Base of lists and texts: only the lines in sight are painted.

A painted line is kept until the lines, their width or the theme change.
"""

from __future__ import annotations

from abc import abstractmethod

from rich.style import Style
from textual.scroll_view import ScrollView
from textual.strip import Strip

_MAX_STRIPS = 2000


class LineView(ScrollView, can_focus=True):
    """A pane of lines. Subclasses implement ``count`` and ``strip``."""

    ALLOW_SELECT = False

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}

    @property
    @abstractmethod
    def count(self) -> int:
        """Number of lines."""

    @abstractmethod
    def strip(self, index: int, width: int) -> Strip:
        """Returns a painted line, ``width`` cells wide, from the sideways scroll offset."""

    def repaint(self) -> None:
        """Repaints all lines."""
        self._strips.clear()
        self.refresh()

    def repaint_line(self, index: int) -> None:
        """Repaints one line."""
        self._strips.pop(index, None)
        self.refresh_line(index)

    def style_of(self, name: str, *, partial: bool = True) -> Style:
        """Returns a component class's style, without its background if ``partial``."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(name, partial=partial)
        return style

    @property
    def own_style(self) -> Style:
        """The pane's style; kept, because Textual would compute it for each line."""
        style = self._styles.get("")
        if style is None:
            style = self._styles[""] = self.rich_style
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        self._strips.clear()
        super().watch_scroll_x(old_value, new_value)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if not 0 <= index < self.count:
            return Strip.blank(width, self.own_style)
        strip = self._strips.get(index)
        if strip is None or strip.cell_length != width:
            if len(self._strips) >= _MAX_STRIPS:
                self._strips.clear()
            strip = self._strips[index] = self.strip(index, width)
        return strip
