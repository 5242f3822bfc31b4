"""rpm's database of today: ``rpmdb.sqlite``.

The table Packages has one row for each package, with its header. The pages of the file are read here, without SQLite:
a hostile file can make SQLite run code, or read the same bytes again and again. Here each page counts once.

Source: "Database File Format" of SQLite, and rpm's lib/backend/sqlite.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from explorer.analysis.packages.database_limits import check_package_count
from explorer.analysis.packages.formats import DatabaseDamaged

MAGIC = b"SQLite format 3\0"
_TABLE = (b"table", b"Packages")
_SCHEMA_PAGE = 1
_FILE_HEADER_BYTES = 100
_MIN_PAGE_BYTES, _MIN_USABLE_BYTES = 512, 480
_BRANCH, _LEAF = 5, 13
"""Types of a table's pages."""
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8}
"""Type of a value to its size. Types from 12 on are blobs and texts in turn; others have no bytes."""
_FIRST_BLOB_TYPE = 12
_MAX_VALUES = 8
"""Limit for the values of a row; the tables that are read have up to five."""
_MAX_VARINT_BYTES = 9

_Value = tuple[int, bytes]
"""Type and bytes of a value."""


def headers(content: bytes) -> Iterator[bytes]:
    """Yields the header of each package. Raises DatabaseDamaged."""
    try:
        pages = _Pages(content)
        for row in pages.rows(_root_page(pages)):
            blobs = [value for kind, value in _values(row) if kind >= _FIRST_BLOB_TYPE and kind % 2 == 0]
            if not blobs:
                raise DatabaseDamaged("a row of its table Packages has no header")
            yield blobs[0]
    except (IndexError, struct.error) as error:
        raise DatabaseDamaged("a page in it points out of itself, or the file is cut off") from error


def _root_page(pages: _Pages) -> int:
    """Returns the number of the first page of the table Packages."""
    for row in pages.rows(_SCHEMA_PAGE):
        values = [value for _, value in _values(row)]
        if tuple(values[:2]) == _TABLE and len(values) > 3:
            return int.from_bytes(values[3], "big")
    raise DatabaseDamaged("it has no table Packages")


class _Pages:
    """The pages of a file, each to be read once."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        (size,) = struct.unpack_from(">H", content, 16)
        self._size = 1 << 16 if size == 1 else size
        self._usable = self._size - content[20]
        if self._size < _MIN_PAGE_BYTES or self._size & self._size - 1 or self._usable < _MIN_USABLE_BYTES:
            raise DatabaseDamaged("its beginning is not that of a database of SQLite")
        self._read: set[int] = set()

    def rows(self, root: int) -> Iterator[bytes]:
        """Yields the rows of a table, in order. Together they are smaller than the file."""
        row_count = byte_count = 0
        numbers = [root]
        while numbers:
            number = numbers.pop()
            page = self._page(number)
            start = _FILE_HEADER_BYTES if number == _SCHEMA_PAGE else 0
            kind, count = page[start], int.from_bytes(page[start + 3 : start + 5], "big")
            if kind not in (_BRANCH, _LEAF):
                raise DatabaseDamaged(f"page {number:,} in it is not that of a table")
            cells = struct.unpack_from(f">{count}H", page, start + (12 if kind == _BRANCH else 8))
            if kind == _BRANCH:
                places = (*cells, start + 8)
                numbers += [struct.unpack_from(">I", page, place)[0] for place in reversed(places)]
            else:
                for cell in cells:
                    row = self._row(page, cell)
                    row_count += 1
                    byte_count += len(row)
                    check_package_count(row_count)
                    if byte_count > len(self._content):
                        raise DatabaseDamaged("its rows have more bytes than the file, so some are in others")
                    yield row

    def _page(self, number: int) -> bytes:
        page = self._content[(number - 1) * self._size : number * self._size] if number > 0 else b""
        if len(page) < self._size or number in self._read:
            raise DatabaseDamaged(f"page {number:,} in it does not exist or is there for something else")
        self._read.add(number)
        return page

    def _row(self, page: bytes, place: int) -> bytes:
        """Returns a row, which begins in a page and may go on in overflow pages."""
        size, place = _varint(page, place)
        _, place = _varint(page, place)
        if size > len(self._content):
            raise DatabaseDamaged("a row in it is larger than the file")
        here = self._bytes_here(size)
        pieces = [page[place : place + here]]
        missing = size - len(pieces[0])
        place += here
        while missing > 0:
            page = self._page(struct.unpack_from(">I", page, place)[0])
            place = 0
            pieces.append(page[4 : 4 + min(missing, self._usable - 4)])
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def _bytes_here(self, size: int) -> int:
        """Returns how many bytes of a row are in the page where it begins."""
        most, least = self._usable - 35, (self._usable - 12) * 32 // 255 - 23
        if size <= most:
            return size
        fitting = least + (size - least) % (self._usable - 4)
        return fitting if fitting <= most else least


def _values(row: bytes) -> Iterator[_Value]:
    end, place = _varint(row, 0)
    start = end
    for _ in range(_MAX_VALUES):
        if place >= end:
            return
        kind, place = _varint(row, place)
        size = (kind - _FIRST_BLOB_TYPE) // 2 if kind >= _FIRST_BLOB_TYPE else _INTEGER_BYTES.get(kind, 0)
        if start + size > len(row):
            raise DatabaseDamaged("a row in it has a value that is larger than the row")
        yield kind, row[start : start + size]
        start += size


def _varint(page: bytes, place: int) -> tuple[int, int]:
    """Returns the number at a place, of seven bits a byte, and the place behind it."""
    number = 0
    for index in range(_MAX_VARINT_BYTES - 1):
        byte = page[place + index]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place + index + 1
    return number << 8 | page[place + _MAX_VARINT_BYTES - 1], place + _MAX_VARINT_BYTES
