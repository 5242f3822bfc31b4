"""The syntax of filters of lists: words that must all match, or not with ``!``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from explorer.text.words import enumerated

_GLOB = re.compile(r"[*?\[]")
_LAYERS = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)
_Item = TypeVar("_Item")


class BadWord(ValueError):
    """A word is not valid; the message explains a valid one."""


def matches_all(words: Sequence[str], test_of: Callable[[str], Callable[[_Item], bool]]) -> Callable[[_Item], bool]:
    """Returns a test of items that pass all words.

    Args:
        words: The words. One that begins with ``!`` must not match.
        test_of: Returns the test of a word without ``!``. It may raise BadWord.
    """
    tests = [(test_of(word[1:]), False) if word[:1] == "!" and word[1:] else (test_of(word), True) for word in words]
    return lambda item: all(test(item) is expected for test, expected in tests)


def is_glob(word: str) -> bool:
    """True if a word has the special characters of a pattern."""
    return bool(_GLOB.search(word))


def glob(pattern: str) -> Callable[[str], bool]:
    """Returns a test of texts by a pattern with ``*``, ``?`` and ``[…]``, in any case."""
    match = re.compile(fnmatch.translate(pattern), re.IGNORECASE).match
    return lambda text: match(text) is not None


def one_of(key: str, values: Collection[str], value: str) -> str:
    """Returns a value in small letters if it is one of those allowed. Raises BadWord."""
    if value.lower() not in values:
        raise BadWord(f"{key}: {enumerated(values, 'or')}")
    return value.lower()


def layer_numbers(value: str) -> range:
    """Returns the layers that ``3`` or ``3-5`` means. Raises BadWord."""
    match = _LAYERS.fullmatch(value)
    if match is None:
        raise BadWord("layer: a number, as in layer:3 or layer:3-5")
    first, last = sorted((int(match[1]), int(match[2] or match[1])))
    return range(first, last + 1)
