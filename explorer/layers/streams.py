"""Reads stored bytes: ranges of files, decompressed if necessary.

A layer's bytes are always in a file, its own or a part of an archive. Plain headers and contents are read in place.
Compressed bytes stream past once, and digests are computed on the way.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
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
_WINDOW_BYTES = 8 << 10
_UNSUPPORTED = {
    b"PK\x03\x04": "zip",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x02\x21\x4c\x18": "lz4",
    b"LZIP": "lzip",
    b"\x5d\0\0": "lzma",
    b"\x1f\x9d": "compress",
    b"7z\xbc\xaf\x27\x1c": "7z",
}


def _damaged(message: str) -> DamagedBytes:
    return DamagedBytes(message, SAVE_AGAIN)


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


class WindowReader:
    """Reads small pieces at rising offsets, with one system call for each window."""

    def __init__(self, part: FileRange, on_progress: OnProgress = lambda _: None) -> None:
        self._part = part
        self._on_progress = on_progress
        self._start = 0
        self._window = b""
        self._ahead = _WINDOW_BYTES
        self._count = 0

    def read_at(self, offset: int, size: int) -> bytes:
        """Returns bytes like FileRange.read_at."""
        at = offset - self._start
        content = self._window[at : at + size] if at >= 0 else b""
        if len(content) == size:
            return content
        self._start = offset
        self._window = self._part.read_at(offset, max(size, _WINDOW_BYTES))
        self._count += 1
        if not self._count & 0xFFF:
            self._on_progress(offset)
        return self._window[:size]

    def loaded(self, offset: int, size: int) -> memoryview | None:
        """Returns the bytes of a range; None if a read is needed to have all of them."""
        at = offset - self._start
        return memoryview(self._window)[at : at + size] if 0 <= at <= len(self._window) - size else None

    def pieces(self, offset: int, size: int) -> Iterator[memoryview]:
        """Yields the bytes of a range in pieces of a megabyte at most.

        The closer together the ranges are, the further it reads ahead. Raises UnreadableImage if the bytes end early.
        """
        while size:
            end = self._start + len(self._window)
            if not self._start <= offset < end:
                is_close = 0 <= offset - end <= _WINDOW_BYTES
                self._ahead = min(2 * self._ahead, CHUNK) if is_close else _WINDOW_BYTES
                self._start = offset
                self._window = self._part.read_at(offset, min(CHUNK, max(size, self._ahead)))
                if not self._window:
                    raise _damaged(f"it ends before offset {offset:,}, expected {size:,} more bytes: it was cut off")
            at = offset - self._start
            piece = memoryview(self._window)[at : at + size]
            yield piece
            offset += len(piece)
            size -= len(piece)


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
        if offset is None:
            return ""
        garbage_bytes = self._part.size - offset
        return f"{garbage_bytes:,} bytes behind the end of the compressed data, at offset {offset:,}, were ignored"

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
                raise _damaged(f"its {name} is {actual.result()}, expected {printable(expected)}")


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


class StreamReader:
    """Reads headers and contents of a tar from a stream, at rising offsets."""

    def __init__(self, stream: InflatedStream) -> None:
        self._stream = stream
        self._start = 0
        """The offset of the chunk."""
        self._chunk = b""
        self._before = b""
        """The bytes in front of the chunk that the last read began with."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Returns bytes like FileRange.read_at.

        Bytes before ``offset`` cannot be read afterwards.
        """
        at = offset - self._start
        content = self._chunk[at : at + size] if at >= 0 else b""
        return content if len(content) == size else self._read_across(offset, size)

    def loaded(self, offset: int, size: int) -> memoryview | None:
        """Returns the bytes of a range; None if a read is needed to have all of them."""
        at = offset - self._start
        return memoryview(self._chunk)[at : at + size] if 0 <= at <= len(self._chunk) - size else None

    def pieces(self, offset: int, size: int) -> Iterator[memoryview]:
        """Yields the bytes of a range. Raises UnreadableImage if they end early."""
        self._forward(offset)
        while size:
            at = offset - self._start
            piece = memoryview(self._chunk)[at:] if at >= 0 else memoryview(self._before)[at:]
            if not piece:
                if not self._next_chunk():
                    raise _damaged(
                        f"the content of a member is cut off, at offset {offset:,}: {size:,} more bytes expected"
                    )
                continue
            piece = piece[:size]
            yield piece
            offset += len(piece)
            size -= len(piece)

    def _read_across(self, offset: int, size: int) -> bytes:
        """Returns bytes that lie in several chunks, and keeps them for another read."""
        self._forward(offset)
        at = offset - self._start
        parts = [self._chunk[at : at + size]] if at >= 0 else [self._before[at:], self._chunk[:size]]
        missing = size - sum(map(len, parts))
        # In one list, because to add up many small chunks would copy the first ones again and again.
        while missing > 0 and self._next_chunk():
            parts.append(self._chunk[:missing])
            missing -= len(parts[-1])
        content = b"".join(parts)
        self._before = content[: max(0, self._start - offset)]
        return content[:size]

    def _forward(self, offset: int) -> None:
        while offset > self._start + len(self._chunk) and self._next_chunk():
            pass

    def _next_chunk(self) -> bool:
        """Goes to the next chunk. Returns False at the end."""
        self._start += len(self._chunk)
        self._chunk, self._before = self._stream.chunk(), b""
        return bool(self._chunk)
