"""Panes of text that wraps and scrolls, with labels beside the text."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from explorer.text.printable import printable, shortened

_BREAKS = re.compile(r"[\s:]+|$")
MAX_TEXT_CHARS = 3_000
"""Characters of one text that show, because an image may hold a megabyte of it."""
_MAX_TEXTS = 200
_MAX_LIST_CHARS = 8_000
"""Characters of all texts of one list that show."""


def limited(texts: Iterable[str]) -> Iterator[str]:
    """Yields the first texts of a list, up to the limits that keep the layout fast."""
    room = _MAX_LIST_CHARS
    for text in islice(texts, _MAX_TEXTS):
        if room <= 0:
            return
        room -= len(text)
        yield text


def shortened_list(texts: Iterable[str], count: int) -> list[str]:
    """Returns texts, printable and limited; the last line says how many are left out.

    ``count`` is the number of all texts.
    """
    shown = list(limited(printable(shortened(text, MAX_TEXT_CHARS)) for text in texts))
    return [*shown, more_text(count - len(shown))] if len(shown) < count else shown


def more_text(count: int) -> str:
    """Returns the line for ``count`` texts that are left out."""
    return f"… and {count:,} more"


def broken_at_colons(words: Content, width: int) -> list[Content]:
    """Breaks a text that is too wide after its blanks and colons, like a PATH.

    A part without them may still be too wide.
    """
    lines: list[Content] = []
    start = end = 0
    for match in _BREAKS.finditer(words.plain):
        if end > start and words[start : match.end()].rstrip().cell_length > width:
            lines.append(words[start:end].rstrip())
            start = end
        end = match.end()
    return [*lines, words[start:]]


def hanging_lines(head: Content, indent: int, words: Content, width: int) -> list[Content]:
    """Returns a head, and words that wrap at ``indent``, or below it in a narrow pane."""
    if indent > width // 2:
        return [head, *words.wrap(max(1, width))]
    wrapped = words.wrap(width - indent) or [Content("")]
    first = head + " " * (indent - head.cell_length) + wrapped[0]
    return [first, *(" " * indent + line for line in wrapped[1:])]


def marked_lines(texts: Sequence[str], style: str, width: int) -> Iterator[Content]:
    """Yields texts behind exclamation marks of a style; many texts are limited."""
    for text in shortened_list(texts, len(texts)):
        yield from hanging_lines(Content.styled("!", style), 2, Content(text), width)


def flow_lines(parts: Iterable[Content], width: int) -> list[Content]:
    """Joins parts to lines of at most ``width`` cells, without breaking a part."""
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + 2 + part.cell_length <= width:
            lines[-1] = Content("  ").join([lines[-1], part])
        else:
            lines.append(part)
    return lines


class Prose(VerticalScroll):
    """Text that wraps when the width changes. Subclasses implement ``wrapped``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "scroll_up", "Up", show=False, id="text.up"),
        Binding("j", "scroll_down", "Down", show=False, id="text.down"),
        Binding("g", "scroll_home", "Top", show=False, id="text.top"),
        Binding("G", "scroll_end", "Bottom", show=False, id="text.bottom"),
    ]

    _width = 0
    """Cells that the text is wrapped for."""

    @abstractmethod
    def wrapped(self, width: int) -> Iterable[Content]:
        """Returns the text in lines of at most ``width`` cells."""

    def compose(self) -> ComposeResult:
        yield Static()

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self.rewrite()

    def rewrite(self) -> None:
        """Shows the current text; before the first layout, nothing."""
        self._width = self.scrollable_content_region.width
        lines = list(self.wrapped(max(4, self._width))) if self._width else []
        text = self.query_one(Static)
        text.update(Content("\n").join(lines))
        # Textual may take the height of an earlier text, if two texts follow one another within one layout.
        text.styles.height = sum(line.plain.count("\n") + 1 for line in lines)
