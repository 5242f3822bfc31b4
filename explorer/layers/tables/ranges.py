"""Blobs of which any part can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from explorer.layers.streams import FileRange
from explorer.model import OnProgress


class RangesRefused(Exception):
    """The place of a blob gives it only as a whole."""


class BlobRanges(Protocol):
    """The bytes of a blob, of which any part can be read."""

    @property
    def size(self) -> int:
        """Bytes of the blob."""

    def read(self, offset: int, size: int, on_progress: OnProgress) -> bytes:
        """Returns a part, which may be short at the end of the blob.

        Raises RangesRefused, or ImageError if it cannot be read.
        """


@dataclass(frozen=True, slots=True)
class FileRanges:
    """A blob in a file. Satisfies BlobRanges."""

    part: FileRange

    @property
    def size(self) -> int:
        return self.part.size

    def read(self, offset: int, size: int, on_progress: OnProgress) -> bytes:
        on_progress(0)
        return self.part.read_at(offset, size)
