"""Text panes: a head, and beside it words that wrap below themselves, in a pane that scrolls."""

from __future__ import annotations

from abc import abstractmethod
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from explorer.text.printable import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.app import ComposeResult

MAX_TEXT_CHARS = 3_000
"""As many characters are shown of one text; an image may hold a megabyte of it."""
_MOST = 200
"""As many texts of a kind are shown."""
_ROOM = 8_000
"""As many characters of all texts of a kind together are shown."""


def limited(texts: Iterable[str]) -> Iterator[str]:
    """The first of some texts, no more of them than can be laid out in a blink."""
    room = _ROOM
    for text in islice(texts, _MOST):
        if room <= 0:
            return
        room -= len(text)
        yield text


def shortened_list(texts: Iterable[str], count: int) -> list[str]:
    """``count`` texts from the image, printable; of long or many ones a part, and how much more there is."""
    found = list(limited(printable(shortened(text, MAX_TEXT_CHARS)) for text in texts))
    return [*found, more_text(count - len(found))] if len(found) < count else found


def more_text(count: int) -> str:
    """How many were left out."""
    return f"… and {count:,} more"


def hanging_lines(head: Content, indent: int, words: Content, width: int) -> list[Content]:
    """A head, then words that start at ``indent`` and wrap there, all of it ``width`` cells wide."""
    if indent > width // 2:
        return [head, *words.wrap(max(1, width))]
    wrapped = words.wrap(width - indent) or [Content("")]
    first = head + " " * (indent - head.cell_length) + wrapped[0]
    return [first, *(" " * indent + line for line in wrapped[1:])]


def flow_lines(parts: Iterable[Content], width: int) -> list[Content]:
    """Parts side by side in lines of at most ``width`` cells, none of them broken as long as it fits a line."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + 2 + part.cell_length <= width:
            lines[-1] = Content("  ").join([lines[-1], part])
        else:
            lines.append(part)
    return lines


class Prose(VerticalScroll):
    """A pane of text that is wrapped anew when its width changes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", "Up", show=False, id="text.up"),
        Binding("j", "scroll_down", "Down", show=False, id="text.down"),
        Binding("g", "scroll_home", "Top", show=False, id="text.top"),
        Binding("G", "scroll_end", "Bottom", show=False, id="text.bottom"),
    ]

    _width = 0
    """Cells that the text was last wrapped for."""

    @abstractmethod
    def wrapped(self, width: int) -> Iterable[Content]:
        """The text in lines of at most ``width`` cells."""

    def compose(self) -> ComposeResult:
        yield Static()

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self.rewrite()

    def rewrite(self) -> None:
        """Show the text as it is now, or as soon as the pane has a width."""
        self._width = self.scrollable_content_region.width
        lines = self.wrapped(max(4, self._width)) if self._width else ()
        self.query_one(Static).update(Content("\n").join(lines))
