"""Base of the files and the waste: lines that open and close."""

from __future__ import annotations

from abc import abstractmethod

from explorer.tui.widgets.cursor_list import CursorList

MAX_INDENTED_LEVELS = 40
"""Levels that are indented; deeper lines have the same indent."""
ARROW_CELLS = 2


class FoldingList(CursorList):
    """Lines that can be opened. Subclasses implement the state and the arrows."""

    @abstractmethod
    def is_open(self, index: int) -> bool | None:
        """True if a line is open; None if it cannot be opened, or does not exist."""

    @abstractmethod
    def parent_line(self, index: int) -> int | None:
        """Returns the line that contains a line; None if it is outermost or not there."""

    @abstractmethod
    def arrow_cell(self, index: int, width: int) -> int:
        """Returns the cell of a line's arrow on a pane of this width."""

    @abstractmethod
    def action_open_or_close(self) -> None:
        """Opens the selected line if it is closed, and closes it if it is open."""

    def action_open(self) -> None:
        """Opens the selected line, or goes to the first line inside."""
        is_open = self.is_open(self.cursor)
        if is_open:
            self.cursor += 1
        elif is_open is False:
            self.action_open_or_close()

    def action_close(self) -> None:
        """Closes the selected line, or goes to the line that contains it."""
        if self.is_open(self.cursor):
            self.action_open_or_close()
            return
        parent = self.parent_line(self.cursor)
        if parent is not None:
            self.cursor = parent

    def clicked(self, index: int, x: int, again: bool) -> None:
        """Opens or closes a line at a click on its arrow, or if it is selected."""
        if again or 0 <= x - self.arrow_cell(index, self.scrollable_content_region.width) < ARROW_CELLS:
            self.action_open_or_close()

    def replace_lines(self, index: int) -> None:
        """Shows other lines with the cursor on one of them; always posts ``CursorMoved``."""
        before = self.cursor
        self.update_lines()
        self.cursor = index
        if self.cursor == before:
            self.show_cursor()
            self.post_message(self.CursorMoved(self))


def fold_arrow(is_open: bool | None) -> str:
    """Returns the arrow before a line's name."""
    return "  " if is_open is None else "▾ " if is_open else "▸ "


def indent(depth: int, room: int) -> int:
    """Returns the cells before a line's arrow; ``room`` includes arrow and name."""
    return 2 * min(depth, MAX_INDENTED_LEVELS, max(0, room // 4))
