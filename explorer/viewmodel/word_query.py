"""The filter of a list whose rows are no paths: words that a row must pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from explorer.analysis.filter.query import MAX_QUERY_CHARS, BadQuery


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Words that a row must pass; every row passes the empty query."""

    words: tuple[str, ...] = ()
    text: str = field(default="", compare=False)
    """The text as the user typed it."""

    def __bool__(self) -> bool:
        return bool(self.words)


ALL_ROWS = WordQuery()
"""The filter that every row passes."""


def parse_words(text: str, test_of: Callable[[Sequence[str]], object]) -> WordQuery:
    """Parses a filter. Raises BadQuery.

    Args:
        text: The text as the user typed it.
        test_of: Makes the test of the words; raises ValueError, with words for the user, if one is not valid.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise BadQuery(f"at most {MAX_QUERY_CHARS:,} characters")
    words = tuple(f"!{word[1:]}" if word[0] == "-" else word for word in text.split() if word not in ("-", "!"))
    try:
        test_of(words)
    except ValueError as error:
        raise BadQuery(str(error)) from None
    return WordQuery(words, text.strip())
