"""Tar headers, fast.

Reading headers is where the time goes, so this reads them itself, at many times the speed of the standard library's
``tarfile``, and touches nothing else: contents are stepped over. It understands ustar, GNU and pax archives: long names
and links, base-256 numbers, local and global pax headers, and the four ways to store a sparse file. Sources: POSIX
pax(1), the GNU tar manual's "Basic Tar Format", and the behaviour of ``tarfile``, against which the tests hold it.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol
from zlib import adler32

BLOCK = 512
MAX_EXTENSION = 1 << 20
"""Bytes of a long name or a pax header; real ones are a thousandth of that."""
MAX_CHAIN = 32
"""Extension headers in front of one member."""
_LONGEST_NUMBER = 32
"""Digits of a decimal number; those of a 64-bit one are 20."""

FILE_TYPES = frozenset((b"0", b"\0", b"7", b"S"))
HARDLINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO = b"1", b"2", b"3", b"4", b"5", b"6"
KNOWN_TYPES = FILE_TYPES | {HARDLINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO}
_WITHOUT_CONTENT = frozenset((HARDLINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO))

Pieces = tuple[tuple[int, int], ...]


class TarError(Exception):
    """The archive is damaged. The message says what, and what was expected."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message}, at offset {offset:,}")
        self.offset = offset


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
    """Of a sparse file the (offset in the file, length) of what is stored, in order."""


_HEADER = struct.Struct("100s8s8s8s12s12s8sc100s6s2s32s32s8s8s155s12x")
_ZEROS = bytes(BLOCK)


def members(reader: Reader, length: int | None = None) -> Iterator[Member]:
    """All members of an archive in their order.

    ``length`` is the archive's size in bytes, where it is known; with it, content that would run past the end is found
    without reading it. Raises TarError.
    """
    return _Members(reader, length).run()


class _Extensions:
    """What the extension headers in front of a member said."""

    __slots__ = ("count", "link", "name", "pax")

    def __init__(self) -> None:
        self.count = 0
        self.name: bytes | None = None
        self.link: bytes | None = None
        self.pax: dict[bytes, bytes] = {}


