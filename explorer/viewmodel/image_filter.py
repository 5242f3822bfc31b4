"""The words that choose images: those of ``lx images``, and more states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from explorer.analysis.engine_images.listed_image import image_test
from explorer.text.filter_words import matches_all, one_of
from explorer.viewmodel.image_catalog import ImageRow
from explorer.viewmodel.word_query import WordQuery, parse_words

_RowTest = Callable[[ImageRow], bool]
_STATES: Mapping[str, _RowTest] = {
    "untagged": lambda row: row.is_untagged,
    "used": lambda row: row.is_used,
    "opened": lambda row: row.before is not None,
    "missing": lambda row: row.is_missing,
    "read": lambda row: row.wasted_bytes is not None,
}


def parse_images(text: str) -> WordQuery:
    """Parses the filter of the images. Raises BadQuery."""
    return parse_words(text, lambda words: row_test(words, frozenset()))


def row_test(words: Sequence[str], marked: Set[str]) -> _RowTest:
    """Returns a test of rows that pass all words. Raises BadWord.

    Args:
        words: The words of the filter.
        marked: The references of the marked images.
    """

    def test(word: str) -> _RowTest:
        key, _, value = word.partition(":")
        if key.lower() == "is":
            state = one_of("is", ("marked", *_STATES), value)
            return _STATES.get(state, lambda row: row.reference in marked)
        passes = image_test([word])
        return lambda row: passes(row.listed)

    return matches_all(words, test)
