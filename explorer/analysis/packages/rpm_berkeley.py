"""rpm's database of before 2020: ``Packages``, a hash of Berkeley DB.

The file consists of pages. Pages of the hash hold keys and values in turn; a value that is too large for a page, as
most headers are, is in a chain of overflow pages.

Source: Berkeley DB's db_page.h.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from explorer.analysis.packages.database_limits import check_package_count
from explorer.analysis.packages.formats import DatabaseDamaged

_MAGIC = 0x00061561
_MAGIC_OFFSET = 12
_PAGE_SIZES = frozenset(512 << power for power in range(8))
_PAGE_HEADER_BYTES = 26
_UNSORTED_HASH, _HASH, _OVERFLOW = 2, 13, 7
"""Types of pages. Berkeley DB before 4.6 did not sort them."""
_INLINE, _IN_OVERFLOW = 1, 3
"""Types of values."""
_COUNTER_BYTES = 4
"""One value is no header, but the number of the last package."""


def is_berkeley(content: bytes) -> bool:
    """True if the content begins as a hash of Berkeley DB, of any byte order."""
    return _byte_order(content) != ""


def headers(content: bytes) -> Iterator[bytes]:
    """Yields the header of each package. Raises DatabaseDamaged."""
    pages = _Pages(content)
    values = (value for number in range(1, pages.count) for value in pages.values(number))
    for count, value in enumerate(values):
        check_package_count(count)
        if len(value) > _COUNTER_BYTES:
            yield value


def _byte_order(content: bytes) -> str:
    magic = content[_MAGIC_OFFSET : _MAGIC_OFFSET + 4]
    return next((order for order in "<>" if magic == struct.pack(f"{order}I", _MAGIC)), "")


class _Pages:
    """The pages of a file, by number."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._order = _byte_order(content)
        self._size = struct.unpack_from(f"{self._order}I", content, 20)[0] if self._order and len(content) > 24 else 0
        if self._size not in _PAGE_SIZES:
            raise DatabaseDamaged("its beginning is not that of a hash of Berkeley DB")
        self.count = len(content) // self._size
        self._used: set[int] = set()
        """Overflow pages that belong to a value."""

    def values(self, number: int) -> Iterator[bytes]:
        """Yields the values of a page; of pages that are not the hash's there are none."""
        start = number * self._size
        page = self._content[start : start + self._size]
        _, _, count, _, _, kind = self._header(page)
        if kind not in (_HASH, _UNSORTED_HASH):
            return
        if _PAGE_HEADER_BYTES + 2 * count > self._size:
            raise DatabaseDamaged(f"page {number:,} in it has more values than it can hold")
        places = struct.unpack_from(f"{self._order}{count}H", page, _PAGE_HEADER_BYTES)
        # The values are behind each other from the page's end on. Keys and values alternate.
        for before, place in zip(places[::2], places[1::2], strict=False):
            if not _PAGE_HEADER_BYTES <= place < before <= self._size:
                raise DatabaseDamaged(f"page {number:,} in it has values in impossible places")
            value = page[place:before]
            if value[0] == _INLINE:
                yield value[1:]
            elif value[0] == _IN_OVERFLOW and len(value) >= 12:
                yield self._chain(*struct.unpack_from(f"{self._order}II", value, 4))

    def _header(self, page: bytes) -> tuple[int, ...]:
        """Returns the previous page, the next one, both counts, the level and the type."""
        return struct.unpack_from(f"{self._order}IIHHBB", page, 12)

    def _chain(self, number: int, size: int) -> bytes:
        """Returns the value of some bytes that begins in an overflow page."""
        pieces = []
        missing = size
        while missing > 0 and 0 < number < self.count and number not in self._used:
            self._used.add(number)
            page = self._content[number * self._size : (number + 1) * self._size]
            _, number, _, byte_count, _, kind = self._header(page)
            if kind != _OVERFLOW:
                break
            pieces.append(page[_PAGE_HEADER_BYTES:][: min(byte_count, missing)])
            missing -= len(pieces[-1])
        if missing or not size:
            raise DatabaseDamaged("the pages of a package in it are not where they should be")
        return b"".join(pieces)
