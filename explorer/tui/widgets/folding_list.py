"""A list of lines below one another that open and close: what the files and the waste have in common."""

from __future__ import annotations

from abc import abstractmethod

from explorer.tui.widgets.cursor_list import CursorList

MAX_INDENTED_LEVELS = 40
"""Levels that are indented; what is deeper stands below one another."""
ARROW_CELLS = 2
"""Cells of a line's arrow and the blank after it."""


class FoldingList(CursorList):
    """Lines of which some can be opened. Who derives says which, what opens them and where the arrows are."""

    @abstractmethod
    def is_open(self, index: int) -> bool | None:
        """Whether a line is open; None where there is nothing to open, or no line."""

    @abstractmethod
    def parent_line(self, index: int) -> int | None:
        """The line that a line is below of; None where it is outermost, or no line."""

    @abstractmethod
    def arrow_cell(self, index: int, width: int) -> int:
        """The cell where a line's arrow is, or would be, on a pane of this width."""

    @abstractmethod
    def action_open_or_close(self) -> None:
        """Open the selected line if it is closed, and close it if it is open."""

    def action_open(self) -> None:
        """Open the selected line; where it is open, go to the first one inside."""
        is_open = self.is_open(self.cursor)
        if is_open:
            self.cursor += 1
        elif is_open is False:
            self.action_open_or_close()

    def action_close(self) -> None:
        """Close the selected line; where it is not open, go to the one above."""
        if self.is_open(self.cursor):
            self.action_open_or_close()
            return
        above = self.parent_line(self.cursor)
        if above is not None:
            self.cursor = above

    def clicked(self, index: int, x: int, again: bool) -> None:
        """A click on the arrow opens or closes, and so does one on a line that is selected already."""
        if again or 0 <= x - self.arrow_cell(index, self.scrollable_content_region.width) < ARROW_CELLS:
            self.action_open_or_close()

    def replace_lines(self, index: int) -> None:
        """Show other lines with the cursor on one of them, and tell so even where its number is the same as before."""
        before = self.cursor
        self.update_lines()
        self.cursor = index
        if self.cursor == before:
            self.show_cursor()
            self.post_message(self.CursorMoved(self))


def fold_arrow(is_open: bool | None) -> str:
    """What stands before a line's name."""
    return "  " if is_open is None else "▾ " if is_open else "▸ "


def indent(depth: int, room: int) -> int:
    """Cells before a line's arrow, where these, the arrow and the name have ``room`` cells."""
    return 2 * min(depth, MAX_INDENTED_LEVELS, max(0, room // 4))
