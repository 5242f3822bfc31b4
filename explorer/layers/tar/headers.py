"""Reads tar headers, many times faster than ``tarfile``, and skips contents.

It understands ustar, GNU and pax archives: long names and links, base-256 numbers, local and global pax headers, and
the four ways to store a sparse file. Where writers or specifications differ, it reads as Go's ``archive/tar``, because
engines unpack with that. Sources: POSIX pax(1), the GNU tar manual's "Basic Tar Format", and the behaviour of
``archive/tar`` and ``tarfile``; the tests compare it with the latter.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from isal.isal_zlib import adler32

from explorer.errors import DamagedBytes
from explorer.layers.read_budget import KEPT_BYTES, UNLIMITED, ReadBudget
from explorer.layers.tar import pax, sparse
from explorer.layers.tar.numbers import FieldCache, decimal, header_number, nanoseconds
from explorer.layers.tar.sparse import Pieces

BLOCK = 512
NO_END_MARK = "the layer's tar ends without an end mark; it may be cut off"
SAVE_AGAIN = "Save or download the image again."
MAX_EXTENSION_BYTES = 1 << 20
"""For a long name or a pax header; real ones have a thousandth of that."""
MAX_EXTENSION_HEADERS = 32
"""In front of one member."""
_MAX_IGNORED_RECORDS = 100
_RECORD_BYTES, _PIECE_BYTES = 64, 128
"""Sizes of a pax record and of a piece of a sparse file in the budget: about their memory."""
_MAX_OFFSET = 1 << 62
_MAX_PADDING_BYTES = 32 << 10
"""Zeros behind the end in which something else is looked for; GNU tar writes up to 10 KiB."""

GNU_SPARSE = b"S"
FILE_TYPES = frozenset((b"0", b"\0", b"7", GNU_SPARSE))
HARDLINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO = b"1", b"2", b"3", b"4", b"5", b"6"
_DEVICE_TYPES = frozenset((CHARACTER_DEVICE, BLOCK_DEVICE))
_TYPES_WITHOUT_CONTENT = frozenset((HARDLINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO))
_SPECIAL_TYPES = frozenset((b"\0", GNU_SPARSE, CHARACTER_DEVICE, BLOCK_DEVICE))
"""Types whose headers have special fields."""
_EXTENSION_TYPES = frozenset((b"x", b"g", b"X", b"L", b"K"))


class TarError(DamagedBytes):
    """The archive is damaged; the message has the damage and the offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message}, at offset {offset:,}", SAVE_AGAIN)


class Member(NamedTuple):
    """A member of an archive: its name as spelled there, and its tar type flag."""

    name: str
    type: bytes
    size: int
    """Bytes of the content, holes of a sparse file included; 0 for types without content."""
    mode: int
    uid: int
    gid: int
    mtime_ns: int
    link: str
    """Link target, or ``major:minor`` of a device."""
    xattrs: tuple[tuple[str, bytes], ...]
    offset: int
    """Start of the stored content."""
    stored: int
    """Bytes of the content in the archive, without padding."""
    pieces: Pieces | None
    """None unless the file is sparse."""


_FIELDS = struct.Struct("100x24s12s12s8sc355x")
"""Mode, owner and group as one field, because they repeat often; size, time, checksum, type."""
_NAME_END = 100
_LINK, _LINK_END = 157, 257
_MAGIC, _PREFIX, _PREFIX_END = 257, 345, 500
_STAR_PREFIX_BYTES = 131
_ZEROS = bytes(BLOCK)


class _Extensions:
    """The content of the extension headers in front of a member."""

    __slots__ = ("count", "link", "name", "pax")

    def __init__(self) -> None:
        self.count = 0
        self.name: bytes | None = None
        self.link: bytes | None = None
        self.pax: dict[bytes, bytes] = {}


