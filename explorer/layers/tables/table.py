"""Turns a table of contents into an index of its layer, and places of files."""

from __future__ import annotations

import binascii
import hashlib
import re
from array import array
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from explorer.errors import DamagedBytes
from explorer.layers.digests import shown
from explorer.layers.frames import Frames
from explorer.layers.layer_builder import build_index
from explorer.layers.read_budget import KEPT_BYTES, UNPACKED_BYTES, ReadBudget
from explorer.layers.tables.places import TableFormat, TablePlace
from explorer.layers.tables.table_text import UnusableTable, entries
from explorer.layers.tar import headers
from explorer.layers.tar.headers import BLOCK, Member
from explorer.model import LayerIndex

_TABLE_NAME = "stargz.index.json"
"""The last member of an eStargz layer: its table, which does not list itself."""
_TYPES = {
    "reg": b"0",
    "hardlink": headers.HARDLINK,
    "symlink": headers.SYMLINK,
    "char": headers.CHARACTER_DEVICE,
    "block": headers.BLOCK_DEVICE,
    "dir": headers.DIRECTORY,
    "fifo": headers.FIFO,
}
_KEYS = frozenset(
    ("name", "type", "size", "modtime", "linkName", "mode", "uid", "gid", "userName", "groupName", "offset")
) | {"endOffset", "innerOffset", "devMajor", "devMinor", "xattrs", "digest", "chunkOffset", "chunkSize", "chunkDigest"}
_FOLDED_KEYS = frozenset(key.casefold() for key in _KEYS)
_CHUNK_BYTES = 1 << 20
_MAX_NUMBER = 1 << 62
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LOST_CHARACTER = re.compile("[\ufffd\ud800-\udfff]")
"""Programs in Go write it in place of bytes that are not UTF-8."""
_KEPT_ATTRIBUTE_BYTES = 64
_KEPT_CHUNK_BYTES = 64
_DIGEST_BYTES = 32


_new = tuple.__new__


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
        members = _Members(chunks, digests, budget, place.offset)
        if place.format is TableFormat.ESTARGZ:
            own_bytes, text = _own_member(text)
            listed = members.read(_hashed(text, own_bytes, sha256), (own_bytes, _digest_bytes(place.digest)))
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
    position = 0

    def read(size: int) -> bytes:
        nonlocal position
        position += size
        return stored[position - size : position]

    frames = Frames(read, form.compression, budget, "")
    while chunk := frames.chunk(_CHUNK_BYTES):
        check()
        budget.take(UNPACKED_BYTES, len(chunk))
        yield chunk
    if not frames.position or frames.garbage_offset is not None:
        raise UnusableTable(f"it is not {form.compression} data")


def _own_member(text: Iterator[bytes]) -> tuple[int, Iterator[bytes]]:
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


