"""Base of the layers, the files, the waste and the hits: lines with a cursor.

Only the visible lines are painted, and a cursor that moves repaints two of them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from explorer.tui.widgets.column_headers import Column, Columns
from explorer.tui.widgets.line_view import LineView

Facts = TypeVar("Facts")
StyledText = tuple[str, str]
"""A text and the name of its style; no name is the style of the row."""
CellTable = Mapping[Column, Callable[[Facts, int], StyledText | list[StyledText]]]
"""Column to the text of its cell, or the parts of it, from facts and a width."""


class CursorList(LineView):
    """Lines with a cursor. Subclasses implement ``count`` and ``segments``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "One up", show=False, id="list.up"),
        Binding("down,j", "move(1)", "One down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page-down"),
        Binding("home,g", "first", "First", show=False, id="list.first"),
        Binding("end,G", "last", "Last", show=False, id="list.last"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row--cursor", "row--hover"}

    cursor = reactive(0, repaint=False)
    hovered: int | None = None

    @dataclass
    class CursorMoved(Message):
        """The cursor went to another line. Of several such messages the last one counts."""

        list: CursorList

        @property
        def control(self) -> CursorList:
            return self.list

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, CursorList.CursorMoved) and message.list is self.list

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._acted = False

    @abstractmethod
    def segments(self, index: int, width: int) -> Sequence[Segment]:
        """Returns a line, at most ``width`` cells wide."""

    def clicked(self, index: int, x: int, again: bool) -> None:
        """Handles a click on cell ``x``; ``again`` if the cursor was there already."""

    def double_clicked(self, index: int) -> None:
        """Handles a double click on a line."""

    def cells(self, table: CellTable[Facts], facts: Facts, columns: Columns) -> list[Segment]:
        """Returns the visible cells of a row except the last, with a blank after each.

        Cells of one style share a segment, because each segment costs time in all that Textual does with a line.
        """
        segments, text, style = [], "", ""
        for column, cell in table.items():
            cells = columns.cells.get(column.name, 0)
            if cells:
                found = cell(facts, cells)
                for part, part_style in found if isinstance(found, list) else (found,):
                    if part_style != style:
                        if text:
                            segments.append(Segment(text, self._style_of_part(style)))
                        text, style = "", part_style
                    text += part
                text += " "
        if text:
            segments.append(Segment(text, self._style_of_part(style)))
        return segments

    def styled(self, words: Iterable[StyledText]) -> list[Segment]:
        """Returns texts as segments."""
        return [Segment(text, self.style_of(style) if style else None) for text, style in words]

    def _style_of_part(self, name: str) -> Style | None:
        # Only the joint of two bars has a background of its own.
        return self.style_of(name, partial=not name.endswith("-joint")) if name else None

    # State

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        self.repaint_lines(old, new)
        self.show_cursor()
        self.post_message(self.CursorMoved(self))

    def show_cursor(self) -> None:
        """Scrolls until the cursor is in sight."""
        line = Region(0, self.cursor, 1, 1)
        self.scroll_to_region(line, animate=False, x_axis=False, force=True)

    def update_lines(self) -> None:
        """Repaints all lines after their number or their content changed."""
        self.virtual_size = Size(0, self.count)
        self.repaint()

    # Painting

    def strip(self, index: int, width: int) -> Strip:
        base = self.own_style
        if index == self.cursor:
            base += self.style_of("row--cursor")
        elif index == self.hovered:
            base += self.style_of("row--hover")
        strip = Strip(self.segments(index, width)).apply_style(base)
        return strip.crop_extend(0, width, base)

    def repaint_lines(self, *indexes: int | None) -> None:
        """Repaints some lines."""
        for index in indexes:
            if index is not None:
                self.repaint_line(index)

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Positions a scrollbar that appears, because it missed earlier scrolling."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def on_resize(self) -> None:
        self.show_cursor()

    def on_focus(self) -> None:
        self.repaint_lines(self.cursor)

    def on_blur(self) -> None:
        self.repaint_lines(self.cursor)

    # Keys and mouse

    def action_move(self, lines: int) -> None:
        self.cursor += lines

    def action_page(self, pages: int) -> None:
        self.cursor += pages * max(1, self.scrollable_content_region.height - 1)

    def action_first(self) -> None:
        self.cursor = 0

    def action_last(self) -> None:
        self.cursor = self.count - 1

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        index = offset.y + self.scroll_offset.y
        if index < self.count:
            again = index == self.cursor
            # The second click of a double click acts only if the first one just moved the cursor.
            if event.chain == 1 or not self._acted:
                self.cursor = index
                self.clicked(index, offset.x, again)
            self._acted = again
            if event.chain == 2:
                self.double_clicked(index)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._hover(event.y - self.gutter.top + self.scroll_offset.y)

    def on_leave(self, event: events.Leave) -> None:
        if event.node is self:
            self._hover(None)

    def on_mouse_scroll_down(self) -> None:
        self._hover(None)

    def on_mouse_scroll_up(self) -> None:
        self._hover(None)

    def _hover(self, index: int | None) -> None:
        if index != self.hovered:
            old, self.hovered = self.hovered, index
            self.repaint_lines(old, index)