class _Members:
    def __init__(self, reader: Reader, length: int | None) -> None:
        self.read_at = reader.read_at
        self.length = length
        self.common: dict[bytes, bytes] = {}
        """Global pax records."""
        self.numbers: dict[bytes, int] = {}
        """Fields seen before: modes, owners and times repeat in nearly every header."""

    def run(self) -> Iterator[Member]:
        position = 0
        extensions: _Extensions | None = None
        while True:
            block = self.read_at(position, BLOCK)
            if len(block) < BLOCK or block == _ZEROS:
                self._end(block, position, extensions)
                return
            fields = self._check(block, position)
            kind = fields[7]
            if kind in b"xgXLK" and kind:
                extensions = extensions or _Extensions()
                position = self._extend(extensions, kind, fields, position)
                continue
            member, position = self._member(fields, block, position, extensions)
            extensions = None
            yield member

    def _end(self, block: bytes, position: int, extensions: _Extensions | None) -> None:
        if block and len(block) < BLOCK:
            raise TarError(f"the archive is cut off: expected a header of {BLOCK} bytes, found {len(block)}", position)
        if extensions is not None and extensions.count:
            raise TarError("the archive ends behind an extension header, expected the member it belongs to", position)

    def _check(self, block: bytes, position: int) -> tuple[bytes, ...]:
        fields = _HEADER.unpack(block)
        # The low half of Adler-32 is one more than the plain sum of up to 257 bytes; two halves give the header's sum
        # at a tenth of the time that sum() takes.
        total = (adler32(block[:256]) & 0xFFFF) + (adler32(block[256:]) & 0xFFFF) - 2
        total += 256 - sum(fields[6])
        expected = self._number(fields[6], position, "checksum")
        if total != expected:
            signed = sum(struct.unpack("148b8x356b", block)) + 256
            if signed != expected:
                raise TarError(f"not a tar header: the checksum is {total}, the header says {expected}", position)
        return fields

    def _number(self, field: bytes, position: int, what: str) -> int:
        known = self.numbers.get(field)
        if known is not None:
            return known
        number = self._parse_number(field, position, what)
        if len(self.numbers) < 50_000:
            self.numbers[field] = number
        return number

    @staticmethod
    def _parse_number(field: bytes, position: int, what: str) -> int:
        if field[0] == 0x80:
            return int.from_bytes(field[1:], "big")
        if field[0] == 0xFF:
            return int.from_bytes(field, "big", signed=True)
        digits = field.partition(b"\0")[0].strip()
        try:
            return int(digits, 8) if digits else 0
        except ValueError:
            wrong = "not a tar header: " if what == "checksum" else ""
            raise TarError(f"{wrong}the {what} of a header is not a number: {field!r}", position) from None

    def _extend(self, extensions: _Extensions, kind: bytes, fields: tuple[bytes, ...], position: int) -> int:
        """Take in one extension header; returns the position of the next header."""
        size = self._number(fields[4], position, "size")
        extensions.count += kind != b"g"
        if not 0 <= size <= MAX_EXTENSION:
            raise TarError(f"an extension header of {size:,} bytes, expected at most {MAX_EXTENSION:,}", position)
        if extensions.count > MAX_CHAIN:
            raise TarError(f"more than {MAX_CHAIN} extension headers in front of one member", position)
        content = self.read_at(position + BLOCK, size)
        if len(content) < size:
            raise TarError(f"an extension header is cut off: expected {size:,} bytes, found {len(content):,}", position)
        if kind == b"L":
            extensions.name = content.partition(b"\0")[0]
        elif kind == b"K":
            extensions.link = content.partition(b"\0")[0]
        elif kind == b"g":
            self.common.update(_pax_records(content, position))
            taken = sum(len(key) + len(value) for key, value in self.common.items())
            if len(self.common) > 1_000 or taken > MAX_EXTENSION:
                raise TarError("more than 1,000 global pax records, or longer ones than any archive has", position)
        else:
            extensions.pax.update(_pax_records(content, position))
        return position + BLOCK + _padded(size)

    def _member(
        self, fields: tuple[bytes, ...], block: bytes, position: int, extensions: _Extensions | None
    ) -> tuple[Member, int]:
        raw_name, mode, uid, gid, size_field, mtime, _, kind, raw_link, magic, _, _, _, major, minor, prefix = fields
        number = self._number
        size = self._parse_number(size_field, position, "size")
        name = raw_name.partition(b"\0")[0]
        if prefix[0] and magic == b"ustar\0":
            name = prefix.partition(b"\0")[0] + b"/" + name
        link = raw_link.partition(b"\0")[0] if raw_link[0] else b""
        if kind in (CHARACTER_DEVICE, BLOCK_DEVICE):
            link = b"%d:%d" % (number(major, position, "device number"), number(minor, position, "device number"))
        member = Member(
            name.decode("utf-8", "surrogateescape"),
            kind,
            size,
            number(mode, position, "mode") & 0o7777,
            number(uid, position, "owner"),
            number(gid, position, "group"),
            number(mtime, position, "time") * 1_000_000_000,
            link.decode("utf-8", "surrogateescape") if link else "",
            (),
            position + BLOCK,
            size,
            None,
        )
        if extensions is not None or self.common:
            member = _extended(member, extensions or _Extensions(), self.common, position)
        if kind == b"\0" or kind == b"0":
            if member.name.endswith("/") and kind == b"\0":
                member = member._replace(type=DIRECTORY, size=0, stored=0)
        elif kind in _WITHOUT_CONTENT:
            member = member._replace(size=0, stored=0, pieces=None)
        elif kind == b"S":
            member = self._gnu_sparse(member, block, position)
        major = extensions.pax.get(b"GNU.sparse.major", b"0") if extensions is not None else b"0"
        if major == b"1":
            member = self._pax_sparse(member, position)
        elif major != b"0":
            raise TarError(f"a sparse file of version {major[:20]!r}, expected 0 or 1", position)
        self._check_size(member, position)
        return member, member.offset + _padded(member.stored)

    def _check_size(self, member: Member, position: int) -> None:
        if member.size < 0 or member.stored < 0:
            raise TarError(f"a member of {member.size:,} bytes, expected 0 or more", position)
        end = member.offset + member.stored
        if self.length is not None and end > self.length:
            raise TarError(
                f"the content of a member runs to offset {end:,}, expected it to end within the {self.length:,} bytes "
                "of the archive",
                position,
            )
        if end > 1 << 62:
            raise TarError(f"a member of {member.size:,} bytes, expected fewer", position)
        if member.pieces is not None:
            _check_pieces(member, position)

    def _gnu_sparse(self, member: Member, block: bytes, position: int) -> Member:
        """The old GNU format: four pieces in the header, the others in blocks behind it."""
        pieces = self._piece_fields(block, 386, 4, position)
        real_size = self._parse_number(block[483:495], position, "size")
        more = block[482]
        offset = member.offset
        while more:
            block = self.read_at(offset, BLOCK)
            if len(block) < BLOCK:
                raise TarError("the map of a sparse file is cut off", offset)
            pieces += self._piece_fields(block, 0, 21, offset)
            if len(pieces) > MAX_EXTENSION:
                raise TarError(f"a sparse file of more than {MAX_EXTENSION:,} pieces", position)
            more = block[504]
            offset += BLOCK
        return member._replace(size=real_size, offset=offset, pieces=tuple(pieces))

    def _piece_fields(self, block: bytes, start: int, count: int, position: int) -> list[tuple[int, int]]:
        pieces = []
        for at in range(start, start + 24 * count, 24):
            offset, length = (self._parse_number(block[i : i + 12], position, "sparse map") for i in (at, at + 12))
            if not offset and not length:
                break
            pieces.append((offset, length))
        return pieces

    def _pax_sparse(self, member: Member, position: int) -> Member:
        """Format 1.0: the map stands, as decimal lines, in front of the content."""
        start = member.offset
        blocks = [self.read_at(start, BLOCK)]
        first = blocks[0].partition(b"\n")[0]
        try:
            expected = 1 + 2 * int(first)
        except ValueError:
            raise TarError(f"the map of a sparse file begins with {first[:20]!r}, not a number", start) from None
        if not 0 < expected <= MAX_EXTENSION:
            raise TarError(f"a sparse file of {expected:,} numbers", position)
        found = blocks[0].count(b"\n")
        while found < expected:
            block = self.read_at(start + len(blocks) * BLOCK, BLOCK)
            if len(block) < BLOCK or len(blocks) * BLOCK > expected * _LONGEST_NUMBER:
                raise TarError(f"the map of a sparse file is cut off: expected {expected:,} lines", start)
            blocks.append(block)
            found += block.count(b"\n")
        try:
            numbers = [int(line) for line in b"".join(blocks).split(b"\n")[1:expected]]
        except ValueError:
            raise TarError("the map of a sparse file holds something else than numbers", start) from None
        used = len(blocks) * BLOCK
        if used > member.stored:
            raise TarError(f"the map of a sparse file takes {used:,} of its {member.stored:,} bytes", position)
        pieces = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        return member._replace(offset=start + used, stored=member.stored - used, pieces=pieces)


