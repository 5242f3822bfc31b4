"""Turns the entries of a table of contents into members of a tar."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from explorer.layers.digests import shown
from explorer.layers.read_budget import KEPT_BYTES, ReadBudget
from explorer.layers.tables.chunks import Chunks
from explorer.layers.tables.table_text import UnusableTable, entries
from explorer.layers.tar import headers
from explorer.layers.tar.headers import Member

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
_MAX_NUMBER = 1 << 62
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_LOST_CHARACTER = re.compile("[\ufffd\ud800-\udfff]")
"""Programs in Go write it in place of bytes that are not UTF-8."""
_KEPT_ATTRIBUTE_BYTES = 64
_KEPT_CHUNK_BYTES = 64
_MAX_RATIO = 1 << 15
"""Unpacked bytes for each stored one: zstd packs 128 KiB into four bytes at best, and gzip less."""

_new = tuple.__new__


class TableMembers:
    """Turns the entries of a table into members of a tar."""

    def __init__(self, chunks: Chunks, digests: dict[int, bytes], budget: ReadBudget, table_offset: int) -> None:
        self._chunks = chunks
        self._digests = digests
        self._budget = budget
        self._table_offset = table_offset
        self.count = 0
        """Number of the last member, which is its inode."""
        self._room_bytes = _MAX_RATIO * table_offset
        """Bytes that further files can have."""
        self._missing_bytes = 0
        """Bytes of the last file that no chunk has had so far."""
        self._file: Mapping[str, Any] = {}

    def read(self, text: Iterator[bytes]) -> Iterator[Member]:
        """Yields the members of the JSON. Raises UnusableTable."""
        for entry in entries(text):
            kind = entry.get("type")
            if kind == "chunk":
                self._budget.take(KEPT_BYTES, _KEPT_CHUNK_BYTES)
                self._add_chunk(self.count, entry)
                continue
            self._expect_whole_file()
            self.count += 1
            yield self._member(self.count, kind, entry)
        self._expect_whole_file()

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
                self._room_bytes -= size
                if self._room_bytes < 0:
                    raise UnusableTable(f"{_shown_name(entry)} has {size:,} bytes, more than the layer can hold")
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
            self._digests[inode] = digest_bytes(digest)
        chunk_digest = entry.get("chunkDigest")
        if size == file["size"] and digest and (not chunk_digest or chunk_digest == digest):
            value = self._digests[inode]
        else:
            value = digest_bytes(chunk_digest)
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


def digest_bytes(digest: object) -> bytes:
    """Returns the bytes of a sha256 digest. Raises UnusableTable for other values."""
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
