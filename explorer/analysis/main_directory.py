"""The directory that holds most bytes of some files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_MIN_SHARE = 0.9
"""The share of the bytes that the directory must hold."""


def main_directory(files: Iterable[tuple[str, int]]) -> str:
    """Returns the deepest directory that holds most bytes; empty for the root.

    Args:
        files: Paths and their bytes.
    """
    in_directory: Counter[str] = Counter()
    for path, count in files:
        in_directory[path.rpartition("/")[0]] += count
    below: Counter[str] = Counter()
    for directory, count in in_directory.items():
        path = directory
        while path:
            below[path] += count
            path = path.rpartition("/")[0]
    # Two directories that both hold so much are one below the other, so the longest path is the deepest.
    least = _MIN_SHARE * in_directory.total()
    return max((path for path, count in below.items() if count >= least), key=len, default="")
