"""Markdown as GitHub and GitLab read it, safe for text from strangers: all of that stands in code spans.

Nothing in a code span is markup, a link, a mention of somebody, an issue's number or HTML, and nothing in it has to be
escaped but what ends the span.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from explorer.model import Waste
from explorer.text.units import counted, size

_PLAIN = re.compile(r"[A-Za-z0-9 ,%]+")
_BACKTICKS = re.compile("`+")


def code(text: str) -> str:
    """Printable text as a code span; nothing where it is empty."""
    if not text:
        return ""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    # Whoever reads it takes a space off both sides; it keeps a backtick from the fence, and saves a space of the text.
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(text: str) -> str:
    """Printable text as it is where it is plain words, else as a code span."""
    return text if _PLAIN.fullmatch(text) else code(text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table whose cells are Markdown; a head that ends with a colon is of a column of numbers."""
    yield _row([head.removesuffix(":") for head in heads])
    yield _row(["--:" if head.endswith(":") else "---" for head in heads])
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    # In a table a pipe ends the cell even within a code span, and the backslash before it is always taken off.
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def more_waste(left: Sequence[Waste]) -> str:
    """The line below a table of wasted files, about those that it leaves out."""
    return f"And {size(sum(waste.bytes for waste in left))} in {counted(len(left), 'more file')}."