def _check_pieces(member: Member, position: int) -> None:
    end = total = 0
    for offset, length in member.pieces or ():
        if length < 0 or offset < end:
            raise TarError("the pieces of a sparse file overlap or run backwards", position)
        end = offset + length
        total += length
    if end > member.size or total > member.stored:
        raise TarError("the pieces of a sparse file do not fit into it", position)


def _padded(size: int) -> int:
    return (size + BLOCK - 1) & -BLOCK


def _pax_records(content: bytes, position: int) -> dict[bytes, bytes]:
    """The records ``length key=value\\n`` of a pax header."""
    records: dict[bytes, bytes] = {}
    sparse: list[bytes] = []
    start, end = 0, len(content)
    while start < end and content[start]:
        space = content.find(b" ", start, start + 20)
        try:
            stop = start + int(content[start:space])
        except ValueError:
            raise TarError("a pax record does not begin with its length", position) from None
        if space < 0 or stop > end or stop <= space + 1 or content[stop - 1] != 0x0A:
            raise TarError("a pax record whose length does not match its end", position)
        key, equals, value = content[space + 1 : stop - 1].partition(b"=")
        if not equals or not key:
            raise TarError("a pax record without a key and a value", position)
        if key in (b"GNU.sparse.offset", b"GNU.sparse.numbytes"):
            sparse.append(value)
        records[key] = value
        start = stop
    if sparse:
        # Format 0.0 repeats two keys; format 0.1 holds the same numbers in one.
        records[b"GNU.sparse.map"] = b",".join(sparse)
    return records


