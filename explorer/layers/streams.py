"""Reads stored bytes: ranges of files, decompressed if necessary.

A layer's bytes are always in a file, its own or a part of an archive. Plain headers and contents are read in place.
Compressed bytes stream past once, and digests are computed on the way.
"""

from __future__ import annotations

import io
import os
import sys
import weakref
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, cast

from isal import igzip, isal_zlib

from explorer.errors import DamagedBytes, UnreadableImage
from explorer.layers.digests import algorithm_of, is_verifiable, new_hash
from explorer.layers.tar.headers import SAVE_AGAIN
from explorer.model import OnProgress
from explorer.text.printable import printable

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor
    from lzma import LZMADecompressor

    from typing_extensions import Buffer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHUNK = 1 << 20
"""Bytes that are read at once."""
_MIN_THREADED_BYTES = 64 << 10
"""Chunks that are smaller are hashed at once: a thread would take longer."""
_WINDOW_BYTES = 8 << 10
_DECODE_ERRORS = (OSError, EOFError, ValueError, cast("type[Exception]", isal_zlib.error), zstd.ZstdError)
_RESCUED_BYTES = 512
"""Bytes that are decoded at once in front of damage: up to this number are lost."""
BOMB_BYTES = 16 << 30
MAX_RATIO = 500
"""Uncompressed bytes per compressed byte. Layers beyond both limits are bombs: gzip reaches 1,030, zstd 30,000."""