class Members:
    """Iterates once over an archive's members in order. Raises TarError."""

    def __init__(
        self, read_at: Callable[[int, int], bytes], length: int | None = None, budget: ReadBudget = UNLIMITED
    ) -> None:
        """Takes a function that reads, and the archive's ``length`` if it is known.

        Offsets only rise, so a stream can be read. Content that runs past the length is found without reading it.
        """
        self.end_problems: list[str] = []
        """Oddities of the archive's end, in words for people; valid after the last member."""
        self._read_at = read_at
        self._budget = budget
        self._limit = _MAX_OFFSET if length is None else length
        self.ignored_records: dict[bytes, None] = {}
        """Keys of global pax records, which engines ignore; valid after the last member."""
        self._numbers = FieldCache(header_number)
        self._owners = FieldCache(_owner_numbers)
        self._checksums = FieldCache(_expected_adler32)

    def __iter__(self) -> Iterator[Member]:
        position = 0
        extensions: _Extensions | None = None
        # Most of the time is spent in this loop, so it uses local names and avoids calls.
        read_at, limit = self._read_at, self._limit
        numbers, owners, checksums = self._numbers, self._owners, self._checksums
        fields_of, new = _FIELDS.unpack, tuple.__new__
        while True:
            block = read_at(position, BLOCK)
            if len(block) < BLOCK or block == _ZEROS:
                self._end(block, position, extensions)
                return
            owner, size_field, time, checksum, kind = fields_of(block)
            if adler32(block) & 0xFFFF != checksums[checksum]:
                _check_sum(block, checksum, position)
            if kind in _EXTENSION_TYPES:
                extensions = (kind != b"g" and extensions) or _Extensions()
                position = self._read_extension(extensions, kind, size_field, position)
                continue
            end = block.find(0, 0, _NAME_END)
            name = block[:end] if end >= 0 else block[:_NAME_END]
            if block[_PREFIX]:
                name = _prefixed(name, block)
            start = position + BLOCK
            try:
                size = 0 if kind in _TYPES_WITHOUT_CONTENT else numbers[size_field]
                mode, uid, gid = owners[owner]
                # The same as Member(...), in half the time.
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
                raise TarError(f"a header field is not a number, in {block[100:148]!r}", position) from None
            if extensions is not None or kind in _SPECIAL_TYPES:
                member = self._corrected(member, block, position, extensions or _Extensions())
                extensions = None
                start, size = member.offset, member.stored
            if size < 0 or start + size > limit:
                raise TarError(
                    f"a member of {size:,} bytes, expected 0 to {limit - start:,}, the rest of the archive", position
                )
            position = start + ((size + BLOCK - 1) & -BLOCK)
            yield member

    def _end(self, block: bytes, position: int, extensions: _Extensions | None) -> None:
        if block and len(block) < BLOCK:
            raise TarError(f"the archive is cut off: expected a header of {BLOCK} bytes, found {len(block)}", position)
        if extensions is not None and extensions.count:
            self.end_problems.append(
                "the layer's tar ends with an extension header that no member follows; it was ignored"
            )
        if not block:
            self.end_problems.append(NO_END_MARK)
            return
        padding = self._read_at(position, _MAX_PADDING_BYTES)
        zeros = len(padding) - len(padding.lstrip(b"\0"))
        if zeros < len(padding):
            end = "and the bytes behind it were ignored, as engines do"
            if zeros < 2 * BLOCK:
                end = "with one block of zeros instead of two; engines refuse it, and the bytes behind it were ignored"
            self.end_problems.append(f"the layer's tar ends at offset {position:,}, {end}")

    def _read_extension(self, extensions: _Extensions, kind: bytes, size_field: bytes, position: int) -> int:
        """Reads an extension header, and returns the position of the next header."""
        try:
            size = self._numbers[size_field]
        except ValueError:
            raise TarError(f"the size of a header is not a number: {size_field!r}", position) from None
        extensions.count += kind != b"g"
        if not 0 <= size <= MAX_EXTENSION_BYTES:
            raise TarError(f"an extension header of {size:,} bytes, expected at most {MAX_EXTENSION_BYTES:,}", position)
        if extensions.count > MAX_EXTENSION_HEADERS:
            raise TarError(f"more than {MAX_EXTENSION_HEADERS} extension headers in front of one member", position)
        content = self._read_at(position + BLOCK, size)
        if len(content) < size:
            raise TarError(f"an extension header is cut off: expected {size:,} bytes, found {len(content):,}", position)
        if kind == b"L":
            extensions.name = content.partition(b"\0")[0]
        elif kind == b"K":
            extensions.link = content.partition(b"\0")[0]
        elif kind == b"g":
            # Nor does what came before it count for the next member: for Go, a global header is a member of its own.
            for key in islice(_records(content, position), _MAX_IGNORED_RECORDS - len(self.ignored_records)):
                self.ignored_records[key] = None
        else:
            extensions.pax = _records(content, position)
        self._budget.take(KEPT_BYTES, size + _RECORD_BYTES * (1 + len(extensions.pax)))
        return position + BLOCK + _padded(size)

    def _corrected(self, member: Member, block: bytes, position: int, extensions: _Extensions) -> Member:
        """Returns the member corrected by its extension headers and its type."""
        kind = member.type
        if kind in _DEVICE_TYPES:
            member = member._replace(link=_device_numbers(block, position))
        try:
            if extensions.count:
                member = _with_extensions(member, extensions, position, self._count_pieces)
            if kind == b"\0" and member.name.endswith("/"):
                member = member._replace(type=DIRECTORY, size=0, stored=0)
            elif kind in _TYPES_WITHOUT_CONTENT:
                member = member._replace(size=0, stored=0, pieces=None)
            elif kind == GNU_SPARSE:
                size, pieces, count = sparse.from_header(block, self._blocks(member.offset), self._count_pieces)
                member = member._replace(size=size, offset=member.offset + count * BLOCK, pieces=pieces)
            if kind != GNU_SPARSE and _sparse_version(extensions.pax) == b"1.0":
                pieces, count = sparse.from_lines(self._blocks(member.offset), self._count_pieces)
                used = count * BLOCK
                if used > member.stored:
                    raise TarError(f"the map of a sparse file takes {used:,} of its {member.stored:,} bytes", position)
                member = member._replace(offset=member.offset + used, stored=member.stored - used, pieces=pieces)
            if member.pieces is not None:
                sparse.validate(member.size, member.stored, member.pieces)
        except sparse.BadMap as error:
            raise TarError(str(error), position) from None
        return member

    def _count_pieces(self, count: int) -> None:
        self._budget.take(KEPT_BYTES, _PIECE_BYTES * count)

    def _blocks(self, start: int) -> Callable[[int], bytes]:
        return lambda number: self._read_at(start + number * BLOCK, BLOCK)


