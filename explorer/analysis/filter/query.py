"""The language of the filter: what somebody typed, as tests that a path passes or not.

Terms are joined by spaces, and a path must pass each of them: a word or a glob of the name (of the path, where there is
a slash in it), a regular expression, a size, a type, a layer, or what became of the path. Nothing here knows a tree.
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from explorer.model import Change, Kind
from explorer.text.units import parse_size
from explorer.text.words import enumerated

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_QUERY_CHARS = 1000
"""Characters of an expression."""
SEEN = 4096
"""Characters of a name or path that a pattern gets to see."""

_TOKEN = re.compile(r'[-!]?"[^"]*"?|\S+')
_KEYED = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
_COMPARED = re.compile(r"size\s*(>=|<=|[<>=:])\s*(.*)", re.IGNORECASE)
_LAYERS = re.compile(r"(\d+)(?:-(\d+))?")
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_TYPES: Mapping[str, frozenset[Kind]] = {
    "file": frozenset({Kind.FILE, Kind.HARDLINK}),
    "dir": frozenset({Kind.DIRECTORY}),
    "directory": frozenset({Kind.DIRECTORY}),
    "link": frozenset({Kind.SYMLINK, Kind.HARDLINK}),
    "symlink": frozenset({Kind.SYMLINK}),
    "hardlink": frozenset({Kind.HARDLINK}),
    "device": frozenset({Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE}),
    "fifo": frozenset({Kind.FIFO}),
}
_STATES = ("added", "modified", "removed", "wasted", "unchanged")
_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


class BadQuery(ValueError):
    """What was typed means nothing; says what would."""


@dataclass(frozen=True, slots=True)
class Word:
    """A part of the name, or of the path if there is a slash in it."""

    text: str
    exact: bool
    """Whether capitals matter; where they do not, the text is in small letters."""

    @property
    def on_path(self) -> bool:
        """Whether the path is meant and not the name."""
        return "/" in self.text

    @property
    def tail(self) -> str:
        """What is asked of the name alone."""
        return self.text.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression or a glob."""

    name: re.Pattern[str] | None
    """What the name must match; None: anything."""
    directory: re.Pattern[str] | None = None
    """What the path of the directory around it, ending in a slash, must match; None: anything."""
    path: re.Pattern[str] | None = None
    """What the path as a whole must match, in place of the two."""
    is_glob: bool = False
    """Then the groups of what the name must match are what the glob says literally."""


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a file; of a directory only where directories are asked for."""

    comparison: str
    bytes: int

    @property
    def compare(self) -> Callable[[int, int], bool]:
        """Compares a size with the one that is asked for."""
        return _COMPARISONS[self.comparison]

    def holds(self, bytes_: int) -> bool:
        """Whether a size is as asked."""
        return self.compare(bytes_, self.bytes)


@dataclass(frozen=True, slots=True)
class Layers:
    """Touched by one of these layers."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Type:
    """Of one of these kinds."""

    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Wasted:
    """Some of the bytes that were shipped for it are wasted."""


Test = Word | Pattern | Size | Layers | Type | Wasted | Change


@dataclass(frozen=True, slots=True)
class Term:
    """One test, or its contrary."""

    test: Test
    negated: bool = False

    @property
    def is_lasting(self) -> bool:
        """Whether the answer is the same at all layers."""
        return not isinstance(self.test, Size | Type | Change)

    def implies(self, other: Term) -> bool:
        """Whether what passes this one is sure to pass another one."""
        if self == other:
            return True
        mine, its = self.test, other.test
        if self.negated or other.negated or not (isinstance(mine, Word) and isinstance(its, Word)):
            return False
        if mine.on_path is not its.on_path or (its.exact and not mine.exact):
            return False
        return its.text in (mine.text if its.exact else mine.text.lower())


@dataclass(frozen=True, slots=True)
class Query:
    """What must be true of a path; of every path where nothing is asked."""

    terms: tuple[Term, ...] = ()
    text: str = field(default="", compare=False)
    """As it was typed."""

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def lasting(self) -> tuple[Term, ...]:
        """The terms whose answer is the same at all layers."""
        return tuple(term for term in self.terms if term.is_lasting)

    @property
    def changing(self) -> tuple[Term, ...]:
        """The terms whose answer depends on what is looked at."""
        return tuple(term for term in self.terms if not term.is_lasting)

    @property
    def wants_directories(self) -> bool:
        """Whether directories are asked for by their type."""
        return any(
            isinstance(term.test, Type) and Kind.DIRECTORY in term.test.kinds and not term.negated
            for term in self.terms
        )

    def matched_spans(self, name: str) -> list[tuple[int, int]]:
        """The parts of a name that passes which made it pass, from left to right, none overlapping."""
        found = sorted(span for term in self.terms if not term.negated for span in _spans(term.test, name[:SEEN]))
        merged: list[tuple[int, int]] = []
        for start, end in found:
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(end, merged[-1][1])
            else:
                merged.append((start, end))
        return merged


EVERYTHING = Query()
"""Asks nothing."""