_MAX_XZ_MEMORY_BYTES = 256 << 20
"""Limit for the memory that a decoder of xz takes; ``xz -9`` needs 65 MiB."""
_XZ_INPUT_BYTES = 8 << 10

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_XZ = b"\xfd7zXZ\0"
_BZIP2 = b"BZh"
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
"""Start of the first block, or of the end if there is none."""
_UNSUPPORTED = {
    b"PK\x03\x04": "zip",
    b"\x04\x22\x4d\x18": "lz4",
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
    if magic.startswith(_GZIP):
        return "gzip"
    if magic.startswith(_ZSTD) or (magic[1:4] == b"\x2a\x4d\x18" and magic[:1] and magic[0] >> 4 == 5):
        return "zstd"
    if magic.startswith(_XZ):
        return "xz"
    # A plain tar begins with a name, which may be BZhang.
    if magic.startswith(_BZIP2) and magic[4:] in _BZIP2_BLOCKS:
        return "bzip2"
    for start, name in _UNSUPPORTED.items():
        # Also the start of a name in a plain tar, whose header has a magic of its own.
        if magic.startswith(start) and part.read_at(257, 5) != b"ustar":
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
        self._stream = _decompressed(self._source, compression(part))
        self._damage: Exception | None = None
        self.position = 0

    def chunk(self) -> bytes:
        """Returns the next megabyte or less; empty at the end. Raises UnreadableImage."""
        try:
            content = b"" if self._damage is not None else self._stream.read(CHUNK)
        except _DECODE_ERRORS as error:
            self._damage = error
            content = self._before_damage()
        if self._damage is not None and not content:
            raise _damaged(
                f"the compressed data is damaged or cut off after {self.position:,} bytes: {self._damage}"
            ) from self._damage
        if self._inflated is not None:
            self._inflated.update(content)
        self.position += len(content)
        if self.position > BOMB_BYTES and self.position > MAX_RATIO * max(self._source.position, 1):
            raise UnreadableImage(
                f"{self.position:,} bytes out of {self._source.position:,}: not a layer but a decompression bomb",
                SAVE_AGAIN,
            )
        return content

    def _before_damage(self) -> bytes:
        """Returns the bytes between the last chunk and the damage.

        The decoders drop them, so the stream is read once more, and there in small pieces.
        """
        stream = _decompressed(_HashingReader(self._part, None, lambda _: None), compression(self._part))
        content = bytearray()
        with suppress(*_DECODE_ERRORS):
            for _ in range(self.position // CHUNK):
                stream.read(CHUNK)
            while len(content) < CHUNK and (piece := stream.read1(_RESCUED_BYTES)):
                content += piece
        return bytes(content)

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


class _HashingReader(io.RawIOBase):
    def __init__(self, part: FileRange, digest: _Digest | None, on_progress: OnProgress) -> None:
        self.part = part
        self.digest = digest
        self.on_progress = on_progress
        self.position = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = self.part.read_at(self.position, self.part.size if size < 0 else size)
        self._add(content)
        return content

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        content = self.part.read_at(self.position, len(view))
        view[: len(content)] = content
        self._add(content)
        return len(content)

    def _add(self, content: bytes) -> None:
        if self.digest is not None:
            self.digest.update(content)
        self.position += len(content)
        self.on_progress(self.position)


def _decompressed(source: _HashingReader, kind: str) -> io.BufferedReader:
    """Returns the uncompressed bytes of a stream. Raises UnreadableImage."""
    if kind in ("gzip", "zstd"):
        opener = igzip.open if kind == "gzip" else zstd.open
        return cast("io.BufferedReader", opener(source, "rb"))
    try:
        # Imported here, because a Python may lack the modules.
        if kind == "xz":
            return io.BufferedReader(_XzReader(source), _RESCUED_BYTES)
        import bz2

        return cast("io.BufferedReader", bz2.open(cast("BinaryIO", source), "rb"))
    except ImportError as error:
        raise UnreadableImage(
            f"the data is compressed with {kind}, and this Python cannot unpack it", "Unpack it first."
        ) from error


class _XzReader(io.RawIOBase):
    """Uncompressed bytes of xz, with the limit on memory that LZMAFile lacks."""

    def __init__(self, source: _HashingReader) -> None:
        import lzma

        self._lzma = lzma
        self._source = source
        self._decoder = self._new_decoder()

    def _new_decoder(self) -> LZMADecompressor:
        return self._lzma.LZMADecompressor(self._lzma.FORMAT_XZ, _MAX_XZ_MEMORY_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Raises OSError or EOFError for damage, UnreadableImage at the limit."""
        view = memoryview(buffer).cast("B")
        content = b""
        while not content:
            stored = b""
            if self._decoder.eof:
                # Zeros may be between two streams and behind the last one.
                stored = self._decoder.unused_data.lstrip(b"\0")
                while not stored:
                    more = self._source.read(_XZ_INPUT_BYTES)
                    if not more:
                        return 0
                    stored = more.lstrip(b"\0")
                self._decoder = self._new_decoder()
            elif self._decoder.needs_input:
                stored = self._source.read(_XZ_INPUT_BYTES)
                if not stored:
                    raise EOFError("the data ends before the end mark of its stream")
            try:
                content = self._decoder.decompress(stored, len(view))
            except self._lzma.LZMAError as error:
                if "Memory usage" in str(error):
                    raise UnreadableImage(
                        f"its xz data needs more than {_MAX_XZ_MEMORY_BYTES:,} bytes of memory to unpack",
                        "Compress it with a smaller dictionary, as with xz -9, or with gzip or zstd.",
                    ) from error
                raise OSError(str(error)) from error
        view[: len(content)] = content
        return len(content)


class StreamReader:
    """Reads headers and contents of a tar from a stream, at rising offsets."""

    def __init__(self, stream: InflatedStream) -> None:
        self._stream = stream
        self._start = 0
        self._buffer = b""

    def read_at(self, offset: int, size: int) -> bytes:
        """Returns bytes like FileRange.read_at.

        Bytes before ``offset`` cannot be read afterwards.
        """
        self._forward(offset)
        at = offset - self._start
        while len(self._buffer) - at < size:
            more = self._stream.chunk()
            if not more:
                break
            self._buffer = self._buffer[at:] + more
            self._start, at = offset, 0
        return self._buffer[at : at + size]

    def pieces(self, offset: int, size: int) -> Iterator[memoryview]:
        """Yields the bytes of a range. Raises UnreadableImage if they end early."""
        self._forward(offset)
        while size:
            at = offset - self._start
            piece = memoryview(self._buffer)[at : at + size]
            if not piece:
                self._start += len(self._buffer)
                self._buffer = self._stream.chunk()
                if not self._buffer:
                    raise _damaged(
                        f"the content of a member is cut off, at offset {offset:,}: {size:,} more bytes expected"
                    )
                continue
            yield piece
            offset += len(piece)
            size -= len(piece)

    def _forward(self, offset: int) -> None:
        while offset > self._start + len(self._buffer):
            self._start += len(self._buffer)
            self._buffer = self._stream.chunk()
            if not self._buffer:
                return
