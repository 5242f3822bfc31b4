"""Names that a user may have meant instead of one that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

from explorer.text.printable import printable

_MIN_SIMILARITY = 0.65
"""From 0 to 1."""
_MAX_NAMES = 5000
_MAX_NAME_CHARS = 300
"""The comparison of longer names takes too long."""


def nearest(name: str, names: Iterable[str], similarity: float = _MIN_SIMILARITY) -> str | None:
    """Returns the name that is most like another one; None if all differ too much."""
    if len(name) > _MAX_NAME_CHARS:
        return None
    candidates = [each for each in islice(names, _MAX_NAMES) if len(each) <= _MAX_NAME_CHARS and each != name]
    return next(iter(difflib.get_close_matches(name, candidates, 1, similarity)), None)


def did_you_mean(suggestion: str | None, hint: str = "") -> str:
    """Returns a hint that begins with a suggestion, if there is one."""
    return "\n".join(filter(None, (f"Did you mean {printable(suggestion)}?" if suggestion else "", hint)))
