"""Tar headers, fast.

Reading headers is where the time goes, so this reads them itself, at many times the speed of the standard library's
``tarfile``, and touches nothing else: contents are stepped over. It understands ustar, GNU and pax archives: long names
and links, base-256 numbers, local and global pax headers, and the four ways to store a sparse file. Sources: POSIX
pax(1), the GNU tar manual's "Basic Tar Format", and the behaviour of ``tarfile``, against which the tests hold it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from isal.isal_zlib import adler32

from explorer.errors import UnreadableImage
from explorer.layers.tar import pax, sparse
from explorer.layers.tar.numbers import MAX_KEPT, HeaderNumbers, decimal, header_number, nanoseconds
from explorer.layers.tar.sparse import Pieces

BLOCK = 512
SAVE_AGAIN = "Save or download the image again."
MAX_EXTENSION = 1 << 20
"""Bytes of a long name or a pax header; real ones are a thousandth of that."""
MAX_CHAIN = 32
"""Extension headers in front of one member."""
_MAX_OFFSET = 1 << 62

FILE_TYPES = frozenset((b"0", b"\0", b"7", b"S"))
HARDLINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO = b"1", b"2", b"3", b"4", b"5", b"6"
_DEVICES = frozenset((CHARACTER_DEVICE, BLOCK_DEVICE))
_WITHOUT_CONTENT = frozenset((HARDLINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO))
_UNUSUAL = frozenset((b"\0", b"S", CHARACTER_DEVICE, BLOCK_DEVICE))
"""Types whose headers say more than the others."""
_EXTENSIONS = frozenset((b"x", b"g", b"X", b"L", b"K"))


class TarError(UnreadableImage):
    """The archive is damaged. The message names the damage, what was expected, and the offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message}, at offset {offset:,}", SAVE_AGAIN)


class Reader(Protocol):
    """Access to the bytes of an archive. The header reader asks for ever later offsets, so a stream can serve it."""

    def read_at(self, offset: int, size: int) -> bytes:
        """``size`` bytes from ``offset``; fewer only where the archive ends."""


class Member(NamedTuple):
    """One member as the archive spells it: the name is not normalised, the type is the tar type flag."""

    name: str
    type: bytes
    size: int
    """Bytes of the content, holes of a sparse file included; 0 for types that have none."""
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    link: str
    """Link target, or ``major:minor`` of a device."""
    xattrs: tuple[tuple[str, bytes], ...]
    offset: int
    """Where the stored content begins."""
    stored: int
    """Bytes that the content takes in the archive, padding apart."""
    pieces: Pieces | None
    """None unless it is a sparse file."""


_FIELDS = struct.Struct("100x24s12s12s8sc355x")
"""Mode, owner and group together (they repeat all the time), size, time, checksum, type."""
_NUMBERS = {"mode": (100, 108), "owner": (108, 116), "group": (116, 124), "size": (124, 136), "time": (136, 148)}
"""Where in a header."""
_NAME = 100
_LINK, _LINK_END = 157, 257
_MAGIC, _PREFIX, _PREFIX_END = 257, 345, 500
_ZEROS = bytes(BLOCK)


class _Extensions:
    """What the extension headers in front of a member said."""

    __slots__ = ("count", "link", "name", "pax")

    def __init__(self) -> None:
        self.count = 0
        self.name: bytes | None = None
        self.link: bytes | None = None
        self.pax: dict[bytes, bytes] = {}


class _Sums(dict[bytes, int]):
    """Checksum fields to the low half of the Adler-32 of a header that has them.

    That half is one more than the plain sum of the bytes, which is what a tar's checksum is, at a fiftieth of the time.
    It counts modulo 65,521, and the checksum has blanks for its own field.
    """

    def __missing__(self, field: bytes) -> int:
        try:
            expected = (header_number(field) - 8 * 0x20 + sum(field) + 1) % 65_521
        except ValueError:
            return -1
        if len(self) < MAX_KEPT:
            self[field] = expected
        return expected


class _Owners(dict[bytes, tuple[int, int, int]]):
    """Three fields of a header at once: mode (its permission bits), owner and group."""

    def __missing__(self, fields: bytes) -> tuple[int, int, int]:
        mode, uid, gid = (header_number(fields[start : start + 8]) for start in (0, 8, 16))
        found = (mode & 0o7777, uid, gid)
        if len(self) < MAX_KEPT:
            self[fields] = found
        return found


