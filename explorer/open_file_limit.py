"""The limit of open files, because each layer may keep one open."""

from __future__ import annotations

import errno
import resource
from contextlib import suppress

_WANTED_FILES = 4_096
"""Enough for an image of a thousand layers, each in a file of its own."""


def raise_open_file_limit() -> None:
    """Raises the limit of open files of this process if the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILES)
    if soft not in (resource.RLIM_INFINITY, wanted) and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def open_error_hint(error: Exception, otherwise: str) -> str:
    """Returns the hint for a file that cannot be opened; ``otherwise`` if unknown."""
    if isinstance(error, OSError) and error.errno == errno.EMFILE:
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return (
            f"At most {limit:,} files may be open, and each layer needs one. Raise the limit: ulimit -n {_WANTED_FILES}"
        )
    return otherwise
