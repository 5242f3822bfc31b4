"""Mistakes in the names of packages that a rule forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from explorer.analysis.packages.package import Package
from explorer.text.suggestions import nearest

_MIN_CHARS = 5
"""Shorter names are like too many others."""
_MIN_SIMILARITY = 0.85
_MAX_PATTERNS = 20
"""The comparison of a name with all others takes milliseconds."""
_NO_PLAIN_NAME = re.compile(r"[*?\[]|^pkg:")
_DIGITS = re.compile(r"\d+")


def similar_packages(patterns: Sequence[str], packages: Sequence[Package]) -> Iterator[tuple[str, str]]:
    """Yields names that no package has, each with the name of a similar package.

    Names that differ only in a number, and a name that is part of the other, are no mistakes: most images have
    ``gcc-12`` or ``libssl-dev`` and not ``gcc-11`` or ``libssl``.
    """
    names = {name.lower() for package in packages for name in (package.name, package.full_name)}
    for pattern in map(str.lower, patterns[:_MAX_PATTERNS]):
        if len(pattern) < _MIN_CHARS or pattern in names or _NO_PLAIN_NAME.search(pattern):
            continue
        candidates = [name for name in names if _may_be_meant(pattern, name)]
        similar = nearest(pattern, candidates, _MIN_SIMILARITY)
        if similar is not None:
            yield pattern, similar


def _may_be_meant(pattern: str, name: str) -> bool:
    if pattern in name or name in pattern:
        return False
    return _DIGITS.sub("", pattern) != _DIGITS.sub("", name)
