"""Bars, gauges and cut texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from explorer.tui.widgets.drawing import (
    bar,
    cut,
    cut_middle,
    cut_or_pad,
    cut_pair,
    cut_start,
    gauge,
    sliding_bar,
    split_bar,
)


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, "    "), (1e-9, "▏   "), (0.5, "██  "), (0.53, "██▏ "), (1, "████"), (7, "████"), (-1, "    ")],
)
def test_bar(share: float, drawn: str) -> None:
    """A bar grows by eighths, is empty only for 0, and keeps its cells."""
    assert bar(share, 4) == drawn


@pytest.mark.parametrize(("share", "full"), [(0, 0), (0.001, 1), (0.5, 5), (0.999, 9), (1, 10)])
def test_gauge(share: float, full: int) -> None:
    """A gauge is full only at 1, and empty only at 0."""
    left, right = gauge(share, 10)
    assert (len(left), len(left + right)) == (full, 10)


@pytest.mark.parametrize(
    ("text", "width", "short", "end"),
    [
        ("abcdef", 6, "abcdef", "abcdef"),
        ("abcdef", 4, "abc…", "…def"),
        ("日本語", 6, "日本語", "日本語"),
        ("日本語", 5, "日本…", "…本語"),
        ("日本語", 4, "日…", "…語"),
        ("abc", 1, "…", "…"),
        ("abc", 0, "", ""),
        ("abc", -3, "", ""),
    ],
)
def test_cutting(text: str, width: int, short: str, end: str) -> None:
    """Text is cut by its cells; a wide character has two."""
    assert (cut(text, width), cut_start(text, width)) == (short, end)


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "ab…ef"),
        ("abcdefgh", 6, "abc…gh"),
        ("日本語名前", 7, "日…名前"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_cutting_the_middle(text: str, width: int, short: str) -> None:
    """A text that is cut in its middle keeps both ends."""
    assert cut_middle(text, width) == short


@pytest.mark.parametrize(
    ("kept", "wasted", "drawn"),
    [
        (0.5, 0.5, "██||██|"),
        (0, 1, "||████|"),
        (0.5, 0, "██|||  "),
        (0.1, 0.4, "|▍|█|  "),
        (0.55, 0.3, "██|▏|▍|"),
        (0.28, 0.09, "█▏||▍| "),
        (0.9, 0.1, "███|▋||"),
        (1e-9, 1e-9, "▏|||   "),
        (0, 1e-9, "||▏|   "),
        (0.4, 1e-9, "█▋|||  "),
        (0, 0, "|||    "),
    ],
)
def test_split_bar(kept: float, wasted: float, drawn: str) -> None:
    """Both parts of a bar have their lengths in eighths of a cell; a part of less than half an eighth is not drawn."""
    assert "|".join(split_bar(kept, wasted, 4)) == drawn


@given(st.floats(0, 1), st.floats(0, 1), st.integers(2, 20), st.booleans())
def test_split_bars_are_true_to_scale(share: float, kept: float, width: int, has_colours: bool) -> None:
    """A part differs from its share by at most an eighth of a cell, without colours by half a cell and an eighth.

    Two short parts of the last cell are an exception: there the wasted part takes the rest of it.
    """
    bar_ = split_bar(share * kept, share * (1 - kept), width, has_colours=has_colours)
    assert sum(map(len, bar_)) == width
    wasted = 8 * len(bar_.joint) - eighths(bar_.joint) + eighths(bar_.wasted)
    if not has_colours:
        wasted = 8 * len(bar_.wasted)
    off = 1 if has_colours else 5
    assert abs(eighths(bar_.kept) + eighths(bar_.joint) - 8 * width * share * kept) <= off + (not has_colours)
    if eighths(bar_.kept) < 8 * (width - 1):
        assert abs(wasted - 8 * width * share * (1 - kept)) <= off


def eighths(drawn: str) -> int:
    """Returns the eighths of a cell of a part without blanks."""
    return sum(" ▏▎▍▌▋▊▉█".index(glyph) for glyph in drawn if glyph != "▒")


def test_split_bars_without_colours() -> None:
    """Without colours, the wasted part is shaded."""
    parts = ((0.5, 0.5), (0, 0.1), (0.55, 0.3))
    bars = ["".join(split_bar(kept, wasted, 4, has_colours=False)) for kept, wasted in parts]
    assert bars == ["██▒▒", "▍   ", "██▍▒"]


@pytest.mark.parametrize("width", [0, 1, 2, 5, 50])
def test_sliding(width: int) -> None:
    """The sliding part goes to the right end and back, and the bar keeps its cells."""
    drawn = [sliding_bar(step, width) for step in range(200)]
    assert {len("".join(parts)) for parts in drawn} == {width}
    assert drawn[0][0] == ""
    assert any(after == "" for _, _, after in drawn)


def test_padding() -> None:
    """A cut or padded text has exactly the width."""
    assert cut_or_pad("日本語", 5) == "日本…"
    assert cut_or_pad("日", 5) == "日   "


@pytest.mark.parametrize("width", range(0, 40, 3))
def test_pairs(width: int) -> None:
    """The longer of two texts is cut first, then both."""
    assert len(cut_pair("a" * 20, " → ", "b" * 5, width)) <= width
    assert cut_pair("a" * 20, " → ", "b" * 5, 28) == f"{'a' * 20} → bbbbb"
    assert cut_pair("a" * 20, " → ", "b" * 5, 18) == f"{'a' * 9}… → bbbbb"
    assert cut_pair("aaaaa", " → ", "b" * 20, 18) == f"aaaaa → {'b' * 9}…"


@given(st.text("ab日 ", max_size=20), st.integers(-1, 30))
def test_cut_texts_fit(text: str, width: int) -> None:
    """A cut text is never wider than asked for, and keeps the ends that it should keep."""
    end, start, middle = cut(text, width), cut_start(text, width), cut_middle(text, width)
    assert max(map(cell_len, (end, start, middle))) <= max(0, width)
    if 0 < width < cell_len(text):
        assert text.startswith(end.removesuffix("…"))
        assert text.endswith(start.removeprefix("…"))
        head, _, tail = middle.partition("…")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert abs(cell_len(tail) - width // 2) <= 3
