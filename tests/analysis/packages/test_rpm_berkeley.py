"""rpm's database in Berkeley DB."""

from __future__ import annotations

import struct

import pytest

from explorer.analysis.packages.formats import DatabaseDamaged
from explorer.analysis.packages.rpm_berkeley import headers, is_berkeley
from tests.analysis.packages.rpm_files import berkeley

_PAGE_BYTES = 512
_LONG = bytes(range(256)) * 5
"""It needs three pages."""


def _changed(place: int, new: bytes) -> bytes:
    content = berkeley([_LONG])
    return content[:place] + new + content[place + len(new) :]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("page_bytes", [512, 4096, 65536])
def test_values_come_from_their_pages(order: str, page_bytes: int) -> None:
    """Any byte order and size of pages; the counter of packages is none."""
    content = berkeley([_LONG, b"short"], order, page_bytes)
    assert is_berkeley(content)
    assert list(headers(content)) == [_LONG, b"short"]


@pytest.mark.parametrize(
    ("place", "new"),
    [
        (3 * _PAGE_BYTES + 16, struct.pack("<I", 3)),
        (4 * _PAGE_BYTES + 16, struct.pack("<I", 3)),
        (3 * _PAGE_BYTES + 16, struct.pack("<I", 2)),
        (3 * _PAGE_BYTES + 16, struct.pack("<I", 0)),
        (3 * _PAGE_BYTES + 16, struct.pack("<I", 0xFFFFFFFF)),
        (3 * _PAGE_BYTES + 22, struct.pack("<H", 0)),
        (3 * _PAGE_BYTES + 25, b"\x0d"),
        (2 * _PAGE_BYTES + 20, struct.pack("<H", 0xFFFF)),
        (2 * _PAGE_BYTES + 28, struct.pack("<H", 0xFFFF)),
        (2 * _PAGE_BYTES + 28, struct.pack("<H", 3)),
        (3 * _PAGE_BYTES - 5 - 4, struct.pack("<I", 0xFFFFFFFF)),
        (3 * _PAGE_BYTES - 5 - 4, struct.pack("<I", 0)),
        (3 * _PAGE_BYTES - 5 - 8, struct.pack("<I", 0)),
        (20, struct.pack("<I", 1)),
        (20, struct.pack("<I", 1 << 31)),
    ],
)
def test_pages_that_lead_nowhere_or_in_a_circle_are_damage(place: int, new: bytes) -> None:
    """Each chain ends with the size of its value."""
    with pytest.raises(DatabaseDamaged):
        list(headers(_changed(place, new)))


def test_a_file_that_is_cut_off_is_damage() -> None:
    """The pages of the last value are missing."""
    content = berkeley([b"short", _LONG])
    packages = headers(content[: -2 * _PAGE_BYTES])
    assert next(packages) == b"short"
    with pytest.raises(DatabaseDamaged, match="not where they should be"):
        next(packages)
