"""The JSON documents of an image: bounded each and together, because a small one can take much memory once read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import UnreadableImage
from explorer.layers.digests import algorithm_of, digest_of
from explorer.layers.streams import FileRange
from explorer.text.printable import printable

MAX_DOCUMENT = 8 << 20
"""Bytes of an index, a manifest or a configuration; the largest real ones have a few hundred kilobytes."""
_MAX_TOGETHER = 32 << 20
"""Bytes of all manifests and configurations that are looked at to choose one image."""
MAX_IMAGES = 1_000
MAX_LAYERS = 1_000
"""Of one image; engines stop at 127."""


def document(part: FileRange, what: str, digest: str | None = None) -> Any:
    """A JSON document out of a bounded number of bytes, checked against its digest. Raises UnreadableImage."""
    if part.size > MAX_DOCUMENT:
        raise UnreadableImage(
            f"{what} has {part.size:,} bytes, expected at most {MAX_DOCUMENT:,}", "No such document is as long."
        )
    content = part.read_at(0, part.size)
    if digest is not None and algorithm_of(digest) in ("sha256", "sha512"):
        found = digest_of(content, algorithm_of(digest))
        if found != digest:
            raise UnreadableImage(
                f"{what} is damaged: its digest is {found}, expected {printable(digest)}",
                "Save or download the image again.",
            )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableImage(f"{what} is not a JSON document: {error}") from error


@dataclass(slots=True)
class Documents:
    """The documents that have been looked at to choose an image, and those that are not there."""

    missing: list[str] = field(default_factory=list)
    """What is not there; printable."""
    _taken: int = 0
    _configurations: dict[str, Any] = field(default_factory=dict)

    def manifest(self, part: FileRange, what: str, digest: str) -> Any:
        """See ``document``."""
        self._take(part)
        return document(part, what, digest)

    def configuration(self, part: FileRange, name: str, digest: str | None) -> Any:
        """The configuration of that name, which several images may share. See ``document``."""
        if name not in self._configurations:
            self._take(part)
            self._configurations[name] = document(part, "the image configuration", digest)
        return self._configurations[name]

    def _take(self, part: FileRange) -> None:
        self._taken += part.size
        if self._taken > _MAX_TOGETHER:
            raise UnreadableImage(
                f"the manifests and configurations have more than {_MAX_TOGETHER:,} bytes together",
                "Save fewer images at once.",
            )
