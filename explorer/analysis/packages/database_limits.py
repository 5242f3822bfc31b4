"""Limits for a file of a database, so that hostile ones cost little."""

from __future__ import annotations

from explorer.analysis.packages.formats import DatabaseDamaged

MAX_PATHS = 1_000_000
"""Limit for the paths in one file. An image of 3 GB lists 140,000; the largest known package lists 30,000."""
MAX_PACKAGES = 100_000
"""Limit for the packages in one file. Debian's archive has 65,000; images have some hundreds."""
MAX_NAME_CHARS = 300
"""Limit for a name, a version or an architecture; the rest is cut off."""
_MAX_LISTED_CHARS = 100_000_000
"""Limit for all paths in one file together. An image of 3 GB lists 9,000,000."""


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


def check_size(content: bytes, max_bytes: int) -> None:
    """Raises DatabaseDamaged if a file is larger than a real one."""
    if len(content) > max_bytes:
        raise DatabaseDamaged(f"it has {len(content):,} bytes, expected at most {max_bytes:,}")
