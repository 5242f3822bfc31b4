"""Rows and matches of a text, for panes that paint row by row; without Textual."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

MAX_LINE_CHARS = 10_000
"""Characters that show of a line that does not wrap."""
_MAX_ROWS = 400_000
_MAX_MATCHES = 100_000


class TextRow(NamedTuple):
    """A part of a line, as a row of the screen."""

    line: int
    start: int
    end: int


def wrapped_rows(lines: Sequence[str], width: int) -> list[TextRow]:
    """Returns the rows of lines that wrap at ``width`` cells."""
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
        if len(rows) > _MAX_ROWS:
            break
    return rows


def unwrapped_rows(lines: Sequence[str]) -> list[TextRow]:
    """Returns one row for each line."""
    return [TextRow(number, 0, min(len(line), MAX_LINE_CHARS)) for number, line in enumerate(lines)]


class Match(NamedTuple):
    """Place of a text that was searched for."""

    line: int
    start: int
    end: int


def find_matches(lines: Sequence[str], text: str) -> list[Match]:
    """Returns all places of a text, in order; small letters match any case."""
    if not text:
        return []
    pattern = re.compile(re.escape(text), re.IGNORECASE if text == text.lower() else 0)
    matches: list[Match] = []
    for number, line in enumerate(lines):
        # One line may have a million matches.
        places = islice(pattern.finditer(line), _MAX_MATCHES - len(matches))
        matches.extend(Match(number, place.start(), place.end()) for place in places)
        if len(matches) >= _MAX_MATCHES:
            break
    return matches