def has_magic(block: bytes) -> bool:
    """True for a header of ustar, GNU or pax."""
    return block[_MAGIC : _MAGIC + 5] == b"ustar"


def is_header(block: bytes) -> bool:
    """True for a header of a member, also of the oldest tars, which have no magic."""
    header = block[:BLOCK]
    has_checksum = len(header) == BLOCK and adler32(header) & 0xFFFF == _expected_adler32(header[148:156])
    return has_magic(header) or has_checksum


def _expected_adler32(field: bytes) -> int:
    """Returns the low half of the Adler-32 of a header with this checksum field.

    The low half is the sum of all bytes, plus one, modulo 65,521. A tar checksum is the sum of all bytes with blanks in
    its own field. Adler-32 takes a fiftieth of the time of a sum.
    """
    try:
        return (header_number(field) - 8 * 0x20 + sum(field) + 1) % 65_521
    except ValueError:
        return -1


def _owner_numbers(fields: bytes) -> tuple[int, int, int]:
    """Returns mode (permission bits), owner and group of three fields of a header."""
    mode, uid, gid = (header_number(fields[start : start + 8]) for start in (0, 8, 16))
    return mode & 0o7777, uid, gid


def _records(content: bytes, position: int) -> dict[bytes, bytes]:
    try:
        return pax.records(content)
    except ValueError as error:
        raise TarError(str(error), position) from None