def _extended(member: Member, extensions: _Extensions, common: dict[bytes, bytes], position: int) -> Member:
    """The member as its extension headers correct it."""
    records = common | extensions.pax
    pax = {key: value for key, value in records.items() if value}
    changed: dict[str, Any] = {}
    name = extensions.name
    if name is None:
        name = pax.get(b"GNU.sparse.name", pax.get(b"path"))
    if name is not None:
        changed["name"] = name.decode("utf-8", "surrogateescape")
    link = extensions.link if extensions.link is not None else pax.get(b"linkpath")
    if link is not None and member.type not in (CHARACTER_DEVICE, BLOCK_DEVICE):
        changed["link"] = link.decode("utf-8", "surrogateescape")
    for key, field in ((b"uid", "uid"), (b"gid", "gid"), (b"size", "size")):
        if key in pax:
            changed[field] = _decimal(pax[key], key, position)
    if "size" in changed:
        changed["stored"] = changed["size"]
    if b"mtime" in pax:
        changed["mtime_ns"] = _nanoseconds(pax[b"mtime"], position)
    for key in (b"GNU.sparse.size", b"GNU.sparse.realsize"):
        if key in pax:
            changed["size"] = _decimal(pax[key], key, position)
            changed["pieces"] = ()
    if b"GNU.sparse.map" in pax:
        numbers = [_decimal(part, b"GNU.sparse.map", position) for part in pax[b"GNU.sparse.map"].split(b",")]
        if len(numbers) % 2:
            raise TarError("the map of a sparse file has an offset without a length", position)
        changed["pieces"] = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return member._replace(xattrs=_attributes(records, extensions.pax), **changed)


def _attributes(records: dict[bytes, bytes], own: dict[bytes, bytes]) -> tuple[tuple[str, bytes], ...]:
    """The extended attributes among pax records. Only one of the member's own may be empty: a global one is undone."""
    prefix = b"SCHILY.xattr."
    found = [(key, value) for key, value in records.items() if key.startswith(prefix) and (value or key in own)]
    return tuple((key[len(prefix) :].decode("utf-8", "surrogateescape"), value) for key, value in sorted(found))


def _decimal(value: bytes, key: bytes, position: int) -> int:
    try:
        if len(value) <= _LONGEST_NUMBER:
            return int(value)
    except ValueError:
        pass
    raise TarError(f"the pax record {key.decode()} is not a number: {value[:40]!r}", position)


_DECIMAL_SECONDS = re.compile(rb"([+-]?)(?=\.?\d)(\d{0,20})(?:\.(\d*))?")


def _nanoseconds(value: bytes, position: int) -> int:
    """Decimal seconds, exactly: a float would lose the nanoseconds of today."""
    plain = _DECIMAL_SECONDS.fullmatch(value)
    if plain:
        sign, whole, fraction = plain.groups(b"")
        count = int(whole or b"0") * 1_000_000_000 + int(fraction[:9].ljust(9, b"0"))
        return -count if sign == b"-" else count
    try:
        # Python's own writer spells some times 1e-05.
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not abs(seconds) < 1e20:
        raise TarError(f"the pax record mtime is not a number: {value[:40]!r}", position)
    return int(seconds * 1_000_000_000)
