"""Markdown for GitHub and GitLab, in which untrusted text stands in code spans.

In a code span, nothing is markup, a link, a mention, an issue number or HTML, and only the end of the span needs care.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from explorer.analysis.advice.sentences import Spans
from explorer.model import Waste
from explorer.text.units import counted, size

_PLAIN = re.compile(r"[A-Za-z0-9 ,%]+")
_PLAIN_WORD = re.compile(r"[(\"'+-]?[A-Za-z0-9%]+(?:[-'’,][A-Za-z0-9]+)*[)\"']?[.,;:!?]?|[.,;:!?)]")
"""A word without markup. A full stop within a word makes the address of a web page."""
_BACKTICKS = re.compile("`+")


def code(text: str) -> str:
    """Printable text as a code span; empty text stays empty."""
    if not text:
        return ""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    # Renderers strip a space from both sides. It separates a backtick from the fence, and protects a space of the text.
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(text: str) -> str:
    """Printable text as it is if it is plain words, else as a code span."""
    return text if _PLAIN.fullmatch(text) else code(text)


def running_text(text: str) -> str:
    """Printable sentences; what is in backticks or may be markup is a code span."""
    parts = text.split("`")
    return "".join(code(part) if index % 2 else _running_words(part) for index, part in enumerate(parts))


def _running_words(text: str) -> str:
    runs = groupby(text.split(" "), lambda word: not word or _PLAIN_WORD.fullmatch(word) is not None)
    return " ".join(" ".join(words) if is_plain else _code_run(" ".join(words)) for is_plain, words in runs)


def _code_run(text: str) -> str:
    """Returns a code span, with the end of the sentence after it."""
    inner = text.rstrip(".,;:")
    return f"{code(inner)}{text[len(inner) :]}" if inner else code(text)


def spans(sentences: Spans) -> str:
    """Sentences with their code as code spans."""
    return "".join(code(span.text) if span.is_code else span.text for span in sentences)


def fenced(lines: Sequence[str], language: str = "") -> Iterator[str]:
    """The lines of a block of code; printable lines cannot end it."""
    longest = max((len(run) for line in lines for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{language}"
    yield from lines
    yield fence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; a head that ends with a colon aligns right."""
    yield _row([head.removesuffix(":") for head in heads])
    yield _row(["--:" if head.endswith(":") else "---" for head in heads])
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    # In a table, a pipe ends the cell even within a code span, and renderers always remove the backslash before it.
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def more_waste(files: Sequence[Waste]) -> str:
    """The line below a table of wasted files that sums up the files left out."""
    return f"And {size(sum(waste.bytes for waste in files))} in {counted(len(files), 'more file')}."
