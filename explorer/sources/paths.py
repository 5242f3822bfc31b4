"""Paths in references: PATH or PATH:TAG."""

from __future__ import annotations

import os
from pathlib import Path

_ARCHIVE_SUFFIXES = (".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2")


def looks_like_path(reference: str) -> bool:
    """True if a reference has the form of a path, not of an image name."""
    return (
        reference.startswith(("/", "./", "../", "~"))
        or reference in (".", "..")
        or reference.endswith(_ARCHIVE_SUFFIXES)
    )


def split_tag(reference: str) -> tuple[Path, str | None]:
    """Returns the path, the longest part that exists, and the tag of PATH[:TAG]."""
    path = expand(reference)
    if exists(path):
        return path, None
    for position in (i for i in range(len(reference) - 1, 0, -1) if reference[i] == ":"):
        shorter = expand(reference[:position])
        if exists(shorter):
            return shorter, reference[position + 1 :]
    return path, None


def expand(text: str) -> Path:
    """Returns the path with ``~`` and ``~user`` expanded, if the user exists."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 -- Path.expanduser raises for an unknown user


def exists(path: Path) -> bool:
    """True if the path exists; False if it is invalid or cannot be reached."""
    return os.path.exists(path)  # noqa: PTH110 -- Path.exists raises for these
