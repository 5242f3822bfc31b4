"""Patterns of paths, as in a .gitignore file: their validation and their matching."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from explorer.text.globs import ANY_NAME, joined_by_stars

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_MAX_STARS = 5
"""Stars in one part of a pattern; real patterns have fewer."""
_ANY_DIRECTORIES = "(?:/.+)?/"
"""The expression of pathspec for ``**`` between two parts."""
_EXPRESSION = re.compile(r"(\^(?:\(\?:\.\+/\)\?)?)(.+?)(\(\?:\(\?P<ps_d>/\)\|\$\)|\(\?P<ps_d>/\)|/)")
"""An expression of pathspec: its start, the parts of the pattern, and its end."""
_STARS = re.compile(r"\*+")
_LINE_BREAK_STAND_IN = "\N{REPLACEMENT CHARACTER}"
"""Replaces line breaks in paths, because expressions take a line break for the end of the path."""

PathMatcher = Callable[[str], bool]
"""True if a path matches."""


def are_patterns(patterns: Sequence[str]) -> bool:
    """True if each pattern is valid and fast, and not all of them are exceptions."""
    try:
        has_rule = not patterns or not all(pattern.startswith("!") for pattern in patterns)
        return has_rule and all(map(_can_match, patterns))
    except (ValueError, re.error, Warning):
        return False


def path_matcher(patterns: Sequence[str]) -> PathMatcher:
    """Returns a matcher for valid patterns; the last pattern that applies decides."""
    match = _spec(patterns).match_file

    def matches(path: str) -> bool:
        return match(path.replace("\n", _LINE_BREAK_STAND_IN) if "\n" in path else path)

    return matches


def _can_match(pattern: str) -> bool:
    if "\n" in pattern or "\0" in pattern:
        return False
    parts = pattern.removeprefix("!").removeprefix("/").removesuffix("/").split("/")
    # No path has these parts, so that the pattern would match nothing.
    if any(part in ("", ".", "..") or len(_STARS.findall(part)) > _MAX_STARS for part in parts):
        return False
    with warnings.catch_warnings():
        # Classes such as [[:alpha:]] would be misread, with a warning.
        warnings.simplefilter("error")
        return any(part.include is not None for part in _spec([pattern]).patterns)


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    # Imported here because the import is slow, and few projects use patterns.
    from pathspec import GitIgnoreSpec

    # The faster backends, which may be installed, cannot handle names that are not UTF-8.
    spec = GitIgnoreSpec.from_lines(patterns, backend="simple")
    for pattern in spec.patterns:
        expression = _EXPRESSION.fullmatch(pattern.regex.pattern) if pattern.regex is not None else None
        if expression is not None:
            pattern.regex = re.compile(_linear(*expression.groups()))
    return spec


def _linear(start: str, parts: str, end: str) -> str:
    """Returns an expression that matches the same paths in linear time.

    The first match of each ``**`` but the last is final, as in ``joined_by_stars``.
    """
    *blocks, last = (_linear_names(block) for block in parts.split(_ANY_DIRECTORIES))
    if not blocks:
        return f"{start}{last}{end}"
    first, *others = blocks
    anywhere = "" if start == "^" else "(?:.+?/)??"
    middle = "".join(f"(?>(?:/.+?)??/{block}(?=/))" for block in others)
    return f"^(?>{anywhere}{first}(?=/)){middle}{_ANY_DIRECTORIES}{last}{end}"


def _linear_names(block: str) -> str:
    # The slash in the expression for a star separates no names.
    return "/".join(joined_by_stars(name.split(ANY_NAME)) for name in re.split(r"(?<!\[\^)/", block))
