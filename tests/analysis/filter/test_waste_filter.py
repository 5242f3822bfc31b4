"""The wasted files that a filter finds."""

from __future__ import annotations

import re

import pytest

from explorer.analysis.filter.name_terms import PatternTest
from explorer.analysis.filter.query import BadQuery, Query, Term, parse
from explorer.analysis.filter.waste_filter import WasteFilter
from explorer.model import Cause, Waste

WASTED = (
    Waste("usr/lib/gcc/cc1", 9000, Cause.REMOVED, 1, 3),
    Waste("var/lib/apt/lists/Debian.gz", 5000, Cause.REMOVED, 1, 4),
    Waste("app/bin/Tool", 3000, Cause.RECOPIED, 2, 3),
    Waste("app/data", 2000, Cause.OVERWRITTEN, 0, 2),
    Waste("top.gz", 1000, Cause.DUPLICATE, 2, 2),
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("cc1", [0]),
        ("lib", [0, 1]),
        ("tool", [2]),
        ("Tool", [2]),
        ("TOOL", []),
        ("lib/gcc", [0]),
        ("/app/", [2, 3]),
        ("*.gz", [1, 4]),
        ("apt", [1]),
        ("ap*", [1, 2, 3]),
        ("/*.gz", [4]),
        ("var/**/*.gz", [1]),
        ("usr/lib/**", [0]),
        ("usr/lib", [0]),
        ("usr/l?b/*", [0]),
        ("re:^lists$", [1]),
        ("re:^/app/b", [2]),
        ("/c{2}/", [0]),
        ("size>2kB", [0, 1, 2]),
        ("size=1000", [4]),
        ("layer:2", [2, 3, 4]),
        ("layer:0-1", [0, 1, 3]),
        ("is:removed", [0, 1]),
        ("is:modified", [2, 3, 4]),
        ("is:added", []),
        ("is:unchanged", []),
        ("is:wasted", [0, 1, 2, 3, 4]),
        ("is:disposable", []),
        ("type:file", [0, 1, 2, 3, 4]),
        ("type:dir", []),
        ("-lib", [2, 3, 4]),
        ("-*.gz", [0, 2, 3]),
        ("-is:removed -app", [4]),
        ("lib size<6kB", [1]),
        ('"layer:2"', []),
    ],
)
def test_what_passes(text: str, places: list[int]) -> None:
    """Each kind of term filters by path, size, layers or cause, and keeps the order."""
    matcher = WasteFilter(WASTED)
    for _ in range(2):
        assert list(matcher.indexes(parse(text, 4))) == places


def test_answers_are_not_mixed_up() -> None:
    """Cached results do not mix up queries."""
    matcher = WasteFilter(WASTED)
    for text in [*"abcdefghijklmnop", "lib", "-lib", "lib"] * 2:
        alone = WasteFilter(WASTED).indexes(parse(text))
        assert matcher.indexes(parse(text)) == alone


@pytest.mark.end_to_end
def test_patterns_have_to_be_quick() -> None:
    """A pattern that would take forever is stopped with an error."""
    slow = Query((Term(PatternTest(re.compile("(a+)+$"))),))
    with pytest.raises(BadQuery, match="too long"):
        WasteFilter([Waste("a" * 60 + "!", 1, Cause.REMOVED, 0, 1)]).indexes(slow)


def test_deep_paths() -> None:
    """A very deep path is filtered without recursion."""
    path = "/".join("d" * 2000)
    assert WasteFilter([Waste(path, 1, Cause.REMOVED, 0, 1)]).indexes(parse("re:^x")) == []
