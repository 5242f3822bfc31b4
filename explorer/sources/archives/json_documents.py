"""JSON documents of images, limited because parsed ones can take much memory."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import UnreadableImage
from explorer.layers.digests import algorithm_of, digest_of
from explorer.layers.streams import FileRange
from explorer.text.printable import printable

MAX_DOCUMENT_BYTES = 8 << 20
"""Limit for an index, a manifest or a configuration; the largest real ones have a few hundred kilobytes."""
_MAX_TOTAL_BYTES = 32 << 20
"""Limit for the manifests and configurations that are read to choose one image."""
MAX_IMAGES = 1_000
MAX_LAYERS = 1_000
"""Limit for one image; engines stop at 127."""


def read_json(part: FileRange, what: str, digest: str | None = None) -> Any:
    """Returns a JSON document. Raises UnreadableImage, which calls it ``what``."""
    if part.size > MAX_DOCUMENT_BYTES:
        raise UnreadableImage(
            f"{what} has {part.size:,} bytes, expected at most {MAX_DOCUMENT_BYTES:,}",
            "Valid documents are much shorter.",
        )
    content = part.read_at(0, part.size)
    if digest is not None and algorithm_of(digest) in ("sha256", "sha512"):
        actual = digest_of(content, algorithm_of(digest))
        if actual != digest:
            raise UnreadableImage(
                f"{what} is damaged: its digest is {actual}, expected {printable(digest)}",
                "Save or download the image again.",
            )
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableImage(f"{what} is not a JSON document: {error}") from error


@dataclass(slots=True)
class Documents:
    """The documents read to choose an image, with a limit on their total size."""

    missing: list[str] = field(default_factory=list)
    """Names of documents that are not there; printable."""
    _total_bytes: int = 0
    _configurations: dict[str, Any] = field(default_factory=dict)

    def manifest(self, part: FileRange, what: str, digest: str) -> Any:
        """Returns a manifest or an index. See ``read_json``."""
        self._count(part)
        return read_json(part, what, digest)

    def configuration(self, part: FileRange, name: str, digest: str | None) -> Any:
        """Returns a configuration, which several images may share. See ``read_json``."""
        if name not in self._configurations:
            self._count(part)
            self._configurations[name] = read_json(part, "the image configuration", digest)
        return self._configurations[name]

    def _count(self, part: FileRange) -> None:
        self._total_bytes += part.size
        if self._total_bytes > _MAX_TOTAL_BYTES:
            raise UnreadableImage(
                f"the manifests and configurations have more than {_MAX_TOTAL_BYTES:,} bytes together",
                "Save fewer images at once.",
            )
