"""Paths that databases state, as paths of the image."""

from __future__ import annotations

import posixpath

from explorer.analysis.packages.formats import DatabaseDamaged

MAX_PATHS = 200_000
"""Limit for the paths in one file; the largest known packages list about 30,000."""


def parent_of(path: str) -> str:
    """Returns the path of the directory that holds a file; the root is empty."""
    return path.rpartition("/")[0]


def image_path(directory: str, path: str) -> str | None:
    """Returns a stated path as one that is relative to the root.

    It may be relative to ``directory`` or absolute. There is none for the root itself, for paths that leave it, and for
    text that cannot be a path.
    """
    if not path or "\0" in path:
        return None
    joined = posixpath.normpath(posixpath.join(directory, path).lstrip("/"))
    return None if joined in (".", "..") or joined.startswith("../") else joined


def check_path_count(count: int) -> None:
    """Raises DatabaseDamaged if a file lists more paths than a real package."""
    if count > MAX_PATHS:
        raise DatabaseDamaged(f"it lists more than {MAX_PATHS:,} files; packages have far fewer")
