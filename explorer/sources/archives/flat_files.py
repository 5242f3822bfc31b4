"""Files of an image by their names, also by those of skopeo's ``dir:``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from explorer.layers.streams import FileRange
from explorer.sources.archives import oci


class StoredFiles(oci.Blobs, Protocol):
    """The files of an archive or of a directory, by their names."""

    @property
    def form(self) -> str:
        """The kind of container of the files: ``archive`` or ``directory``."""

    def has(self, name: str) -> bool:
        """True if there is a file of this name."""

    def part(self, name: str) -> FileRange:
        """Returns the bytes of a file. Raises UnreadableImage."""


@dataclass(frozen=True, slots=True)
class FlatFiles:
    """The blobs of a directory without folders, as skopeo writes it. Satisfies Blobs."""

    files: StoredFiles
    own_digest: str
    """Digest of manifest.json, which no name tells."""

    def blob(self, digest: str) -> FileRange | None:
        return self._part(digest, "")

    def manifest(self, digest: str) -> FileRange | None:
        if digest == self.own_digest:
            return self.files.part("manifest.json")
        return self._part(digest, ".manifest.json")

    def _part(self, digest: str, suffix: str) -> FileRange | None:
        algorithm, _, digits = digest.partition(":")
        if not (algorithm.isalnum() and digits.isalnum()):
            return None
        name = f"{digits if algorithm == 'sha256' else f'{algorithm}-{digits}'}{suffix}"
        return self.files.part(name) if self.files.has(name) else None
