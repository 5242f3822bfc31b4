"""A layer that is listed from its table of contents, and whose files are fetched alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import ClassVar, Protocol

from explorer.errors import DamagedBytes, UnreadableLayer
from explorer.layers.frames import Frames
from explorer.layers.problems import quoted
from explorer.layers.read_budget import UNLIMITED, ReadBudget
from explorer.layers.streams import FileRange
from explorer.layers.tables.places import FOOTER_BYTES, TableFormat, TablePlace, table_offset
from explorer.layers.tables.table import Chunk, Table, read_table
from explorer.layers.tables.table_text import UnusableTable
from explorer.layers.tar_layer import errors_for_layer
from explorer.model import Addressing, Entry, FileContents, LayerContents, LayerIndex, OnProgress, Verified

_TAIL_BYTES = 32 << 10
"""Bytes that are read with the footer of eStargz, because a small table is among them."""
_MAX_TABLE_BYTES = 256 << 20
"""Compressed; a million entries have about 60 million."""
_MIN_WINDOW_BYTES, _MAX_WINDOW_BYTES = 256 << 10, 8 << 20
"""Bytes that are read at once if several files are wanted: more and more."""
_MAX_GAP_BYTES = 64 << 10
"""Bytes between two files that are read rather than asked for the second one alone."""
_MAX_CHUNK_BYTES = 256 << 20
"""Compressed, for one part of a file, which is held in memory. Real ones have some megabytes."""
_MAX_KEPT_BYTES = 16 << 20
"""Unpacked parts up to this size are unpacked once, and larger ones twice: first to check their digest."""
_PIECE_BYTES = 1 << 20
_BY_INODE = attrgetter("inode")
_FULL_READ = "Read the whole layer with --full; if the error stays, the image must be made again."


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


@dataclass(slots=True)
class TableLayer:
    """A layer with a table of contents. Satisfies LayerContents.

    If the table cannot be used, the layer is read in full.
    """

    streams: ClassVar[bool] = True
    """Because waiting for a network gains from a thread, too."""
    verified: ClassVar[Verified] = Verified.TABLE_DIGEST
    addressing: ClassVar[Addressing] = Addressing.TABLE

    name: str = field(compare=False)
    """Name in errors: ``layer 3``."""
    place: TablePlace
    ranges: BlobRanges
    whole: LayerContents
    """The same layer, read in full."""
    budget: ReadBudget = field(compare=False)
    _table: Table | None = field(default=None, compare=False, init=False)

    @property
    def stored_bytes(self) -> int:
        return min(self.place.stored_bytes or _TAIL_BYTES, self.ranges.size)

    def index(self, on_progress: OnProgress) -> LayerIndex:
        """See LayerContents. A table that is wrong is a problem of the layer."""
        try:
            with errors_for_layer(self.name):
                self._table = self._read_table(on_progress)
            return self._table.index
        except RangesRefused:
            return self._whole_index(on_progress)
        except UnusableTable as error:
            problem = f"its table of contents cannot be used, so the layer was read in full: {error}"
            index = self._whole_index(on_progress)
            return replace(index, problems=[*index.problems, problem])

    def _whole_index(self, on_progress: OnProgress) -> LayerIndex:
        self.budget.add_stored(self.name, self.whole.stored_bytes)
        return self.whole.index(on_progress)

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        if index.is_from_table:
            return self._files(entries, on_progress)
        return self.whole.read(index, entries, on_progress)

    def _read_table(self, on_progress: OnProgress) -> Table:
        size, place = self.ranges.size, self.place
        tail, tail_start = b"", size
        if place.format is TableFormat.ESTARGZ:
            tail_start = max(0, size - _TAIL_BYTES)
            tail = self._exactly(tail_start, size, on_progress)
            place = replace(place, offset=table_offset(tail) or 0, stored_bytes=0)
            place = replace(place, stored_bytes=size - FOOTER_BYTES - place.offset) if place.offset else place
        end = place.offset + place.stored_bytes
        if not (0 < place.offset < end <= size):
            raise UnusableTable("it lies outside of the layer" if place.offset else "the layer has no footer of eStargz")
        if place.stored_bytes > _MAX_TABLE_BYTES:
            raise UnusableTable(f"it has {place.stored_bytes:,} bytes, expected at most {_MAX_TABLE_BYTES:,}")
        self.budget.add_stored(self.name, place.stored_bytes)
        if place.offset >= tail_start:
            stored = tail[place.offset - tail_start : end - tail_start]
        else:
            stored = self._exactly(place.offset, end, on_progress)
        on_progress(self.stored_bytes)
        return read_table(place, stored, self.budget)

    def _exactly(self, start: int, end: int, on_progress: OnProgress) -> bytes:
        content = self.ranges.read(start, end - start, on_progress)
        if len(content) != end - start:
            raise UnusableTable(f"the layer ends after {start + len(content):,} bytes, expected {self.ranges.size:,}")
        return content

    def _files(self, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        """Yields files from their ranges. Raises UnreadableLayer."""
        try:
            if self._table is None:
                # The index came from the cache. The budget counted it when it was made.
                self._table = replace(self, budget=UNLIMITED)._read_table(on_progress)
            wanted = sorted(entries, key=_BY_INODE)
            table = self._table
            window = _Window(self.ranges, _spans(table, wanted), on_progress)
        except (UnusableTable, RangesRefused) as error:
            raise self._unreadable(error) from error
        for entry in wanted:
            yield entry, self._pieces(entry, table.chunks.of(entry.inode), table, window)

    def _pieces(self, entry: Entry, chunks: list[Chunk], table: Table, window: _Window) -> Iterator[bytes]:
        try:
            if sum(chunk.size for chunk in chunks) != entry.size:
                raise UnusableTable(f"it does not have {quoted(entry.path)}")
            for chunk in chunks:
                stored = window.read(chunk.start, table.chunks.end_of(chunk.start))
                yield from _checked(chunk, stored, table.compression, entry)
        except (UnusableTable, RangesRefused, DamagedBytes) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> UnreadableLayer:
        if isinstance(error, RangesRefused):
            return UnreadableLayer(f"{self.name} cannot be read in parts: {error}", _FULL_READ)
        if isinstance(error, DamagedBytes):
            return UnreadableLayer(f"{self.name} cannot be read: {error.message}", _FULL_READ)
        return UnreadableLayer(f"the table of contents of {self.name} cannot be used: {error}", _FULL_READ)


def _spans(table: Table, entries: Iterable[Entry]) -> list[tuple[int, int]]:
    """Returns start and end of all compressed data of the files, in the order of reading."""
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
    """Yields the bytes of a part of a file, which have its digest. Raises DamagedBytes."""
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
