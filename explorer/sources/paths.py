"""Paths in references: PATH or PATH:TAG."""

from __future__ import annotations

import os
from pathlib import Path

from explorer.files import regular_file
from explorer.text.suggestions import nearest

_ARCHIVE_SUFFIXES = (".tar", ".tgz", ".gz", ".zst", ".xz", ".bz2", ".lx")
_START_BYTES = 1 << 16
_DOCUMENT_KEYS = {"index.json": (b'"manifests"',), "manifest.json": (b'"Config"', b'"layers"', b'"manifests"')}
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


def similar_path(text: str) -> str | None:
    """Returns the path beside one that does not exist which the user may have meant."""
    directory, name = os.path.split(text)
    try:
        with os.scandir(expand(directory or ".")) as entries:
            similar = nearest(name, (entry.name for entry in entries))
    except (OSError, ValueError):
        return None
    return os.path.join(directory, similar) if similar else None  # noqa: PTH118 -- as the user spells it


def holds_images(path: Path) -> bool:
    """True if a path is probably an archive, a layout, or a pipe with an archive.

    Otherwise a file or directory named like an image would hide the image.
    """
    # Imported here, because decompressors are slow to import, and references with a scheme do not need this.
    from explorer.layers.frames import compression_of
    from explorer.layers.tar.headers import is_header

    try:
        if path.is_fifo():
            return True
        if path.is_dir():
            return (path / "oci-layout").is_file() or any(
                key in _start(path / name) for name, keys in _DOCUMENT_KEYS.items() for key in keys
            )
        start = _start(path)
    except OSError:
        return False
    return bool(compression_of(start)) or is_header(start)


def _start(path: Path) -> bytes:
    try:
        with regular_file(path) as file:
            return file.read(_START_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return b""


def expand(text: str) -> Path:
    """Returns the path with ``~`` and ``~user`` expanded, if the user exists."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 -- Path.expanduser raises for an unknown user


def exists(path: Path) -> bool:
    """True if the path exists; False if it is invalid or cannot be reached."""
    return os.path.exists(path)  # noqa: PTH110 -- Path.exists raises for these
