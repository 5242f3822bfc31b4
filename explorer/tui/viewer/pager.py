"""A pane of many lines that is painted row by row: with line numbers, colours, wrapping and marked matches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip

from explorer.tui.viewer.text_rows import MAX_LINE_CHARS, Match, TextRow, find_matches, unwrapped_rows, wrapped_rows
from explorer.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Spans = Callable[[int], Sequence[tuple[int, int, str]]]
    """Line to the coloured parts of it: where one starts and ends, and the style."""

_CUT = "… (w wraps)"


@dataclass(frozen=True, slots=True)
class SearchState:
    """What was searched for and found, and what of the text was in sight then."""

    wanted: str = ""
    matches: Sequence[Match] = ()
    match: int | None = None
    """The match that was gone to last."""
    offset: tuple[int, int] = (0, 0)
    """Cells and rows that the text was scrolled by."""


class Pager(LineView):
    """Lines, all of them printable, in rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False, tooltip="One line up", id="pager.up"),
        Binding("down,j", "scroll_down", "Down", show=False, tooltip="One line down", id="pager.down"),
        Binding("pageup,b", "page_up", "Page up", show=False, tooltip="One page up", id="pager.page-up"),
        Binding("pagedown,space", "page_down", "Page down", show=False, tooltip="One page down", id="pager.page-down"),
        Binding("home,g", "scroll_home", "Top", show=False, tooltip="To the first line", id="pager.top"),
        Binding("end,G", "scroll_end", "Bottom", show=False, tooltip="To the last line", id="pager.bottom"),
        Binding("left", "scroll_left", "Left", show=False, tooltip="To the left", id="pager.left"),
        Binding("right", "scroll_right", "Right", show=False, tooltip="To the right", id="pager.right"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text--comment",
        "text--keyword",
        "text--string",
        "text--number",
        "text--name",
        "text--added",
        "text--removed",
        "text--muted",
        "text--match",
        "text--at",
    }

    wraps: var[bool] = var(False, init=False)

    class PlaceChanged(Message):
        """Other rows are in sight, or another match is."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Pager.PlaceChanged)

    def __init__(self) -> None:
        super().__init__()
        self.lines: Sequence[str] = ()
        self.rows: Sequence[TextRow] = ()
        self._wanted = ""
        self.matches: Sequence[Match] = ()
        self.match: int | None = None
        """The match that was gone to last."""
        self._numbered = True
        self._spans: Spans = _no_spans
        self._by_line: dict[int, list[tuple[int, int, str]]] = {}
        """Matches by line, as spans."""
        self._width = 0

    def show(self, lines: Sequence[str], spans: Spans | None = None, *, numbered: bool = True) -> None:
        """Show other lines, from the first."""
        self.lines, self._spans, self._numbered = lines, spans or _no_spans, numbered
        self.find("")
        self._width = 0
        self.lay_out()
        self.scroll_to(0, 0, animate=False)

    def colour(self, spans: Spans) -> None:
        """Colour the lines that show."""
        self._spans = spans
        self.repaint()

    def lay_out(self) -> None:
        """Work out the rows for the width there is; the line at the top stays there."""
        width = self.scrollable_content_region.width
        top = self.top
        self.rows = wrapped_rows(self.lines, width - self.gutter_width) if self.wraps else unwrapped_rows(self.lines)
        self._width = width
        longest = 0 if self.wraps else max(map(_cells, self.lines), default=0) + self.gutter_width
        self.virtual_size = Size(max(1, longest), len(self.rows))
        self.repaint()
        if top:
            self.scroll_to(y=self._row_of(top, 0), animate=False)

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def gutter_width(self) -> int:
        """Cells of the line numbers and the blank after them."""
        return max(4, len(str(len(self.lines)))) + 2 if self._numbered else 1

    @property
    def top(self) -> int:
        """The line at the top."""
        row = self.scroll_offset.y
        return self.rows[row].line if row < len(self.rows) else 0

    def watch_wraps(self) -> None:
        self._width = 0
        self.lay_out()
        if self.wraps:
            self.scroll_to(x=0, animate=False)

    # Finding

    def find(self, wanted: str) -> None:
        """Mark all places of a text; of none, take the marks away."""
        self._mark(wanted, find_matches(self.lines, wanted))

    @property
    def found(self) -> SearchState:
        """What was searched for and found last, and what is in sight."""
        return SearchState(self._wanted, self.matches, self.match, (self.scroll_offset.x, self.scroll_offset.y))

    def show_found(self, found: SearchState) -> None:
        """Show the same lines as they were then."""
        self._mark(found.wanted, found.matches, found.match)
        self.scroll_to(*found.offset, animate=False)

    def _mark(self, wanted: str, found: Sequence[Match], match: int | None = None) -> None:
        self._wanted, self.matches, self.match = wanted, found, match
        self._by_line = {}
        for line, start, end in found:
            self._by_line.setdefault(line, []).append((start, end, "match"))
        self.repaint()

    def go_to_match(self, step: int) -> None:
        """Go to the next match, or the one before; at first to the next one from the top of what is in sight."""
        if not self.matches:
            return
        if self.match is None:
            top = self.top
            following = next((i for i, found in enumerate(self.matches) if found.line >= top), 0)
            self.match = following if step > 0 else (following - 1) % len(self.matches)
        else:
            self.match = (self.match + step) % len(self.matches)
        found = self.matches[self.match]
        row = self._row_of(found.line, found.start)
        height = self.scrollable_content_region.height
        x = self.scroll_offset.x
        if not self.wraps:
            cell = cell_len(self.lines[found.line][: found.start])
            room = self.scrollable_content_region.width - self.gutter_width
            if not x <= cell < x + room - 4:
                x = max(0, cell - room // 2)
        y: int | None = None
        if not self.scroll_offset.y <= row < self.scroll_offset.y + height:
            y = max(0, row - height // 3)
        self.scroll_to(x, y, animate=False)
        self.repaint()
        self.post_message(self.PlaceChanged())

    def _row_of(self, line: int, column: int) -> int:
        """The row of a place in the text."""
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            row = self.rows[middle]
            if (row.line, row.start) <= (line, column):
                low = middle + 1
            else:
                high = middle
        return max(0, low - 1)

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
        number = f"{row.line + 1:>{gutter - 2}}  " if self._numbered and not row.start else " " * gutter
        text = Strip(self._segments(row, x + width)).crop_extend(x, x + width - gutter, self.rich_style)
        head = Strip([Segment(number, self._style_of("muted"))])
        return Strip.join([head, text]).apply_style(self.rich_style).crop_extend(0, width, self.rich_style)

    def _segments(self, row: TextRow, cells: int) -> Iterator[Segment]:
        """A row's text in its colours, the first so many cells of it."""
        line = self.lines[row.line]
        end = min(row.end, row.start + cells)
        spans = [*self._spans(row.line), *self._by_line.get(row.line, ())]
        if self.match is not None and self.matches[self.match].line == row.line:
            found = self.matches[self.match]
            spans.append((found.start, found.end, "at"))
        spans = [span for span in spans if span[0] < end and span[1] > row.start]
        edges = sorted({row.start, end, *(max(a, row.start) for a, _, _ in spans), *(min(b, end) for _, b, _ in spans)})
        for begin, stop in pairwise(edges):
            style = Style()
            for a, b, name in spans:
                if a <= begin and stop <= b:
                    style += self._style_of(name)
            yield Segment(line[begin:stop], style)
        if row.end == MAX_LINE_CHARS < len(line) and end == row.end:
            yield Segment(_CUT, self._style_of("muted"))

    # Keys

    def action_page_up(self) -> None:
        self._page(-1)

    def action_page_down(self) -> None:
        self._page(1)

    def _page(self, pages: int) -> None:
        lines = pages * max(1, self.scrollable_content_region.height - 1)
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_scroll_up(self) -> None:
        self.scroll_to(y=self.scroll_offset.y - 1, animate=False)

    def action_scroll_down(self) -> None:
        self.scroll_to(y=self.scroll_offset.y + 1, animate=False)

    def action_scroll_home(self) -> None:
        self.scroll_to(y=0, animate=False)

    def action_scroll_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_scroll_left(self) -> None:
        self.scroll_to(x=self.scroll_offset.x - 8, animate=False)

    def action_scroll_right(self) -> None:
        self.scroll_to(x=self.scroll_offset.x + 8, animate=False)


def _no_spans(_: int) -> Sequence[tuple[int, int, str]]:
    return ()


def _cells(line: str) -> int:
    """How wide a line is painted."""
    if len(line) > MAX_LINE_CHARS:
        return cell_len(line[:MAX_LINE_CHARS]) + cell_len(_CUT)
    return len(line) if line.isascii() else cell_len(line)
