"""The directory that holds most bytes of some files."""

from __future__ import annotations

from collections.abc import Iterable

from explorer.analysis.largest_directories import sizes_of_files

_MIN_SHARE = 0.9
"""The share of the bytes that the directory must hold."""


def main_directory(files: Iterable[tuple[str, int]]) -> str:
    """Returns the deepest directory that holds most bytes; empty for the root.

    Args:
        files: Paths and their bytes.
    """
    sizes = sizes_of_files(files)
    least = _MIN_SHARE * sizes[""]
    # Two directories that both hold so much are one below the other, so the longest path is the deepest.
    return max((path for path, count in sizes.items() if count >= least), key=len, default="")
