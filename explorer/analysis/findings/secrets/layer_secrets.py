"""The secrets of one layer, as the cache keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class FoundSecret(NamedTuple):
    """A secret in a file, without its text."""

    rule: str
    """The ID of its rule."""
    line: int
    masked: str
    """See SecretMatch."""


class SecretFile(NamedTuple):
    """A content of a layer that has secrets."""

    inode: int
    fingerprint: bytes
    """See ``layers.fingerprints``."""
    secrets: tuple[FoundSecret, ...]
    """In the order of their lines; several of a rule in a line are different secrets."""


@dataclass(frozen=True, slots=True)
class LayerSecrets:
    """The files of a layer that have secrets."""

    files: tuple[SecretFile, ...] = ()
    problems: tuple[str, ...] = ()
    """Reasons why secrets may be missing; printable."""
    needs_fetch: bool = False
    """True if files are missing because they were not fetched, and may be."""
    unread_files: int = 0
    """The archives and large binaries that only reading told apart from others; they are not searched."""
