"""Paths that databases state, as paths of the image, and limits for one file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from explorer.analysis.packages.formats import DatabaseDamaged

MAX_PATHS = 1_000_000
"""Limit for the paths in one file. An image of 3 GB lists 140,000; the largest known package lists 30,000."""
MAX_PACKAGES = 100_000
"""Limit for the packages in one file. Debian's archive has 65,000; images have some hundreds."""
MAX_NAME_CHARS = 300
"""Limit for a name, a version or an architecture; the rest is cut off."""
_MAX_LISTED_CHARS = 100_000_000
"""Limit for all paths in one file together. An image of 3 GB lists 9,000,000."""
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
    joined = posixpath.normpath(posixpath.join(directory, path).lstrip("/"))
    return None if joined in (".", "..") or joined.startswith("../") else joined


def image_paths(root: str, paths: Iterable[str]) -> tuple[str, ...]:
    """Returns paths below a root, each once and in order; absolute ones, too.

    The root is empty, or it ends with a slash.
    """
    return tuple(dict.fromkeys(root + inside for path in paths if (inside := image_path("", path))))


def check_path_count(count: int, chars: int = 0) -> None:
    """Raises DatabaseDamaged if a file lists more paths than a real one.

    Args:
        count: Number of paths.
        chars: Their characters; only for forms where paths share a directory, so that a small file may have many.
    """
    if count > MAX_PATHS:
        raise DatabaseDamaged(f"it lists more than {MAX_PATHS:,} files; real ones have far fewer")
    if chars > _MAX_LISTED_CHARS:
        raise DatabaseDamaged(f"it lists paths of more than {_MAX_LISTED_CHARS:,} characters; real ones have far fewer")


def check_package_count(count: int) -> None:
    """Raises DatabaseDamaged if a file states more packages than a real one."""
    if count > MAX_PACKAGES:
        raise DatabaseDamaged(f"it states more than {MAX_PACKAGES:,} packages; real ones have far fewer")
