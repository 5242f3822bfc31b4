"""A text to scroll and search: line numbers, colours, wrapping, marked matches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from explorer.tui.key_words import with_keys
from explorer.tui.viewer.text_rows import MAX_LINE_CHARS, Match, TextRow, find_matches, unwrapped_rows, wrapped_rows
from explorer.tui.widgets.line_view import LineView

Spans = Callable[[int], Sequence[tuple[int, int, str]]]
"""Line to its coloured parts: start, end and style."""

_CUT_MARK = "… ({viewer.wrap} wraps)"
_SIDE_STEP_CELLS = 8


@dataclass(frozen=True, slots=True)
class SearchState:
    """A search, its matches, and the part of the text that was in sight."""

    text: str = ""
    matches: Sequence[Match] = ()
    match: int | None = None
    offset: tuple[int, int] = (0, 0)
    """Cells and rows that the text was scrolled by."""


class Pager(LineView):
    """Lines in rows; all lines are printable."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, tooltip="One line up", id="pager.up"),
        Binding("down,j", "move(1)", "Down", show=False, tooltip="One line down", id="pager.down"),
        Binding("pageup,b", "page(-1)", "Page up", show=False, tooltip="One page up", id="pager.page-up"),
        Binding("pagedown,space", "page(1)", "Page down", show=False, tooltip="One page down", id="pager.page-down"),
        Binding("home,g", "first", "Top", show=False, tooltip="To the first line", id="pager.top"),
        Binding("end,G", "last", "Bottom", show=False, tooltip="To the last line", id="pager.bottom"),
        Binding("left", "sideways(-1)", "Left", show=False, tooltip="To the left", id="pager.left"),
        Binding("right", "sideways(1)", "Right", show=False, tooltip="To the right", id="pager.right"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text--comment",
        "text--keyword",
        "text--string",
        "text--number",
        "text--name",
        "text--added",
        "text--removed",
        "text--modified",
        "text--muted",
        "text--match",
        "text--at",
    }

    wraps: var[bool] = var(False, init=False)

    class PlaceChanged(Message):
        """Other rows came in sight, or another match became the current one."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Pager.PlaceChanged)

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[str] = ()
        self.rows: Sequence[TextRow] = ()
        self._search = SearchState()
        self._is_numbered = True
        self._spans: Spans = _no_spans
        self._match_spans: dict[int, list[tuple[int, int, str]]] = {}
        """Line to its matches, as spans."""
        self._width = 0
        self._marked_line = -1

    def show(self, lines: Sequence[str], spans: Spans | None = None, *, numbered: bool = True) -> None:
        """Shows other lines, from the first."""
        self.lines, self._spans, self._is_numbered = lines, spans or _no_spans, numbered
        self._marked_line = -1
        self.find("")
        self.lay_out()
        self.scroll_to(0, 0, animate=False)

    def mark_line(self, line: int) -> None:
        """Goes to a line, if it is there, and marks its number."""
        if line < len(self.lines):
            self._marked_line = line
            height = self.scrollable_content_region.height
            self.scroll_to(y=max(0, self._row_of(line, 0) - height // 3), animate=False)
            self.repaint()

    def colour(self, spans: Spans) -> None:
        """Colours the lines."""
        self._spans = spans
        self.repaint()

    def lay_out(self) -> None:
        """Computes the rows for the pane's width; the line at the top stays there."""
        width = self.scrollable_content_region.width
        top = self.top
        self.rows = wrapped_rows(self.lines, width - self.gutter_width) if self.wraps else unwrapped_rows(self.lines)
        self._width = width
        longest = 0 if self.wraps else max(map(self._cells, self.lines), default=0) + self.gutter_width
        self.virtual_size = Size(max(1, longest), len(self.rows))
        self.repaint()
        if top:
            self.scroll_to(y=self._row_of(top, 0), animate=False)

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def gutter_width(self) -> int:
        """Cells of the line numbers and the blanks after them."""
        return max(4, len(str(len(self.lines)))) + 2 if self._is_numbered else 1

    @property
    def can_wrap(self) -> bool:
        """True if lines are wrapped, or are longer than the pane is wide."""
        return self.wraps or self.virtual_size.width > self.scrollable_content_region.width

    @property
    def top(self) -> int:
        """Index of the line at the top."""
        row = self.scroll_offset.y
        return self.rows[row].line if row < len(self.rows) else 0

    @property
    def place(self) -> int:
        """Index of the current match's line if it is in sight, or else of the top line."""
        top = self.scroll_offset.y
        bottom = self.rows[top : top + self.scrollable_content_region.height][-1:]
        line = self.matches[self.match].line if self.match is not None else -1
        return line if bottom and self.top <= line <= bottom[0].line else self.top

    def watch_wraps(self) -> None:
        self.lay_out()
        if self.wraps:
            self.scroll_to(x=0, animate=False)

    # Search

    @property
    def search(self) -> SearchState:
        """The current search, and the part of the text that is in sight."""
        return replace(self._search, offset=(self.scroll_offset.x, self.scroll_offset.y))

    @property
    def matches(self) -> Sequence[Match]:
        """Matches of the current search."""
        return self._search.matches

    @property
    def match(self) -> int | None:
        """Index of the current match."""
        return self._search.match

    def find(self, text: str) -> None:
        """Marks all matches of a text; an empty text has none."""
        self._mark(SearchState(text, find_matches(self.lines, text)))

    def restore_search(self, search: SearchState) -> None:
        """Shows the same lines as they were with an earlier search."""
        self._mark(search)
        self.scroll_to(*search.offset, animate=False)

    def _mark(self, search: SearchState) -> None:
        self._search = search
        self._match_spans = {}
        for line, start, end in search.matches:
            self._match_spans.setdefault(line, []).append((start, end, "match"))
        self.repaint()

    def go_to_match(self, step: int) -> None:
        """Goes to the next match, or with -1 to the previous one.

        Without a current match, starts from the top line in sight.
        """
        matches, current = self.matches, self.match
        if not matches:
            return
        if current is None:
            below = next((index for index, match in enumerate(matches) if match.line >= self.top), 0)
            current = below - (step > 0)
        current = (current + step) % len(matches)
        self._search = replace(self._search, match=current)
        self._scroll_to_match(matches[current])
        self.repaint()
        self.post_message(self.PlaceChanged())

    def _scroll_to_match(self, match: Match) -> None:
        x, top = self.scroll_offset
        if not self.wraps:
            cell = cell_len(self.lines[match.line][: match.start])
            room = self.scrollable_content_region.width - self.gutter_width
            if not x <= cell < x + room - 4:
                x = max(0, cell - room // 2)
        row, height = self._row_of(match.line, match.start), self.scrollable_content_region.height
        y = None if top <= row < top + height else max(0, row - height // 3)
        self.scroll_to(x, y, animate=False)

    def _row_of(self, line: int, column: int) -> int:
        """Index of the row that a place in the text is on."""
        return max(0, bisect_right(self.rows, (line, column), key=lambda row: (row.line, row.start)) - 1)

    # Painting

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            if self.wraps or not self._width:
                self.lay_out()
            self.repaint()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.PlaceChanged())

    def _style_of(self, name: str) -> Style:
        return self.style_of(f"text--{name}", partial=name not in ("match", "at"))

    def strip(self, index: int, width: int) -> Strip:
        row, x, gutter = self.rows[index], self.scroll_offset.x, self.gutter_width
        number = f"{row.line + 1:>{gutter - 2}}  " if self._is_numbered and not row.start else " " * gutter
        text = Strip(self._segments(row, x + width)).crop_extend(x, x + width - gutter, self.rich_style)
        if row.line == self._marked_line and not row.start:
            head = Strip([Segment(f"▸{number[1:-1]}", self._style_of("at")), Segment(" ")])
        else:
            head = Strip([Segment(number, self._style_of("muted"))])
        return Strip.join([head, text]).apply_style(self.rich_style).crop_extend(0, width, self.rich_style)

    def _segments(self, row: TextRow, cells: int) -> Iterator[Segment]:
        """The first cells of a row, in its colours."""
        line = self.lines[row.line]
        end = min(row.end, row.start + cells)
        spans = [*self._spans(row.line), *self._match_spans.get(row.line, ())]
        if self.match is not None and self.matches[self.match].line == row.line:
            match = self.matches[self.match]
            spans.append((match.start, match.end, "at"))
        spans = [span for span in spans if span[0] < end and span[1] > row.start]
        edges = sorted({row.start, end, *(max(a, row.start) for a, _, _ in spans), *(min(b, end) for _, b, _ in spans)})
        for begin, stop in pairwise(edges):
            style = Style()
            for a, b, name in spans:
                if a <= begin and stop <= b:
                    style += self._style_of(name)
            yield Segment(line[begin:stop], style)
        if row.end == MAX_LINE_CHARS < len(line) and end == row.end:
            yield Segment(with_keys(self, _CUT_MARK), self._style_of("muted"))

    def _cells(self, line: str) -> int:
        """Returns the width of a line as it is painted."""
        if len(line) > MAX_LINE_CHARS:
            return cell_len(line[:MAX_LINE_CHARS]) + cell_len(with_keys(self, _CUT_MARK))
        return len(line) if line.isascii() else cell_len(line)

    # Keys

    def action_move(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_first(self) -> None:
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_sideways(self, steps: int) -> None:
        self.scroll_to(x=self.scroll_offset.x + steps * _SIDE_STEP_CELLS, animate=False)


def _no_spans(_: int) -> Sequence[tuple[int, int, str]]:
    return ()
