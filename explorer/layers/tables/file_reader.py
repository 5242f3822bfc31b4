"""Reads single files of a layer by the places that its table of contents gives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from explorer.errors import DamagedBytes
from explorer.layers.frames import Frames
from explorer.layers.problems import quoted
from explorer.layers.read_budget import UNPACKED_BYTES, ReadBudget
from explorer.layers.tables.chunks import Chunk
from explorer.layers.tables.table import Table
from explorer.layers.tables.table_text import UnusableTable
from explorer.model import Entry, OnProgress

_MIN_WINDOW_BYTES, _MAX_WINDOW_BYTES = 256 << 10, 8 << 20
"""Bytes of the first and of later reads if several files are wanted; each read may have twice as many."""
_MAX_GAP_BYTES = 64 << 10
"""The largest gap between two files that are read together."""
_MAX_CHUNK_BYTES = 256 << 20
"""Compressed, for one part of a file, which is held in memory. Real ones have some megabytes."""
_MAX_KEPT_BYTES = 16 << 20
"""Unpacked parts up to this size are unpacked once, and larger ones twice: first to check their digest."""
_PIECE_BYTES = 1 << 20

Fetch = Callable[[int, int, OnProgress], bytes]
"""Returns the bytes of the blob from an offset to another."""


class FileReader:
    """Reads files of a layer in order, several at once if they are close together."""

    def __init__(
        self, table: Table, entries: Iterable[Entry], fetch: Fetch, budget: ReadBudget, on_progress: OnProgress
    ) -> None:
        """Takes the files that are wanted, in the order of the table.

        ``on_progress`` gets the compressed bytes that were read, also while they are unpacked.
        """
        self._table = table
        self._budget = budget
        self._on_progress = on_progress
        self._window = _Window(fetch, _spans(table, entries), on_progress)

    def pieces(self, entry: Entry) -> Iterator[bytes]:
        """Yields the content of a file, part by part, each with its digest.

        Raises UnusableTable, RangesRefused and DamagedBytes, and UnreadableImage beyond the budget.
        """
        chunks = self._table.chunks.of(entry.inode)
        if sum(chunk.size for chunk in chunks) != entry.size:
            raise UnusableTable(f"it does not have {quoted(entry.path)}")
        digest = self._table.index.digests.get(entry.inode)
        whole = hashlib.sha256() if digest and len(chunks) > 1 else None
        for chunk in chunks:
            stored = self._window.read(chunk.start, self._table.chunks.end_of(chunk.start))
            for piece in self._checked(chunk, stored, entry):
                if whole:
                    whole.update(piece)
                yield piece
        # Files are compared by it, so a table must not name another one than that of its parts.
        if digest and whole and whole.digest() != digest:
            raise _other_digest(entry, "it", whole.digest(), digest)

    def _checked(self, chunk: Chunk, stored: memoryview, entry: Entry) -> Iterator[bytes]:
        """Yields the bytes of a part of a file. Raises DamagedBytes for another digest."""
        kept: list[bytes] = []
        sha256 = hashlib.sha256()
        for piece in self._unpacked(chunk, stored):
            sha256.update(piece)
            if chunk.size <= _MAX_KEPT_BYTES:
                kept.append(piece)
        if sha256.digest() != chunk.digest:
            raise _other_digest(entry, "a part of it", sha256.digest(), chunk.digest)
        yield from kept if chunk.size <= _MAX_KEPT_BYTES else self._unpacked(chunk, stored)

    def _unpacked(self, chunk: Chunk, stored: memoryview) -> Iterator[bytes]:
        position = 0

        def read(size: int) -> bytes:
            nonlocal position
            position += size
            return bytes(stored[position - size : position])

        frames = Frames(read, self._table.compression, self._budget, "")
        skip, missing = chunk.inner, chunk.size
        while missing:
            piece = frames.chunk(_PIECE_BYTES)
            if not piece:
                raise DamagedBytes(f"a part of a file lacks {missing:,} of its {chunk.size:,} bytes")
            self._budget.take(UNPACKED_BYTES, len(piece))
            self._on_progress(len(stored))
            skipped = min(skip, len(piece))
            skip -= skipped
            piece = piece[skipped : skipped + missing]
            missing -= len(piece)
            if piece:
                yield piece


def _other_digest(entry: Entry, what: str, digest: bytes, expected: bytes) -> DamagedBytes:
    return DamagedBytes(
        f"{quoted(entry.path)} is not the file of the table of contents: {what} has the digest "
        f"sha256:{digest.hex()}, expected sha256:{expected.hex()}"
    )


def _spans(table: Table, entries: Iterable[Entry]) -> list[tuple[int, int]]:
    """Returns start and end of the files' compressed data, in the order of reading."""
    chunks = (chunk for entry in entries for chunk in table.chunks.of(entry.inode))
    return [(chunk.start, table.chunks.end_of(chunk.start)) for chunk in chunks]


class _Window:
    """Reads spans of a blob in order, several at once if they are close together."""

    def __init__(self, fetch: Fetch, spans: list[tuple[int, int]], on_progress: OnProgress) -> None:
        self._fetch = fetch
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
        for number in range(self._next, len(spans)):
            next_start, next_end = spans[number]
            if not start <= next_start <= last + _MAX_GAP_BYTES or next_end - start > self._limit:
                break
            last = max(last, next_end)
        self._limit = min(2 * self._limit, _MAX_WINDOW_BYTES)
        # The old bytes make room for the new ones.
        self._start, self._bytes = start, b""
        self._bytes = self._fetch(start, last, self._on_progress)
