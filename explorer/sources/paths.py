"""Paths in references: PATH or PATH:TAG."""

from __future__ import annotations

import os
from pathlib import Path

from explorer.files import regular_file

_ARCHIVE_SUFFIXES = (".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2")
_START_BYTES = 1 << 16
_TAR_MAGIC_OFFSET = 257
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\0")
_MARKS = {"index.json": (b'"manifests"',), "manifest.json": (b'"Config"', b'"layers"', b'"manifests"')}
"""Words in the documents of images. Other programs have files of these names, too."""


def looks_like_path(reference: str) -> bool:
    """True if a reference has the form of a path, not of an image name."""
    return (
        reference.startswith(("/", "./", "../", "~"))
        or reference in (".", "..")
        or reference.endswith(_ARCHIVE_SUFFIXES)
    )


def split_tag(reference: str) -> tuple[Path, str | None]:
    """Returns the longest path that exists, and the tag, of PATH[:TAG|@DIGEST]."""
    path = expand(reference)
    if exists(path):
        return path, None
    for position in (i for i in range(len(reference) - 1, 0, -1) if reference[i] in ":@"):
        shorter = expand(reference[:position])
        if exists(shorter):
            return shorter, reference[position + 1 :]
    return path, None


def holds_images(path: Path) -> bool:
    """True if a path is probably an archive, a layout, or a pipe with an archive.

    Otherwise a file or directory named like an image would hide the image.
    """
    try:
        if path.is_fifo():
            return True
        if path.is_dir():
            return (path / "oci-layout").is_file() or any(
                mark in _start(path / name) for name, marks in _MARKS.items() for mark in marks
            )
        start = _start(path)
    except OSError:
        return False
    return start.startswith(_COMPRESSED) or start[_TAR_MAGIC_OFFSET:].startswith(b"ustar") or _has_tar_checksum(start)


def _start(path: Path) -> bytes:
    try:
        with regular_file(path) as file:
            return file.read(_START_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return b""


def _has_tar_checksum(block: bytes) -> bool:
    """True for a header of the oldest tars, which have no magic."""
    words = block[148:156].strip(b" \0")
    computed = sum(block[:148]) + sum(b" " * 8) + sum(block[156:512])
    return len(block) >= 512 and words.isdigit() and words.decode() == f"{computed:o}".zfill(len(words))


def expand(text: str) -> Path:
    """Returns the path with ``~`` and ``~user`` expanded, if the user exists."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 -- Path.expanduser raises for an unknown user


def exists(path: Path) -> bool:
    """True if the path exists; False if it is invalid or cannot be reached."""
    return os.path.exists(path)  # noqa: PTH110 -- Path.exists raises for these
