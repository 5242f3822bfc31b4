"""Patterns of paths, as in a .gitignore file: whether they can be used, and what they match."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MOST_STARS = 5
"""In one part of a pattern: an expression with more can take very long for a name that nearly matches."""
_STARS = re.compile(r"\*+")
_LINE_BREAK_STAND_IN = "\N{REPLACEMENT CHARACTER}"
"""Stands for what would end a line: expressions take that for the end of the path."""

PathMatcher = Callable[[str], bool]
"""Whether a path matches."""


def are_patterns(given: Sequence[str]) -> bool:
    """Whether each of them can find something, in reasonable time, and one of them more than exceptions."""
    try:
        return all(map(_can_find, given)) and (not given or not all(each.startswith("!") for each in given))
    except (ValueError, re.error, Warning):
        return False


def path_matcher(patterns: Sequence[str]) -> PathMatcher:
    """What tells the paths that patterns match, the last one that speaks of a path deciding. They must be patterns."""
    match = _spec(patterns).match_file

    def matches(path: str) -> bool:
        return match(path.replace("\n", _LINE_BREAK_STAND_IN) if "\n" in path else path)

    return matches


def _can_find(pattern: str) -> bool:
    if "\n" in pattern or "\0" in pattern:
        return False
    parts = pattern.removeprefix("!").removeprefix("/").removesuffix("/").split("/")
    # Paths have no such parts, and a pattern with them would look at nothing.
    if any(part in ("", ".", "..") or len(_STARS.findall(part)) > _MOST_STARS for part in parts):
        return False
    with warnings.catch_warnings():
        # Classes such as [[:alpha:]] would be taken for something else, with a warning.
        warnings.simplefilter("error")
        return any(part.include is not None for part in _spec([pattern]).patterns)


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    # It takes a while to import, and few projects ask for paths.
    from pathspec import GitIgnoreSpec

    # Faster backends that may be installed cannot take names that are not UTF-8.
    return GitIgnoreSpec.from_lines(patterns, backend="simple")