class Members:
    """The members of an archive in their order, to be gone through once. Doing so raises TarError."""

    def __init__(self, reader: Reader, length: int | None = None) -> None:
        """Takes the archive's ``length``, if known, to find content that runs past the end without reading it."""
        self.has_end_mark = False
        """Whether the zeros were there that end an archive; known when all members have come."""
        self._read_at = reader.read_at
        self._limit = _MAX_OFFSET if length is None else length
        self._common: dict[bytes, bytes] = {}
        """Global pax records."""
        self._numbers = HeaderNumbers()
        self._owners = _Owners()
        self._sums = _Sums()

    def __iter__(self) -> Iterator[Member]:
        position = 0
        extensions: _Extensions | None = None
        # This loop is where the time goes: everything is at hand, and nothing is called that is not needed.
        read_at, limit, common = self._read_at, self._limit, self._common
        numbers, owners, sums = self._numbers, self._owners, self._sums
        fields_of, new = _FIELDS.unpack, tuple.__new__
        while True:
            block = read_at(position, BLOCK)
            if len(block) < BLOCK or block == _ZEROS:
                self._end(block, position, extensions)
                return
            owner, size_field, time, checksum, kind = fields_of(block)
            if adler32(block) & 0xFFFF != sums[checksum]:
                _check_sum(block, checksum, position)
            if kind in _EXTENSIONS:
                extensions = extensions or _Extensions()
                position = self._extend(extensions, kind, size_field, position)
                continue
            end = block.find(0, 0, _NAME)
            name = block[:end] if end >= 0 else block[:_NAME]
            if block[_PREFIX]:
                name = _prefixed(name, block)
            start = position + BLOCK
            try:
                size = 0 if kind in _WITHOUT_CONTENT else numbers[size_field]
                mode, uid, gid = owners[owner]
                # What Member() does, in half the time.
                member: Member = new(
                    Member,
                    (
                        name.decode("utf-8", "surrogateescape"),
                        kind,
                        size,
                        mode,
                        uid,
                        gid,
                        numbers[time] * 1_000_000_000,
                        _link(block) if block[_LINK] else "",
                        (),
                        start,
                        size,
                        None,
                    ),
                )
            except ValueError:
                raise _bad_number(block, position) from None
            if extensions is not None or kind in _UNUSUAL or common:
                member = self._corrected(member, block, position, extensions or _Extensions())
                extensions = None
                start, size = member.offset, member.stored
            if size < 0 or start + size > limit:
                raise self._bad_size(member, position)
            position = start + ((size + BLOCK - 1) & -BLOCK)
            yield member

    def _end(self, block: bytes, position: int, extensions: _Extensions | None) -> None:
        if block and len(block) < BLOCK:
            raise TarError(f"the archive is cut off: expected a header of {BLOCK} bytes, found {len(block)}", position)
        if extensions is not None and extensions.count:
            raise TarError("the archive ends behind an extension header, expected the member it belongs to", position)
        self.has_end_mark = bool(block)

    def _extend(self, extensions: _Extensions, kind: bytes, size_field: bytes, position: int) -> int:
        """Take in one extension header; returns the position of the next header."""
        try:
            size = self._numbers[size_field]
        except ValueError:
            raise _not_a_number("size", size_field, position) from None
        extensions.count += kind != b"g"
        if not 0 <= size <= MAX_EXTENSION:
            raise TarError(f"an extension header of {size:,} bytes, expected at most {MAX_EXTENSION:,}", position)
        if extensions.count > MAX_CHAIN:
            raise TarError(f"more than {MAX_CHAIN} extension headers in front of one member", position)
        content = self._read_at(position + BLOCK, size)
        if len(content) < size:
            raise TarError(f"an extension header is cut off: expected {size:,} bytes, found {len(content):,}", position)
        if kind == b"L":
            extensions.name = content.partition(b"\0")[0]
        elif kind == b"K":
            extensions.link = content.partition(b"\0")[0]
        elif kind == b"g":
            self._common.update(_records(content, position))
            taken = sum(len(key) + len(value) for key, value in self._common.items())
            if len(self._common) > 1_000 or taken > MAX_EXTENSION:
                raise TarError("more than 1,000 global pax records, or longer ones than any archive has", position)
        else:
            extensions.pax.update(_records(content, position))
        return position + BLOCK + _padded(size)

    def _bad_size(self, member: Member, position: int) -> TarError:
        end = member.offset + member.stored
        if member.stored < 0:
            return TarError(f"a member of {member.stored:,} bytes, expected 0 or more", position)
        if self._limit == _MAX_OFFSET:
            return TarError(f"a member of {member.stored:,} bytes, expected fewer", position)
        return TarError(
            f"the content of a member runs to offset {end:,}, expected it to end within the {self._limit:,} bytes "
            "of the archive",
            position,
        )

    def _corrected(self, member: Member, block: bytes, position: int, extensions: _Extensions) -> Member:
        """The member with what its extension headers and its type say beyond the usual."""
        kind = member.type
        if kind in _DEVICES:
            member = member._replace(link=_device_numbers(block, position))
        try:
            if extensions.count or self._common:
                member = _extended(member, extensions, self._common, position)
            if kind == b"\0" and member.name.endswith("/"):
                member = member._replace(type=DIRECTORY, size=0, stored=0)
            elif kind in _WITHOUT_CONTENT:
                member = member._replace(size=0, stored=0, pieces=None)
            elif kind == b"S":
                size, pieces, count = sparse.from_header(block, self._blocks(member.offset))
                member = member._replace(size=size, offset=member.offset + count * BLOCK, pieces=pieces)
            version = extensions.pax.get(b"GNU.sparse.major", b"0")
            if version == b"1":
                pieces, count = sparse.from_lines(self._blocks(member.offset))
                used = count * BLOCK
                if used > member.stored:
                    raise TarError(f"the map of a sparse file takes {used:,} of its {member.stored:,} bytes", position)
                member = member._replace(offset=member.offset + used, stored=member.stored - used, pieces=pieces)
            elif version != b"0":
                raise TarError(f"a sparse file of version {version[:20]!r}, expected 0 or 1", position)
            if member.pieces is not None:
                sparse.validate(member.size, member.stored, member.pieces)
        except sparse.BadMap as error:
            raise TarError(str(error), position) from None
        return member

    def _blocks(self, start: int) -> Callable[[int], bytes]:
        return lambda number: self._read_at(start + number * BLOCK, BLOCK)