def _check_sum(block: bytes, field: bytes, position: int) -> None:
    """Checks a header again with signed bytes, as some writers sum. Raises TarError."""
    try:
        expected = header_number(field)
    except ValueError:
        raise TarError(f"not a tar header: the checksum is not a number: {field!r}", position) from None
    if sum(struct.unpack("148b8x356b", block)) + 8 * 0x20 != expected:
        total = sum(block) - sum(field) + 8 * 0x20
        raise TarError(f"not a tar header: the checksum is {total}, the header says {expected}", position)


def _prefixed(name: bytes, block: bytes) -> bytes:
    """Returns a long name, whose start ustar stores in another field.

    GNU tar has two times at the same place. Before Go 1.8, Go wrote a prefix there too, and so did Docker up to 17.05,
    for large owners. As in Go, it is a prefix if it is ASCII and the times are no numbers.
    """
    prefix = block[_PREFIX:_PREFIX_END].partition(b"\0")[0]
    magic = block[_MAGIC : _MAGIC + 8]
    if magic[:6] == b"ustar\0":
        # The format of star has times behind a shorter prefix.
        prefix = prefix[:_STAR_PREFIX_BYTES] if block[508:] == b"tar\0" else prefix
        return prefix + b"/" + name
    if magic != b"ustar  \0" or not prefix.isascii():
        return name
    try:
        for start in (_PREFIX, _PREFIX + 12):
            header_number(block[start : start + 12])
    except ValueError:
        return prefix + b"/" + name
    return name


def _link(block: bytes) -> str:
    return block[_LINK:_LINK_END].partition(b"\0")[0].decode("utf-8", "surrogateescape")


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
)
"""Key of a pax record, the member's field that it sets, and its parser."""


def _sparse_version(records: dict[bytes, bytes]) -> bytes:
    """Returns the format of a sparse file in pax records: 0.x, 1.0, or empty.

    The records about sparse files count only together with a version or with a map.
    """
    major, minor = records.get(b"GNU.sparse.major", b""), records.get(b"GNU.sparse.minor", b"")
    if major or minor:
        version = major + b"." + minor
        return version if version in (b"0.0", b"0.1", b"1.0") else b""
    return b"0.1" if records.get(b"GNU.sparse.map") else b""


def _with_extensions(
    member: Member, extensions: _Extensions, position: int, count_pieces: sparse.CountPieces
) -> Member:
    """Returns the member with the corrections of its extension headers."""
    values = {key: value for key, value in extensions.pax.items() if value}
    version = _sparse_version(values) if member.type != GNU_SPARSE else b""
    changed: dict[str, Any] = {}
    name = (version and values.get(b"GNU.sparse.name")) or extensions.name or values.get(b"path")
    if name:
        changed["name"] = name.decode("utf-8", "surrogateescape")
    link = extensions.link or values.get(b"linkpath")
    if link and member.type not in (CHARACTER_DEVICE, BLOCK_DEVICE):
        changed["link"] = link.decode("utf-8", "surrogateescape")
    for key, field, parse in _PAX_NUMBERS:
        if key in values:
            changed[field] = _pax_number(values, key, parse, position)
    if "size" in changed:
        changed["stored"] = changed["size"]
    if version:
        size_key = b"GNU.sparse.size" if b"GNU.sparse.size" in values else b"GNU.sparse.realsize"
        if size_key in values:
            changed["size"] = _pax_number(values, size_key, decimal, position)
        changed["pieces"] = sparse.from_record(values.get(b"GNU.sparse.map", b""), count_pieces)
    return member._replace(xattrs=pax.attributes(extensions.pax), **changed)


def _pax_number(values: dict[bytes, bytes], key: bytes, parse: Callable[[bytes], int], position: int) -> int:
    try:
        return parse(values[key])
    except ValueError:
        raise TarError(f"the pax record {key.decode()} is not a number: {values[key][:40]!r}", position) from None
