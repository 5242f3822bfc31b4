"""rpm's database of SUSE: ``Packages.db``.

Pages of slots point to blobs, which hold the headers. All numbers are little-endian, places are in blocks of 16 bytes.

Source: rpm's lib/backend/ndb.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from explorer.analysis.packages.formats import DatabaseDamaged

MAGIC = b"RpmP"
_SLOT_MAGIC, _BLOB_MAGIC = b"Slot", b"BlbS"
_VERSION = 0
_PAGE_BYTES, _BLOCK_BYTES, _HEADER_BYTES, _BLOB_HEADER_BYTES = 4096, 16, 32, 16


def headers(content: bytes) -> Iterator[bytes]:
    """Yields the header of each package. Raises DatabaseDamaged."""
    magic, version, _, page_count = struct.unpack_from("<4sIII", content.ljust(_HEADER_BYTES, b"\0"))
    slots_end = page_count * _PAGE_BYTES
    if magic != MAGIC or version != _VERSION or not 0 < slots_end <= len(content):
        raise DatabaseDamaged("its beginning is not that of version 0 of rpm's ndb, or the file is cut off")
    for slot_magic, number, block, _ in struct.iter_unpack("<4sIII", content[_HEADER_BYTES:slots_end]):
        if slot_magic != _SLOT_MAGIC:
            raise DatabaseDamaged("its list of packages is damaged")
        if number:
            yield _blob(content, number, block * _BLOCK_BYTES)


def _blob(content: bytes, number: int, start: int) -> bytes:
    begin = start + _BLOB_HEADER_BYTES
    if begin <= len(content):
        magic, blob_number, _, size = struct.unpack_from("<4sIII", content, start)
        if magic == _BLOB_MAGIC and blob_number == number and begin + size <= len(content):
            return content[begin : begin + size]
    raise DatabaseDamaged(f"package {number} in it is at a place where there is none")
