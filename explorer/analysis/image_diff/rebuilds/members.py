"""The members of archives, from bytes that are not trusted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from explorer.analysis.packages.java import ZIP_ERRORS
from explorer.errors import UnreadableImage
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tar import headers
from explorer.text.units import utc_time

_MAX_MEMBERS = 100_000
_NANOSECONDS = 1_000_000_000
"""In a second."""
_AR_MAGIC, _AR_HEADER_BYTES = b"!<arch>\n", 60
_ZIP_ENTRY = b"PK\1\2"
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""zipfile unpacks the others without a bound."""
_ERRORS = (UnreadableImage, *ZIP_ERRORS)
"""Errors about archives that are damaged or made to do harm."""


class Unreadable(Exception):
    """An archive is damaged, or has more than a real one."""


class Member(NamedTuple):
    """A member of an archive."""

    name: str
    time: str
    """For people; empty if it has none."""
    metadata: tuple[object, ...]
    """Type, mode, owner, link and others, without name and times."""
    read: Callable[[int], bytes]
    """Returns at most the given number of bytes of its content. Raises Unreadable."""
    checksum: tuple[int, int] | None = None
    """Checksum and size of the content, if the archive states them."""


def archive_kind(content: bytes) -> str:
    """Returns ``tar``, ``zip`` or ``ar`` for an archive, or nothing."""
    if content.startswith(b"PK\3\4"):
        return "zip"
    if content.startswith(_AR_MAGIC):
        return "ar"
    return "tar" if headers.has_magic(content) else ""


def members_of(kind: str, content: bytes) -> list[Member]:
    """Returns the members of an archive, in order. Raises Unreadable."""
    members = []
    try:
        for member in _READERS[kind](content):
            members.append(member)
            if len(members) > _MAX_MEMBERS:
                raise Unreadable
    except _ERRORS as error:
        raise Unreadable from error
    return members


def _tar_members(content: bytes) -> Iterator[Member]:
    for each in headers.Members(lambda offset, size: content[offset : offset + size], len(content), ReadBudget()):
        metadata = (each.type, each.mode, each.uid, each.gid, each.link, each.xattrs, each.pieces)
        end = each.offset + each.stored

        def read(limit: int, start: int = each.offset, end: int = end) -> bytes:
            return content[start : min(end, start + limit)]

        yield Member(each.name, utc_time(each.mtime_ns), metadata, read)


def _zip_members(content: bytes) -> Iterator[Member]:
    # Counted first, because zipfile makes an object for each.
    if content.count(_ZIP_ENTRY) > _MAX_MEMBERS:
        raise Unreadable
    archive = zipfile.ZipFile(io.BytesIO(content))
    for each in archive.infolist():
        year, month, day, hour, minute, second = each.date_time
        time = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        metadata = (each.external_attr, each.create_system, each.comment, each.compress_type)

        def read(limit: int, each: zipfile.ZipInfo = each) -> bytes:
            if each.flag_bits & 1 or each.compress_type not in _READABLE:
                raise Unreadable
            try:
                with archive.open(each) as file:
                    return file.read(limit)
            except _ERRORS as error:
                raise Unreadable from error

        yield Member(each.filename, time, metadata, read, (each.CRC, each.file_size))


def _ar_members(content: bytes) -> Iterator[Member]:
    position = len(_AR_MAGIC)
    while position + _AR_HEADER_BYTES <= len(content):
        header = content[position : position + _AR_HEADER_BYTES]
        name, time, owner, size = header[:16], header[16:28], header[28:48], int(header[48:58])
        start = position + _AR_HEADER_BYTES
        if header[58:] != b"`\n" or not 0 <= size <= len(content) - start:
            raise Unreadable

        def read(limit: int, start: int = start, size: int = size) -> bytes:
            return content[start : start + min(size, limit)]

        yield Member(
            name.decode("latin-1").rstrip(), utc_time(int(time.strip() or b"0") * _NANOSECONDS), (owner,), read
        )
        position = start + size + size % 2


_READERS: Mapping[str, Callable[[bytes], Iterator[Member]]] = {
    "tar": _tar_members,
    "zip": _zip_members,
    "ar": _ar_members,
}
