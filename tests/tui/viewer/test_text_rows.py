"""Rows and matches of the pager, without Textual."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.tui.viewer.text_rows import MAX_LINE_CHARS, Match, TextRow, find_matches, unwrapped_rows, wrapped_rows


def test_wrapped() -> None:
    """A line that is too wide takes several rows; none of them cuts a wide character."""
    lines = ["abcdefgh", "", "日本語名前"]
    assert wrapped_rows(lines, 4) == [
        TextRow(0, 0, 4),
        TextRow(0, 4, 8),
        TextRow(1, 0, 0),
        TextRow(2, 0, 2),
        TextRow(2, 2, 4),
        TextRow(2, 4, 5),
    ]
    assert unwrapped_rows(["x" * 20_000])[0] == TextRow(0, 0, MAX_LINE_CHARS)


@given(st.lists(st.text("ab日 é", max_size=30), max_size=8), st.integers(2, 12))
def test_wrapped_is_all(lines: list[str], width: int) -> None:
    """The rows of a line hold all of it, in order."""
    rows = wrapped_rows(lines, width)
    assert ["".join(lines[n][a:b] for m, a, b in rows if m == n) for n in range(len(lines))] == lines


def test_matches() -> None:
    """Small letters match any case, capitals only themselves; nothing in the text is a pattern."""
    lines = ["Error: none", "an error (a.b)", "axb"]
    assert find_matches(lines, "error") == [Match(0, 0, 5), Match(1, 3, 8)]
    assert find_matches(lines, "Error") == [Match(0, 0, 5)]
    assert find_matches(lines, "a.b") == [Match(1, 10, 13)]
    assert find_matches(lines, "") == []


def test_matches_in_one_line_have_a_bound() -> None:
    """A search keeps 100,000 matches at most, also if all are in one line."""
    assert len(find_matches(["a" * 150_000, "a"], "a")) == 100_000
