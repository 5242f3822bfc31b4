"""rpm's database of SUSE."""

from __future__ import annotations

import struct

import pytest

from explorer.analysis.packages.formats import DatabaseDamaged
from explorer.analysis.packages.rpm import FORMAT
from explorer.analysis.packages.rpm_ndb import headers
from tests.analysis.packages.rpm_files import ndb, package


def _with_slot(content: bytes, number: int, slot: bytes) -> bytes:
    start = 32 + 16 * number
    return content[:start] + slot + content[start + 16 :]


def test_free_slots_are_skipped() -> None:
    """A removed package leaves one."""
    content = _with_slot(ndb([b"first", b"second", b"third"]), 1, struct.pack("<4sIII", b"Slot", 0, 0, 0))
    assert list(headers(content)) == [b"first", b"third"]


@pytest.mark.parametrize("place", [0, 1, 257, 0xFFFFFFFF])
def test_a_slot_that_points_elsewhere_is_damage(place: int) -> None:
    """No blob is there, or it is that of another package, or the place is outside."""
    content = _with_slot(ndb([b"first", b"second"]), 1, struct.pack("<4sIII", b"Slot", 2, place, 2))
    with pytest.raises(DatabaseDamaged, match="package 2 in it"):
        list(headers(content))


@pytest.mark.parametrize(
    "content",
    [
        b"RpmP",
        struct.pack("<4sIII16x", b"RpmP", 1, 1, 1) + bytes(8192),
        struct.pack("<4sIII16x", b"RpmP", 0, 1, 0xFFFFFFFF) + bytes(8192),
        _with_slot(ndb([b"first"]), 5, bytes(16)),
    ],
    ids=["short", "version", "cut off", "slot"],
)
def test_a_list_that_cannot_be_is_damage(content: bytes) -> None:
    """The version is unknown, the list is cut off, or a slot is none."""
    with pytest.raises(DatabaseDamaged):
        list(headers(content))


def test_slots_that_share_a_package_end() -> None:
    """Together they have more bytes than the file."""
    content = ndb([package("a", *(f"/usr/bin/{number}" for number in range(1000)))])
    for number in range(1, 250):
        content = _with_slot(content, number, content[32:48])
    with pytest.raises(DatabaseDamaged, match="more bytes than the file") as error:
        FORMAT.parse("var/lib/rpm/Packages.db", content)
    assert len(error.value.packages) == 1
