"""Places of the files of a layer with a table of contents."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

_DIGEST_BYTES = 32


class Chunk(NamedTuple):
    """A part of a file that is packed alone, or with others."""

    start: int
    """Offset in the blob of the compressed data."""
    inner: int
    """Offset of the part in its unpacked data."""
    size: int
    """Bytes of the part."""
    digest: bytes
    """SHA-256 of the part."""


@dataclass(slots=True)
class Chunks:
    """The places of all files of a layer, as columns: a layer has a million."""

    ends: list[int] = field(default_factory=list)
    """Offsets at which compressed data may end, in order."""
    _inodes: array[int] = field(default_factory=lambda: array("q"))
    _numbers: tuple[array[int], ...] = field(default_factory=lambda: (array("q"), array("q"), array("q")))
    _digests: bytearray = field(default_factory=bytearray)

    def add(self, inode: int, start: int, inner: int, size: int, digest: bytes) -> None:
        """Adds a part of the file with this inode; inodes rise. See Chunk."""
        starts, inners, sizes = self._numbers
        self._inodes.append(inode)
        starts.append(start)
        inners.append(inner)
        sizes.append(size)
        self._digests += digest

    def finish(self, end: int) -> None:
        """Computes where compressed data ends; ``end`` is that of the last."""
        self.ends = sorted({*self._numbers[0], end})

    def of(self, inode: int) -> list[Chunk]:
        """Returns the parts of a file in order."""
        last = bisect_right(self._inodes, inode)
        first = bisect_right(self._inodes, inode - 1)
        starts, inners, sizes = self._numbers
        digests = self._digests
        return [
            Chunk(starts[n], inners[n], sizes[n], bytes(digests[n * _DIGEST_BYTES : (n + 1) * _DIGEST_BYTES]))
            for n in range(first, last)
        ]

    def end_of(self, start: int) -> int:
        """Returns the offset at which compressed data from ``start`` surely ends."""
        return self.ends[bisect_right(self.ends, start)]
