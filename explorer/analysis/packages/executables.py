"""Programs and shared libraries that state what they are built of.

They are known by their content, so each is read once, in pieces, and only kept to be parsed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from typing import BinaryIO, cast

from explorer.analysis.packages import cargo, golang
from explorer.analysis.packages.formats import DatabaseDamaged, DatabaseUnread, Stated
from explorer.analysis.packages.object_file import MAGIC_BYTES, is_object_file, read_object_file

MAX_EXECUTABLE_BYTES = 1 << 30
"""Limit for one file; holes make it possible to write terabytes in a few bytes."""
_MAX_MEMORY_BYTES = 32 << 20
"""Larger files go through a temporary file."""
_MARKERS = (golang.MARKER, cargo.MARKER)
_MAX_MARKER_BYTES = max(map(len, _MARKERS))


def parse_executable(path: str, pieces: Iterable[bytes | memoryview]) -> dict[str, Stated]:
    """Returns the packages that a file states, by kind; most state none.

    Raises DatabaseDamaged.
    """
    with tempfile.SpooledTemporaryFile(_MAX_MEMORY_BYTES) as spooled:
        file = cast(BinaryIO, spooled)
        try:
            if not _spool(pieces, file):
                return {}
            program = read_object_file(file)
            if program is None:
                return {}
            found = {
                golang.FORMAT.kind: golang.modules_of(path, program),
                cargo.FORMAT.kind: cargo.crates_of(path, program),
            }
        except OSError as error:
            raise DatabaseUnread(f"it cannot be kept in a temporary file: {error.strerror or error}") from error
    return {kind: packages for kind, packages in found.items() if packages}


def _spool(pieces: Iterable[bytes | memoryview], file: BinaryIO) -> bool:
    """Copies a file. False if it states no packages."""
    is_marked, size, end, head = False, 0, b"", b""
    for part in pieces:
        piece = bytes(part)
        if size < MAGIC_BYTES:
            head = (head + piece)[:MAGIC_BYTES]
            if len(head) == MAGIC_BYTES and not is_object_file(head):
                return False
        size += len(piece)
        if size > MAX_EXECUTABLE_BYTES:
            raise DatabaseDamaged(f"it has more than {MAX_EXECUTABLE_BYTES:,} bytes; the packages in it are not read")
        file.write(piece)
        if not is_marked:
            seam = end + piece[:_MAX_MARKER_BYTES]
            is_marked = any(marker in piece or marker in seam for marker in _MARKERS)
            end = (end + piece[-_MAX_MARKER_BYTES:])[-_MAX_MARKER_BYTES:]
    return is_marked
