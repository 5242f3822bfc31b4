"""A layer that is listed from its table of contents; its files are fetched alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import ClassVar

from explorer.errors import DamagedBytes, UnreadableLayer
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tables.file_reader import FileReader
from explorer.layers.tables.places import FOOTER_BYTES, TableFormat, TablePlace, table_offset
from explorer.layers.tables.ranges import BlobRanges, RangesRefused
from explorer.layers.tables.table import Table, read_table
from explorer.layers.tables.table_text import UnusableTable
from explorer.layers.tar_layer import errors_for_layer
from explorer.model import Addressing, Entry, FileContents, LayerContents, LayerIndex, OnProgress, Verified

_TAIL_BYTES = 32 << 10
"""Bytes that are read with the footer of eStargz, because a small table is among them."""
_MAX_TABLE_BYTES = 128 << 20
"""Compressed; a million entries have about 60 million."""
_BY_INODE = attrgetter("inode")
_FULL_READ = "Read the whole layer with --full; if the error stays, the image must be made again."


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
    whole_index: LayerIndex | None = field(default=None, compare=False, init=False)
    """The index of a full read, if the table could not be used."""
    _table: Table | None = field(default=None, compare=False, init=False)
    _is_whole_read: bool = field(default=False, compare=False, init=False)
    _fetched_bytes: int = field(default=0, compare=False, init=False)

    @property
    def stored_bytes(self) -> int:
        if self._is_whole_read:
            return self.whole.stored_bytes
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
            index = self._whole_index(on_progress)
            instead = "" if index.is_unread else ", so the layer was read in full"
            problem = f"its table of contents cannot be used{instead}: {error}"
            return replace(index, problems=[*index.problems, problem])

    def _whole_index(self, on_progress: OnProgress) -> LayerIndex:
        self._is_whole_read = True
        self.budget.add_stored(self.name, self.whole.stored_bytes)
        self.whole_index = self.whole.index(on_progress)
        return self.whole_index

    def read(self, index: LayerIndex, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        if index.is_from_table:
            return self._files(entries, on_progress)
        return self.whole.read(index, entries, on_progress)

    def _read_table(self, on_progress: OnProgress) -> Table:
        size, place = self.ranges.size, self.place
        tail, tail_start = b"", size
        if place.format is TableFormat.ESTARGZ:
            tail_start = max(0, size - _TAIL_BYTES)
            tail = self._fetch(tail_start, size, on_progress)
            place = replace(place, offset=table_offset(tail) or 0, stored_bytes=0)
            place = replace(place, stored_bytes=size - FOOTER_BYTES - place.offset) if place.offset else place
        end = place.offset + place.stored_bytes
        if not (0 < place.offset < end <= size):
            reason = "it lies outside of the layer" if place.offset else "the layer has no footer of eStargz"
            raise UnusableTable(reason)
        if place.stored_bytes > _MAX_TABLE_BYTES:
            raise UnusableTable(f"it has {place.stored_bytes:,} bytes, expected at most {_MAX_TABLE_BYTES:,}")
        if place.offset >= tail_start:
            stored = tail[place.offset - tail_start : end - tail_start]
        else:
            stored = self._fetch(place.offset, end, on_progress)
        return read_table(place, stored, self.budget, lambda: on_progress(self.stored_bytes))

    def _fetch(self, start: int, end: int, on_progress: OnProgress) -> bytes:
        content = self.ranges.read(start, end - start, on_progress)
        if len(content) != end - start:
            raise UnusableTable(f"the layer ends after {start + len(content):,} bytes, expected {self.ranges.size:,}")
        # Only these bytes count for the bounds: a manifest may name any size for the others.
        self._fetched_bytes += len(content)
        self.budget.add_stored(self.name, self._fetched_bytes)
        return content

    def _files(self, entries: Iterable[Entry], on_progress: OnProgress) -> FileContents:
        """Yields files from their ranges. Raises UnreadableLayer."""
        try:
            if self._table is None:
                # Because the index came from the cache.
                self._table = self._read_table(on_progress)
            wanted = sorted(entries, key=_BY_INODE)
            reader = FileReader(self._table, wanted, self._fetch, self.budget, on_progress)
        except (UnusableTable, RangesRefused) as error:
            raise self._unreadable(error) from error
        for entry in wanted:
            yield entry, self._pieces(reader, entry)

    def _pieces(self, reader: FileReader, entry: Entry) -> Iterator[bytes]:
        try:
            yield from reader.pieces(entry)
        except (UnusableTable, RangesRefused, DamagedBytes) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> UnreadableLayer:
        if isinstance(error, RangesRefused):
            return UnreadableLayer(f"{self.name} cannot be read in parts: {error}", _FULL_READ)
        if isinstance(error, DamagedBytes):
            return UnreadableLayer(f"{self.name} cannot be read: {error.message}", _FULL_READ)
        return UnreadableLayer(f"the table of contents of {self.name} cannot be used: {error}", _FULL_READ)