def parse(text: str, top: int | None = None) -> Query:
    """What was typed; ``top`` is the number of the last layer. Raises BadQuery, with words for people."""
    if len(text) > MAX_QUERY_CHARS:
        raise BadQuery(f"at most {MAX_QUERY_CHARS:,} characters")
    found = []
    for token in _TOKEN.findall(text):
        negated = token[0] in "-!"
        bare = token[1:] if negated else token
        if bare.strip('"'):
            found.append(Term(_test(bare, top), negated))
    return Query(tuple(dict.fromkeys(found)), text.strip())


def _test(token: str, top: int | None) -> Test:
    if token.startswith('"'):
        return _word(token.strip('"'))
    if token.startswith("re:"):
        return _regex(token[3:])
    if len(token) > 2 and token[0] == token[-1] == "/":
        return _regex(token[1:-1])
    compared = _COMPARED.fullmatch(token)
    if compared:
        return _size(compared[1], compared[2])
    keyed = _KEYED.fullmatch(token)
    if keyed:
        return _keyed(keyed[1].lower(), keyed[2].lower(), top)
    if "*" in token or "?" in token:
        return _glob(token)
    return _word(token)


def _keyed(key: str, value: str, top: int | None) -> Test:
    if key == "is":
        if value not in _STATES:
            raise BadQuery(f"is: {enumerated(_STATES, 'or')}")
        return Wasted() if value == "wasted" else Change(value)
    if key == "type":
        if value not in _TYPES:
            raise BadQuery(f"type: {enumerated((name for name in _TYPES if name != 'directory'), 'or')}")
        return Type(_TYPES[value])
    if key == "layer":
        return _layers(value, top)
    raise BadQuery(f'no key "{key}": is:, type:, layer:, size>, re:, or put the name in "quotes"')


def _layers(value: str, top: int | None) -> Layers:
    match = _LAYERS.fullmatch(value)
    if match is None:
        raise BadQuery("layer: a number, as in layer:3 or layer:3-5")
    first = int(match[1])
    last = int(match[2] or first)
    if top is not None and max(first, last) > top:
        raise BadQuery(f"layer: from 0 to {top}" if top >= 0 else "layer: there are none")
    return Layers(min(first, last), max(first, last))


def _size(comparison: str, amount: str) -> Size:
    bytes_ = parse_size(amount)
    if bytes_ is None or comparison == ":":
        raise BadQuery("size: a number of bytes, as in size>10M, size>=1kB, size<4KiB")
    return Size(comparison, bytes_)


def _word(text: str) -> Word:
    exact = text != text.lower()
    return Word(text, exact)


def _regex(text: str) -> Pattern:
    exact = _ESCAPED.sub("", text) != _ESCAPED.sub("", text).lower()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = re.compile(text, re.NOFLAG if exact else re.IGNORECASE)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        place = getattr(error, "pos", None)
        where = f" at {place + 1}" if isinstance(place, int) else ""
        raise BadQuery(f"regular expression: {getattr(error, 'msg', 'too much')}{where}") from None
    return Pattern(None, path=found) if "/" in text else Pattern(found)


def _glob(text: str) -> Pattern:
    """Without a slash a glob is of the name; with one it is of the whole path, from the root."""
    flags = re.DOTALL if text != text.lower() else re.DOTALL | re.IGNORECASE
    head, slash, tail = text.lstrip("/").rpartition("/")
    if not slash and not text.startswith("/"):
        return Pattern(re.compile(rf"\A{_translated(tail)}\Z", flags), is_glob=True)
    around = "/" + "".join(_directory(part) for part in head.split("/") if part)
    if tail == "**":
        return Pattern(None, re.compile(rf"{around}.*\Z", flags), is_glob=True)
    return Pattern(re.compile(rf"\A{_translated(tail)}\Z", flags), re.compile(rf"{around}\Z", flags), is_glob=True)


def _directory(part: str) -> str:
    return "(?:.*/)?" if part == "**" else f"{_translated(part)}/"


def _translated(part: str) -> str:
    """A glob of one name as a regular expression, whose groups are what the glob says literally."""
    pieces = (piece for piece in re.split(r"(\*+|\?)", part) if piece)
    return "".join("[^/]*" if p[0] == "*" else "[^/]" if p == "?" else f"({re.escape(p)})" for p in pieces)


def _spans(test: Test, name: str) -> Iterator[tuple[int, int]]:
    if isinstance(test, Word) and test.tail:
        found: Sequence[re.Match[str]] = list(
            re.finditer(re.escape(test.tail), name, re.NOFLAG if test.exact else re.IGNORECASE)
        )
        if test.on_path:
            found = [match for match in found if match.start() == 0]
        yield from (match.span() for match in found)
    elif isinstance(test, Pattern) and test.name is not None:
        match = test.name.search(name)
        if match is not None:
            groups = range(1, test.name.groups + 1) if test.is_glob else (0,)
            yield from (match.span(group) for group in groups if match.start(group) < match.end(group))