def _records(content: bytes, position: int) -> dict[bytes, bytes]:
    try:
        return pax.records(content)
    except ValueError as error:
        raise TarError(str(error), position) from None


def _check_sum(block: bytes, field: bytes, position: int) -> None:
    """Look closer at a header whose bytes do not add up: some writers took them for signed."""
    try:
        expected = header_number(field)
    except ValueError:
        raise _not_a_number("checksum", field, position, "not a tar header: ") from None
    if sum(struct.unpack("148b8x356b", block)) + 8 * 0x20 != expected:
        total = sum(block) - sum(field) + 8 * 0x20
        raise TarError(f"not a tar header: the checksum is {total}, the header says {expected}", position)


def _prefixed(name: bytes, block: bytes) -> bytes:
    """A long name, of which ustar keeps the beginning elsewhere; other formats have other things there."""
    if block[_MAGIC : _MAGIC + 6] != b"ustar\0":
        return name
    return block[_PREFIX:_PREFIX_END].partition(b"\0")[0] + b"/" + name


def _link(block: bytes) -> str:
    return block[_LINK:_LINK_END].partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _bad_number(block: bytes, position: int) -> TarError:
    """The error for the first field of a header that should be a number and is not."""
    for what, (start, end) in _NUMBERS.items():
        try:
            header_number(block[start:end])
        except ValueError:
            return _not_a_number(what, block[start:end], position)
    return TarError("a header with a number out of range", position)


def _not_a_number(what: str, field: bytes, position: int, judgement: str = "") -> TarError:
    return TarError(f"{judgement}the {what} of a header is not a number: {field!r}", position)


def _device_numbers(block: bytes, position: int) -> str:
    major, minor = block[329:337], block[337:345]
    try:
        return f"{header_number(major)}:{header_number(minor)}"
    except ValueError:
        raise TarError(f"the device number of a header is not a number: {major + minor!r}", position) from None


def _padded(size: int) -> int:
    return (size + BLOCK - 1) & -BLOCK


_PAX_NUMBERS: tuple[tuple[bytes, str, Callable[[bytes], int]], ...] = (
    (b"uid", "uid", decimal),
    (b"gid", "gid", decimal),
    (b"size", "size", decimal),
    (b"mtime", "mtime_ns", nanoseconds),
    (b"GNU.sparse.size", "size", decimal),
    (b"GNU.sparse.realsize", "size", decimal),
)
"""Pax record, the field of a member that it sets, and how it is spelled; in the order in which they count."""


def _extended(member: Member, extensions: _Extensions, common: dict[bytes, bytes], position: int) -> Member:
    """The member as its extension headers correct it."""
    records = common | extensions.pax
    said = {key: value for key, value in records.items() if value}
    changed: dict[str, Any] = {}
    name = extensions.name
    if name is None:
        name = said.get(b"GNU.sparse.name", said.get(b"path"))
    if name is not None:
        changed["name"] = name.decode("utf-8", "surrogateescape")
    link = extensions.link if extensions.link is not None else said.get(b"linkpath")
    if link is not None and member.type not in (CHARACTER_DEVICE, BLOCK_DEVICE):
        changed["link"] = link.decode("utf-8", "surrogateescape")
    for key, field, parse in _PAX_NUMBERS:
        if key in said:
            try:
                changed[field] = parse(said[key])
            except ValueError:
                raise TarError(f"the pax record {key.decode()} is not a number: {said[key][:40]!r}", position) from None
            if key == b"size":
                changed["stored"] = changed["size"]
            elif field == "size":
                changed["pieces"] = ()
    if b"GNU.sparse.map" in said:
        changed["pieces"] = sparse.from_record(said[b"GNU.sparse.map"])
    return member._replace(xattrs=pax.attributes(records, extensions.pax), **changed)
