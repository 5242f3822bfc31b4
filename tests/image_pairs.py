"""Two images that are made and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.model import Watcher
from explorer.pipeline import ImageDiff, compare
from tests.images import docker_archive, explored, image

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def compared_archives(folder: Path, old: bytes, new: bytes) -> ImageDiff:
    """Writes two archives as ``old.tar`` and ``new.tar``, and compares their images."""
    for name, archive in (("old", old), ("new", new)):
        (folder / f"{name}.tar").write_bytes(archive)
    return compare(explored(folder / "old.tar"), explored(folder / "new.tar"), Watcher())


def compared_layers(folder: Path, old: Sequence[bytes], new: Sequence[bytes]) -> ImageDiff:
    """Compares two images of these layers."""
    return compared_archives(folder, docker_archive(image(*old)), docker_archive(image(*new)))
