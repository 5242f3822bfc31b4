"""Reads stored bytes: ranges of files, decompressed if necessary.

A layer's bytes are always in a file, its own or a part of an archive. Plain headers and contents are read in place.
Compressed bytes stream past once, and digests are computed on the way.
"""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, BinaryIO

from explorer.errors import DamagedBytes, UnreadableImage
from explorer.layers.digests import algorithm_of, is_verifiable, new_hash
from explorer.layers.frames import Frames, compression_of
from explorer.layers.read_budget import UNLIMITED, UNPACKED_BYTES, ReadBudget
from explorer.layers.tar.headers import BLOCK, SAVE_AGAIN, has_magic
from explorer.model import OnProgress
from explorer.text.printable import printable

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

CHUNK = 1 << 20
"""Bytes that are read at once."""
_MIN_THREADED_BYTES = 64 << 10
"""Chunks that are smaller are hashed at once: a thread would take longer."""
_UNSUPPORTED = {
    b"PK\x03\x04": "zip",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x02\x21\x4c\x18": "lz4",
    b"LZIP": "lzip",
    b"\x5d\0\0": "lzma",
    b"\x1f\x9d": "compress",
    b"7z\xbc\xaf\x27\x1c": "7z",
}


class OpenFile:
    """A file that stays open while this object lives, because layers are read again."""

    def __init__(self, file: BinaryIO) -> None:
        """Duplicates the descriptor of ``file``, which may then be closed."""
        self.descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)
        status = os.fstat(self.descriptor)
        self._identity = status.st_dev, status.st_ino

    def __eq__(self, other: object) -> bool:
        """True if both are the same file, also if it was opened twice."""
        return isinstance(other, OpenFile) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@dataclass(frozen=True, slots=True)
class FileRange:
    """A part of an open file. Several threads may read it at once."""

    file: OpenFile
    offset: int
    size: int

    def read_at(self, offset: int, size: int) -> bytes:
        """Returns ``size`` bytes from ``offset``. Raises UnreadableImage.

        There are fewer bytes only at the end of the range or of the file. The error means that the system cannot read
        them.
        """
        size = min(size, self.size - offset)
        if size <= 0:
            return b""
        try:
            content = os.pread(self.file.descriptor, size, self.offset + offset)
            while 0 < len(content) < size:
                more = os.pread(self.file.descriptor, size - len(content), self.offset + offset + len(content))
                if not more:
                    break
                content += more
        except OSError as error:
            raise UnreadableImage(
                f"the file cannot be read at offset {self.offset + offset:,}: {error.strerror or error}",
                "Check its disk or network drive, and try again.",
            ) from error
        return content

    @classmethod
    def whole(cls, file: BinaryIO) -> FileRange:
        """Returns the range of a whole file, which may then be closed."""
        return cls(OpenFile(file), 0, os.fstat(file.fileno()).st_size)


def compression(part: FileRange) -> str:
    """Returns the name of a compression that can be read, or nothing if it is plain.

    Raises UnreadableImage for other compressions.
    """
    magic = part.read_at(0, 10)
    kind = compression_of(magic)
    if kind:
        return kind
    for start, name in _UNSUPPORTED.items():
        # Also the start of a name in a plain tar, whose header has a magic of its own.
        if magic.startswith(start) and not has_magic(part.read_at(0, BLOCK)):
            raise UnreadableImage(
                f"the data is compressed with {name}, expected gzip, zstd, xz, bzip2 or a plain tar",
                "Unpack it first, or compress it with gzip or zstd instead.",
            )
    return ""


class InflatedStream:
    """A stream of the uncompressed bytes of a compressed layer or archive."""

    def __init__(
        self,
        part: FileRange,
        on_progress: OnProgress,
        *,
        digest: str | None = None,
        diff_id: str | None = None,
        budget: ReadBudget = UNLIMITED,
    ) -> None:
        """Opens the stream.

        ``verify`` compares ``digest`` and ``diff_id``, unless their algorithms are unknown.
        """
        self._part = part
        self._on_progress = on_progress
        self._expected = (digest, diff_id)
        self._stored = _Digest(algorithm_of(digest)) if digest and is_verifiable(digest) else None
        self._inflated = _Digest(algorithm_of(diff_id)) if diff_id and is_verifiable(diff_id) else None
        self._source = _HashingReader(part, self._stored, on_progress)
        self._budget = budget
        self._frames = Frames(self._source.read, compression(part), self._budget, SAVE_AGAIN)

    @property
    def position(self) -> int:
        """The uncompressed bytes that were read so far."""
        return self._frames.position

    @property
    def has_footer(self) -> bool:
        """True if the last frame is zstd without content; valid at the end."""
        return self._frames.ends_with_skippable

    @property
    def problem(self) -> str:
        """The problem of bytes behind the compressed data, or empty; valid at the end."""
        offset = self._frames.garbage_offset
        return "" if offset is None else garbage_problem(offset, self._part.size)

    def chunk(self) -> bytes:
        """Returns the next megabyte or less; empty at the end. Raises UnreadableImage."""
        content = self._frames.chunk(CHUNK)
        if self._inflated is not None:
            self._inflated.update(content)
        self._budget.take(UNPACKED_BYTES, len(content))
        return content

    def verify(self) -> None:
        """Reads to the end. Raises UnreadableImage if a digest differs."""
        while self.chunk():
            pass
        while self._source.read(CHUNK):
            pass
        names = ("digest", "uncompressed digest (diff_id)")
        for name, actual, expected in zip(names, (self._stored, self._inflated), self._expected, strict=True):
            if actual is not None and expected is not None and actual.result() != expected:
                raise DamagedBytes(f"its {name} is {actual.result()}, expected {printable(expected)}", SAVE_AGAIN)


def garbage_problem(offset: int, stored_bytes: int) -> str:
    """Returns the problem of stored bytes from an offset that belong to no frame."""
    return f"{stored_bytes - offset:,} bytes behind the end of the compressed data, at offset {offset:,}, were ignored"


class _Digest:
    """A digest computed in a thread, because hashing takes longer than inflating."""

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm
        self._digest = new_hash(algorithm)
        self._pending: Future[object] | None = None

    def update(self, chunk: bytes) -> None:
        """Adds bytes, which must not change afterwards."""
        if self._pending is not None:
            self._pending.result()
            self._pending = None
        if len(chunk) < _MIN_THREADED_BYTES:
            self._digest.update(chunk)
        else:
            self._pending = _digest_threads().submit(self._digest.update, chunk)

    def result(self) -> str:
        """Returns the digest of all added bytes."""
        self.update(b"")
        return f"{self._algorithm}:{self._digest.hexdigest()}"


@cache
def _digest_threads() -> ThreadPoolExecutor:
    # Imported here, because the import takes time and most commands need no threads.
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1), thread_name_prefix="digest")


class _HashingReader:
    def __init__(self, part: FileRange, digest: _Digest | None, on_progress: OnProgress) -> None:
        self.part = part
        self.digest = digest
        self.on_progress = on_progress
        self.position = 0

    def read(self, size: int) -> bytes:
        content = self.part.read_at(self.position, size)
        if self.digest is not None:
            self.digest.update(content)
        self.position += len(content)
        self.on_progress(self.position)
        return content
