"""Markdown for GitHub and GitLab, in which untrusted text stands in code spans.

In a code span, nothing is markup, a link, a mention, an issue number or HTML, and only the end of the span needs care.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from explorer.analysis.advice.sentences import Spans
from explorer.model import Waste
from explorer.text.units import counted, size

_PLAIN = re.compile(r"[A-Za-z0-9 ,%]+")
_PLAIN_WORD = re.compile(
    r"[(\"'+-]?(?:[A-Za-z0-9%]+(?:[-'’,][A-Za-z0-9]+)*|[0-9]+\.[0-9]+)[)\"']?[.,;:!?]?|…|[(\"']|[)\"']?[.,;:!?]{0,2}"
)
"""A word without markup. A full stop within a word makes the address of a web page, unless it is a number."""
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


def running_text(text: str, commands: Collection[str] = ()) -> str:
    """Printable sentences; what is in backticks or may be markup is a code span.

    What is in parentheses is one code span if any of it may be markup, and so is each of the commands that are known.
    """
    known = "|".join(map(re.escape, sorted(filter(None, commands), key=len, reverse=True)))
    pieces = re.split(rf"(?<!\w)({known})(?!\w)", text) if known else [text]
    done = ""
    for index, piece in enumerate(pieces):
        words = code(piece) if index % 2 else _without_commands(piece)
        # The fences of two spans must not touch: together they would be another fence.
        done += f" {words}" if done.endswith("`") and words.startswith("`") else words
    return done


def _without_commands(text: str) -> str:
    parts = text.split("`")
    return "".join(code(part) if index % 2 else _sentences(part) for index, part in enumerate(parts))


def _sentences(text: str) -> str:
    done, position = "", 0
    for begin, end in _in_parentheses(text):
        inner = text[begin:end]
        if not all(map(_is_plain, inner.split(" "))):
            done += f"{_running_words(text[position:begin])}{_listed(inner)}"
            position = end
    return done + _running_words(text[position:])


def _in_parentheses(text: str) -> Iterator[tuple[int, int]]:
    """Yields the beginning and the end of what stands in outer parentheses."""
    opened: list[int] = []
    for position, character in enumerate(text):
        if character == "(":
            opened.append(position + 1)
        elif character == ")" and opened:
            begin = opened.pop()
            if not opened and text[begin - 2 : begin - 1] in ("", " "):
                yield begin, position


def _listed(text: str) -> str:
    """Returns a code span for each item of a list of paths, or one for a command."""
    items = text.split(", ")
    if any(" " in item for item in items):
        return code(text)
    return ", ".join(item if _is_plain(item) else code(item) for item in items)


def _is_plain(word: str) -> bool:
    return not word or _PLAIN_WORD.fullmatch(word) is not None


def _running_words(text: str) -> str:
    runs: list[tuple[bool, list[str]]] = []
    for word in text.split(" "):
        is_plain = _is_plain(word)
        # A comma between two paths ends the first one.
        if runs and runs[-1][0] == is_plain and (is_plain or runs[-1][1][-1][-1] not in ",;:"):
            runs[-1][1].append(word)
        else:
            runs.append((is_plain, [word]))
    return " ".join(" ".join(words) if is_plain else _code_run(" ".join(words)) for is_plain, words in runs)


def _code_run(text: str) -> str:
    """Returns a code span, with the signs of the sentence around it."""
    inner = text.rstrip(".,;:")
    if inner.endswith(")") and inner.count(")") > inner.count("("):
        inner = inner[:-1]
    after = text[len(inner) :]
    before = "(" if inner.startswith("(") and inner.count("(") > inner.count(")") else ""
    inner = inner.removeprefix(before)
    return f"{before}{code(inner)}{after}" if inner else code(text)


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