class _Members:
    """Turns the entries of a table into members of a tar."""

    def __init__(self, chunks: Chunks, digests: dict[int, bytes], budget: ReadBudget, table_offset: int) -> None:
        self._chunks = chunks
        self._digests = digests
        self._budget = budget
        self._table_offset = table_offset
        self._missing_bytes = 0
        """Bytes of the last file that no chunk has had so far."""
        self._file: Mapping[str, Any] = {}

    def read(self, text: Iterator[bytes], own: tuple[int, bytes] | None = None) -> Iterator[Member]:
        """Yields the members; ``own`` has size and digest of a table that is one, too."""
        inode = 0
        for entry in entries(text):
            kind = entry.get("type")
            if kind == "chunk":
                self._budget.take(KEPT_BYTES, _KEPT_CHUNK_BYTES)
                self._add_chunk(inode, entry)
                continue
            self._expect_whole_file()
            inode += 1
            yield self._member(inode, kind, entry)
        self._expect_whole_file()
        if own is not None:
            size, digest = own
            self._digests[inode + 1] = digest
            self._chunks.add(inode + 1, self._table_offset, BLOCK, size, digest)
            yield _table_member(size, inode + 1)

    def _member(self, inode: int, kind: object, entry: Mapping[str, Any]) -> Member:
        type_flag = _TYPES.get(kind) if isinstance(kind, str) else None
        if type_flag is None:
            raise UnusableTable(f"it has an entry of the type “{shown(str(kind))}”")
        if not entry.keys() <= _KEYS:
            _expect_other_keys(entry)
        get = entry.get
        size, link = 0, ""
        if kind == "reg":
            size = _number(entry, "size")
            if size:
                self._file, self._missing_bytes = entry, size
                self._add_chunk(inode, entry)
        elif kind in ("hardlink", "symlink"):
            link = _text(entry, "linkName")
        elif kind in ("char", "block"):
            link = f"{_number(entry, 'devMajor')}:{_number(entry, 'devMinor')}"
        # The same as Member(...), in half the time.
        return _new(
            Member,
            (
                _text(entry, "name"),
                type_flag,
                size,
                _number(entry, "mode") & 0o7777,
                _number(entry, "uid") if "uid" in entry else 0,
                _number(entry, "gid") if "gid" in entry else 0,
                _nanoseconds(_text(entry, "modtime")) if get("modtime") else 0,
                link,
                self._attributes(entry["xattrs"]) if get("xattrs") else (),
                inode,
                size,
                None,
            ),
        )

    def _add_chunk(self, inode: int, entry: Mapping[str, Any]) -> None:
        """Adds the next part of the last file. Raises UnusableTable if it does not follow."""
        missing, file = self._missing_bytes, self._file
        size = (_number(entry, "chunkSize") if "chunkSize" in entry else 0) or missing
        done = file["size"] - missing if missing else 0
        is_next = (_number(entry, "chunkOffset") if "chunkOffset" in entry else 0) == done
        if not (is_next and 0 < size <= missing and (entry is file or entry.get("name") == file.get("name"))):
            raise UnusableTable(f"the parts of {_shown_name(entry)} do not make a file")
        start = _number(entry, "offset")
        if not 0 < start < self._table_offset:
            raise UnusableTable(f"{_shown_name(entry)} lies outside of the files, at offset {start:,}")
        digest = entry.get("digest")
        if entry is file and digest:
            self._digests[inode] = _digest_bytes(digest)
        chunk_digest = entry.get("chunkDigest")
        if size == file["size"] and digest and (not chunk_digest or chunk_digest == digest):
            value = self._digests[inode]
        else:
            value = _digest_bytes(chunk_digest)
        self._chunks.add(inode, start, _number(entry, "innerOffset") if "innerOffset" in entry else 0, size, value)
        self._missing_bytes = missing - size

    def _expect_whole_file(self) -> None:
        if self._missing_bytes:
            raise UnusableTable(f"{_shown_name(self._file)} lacks {self._missing_bytes:,} bytes")

    def _attributes(self, attributes: object) -> tuple[tuple[str, bytes], ...]:
        if not isinstance(attributes, dict):
            raise UnusableTable("extended attributes are not a JSON object")
        try:
            values = {_checked(name): b64decode(value or "", validate=True) for name, value in attributes.items()}
        except (TypeError, ValueError, binascii.Error):
            raise UnusableTable("an extended attribute is not base64") from None
        pairs = sorted(values.items())
        self._budget.take(KEPT_BYTES, sum(_KEPT_ATTRIBUTE_BYTES + len(name) + len(value) for name, value in pairs))
        return tuple(pairs)


def _shown_name(entry: Mapping[str, Any]) -> str:
    return f"“{shown(str(entry.get('name', '')))}”"


def _expect_other_keys(entry: Mapping[str, Any]) -> None:
    """Raises UnusableTable for keys that programs in Go take for known ones."""
    for key in entry:
        if key not in _KEYS and key.casefold() in _FOLDED_KEYS:
            raise UnusableTable(f"it spells “{shown(key)}” in another way")


def _number(entry: Mapping[str, Any], key: str) -> int:
    number = entry.get(key, 0)
    if type(number) is not int or not -_MAX_NUMBER < number < _MAX_NUMBER or (number < 0 and key not in ("uid", "gid")):
        raise UnusableTable(f"“{key}” is not a number that a file can have")
    return number


def _text(entry: Mapping[str, Any], key: str) -> str:
    text = entry.get(key, "")
    if not isinstance(text, str):
        raise UnusableTable(f"“{key}” is not a text")
    return text if text.isascii() else _checked(text)


def _checked(text: str) -> str:
    if _LOST_CHARACTER.search(text):
        raise UnusableTable(f"it cannot express the name “{shown(text)}”, which is not UTF-8")
    return text


def _digest_bytes(digest: object) -> bytes:
    match = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
    if match is None:
        raise UnusableTable("a part of a file has no sha256 digest")
    return bytes.fromhex(match[1])


@lru_cache(maxsize=4096)
def _nanoseconds(time: str) -> int:
    """Returns a time of RFC 3339."""
    match = _TIME.fullmatch(time)
    try:
        seconds = round(datetime.fromisoformat(match[1] + match[3]).timestamp()) if match else None
    except (ValueError, OverflowError):
        seconds = None
    if match is None or seconds is None:
        raise UnusableTable(f"“{shown(time)}” is not a time")
    return seconds * 1_000_000_000 + int((match[2] or "").ljust(9, "0"))
