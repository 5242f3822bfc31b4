"""The words of filters of lists."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from explorer.text.filter_words import BadWord, glob, layer_numbers, matches_all


def has(word: str) -> Callable[[str], bool]:
    return lambda text: word in text


def test_all_words_must_match() -> None:
    """A word after an exclamation mark must not match; the mark alone is a word."""
    items = ["a", "ab", "!"]

    def passed(*words: str) -> list[str]:
        return list(filter(matches_all(words, has), items))

    assert (passed("a", "!b"), passed("!a"), passed("a", "b"), passed("!")) == (["a"], ["!"], ["ab"], ["!"])
    assert passed() == items


def test_layers() -> None:
    """Two numbers may be in any order; other texts are errors."""
    assert [list(layer_numbers(value)) for value in ("3", "3-5", "5-3")] == [[3], [3, 4, 5], [3, 4, 5]]
    for value in ("", "x", "3-", "-3", "٣"):
        with pytest.raises(BadWord, match="layer:"):
            layer_numbers(value)


def test_patterns() -> None:
    """A pattern is about the whole text, in any case."""
    matches = glob("dl30*")
    assert [matches(text) for text in ("DL3002", "dl30", "XDL3002")] == [True, True, False]
