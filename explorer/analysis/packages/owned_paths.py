"""Paths that databases state, as paths of the image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

_MAX_PATH_CHARS = 4096
"""Linux' own limit for a path that a program passes to it."""


def parent_of(path: str) -> str:
    """Returns the path of the directory that holds a file; the root is empty."""
    return path.rpartition("/")[0]


def root_of(database: re.Pattern[str], path: str) -> str:
    """Returns the first group of a database's pattern: the root of its packages."""
    match = database.fullmatch(path)
    return match[1] if match else ""


def image_path(directory: str, path: str) -> str | None:
    """Returns a stated path as one that is relative to the root.

    It may be relative to ``directory`` or absolute. There is none for the root itself, for paths that leave it, and for
    text that cannot be a path.
    """
    if not path or "\0" in path or len(path) > _MAX_PATH_CHARS:
        return None
    joined = (f"{directory}/{path}" if directory and path[0] != "/" else path).lstrip("/")
    # Nearly all of the 100,000 paths that an image lists are normal. This test takes a quarter of normalising them.
    if joined and joined[0] != "." and joined[-1] != "/" and "//" not in joined and "/." not in joined:
        return joined
    joined = posixpath.normpath(joined)
    return None if joined in (".", "..") or joined.startswith("../") else joined


def image_paths(root: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Returns paths below a root, each once and in order; absolute ones, too.

    The root is empty, or it ends with a slash.
    """
    return tuple(dict.fromkeys(root + inside for path in paths if (inside := image_path("", path))))
