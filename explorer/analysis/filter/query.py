"""The language of the filter: parses the user's text into tests of paths.

A path must pass every term; spaces separate terms. A term is a word or glob of the name (of the path, if it contains a
slash), a regular expression, or a key with a value: size, type, kind, layer, package, or state. ``terms`` has their
meanings.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from explorer.analysis.filter.kind_terms import FileKindTest
from explorer.analysis.filter.name_terms import PatternTest, WordTest
from explorer.analysis.filter.owner_terms import OwnerTest, PackageTest, UnownedTest
from explorer.analysis.filter.path_columns import MAX_PATTERN_CHARS
from explorer.analysis.filter.terms import (
    ChangeTest,
    DisposableTest,
    FilterTest,
    LayerTest,
    SizeTest,
    TypeTest,
    WasteTest,
)
from explorer.model import Change, Kind
from explorer.text.globs import joined_by_stars
from explorer.text.units import parse_size
from explorer.text.words import enumerated

MAX_QUERY_CHARS = 1000

_TOKEN = re.compile(r'[-!]?(?:kind:)?"[^"]*"?|\S+', re.IGNORECASE)
_KEYED = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)
_COMPARED = re.compile(r"size\s*(>=|<=|[<>=:])\s*(.*)", re.IGNORECASE)
_LAYERS = re.compile(r"(\d+)(?:-(\d+))?")
_DIRECTORY = re.compile(r"/[\w.@-]+(?:/[\w.@-]+)+/")
"""The path of a directory, which is no regular expression between slashes."""
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
_STATES: Mapping[str, FilterTest] = {
    "added": ChangeTest(Change.ADDED),
    "modified": ChangeTest(Change.MODIFIED),
    "removed": ChangeTest(Change.REMOVED),
    "unchanged": ChangeTest(Change.UNCHANGED),
    "wasted": WasteTest(),
    "disposable": DisposableTest(),
    "unowned": UnownedTest(),
}


class BadQuery(ValueError):
    """The text is not a valid query; the message explains a valid one."""


@dataclass(frozen=True, slots=True)
class Term:
    """A test, or its opposite."""

    test: FilterTest
    negated: bool = False

    def implies(self, other: Term) -> bool:
        """True if each path that passes this term passes the other one."""
        if self == other:
            return True
        return not self.negated and not other.negated and self.test.implies(other.test)


@dataclass(frozen=True, slots=True)
class Query:
    """Terms that a path must pass; every path passes the empty query."""

    terms: tuple[Term, ...] = ()
    text: str = field(default="", compare=False)
    """The text as the user typed it."""

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def wants_directories(self) -> bool:
        """True if a term asks for directories, so that their sizes count, too."""
        return any(_wants_directories(term) for term in self.terms)

    @property
    def needs_all_layers(self) -> bool:
        """True if a layer above the files decides which of them pass."""
        return any(isinstance(term.test, WasteTest | DisposableTest | OwnerTest) for term in self.terms)

    @property
    def needs_packages(self) -> bool:
        """True if the package databases decide which files pass."""
        return any(isinstance(term.test, OwnerTest) for term in self.terms)

    @property
    def fixed_terms(self) -> tuple[Term, ...]:
        """The terms whose result is the same in all views."""
        return tuple(term for term in self.terms if not term.test.depends_on_view)

    @property
    def view_terms(self) -> tuple[Term, ...]:
        """The terms whose result depends on the view."""
        return tuple(term for term in self.terms if term.test.depends_on_view)

    def matched_spans(self, name: str) -> list[tuple[int, int]]:
        """Returns start and end of each matching part of a name, without overlaps."""
        tests = (term.test for term in self.terms if not term.negated)
        merged: list[tuple[int, int]] = []
        for start, end in sorted(span for test in tests for span in test.matched_spans(name[:MAX_PATTERN_CHARS])):
            if merged and start <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(end, merged[-1][1])
            else:
                merged.append((start, end))
        return merged


EVERYTHING = Query()


def parse(text: str, top: int | None = None) -> Query:
    """Parses a query; ``top`` is the last layer. Raises BadQuery."""
    if len(text) > MAX_QUERY_CHARS:
        raise BadQuery(f"at most {MAX_QUERY_CHARS:,} characters")
    terms: list[Term] = []
    for token in _TOKEN.findall(text):
        negated = token[0] in "-!"
        bare = token[1:] if negated else token
        if bare.strip('"'):
            terms.append(Term(_test(bare, top), negated))
    if any(_wants_directories(term) for term in terms):
        terms = [
            replace(term, test=replace(term.test, with_directories=True)) if isinstance(term.test, SizeTest) else term
            for term in terms
        ]
    return Query(tuple(dict.fromkeys(terms)), text.strip())


def _wants_directories(term: Term) -> bool:
    return isinstance(term.test, TypeTest) and Kind.DIRECTORY in term.test.kinds and not term.negated


def _test(token: str, top: int | None) -> FilterTest:
    if token.startswith('"'):
        return _word(token.strip('"'))
    if token.startswith("re:"):
        return _regex(token[3:])
    if len(token) > 2 and token[0] == token[-1] == "/" and not _DIRECTORY.fullmatch(token):
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


def _keyed(key: str, value: str, top: int | None) -> FilterTest:
    if key == "is":
        if value not in _STATES:
            raise BadQuery(f"is: {enumerated(_STATES, 'or')}")
        return _STATES[value]
    if key == "type":
        if value not in _TYPES:
            raise BadQuery(f"type: {enumerated((name for name in _TYPES if name != 'directory'), 'or')}")
        return TypeTest(_TYPES[value])
    if key == "layer":
        return _layers(value, top)
    if key == "kind":
        return _file_kind(value.strip('"'))
    if key == "package":
        if not value:
            raise BadQuery("package: a name, as in package:libc6 or package:lib*-dev")
        return PackageTest(value)
    raise BadQuery(f'no key "{key}": is:, type:, kind:, layer:, package:, size>, re:, or put the name in "quotes"')


def _file_kind(words: str) -> FileKindTest:
    # Not at the top, because few filters need it.
    from explorer.analysis.file_kinds.kinds import kind_named, similar_kind

    kind = kind_named(words)
    if kind is None:
        raise BadQuery(f"kind: a kind of file, as in kind:{similar_kind(words) or 'shared-libraries'}")
    return FileKindTest(kind)


def _layers(value: str, top: int | None) -> LayerTest:
    match = _LAYERS.fullmatch(value)
    if match is None:
        raise BadQuery("layer: a number, as in layer:3 or layer:3-5")
    first = int(match[1])
    last = int(match[2] or first)
    if top is not None and max(first, last) > top:
        raise BadQuery(f"layer: from 0 to {top}" if top >= 0 else "layer: there are none")
    return LayerTest(min(first, last), max(first, last))


def _size(comparison: str, amount: str) -> SizeTest:
    bytes_ = parse_size(amount)
    if bytes_ is None or comparison == ":":
        raise BadQuery("size: a number of bytes, as in size>10M, size>=1kB, size<4KiB")
    return SizeTest(comparison, bytes_)


def _word(text: str) -> WordTest:
    return WordTest(text, exact=text != text.lower())


def _regex(text: str) -> PatternTest:
    exact = _ESCAPED.sub("", text) != _ESCAPED.sub("", text).lower()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pattern = re.compile(text, re.NOFLAG if exact else re.IGNORECASE)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        position = getattr(error, "pos", None)
        where = f" at {position + 1}" if isinstance(position, int) else ""
        raise BadQuery(f"regular expression: {getattr(error, 'msg', 'too complex')}{where}") from None
    return PatternTest(None, path=pattern) if "/" in text else PatternTest(pattern)


def _glob(text: str) -> PatternTest:
    """Returns the test of a glob: of the path from the root if it has a slash."""
    flags = re.DOTALL if text != text.lower() else re.DOTALL | re.IGNORECASE
    head, slash, tail = text.lstrip("/").rpartition("/")
    if not slash and not text.startswith("/"):
        return PatternTest(re.compile(rf"\A{_translated(tail)}\Z", flags), is_glob=True)
    directory = "/" + "".join(_directory(part) for part in head.split("/") if part)
    if tail == "**":
        return PatternTest(None, re.compile(rf"{directory}.*\Z", flags), is_glob=True)
    return PatternTest(
        re.compile(rf"\A{_translated(tail)}\Z", flags), re.compile(rf"{directory}\Z", flags), is_glob=True
    )


def _directory(part: str) -> str:
    return "(?:.*/)?" if part == "**" else f"{_translated(part)}/"


def _translated(part: str) -> str:
    """Returns a glob of a name as an expression whose groups are literal parts."""
    return joined_by_stars(
        "".join("[^/]" if p == "?" else f"({re.escape(p)})" for p in re.split(r"(\?)", piece) if p)
        for piece in re.split(r"\*+", part)
    )
