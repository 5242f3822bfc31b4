"""Turns a table of contents into an index of its layer, and places of files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain
from typing import Any

from explorer.errors import DamagedBytes
from explorer.layers.digests import shown
from explorer.layers.frames import Frames
from explorer.layers.layer_builder import build_index
from explorer.layers.read_budget import UNPACKED_BYTES, ReadBudget
from explorer.layers.tables.chunks import Chunks
from explorer.layers.tables.places import TableFormat, TablePlace
from explorer.layers.tables.table_members import TableMembers, digest_bytes
from explorer.layers.tables.table_text import UnusableTable
from explorer.layers.tar import headers
from explorer.layers.tar.headers import BLOCK, Member
from explorer.model import LayerIndex

_TABLE_NAME = "stargz.index.json"
"""The last member of an eStargz layer: its table, which does not list itself."""
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """A table of contents that was read."""

    index: LayerIndex
    """Its inodes are the numbers of the members, from 1."""
    chunks: Chunks
    compression: str


def read_table(place: TablePlace, stored: bytes, budget: ReadBudget, check: Callable[[], None]) -> Table:
    """Returns the table whose compressed bytes are ``stored``.

    ``place`` has its offset. ``check`` is called often, and may raise to stop the work. Raises UnusableTable if the
    table cannot stand for its layer, and UnreadableImage beyond the budget.
    """
    sha256 = hashlib.sha256(stored if place.format is TableFormat.ZSTD_CHUNKED else b"")
    chunks = Chunks()
    digests: dict[int, bytes] = {}
    try:
        text = _unpacked(place.format, stored, budget, check)
        members = TableMembers(chunks, digests, budget, place.offset)
        listed: Iterator[Member]
        if place.format is TableFormat.ESTARGZ:
            size, text = _size_and_json(text)
            listed = chain(
                members.read(_hashed(text, size, sha256)), _last_member(size, place, members, chunks, digests)
            )
        else:
            listed = members.read(text)
        index = build_index(listed, {}, budget)
    except DamagedBytes as error:
        raise UnusableTable(error.message) from error
    if f"sha256:{sha256.hexdigest()}" != place.digest:
        raise UnusableTable(f"its digest is sha256:{sha256.hexdigest()}, expected {shown(place.digest)}")
    chunks.finish(place.offset + len(stored) if place.format is TableFormat.ESTARGZ else place.offset)
    return Table(replace(index, digests=digests, is_from_table=True), chunks, place.format.compression)


def _unpacked(form: TableFormat, stored: bytes, budget: ReadBudget, check: Callable[[], None]) -> Iterator[bytes]:
    """Yields the unpacked bytes. Raises UnusableTable for another compression."""
    frames = Frames(BytesIO(stored).read, form.compression, budget, "")
    while chunk := frames.chunk(_CHUNK_BYTES):
        check()
        budget.take(UNPACKED_BYTES, len(chunk))
        yield chunk
    if not frames.position or frames.garbage_offset is not None:
        raise UnusableTable(f"it is not {form.compression} data")


def _size_and_json(text: Iterator[bytes]) -> tuple[int, Iterator[bytes]]:
    """Returns the table's size as a member of the tar, and the bytes of its JSON.

    No digest covers the header. So it must be the one that all writers make.
    """
    start = b""
    for chunk in text:
        start += chunk
        if len(start) >= BLOCK:
            break
    try:
        member = next(iter(headers.Members(lambda offset, size: start[offset : offset + size])))
    except (StopIteration, DamagedBytes):
        raise UnusableTable("it is not a tar") from None
    if member != _table_member(member.size, BLOCK):
        raise UnusableTable(f"its member of the tar is not an unchanged {_TABLE_NAME}")

    def rest() -> Iterator[bytes]:
        yield start[BLOCK:]
        yield from text

    return member.size, rest()


def _table_member(size: int, offset: int) -> Member:
    return Member(_TABLE_NAME, b"0", size, 0, 0, 0, 0, "", (), offset, size, None)


def _last_member(
    size: int, place: TablePlace, members: TableMembers, chunks: Chunks, digests: dict[int, bytes]
) -> Iterator[Member]:
    """Yields the table as a member, after all others."""
    inode = members.count + 1
    digests[inode] = digest_bytes(place.digest)
    chunks.add(inode, place.offset, BLOCK, size, digests[inode])
    yield _table_member(size, inode)


def _hashed(text: Iterator[bytes], size: int, sha256: Any) -> Iterator[bytes]:
    """Yields ``size`` bytes, and adds them to a hash."""
    for chunk in text:
        if not size:
            return
        part = chunk[:size]
        sha256.update(part)
        size -= len(part)
        yield part
    if size:
        raise UnusableTable(f"it is cut off, {size:,} bytes before its end")
