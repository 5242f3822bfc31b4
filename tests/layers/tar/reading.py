"""Reads made archives, and makes odd ones."""

from __future__ import annotations

import io
import tarfile

from explorer.layers.readers import StreamReader, WindowReader
from explorer.layers.streams import InflatedStream
from explorer.layers.tar import headers
from explorer.layers.tar.headers import Member
from tests.images import gzipped, ranged

BLOCK = 512
END = bytes(2 * BLOCK)


def read_in_place(data: bytes) -> list[Member]:
    """Returns the members of an archive in a file."""
    part = ranged(data)
    return list(headers.Members(WindowReader(part).read_at, part.size))


def read_as_stream(data: bytes) -> list[Member]:
    """Returns the members of an archive that is a stream."""
    reader = StreamReader(InflatedStream(ranged(gzipped(data)), lambda _: None))
    members = []
    for member in headers.Members(reader.read_at):
        for _ in reader.pieces(member.offset, member.stored):
            pass
        members.append(member)
    return members


def pax_member(records: dict[str, str], content: bytes = b"", name: str = "a") -> bytes:
    """Returns an archive of one file with a pax header."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.pax_headers = dict(records)
    return written([(info, content)], tarfile.PAX_FORMAT)


def checked(block: bytes) -> bytes:
    """Returns a header with the right checksum."""
    total = sum(block[:148]) + 256 + sum(block[156:])
    return block[:148] + b"%06o\0 " % total + block[156:]


def changed(data: bytes, at: int, new: bytes, header: int = 0) -> bytes:
    """Returns an archive with changed bytes in a header, and the right checksum."""
    block = data[header : header + BLOCK]
    block = block[:at] + new + block[at + len(new) :]
    return data[:header] + checked(block) + data[header + BLOCK :]


def written(infos: list[tuple[tarfile.TarInfo, bytes]], form: int, common: dict[str, str] | None = None) -> bytes:
    """Returns an archive written by the standard library, without members that the format does not support."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=form, encoding="utf-8", pax_headers=common) as writer:
        for info, content in infos:
            try:
                writer.addfile(info, io.BytesIO(content))
            except ValueError:
                assert form == tarfile.USTAR_FORMAT  # a name that has no place in it
    return archive.getvalue()


def extension(kind: bytes, content: bytes, size: int | None = None) -> bytes:
    """Returns an extension header with its content."""
    info = tarfile.TarInfo("././@LongLink")
    info.type = kind
    info.size = len(content) if size is None else size
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % BLOCK)
