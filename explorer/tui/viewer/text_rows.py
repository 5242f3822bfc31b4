"""Lines of text laid out in rows of a width, and searched: pure, for panes that paint row by row."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_LINE_CHARS = 10_000
"""Characters of a line that are shown where lines do not wrap."""
MOST_ROWS = 400_000
_MOST_MATCHES = 100_000


class TextRow(NamedTuple):
    """One row: a part of a line."""

    line: int
    start: int
    """The character of the line with which the row starts."""
    end: int
    """The one behind the row's last."""


def wrapped_rows(lines: Sequence[str], width: int) -> list[TextRow]:
    """The rows of lines that wrap at so many cells; a blank line is a row, too."""
    width = max(width, 2)
    rows: list[TextRow] = []
    for number, line in enumerate(lines):
        if len(line) <= width and (line.isascii() or cell_len(line) <= width):
            rows.append(TextRow(number, 0, len(line)))
        elif line.isascii():
            rows.extend(TextRow(number, at, min(at + width, len(line))) for at in range(0, len(line), width))
        else:
            at = 0
            for part in chop_cells(line, width):
                rows.append(TextRow(number, at, at + len(part)))
                at += len(part)
        if len(rows) > MOST_ROWS:
            break
    return rows


def unwrapped_rows(lines: Sequence[str]) -> list[TextRow]:
    """One row for each line."""
    return [TextRow(number, 0, min(len(line), MAX_LINE_CHARS)) for number, line in enumerate(lines)]


class Match(NamedTuple):
    """Where a text was found."""

    line: int
    start: int
    end: int


def find_matches(lines: Sequence[str], wanted: str) -> list[Match]:
    """All places of a text, in their order; small letters find large ones, too."""
    if not wanted:
        return []
    pattern = re.compile(re.escape(wanted), re.IGNORECASE if wanted == wanted.lower() else 0)
    found: list[Match] = []
    for number, line in enumerate(lines):
        found.extend(Match(number, each.start(), each.end()) for each in pattern.finditer(line))
        if len(found) >= _MOST_MATCHES:
            break
    return found
