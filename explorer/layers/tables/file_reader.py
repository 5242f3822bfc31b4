"""Reads single files of a layer by the places that its table of contents gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from explorer.errors import DamagedBytes
from explorer.layers.frames import Frames
from explorer.layers.problems import quoted
from explorer.layers.read_budget import UNLIMITED
from explorer.layers.tables.ranges import BlobRanges
from explorer.layers.tables.table import Chunk, Table
from explorer.layers.tables.table_text import UnusableTable
from explorer.model import Entry, OnProgress

_MIN_WINDOW_BYTES, _MAX_WINDOW_BYTES = 256 << 10, 8 << 20
"""Bytes that are read at once if several files are wanted: more and more."""
_MAX_GAP_BYTES = 64 << 10
"""Bytes between two files that are read rather than asked for the second one alone."""
_MAX_CHUNK_BYTES = 256 << 20
"""Compressed, for one part of a file, which is held in memory. Real ones have some megabytes."""
_MAX_KEPT_BYTES = 16 << 20
"""Unpacked parts up to this size are unpacked once, and larger ones twice: first to check their digest."""
_PIECE_BYTES = 1 << 20


class FileReader:
    """Reads files of a layer in order, several at once if they are close together."""

    def __init__(self, table: Table, ranges: BlobRanges, entries: Iterable[Entry], on_progress: OnProgress) -> None:
        """Takes the files that are wanted, in the order of the table."""
        self._table = table
        self._window = _Window(ranges, _spans(table, entries), on_progress)

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """Yields the content of a file, part by part, each with its digest.

        Raises UnusableTable, RangesRefused and DamagedBytes.
        """
        chunks = self._table.chunks.of(entry.inode)
        if sum(chunk.size for chunk in chunks) != entry.size:
            raise UnusableTable(f"it does not have {quoted(entry.path)}")
        for chunk in chunks:
            stored = self._window.read(chunk.start, self._table.chunks.end_of(chunk.start))
            yield from _checked(chunk, stored, self._table.compression, entry)


def _spans(table: Table, entries: Iterable[Entry]) -> list[tuple[int, int]]:
    """Returns start and end of the files' compressed data, in the order of reading."""
    chunks = (chunk for entry in entries for chunk in table.chunks.of(entry.inode))
    return [(chunk.start, table.chunks.end_of(chunk.start)) for chunk in chunks]


class _Window:
    """Reads spans of a blob in order, several at once if they are close together."""

    def __init__(self, ranges: BlobRanges, spans: list[tuple[int, int]], on_progress: OnProgress) -> None:
        self._ranges = ranges
        self._spans = spans
        self._next = 0
        self._on_progress = on_progress
        self._limit = _MIN_WINDOW_BYTES
        self._start = 0
        self._bytes = b""

    def read(self, start: int, end: int) -> memoryview:
        """Returns the bytes of a span."""
        if not self._start <= start <= end <= self._start + len(self._bytes):
            self._fill(start, end)
        return memoryview(self._bytes)[start - self._start : end - self._start]

    def _fill(self, start: int, end: int) -> None:
        if end - start > _MAX_CHUNK_BYTES:
            raise UnusableTable(f"a part of a file has {end - start:,} bytes, expected at most {_MAX_CHUNK_BYTES:,}")
        spans = self._spans
        while self._next < len(spans) and spans[self._next] != (start, end):
            self._next += 1
        last = end
        for next_start, next_end in spans[self._next : self._next + _MAX_WINDOW_BYTES]:
            if not start <= next_start <= last + _MAX_GAP_BYTES or next_end - start > self._limit:
                break
            last = max(last, next_end)
        self._limit = min(2 * self._limit, _MAX_WINDOW_BYTES)
        self._start, self._bytes = start, b""
        self._bytes = self._ranges.read(start, last - start, self._on_progress)
        if len(self._bytes) != last - start:
            raise UnusableTable(f"the layer ends after {start + len(self._bytes):,} bytes, expected {last:,} or more")


def _checked(chunk: Chunk, stored: memoryview, compression: str, entry: Entry) -> Iterator[bytes]:
    """Yields the bytes of a part of a file. Raises DamagedBytes for another digest."""
    kept: list[bytes] = []
    sha256 = hashlib.sha256()
    for piece in _unpacked(chunk, stored, compression):
        sha256.update(piece)
        if chunk.size <= _MAX_KEPT_BYTES:
            kept.append(piece)
    if sha256.digest() != chunk.digest:
        raise DamagedBytes(
            f"{quoted(entry.path)} is not the file of the table of contents: a part of it has the digest "
            f"sha256:{sha256.hexdigest()}, expected sha256:{chunk.digest.hex()}"
        )
    yield from kept if chunk.size <= _MAX_KEPT_BYTES else _unpacked(chunk, stored, compression)


def _unpacked(chunk: Chunk, stored: memoryview, compression: str) -> Iterator[bytes]:
    position = 0

    def read(size: int) -> bytes:
        nonlocal position
        position += size
        return bytes(stored[position - size : position])

    frames = Frames(read, compression, UNLIMITED, "")
    skip, missing = chunk.inner, chunk.size
    while missing:
        piece = frames.chunk(_PIECE_BYTES)
        if not piece:
            raise DamagedBytes(f"a part of a file lacks {missing:,} of its {chunk.size:,} bytes")
        skipped = min(skip, len(piece))
        skip -= skipped
        piece = piece[skipped : skipped + missing]
        missing -= len(piece)
        if piece:
            yield piece
