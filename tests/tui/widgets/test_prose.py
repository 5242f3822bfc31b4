"""Lists of texts that are limited, and words that wrap beside a label."""

from __future__ import annotations

from textual.content import Content

from explorer.tui.widgets.prose import (
    MAX_TEXT_CHARS,
    broken_at_colons,
    flow_lines,
    hanging_lines,
    limited,
    shortened_list,
)


def test_limits() -> None:
    """Many texts, or a few long ones, are cut off, and a last line says how many are left out."""
    assert len(list(limited(["x"] * 1000))) == 200
    assert len(list(limited(["x" * MAX_TEXT_CHARS] * 100))) == 3
    assert shortened_list(["a\n", "b"], 2) == ["a\\n", "b"]
    assert shortened_list(["x" * MAX_TEXT_CHARS] * 100, 100)[-1] == "… and 97 more"


def test_words_beside_a_label() -> None:
    """Words wrap at their own left edge, or stand below the label if there is little room."""
    words = Content("one two three")
    assert [line.plain for line in hanging_lines(Content("a"), 3, words, 10)] == ["a  one two", "   three"]
    assert [line.plain for line in hanging_lines(Content("a"), 6, words, 10)] == ["a", "one two", "three"]


def test_a_path_breaks_at_its_colons() -> None:
    """A text that is too wide breaks after blanks and colons, and loses no character."""
    words = Content("PATH=/usr/local/sbin:/usr/bin:/bin x")
    for width in range(1, 50):
        lines = broken_at_colons(words, width)
        assert "".join(line.plain for line in lines).replace(" ", "") == words.plain.replace(" ", "")
        assert all(line.cell_length <= max(width, 21) for line in lines)
    assert [line.plain for line in broken_at_colons(words, 30)] == ["PATH=/usr/local/sbin:/usr/bin:", "/bin x"]


def test_flow() -> None:
    """Parts share a line while they fit it."""
    assert [line.plain for line in flow_lines(map(Content, ("aaa", "bb", "c")), 7)] == ["aaa  bb", "c"]
