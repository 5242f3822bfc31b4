"""Unified diffs of two texts, and the work that they take."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.preview import text_diff
from explorer.preview.text_diff import MAX_DIFF_LINES, NO_NEWLINE, unified_diff

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "x y"]), max_size=40)


def patched(old: list[str], diff: list[str]) -> list[str]:
    """Returns the new text: the old one with a diff applied to it. Fails if the diff does not fit."""
    new: list[str] = []
    done = 0
    for line in diff:
        header = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", line)
        if header:
            start = int(header[1]) - (header[2] != "0")
            new += old[done:start]
            done = start
            assert len(new) == int(header[3]) - (header[4] != "0")
        elif line.startswith("+ "):
            new.append(line[2:])
        else:
            assert old[done] == line[2:]
            done += 1
            if line.startswith("  "):
                new.append(line[2:])
    return [*new, *old[done:]]


@given(LINES, LINES, st.booleans())
def test_a_diff_leads_from_one_text_to_the_other(old: list[str], new: list[str], padded: bool) -> None:
    """A diff, applied to the old text, gives the new one; equal texts have none."""
    if padded:
        old = [*map(str, range(150)), *old, *map(str, range(300, 450))]
        new = [*map(str, range(20, 150)), *new, *map(str, range(300, 470))]
    diff = unified_diff(old, new)
    assert patched(old, diff) == new
    assert bool(diff) == (old != new)


def test_hunks() -> None:
    """A hunk has three lines around each difference and says where it is; close differences share a hunk."""
    old = [f"line {number}" for number in range(30)]
    new = [*old[:10], "new", *old[11:13], *old[14:29], "last"]
    assert unified_diff(old, new) == [
        "@@ -8,10 +8,9 @@",
        "  line 7",
        "  line 8",
        "  line 9",
        "− line 10",
        "+ new",
        "  line 11",
        "  line 12",
        "− line 13",
        "  line 14",
        "  line 15",
        "  line 16",
        "@@ -27,4 +26,4 @@",
        "  line 26",
        "  line 27",
        "  line 28",
        "− line 29",
        "+ last",
    ]


def test_no_newline_at_the_end() -> None:
    """A last line without a newline differs from the same line with one, and says so."""
    assert unified_diff(["a", "b" + NO_NEWLINE], ["A", "b"]) == [
        "@@ -1,2 +1,2 @@",
        "− a",
        "− b",
        "\\ No newline at end of file",
        "+ A",
        "+ b",
    ]


def test_an_empty_text() -> None:
    """An added or removed text is one hunk, whose empty side starts at line 0."""
    assert unified_diff([], ["a"]) == ["@@ -0,0 +1,1 @@", "+ a"]
    assert unified_diff(["a"], []) == ["@@ -1,1 +0,0 @@", "− a"]


class Line(str):
    """A line that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Line.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


N = MAX_DIFF_LINES


def nested(filler: str, count: int) -> list[str]:
    """Returns lines of which one is unique; each cut at a unique line makes another one unique."""
    return [line for n in range(count // 3) for line in (f"{n + 1}", f"{n}", filler)]


def anchored(line: str, count: int) -> list[str]:
    """Returns unique lines, and between them as many other ones as difflib compares at once."""
    return [f"{n}" if n % 100 == 0 else line for n in range(count)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param([str(n) for n in range(N)], [str(n) for n in reversed(range(N))], id="reversed"),
        pytest.param(["a", "b"] * (N // 2), ["b", "b", "a"] * (N // 3), id="two lines"),
        pytest.param([""] * N, ["x"] * N, id="one line"),
        pytest.param([str(n % 5000) for n in range(N)], [str(n % 4999) for n in range(N)], id="shifted"),
        pytest.param([f"{n % 2 * n}" for n in range(N)], [f"{n % 2 * n or 'x'}" for n in range(N)], id="every second"),
    ],
)
def test_work_has_a_bound(old: list[str], new: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest hostile texts take a few comparisons for each line instead of one for each pair."""
    monkeypatch.setattr(Line, "compared", 0)
    assert unified_diff([Line(line) for line in old], [Line(line) for line in new])
    assert Line.compared < 100 * MAX_DIFF_LINES


def test_nested_unique_lines() -> None:
    """Lines that become unique one after the other, thousands of levels deep, are all found."""
    diff = unified_diff(nested("x", 5000), nested("y", 5000))
    assert sum(line.startswith("  ") for line in diff) == 5000 // 3 * 2
    assert {line for line in diff if line[0] in "−+"} == {"− x", "+ y"}


def test_levels_of_unique_lines_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting at unique lines, level by level, ends at a bound; the diff stays right."""
    monkeypatch.setattr(Line, "compared", 0)
    monkeypatch.setattr(text_diff, "_MAX_STEPS", 100_000)
    old, new = nested("x", N // 4), nested("y", N // 4)
    assert patched(old, unified_diff([Line(line) for line in old], [Line(line) for line in new])) == new
    assert Line.compared < 400_000


def test_difflib_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces that difflib would compare pair by pair count as different after a bound; the diff stays right."""
    old, new = anchored("x", 600), [line for line in anchored("x", 600) for line in ("y", line)]
    full = unified_diff(old, new)
    assert patched(old, full) == new
    assert not any(line.startswith("−") for line in full)
    monkeypatch.setattr(text_diff, "_MAX_STEPS", 100_000)
    cut = unified_diff(old, new)
    assert patched(old, cut) == new
    assert any(line.startswith("−") for line in cut)
