"""The page that a text is written for: its width, and colours if it is a terminal."""

from __future__ import annotations

import enum
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.analysis.fixes.dockerfile_diff import DiffLine

WIDTH_OFF_TERMINAL = 100
"""The width of files and pipes, so that a report is the same everywhere."""
MIN_WIDTH = 40
_COLUMN_GAP = "  "
_BELOW = "      "
"""The indent of a last column below the others."""
_MIN_LAST_COLUMN_CELLS = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"


class Style(enum.Enum):
    """A meaning that has a colour on a terminal, as SGR codes."""

    HEADING = "1"
    WASTED = "31"
    """Also lines that go."""
    SEVERE = "1;31"
    DISPOSABLE = "33"
    ADDED = "32"
    MUTED = "2"
    BAR = "34"


@dataclass(frozen=True)
class Page:
    """The width in cells, and the styles that the reader can see."""

    width: int = WIDTH_OFF_TERMINAL
    is_terminal: bool = False
    """True if long commands are cut, because the reader can widen the terminal."""
    has_colours: bool = False

    def styled(self, text: str, style: Style) -> str:
        """Returns a text in the colour of a meaning, if the page has colours."""
        return f"\x1b[{style.value}m{text}\x1b[m" if self.has_colours and text else text

    def bar(self, share: float, cells: int) -> str:
        """Returns a bar of a share from 0 to 1; empty if the page has no colours."""
        if not self.has_colours:
            return ""
        eighths = max(round(share * cells * 8), 1 if share else 0)
        full, rest = divmod(min(eighths, cells * 8), 8)
        return self.styled(("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(cells), Style.BAR) + " "

    def wrapped(self, text: str, first: str = "", others: str | None = None, max_lines: int | None = None) -> list[str]:
        """Returns a text as lines that fit the page.

        Args:
            text: Printable and on one line.
            first: The beginning of the first line.
            others: The beginning of the other lines; spaces as wide as the first by default.
            max_lines: The number of lines after which the text is cut on a terminal.
        """
        indent = " " * cells(first) if others is None else others
        room = max(self.width - max(cells(first), len(indent)), _MIN_LAST_COLUMN_CELLS)
        lines = _wrapped(text, room)
        if self.is_terminal and max_lines is not None and len(lines) > max_lines:
            lines = [*lines[: max_lines - 1], f"{lines[max_lines - 1][: room - 1].rstrip()}…"]
        return [f"{indent if number else first}{line}" for number, line in enumerate(lines)]

    def diff(self, lines: Sequence[DiffLine], indent: str) -> Iterator[str]:
        """Yields the lines of a fix; a terminal shows what they add to those before."""
        before = ""
        for line in lines:
            is_longer = self.is_terminal and line.sign == "+" and before and line.text.startswith(before)
            text = f"{line.text.split(' ', 1)[0]} …{line.text[len(before) :]}" if is_longer else line.text
            before = line.text if line.sign == "-" else ""
            style = {"+": Style.ADDED, "-": Style.WASTED}.get(line.sign, Style.MUTED)
            for each in self.wrapped(text, f"{indent}{line.sign} ", max_lines=2 if line.sign == "-" else None):
                yield self.styled(each, style)

    def fitted(self, path: str, taken: int) -> str:
        """Returns a path that fits what is left of a terminal's line, cut in the middle."""
        room = max(self.width - taken, _MIN_LAST_COLUMN_CELLS)
        if not self.is_terminal or cells(path) <= room:
            return path
        room = _chars(path, room)
        end = room // 2
        return f"{path[: room - 1 - end]}…{path[-end:]}"

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], max_lines: int = 2) -> Iterator[list[str]]:
        """Yields the lines of the heads and of each row.

        All columns but the last align right, and one without content is left out. The last column wraps, below the
        others if they leave too little room.
        """
        used = [place for place in range(len(heads) - 1) if any(row[place] for row in rows)]
        widths = {place: max(cells(row[place]) for row in (heads, *rows)) for place in used}
        taken = sum(widths.values()) + len(_COLUMN_GAP) * len(used)
        for row in (heads, *rows):
            start = "".join(f"{_right(row[place], widths[place])}{_COLUMN_GAP}" for place in used)
            if self.width - taken >= _MIN_LAST_COLUMN_CELLS:
                yield [line.rstrip() for line in self.wrapped(row[-1], start, max_lines=max_lines)] or [start.rstrip()]
            else:
                below = self.wrapped(row[-1], _BELOW, max_lines=max_lines) if row is not heads else []
                yield [start.rstrip(), *below]

    def listing(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yields the heads and rows of a table whose last column is a path.

        A path is never wrapped, but cut on a terminal. It has a line of its own if the others leave too little room.
        """
        figures = [(*row[:-1], "") for row in rows]
        starts = [line for line, *_ in replace(self, width=sys.maxsize).table((*heads[:-1], ""), figures)]
        taken = max(map(cells, starts)) + len(_COLUMN_GAP)
        for start, row in zip(starts, (heads, *rows), strict=True):
            if self.width - taken >= _MIN_LAST_COLUMN_CELLS:
                yield f"{start}{' ' * (taken - cells(start))}{self.fitted(row[-1], taken)}"
            else:
                yield start
                if row is not heads:
                    yield f"{_BELOW}{self.fitted(row[-1], len(_BELOW))}"


def cells(text: str) -> int:
    """Returns the cells of a terminal that a printable text needs."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def _right(text: str, width: int) -> str:
    return " " * (width - cells(text)) + text


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, _chars(text, room), break_on_hyphens=False, drop_whitespace=True) or [""]


def _chars(text: str, room: int) -> int:
    """Returns the characters of a text that certainly fit a number of cells."""
    wide = cells(text) - len(text)
    # Wide characters are rare; where there are some, all lines are narrow enough for the worst case.
    return room if wide <= 0 else max(room - min(wide, room // 2), 1)
