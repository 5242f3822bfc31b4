"""Headers of rpm's packages."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.packages import rpm_header
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from tests.analysis.packages.rpm_files import (
    BASENAMES,
    DIRECTORIES,
    DIRECTORY_NUMBERS,
    EPOCH,
    NAME,
    OLD_PATHS,
    RELEASE,
    VERSION,
    header,
    package,
)

_GHOST, _CONFIGURATION, _DOCUMENTATION = 64, 1, 2


def _read(blob: bytes) -> Found:
    found = rpm_header.package(blob, "")
    assert found is not None
    return found


def _entry(tag: int, kind: int, offset: int, count: int) -> bytes:
    name = header({NAME: "a"})
    return struct.pack(">II", 2, 8) + name[8:24] + struct.pack(">IIII", tag, kind, offset, count) + b"a\0......"


def test_versions_are_as_rpm_prints_them() -> None:
    """The epoch is there if the package has one, even if it is zero."""
    parts = {NAME: "a", VERSION: "2.0~rc1", RELEASE: "3.el9"}
    assert _read(header(parts)).version == "2.0~rc1-3.el9"
    assert _read(header(parts | {EPOCH: [0]})).version == "0:2.0~rc1-3.el9"
    assert _read(header(parts | {EPOCH: [2]})).version == "2:2.0~rc1-3.el9"
    assert _read(header({NAME: "a", VERSION: "1"})).version == "1"


def test_ghosts_own_nothing() -> None:
    """A package does not ship them. All other flags own."""
    flags = [_GHOST, _DOCUMENTATION, _GHOST | _CONFIGURATION]
    assert _read(package("a", "/log", "/doc", "/state", flags=flags)).paths == ("doc",)


def test_files_that_rpm_left_out_own_nothing() -> None:
    """Another package replaced the file, or the user wanted no documentation."""
    states = bytes((0, 1, 2, 3, 4, 255))
    assert _read(package("a", "/0", "/1", "/2", "/3", "/4", "/5", states=states)).paths == ("0",)


def test_a_configuration_file_has_a_second_path() -> None:
    """rpm puts the package's own file there if the user changed the first."""
    assert _read(package("a", "/etc/a", flags=[_CONFIGURATION])).paths == ("etc/a", "etc/a.rpmnew")


def test_packages_of_old_have_whole_paths() -> None:
    """They have no directories of their own."""
    assert _read(header({NAME: "a", OLD_PATHS: ["/usr/bin/a", "/usr/../../b"]})).paths == ("usr/bin/a",)


def test_a_tag_at_the_end_counts_in_place_of_the_first() -> None:
    """rpm adds changes behind the package's own tags."""
    first, second = header({NAME: "old"}), header({NAME: "new"})
    blob = struct.pack(">II", 2, 8) + first[8:24] + struct.pack(">IIII", NAME, 6, 4, 1) + first[24:] + second[24:]
    assert _read(blob).name == "new"


def test_directories_that_it_does_not_list_are_damage() -> None:
    """The number of a directory is out of range, or there are fewer numbers than names."""
    files = {NAME: "a", BASENAMES: ["a", "b"], DIRECTORIES: ["/usr/"]}
    for numbers in ([0, 1], [0], [0, 0xFFFFFFFF]):
        with pytest.raises(DatabaseDamaged, match="directories"):
            rpm_header.package(header(files | {DIRECTORY_NUMBERS: numbers}), "")


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"1234567",
        struct.pack(">II", 0, 0),
        struct.pack(">II", 0x7FFFFFFF, 0),
        struct.pack(">II", 1, 0xFFFFFFFF) + bytes(16),
        struct.pack(">II", 0x10000, 0) + bytes(16 << 16),
        _entry(VERSION, 6, 9, 1),
        _entry(VERSION, 6, 0xFFFFFFFF, 1),
        _entry(EPOCH, 4, 0, 0x40000000),
        _entry(BASENAMES, 8, 0, 0xFFFFFFFF),
        _entry(VERSION, 99, 0, 1),
    ],
    ids=range(11),
)
def test_impossible_sizes_and_places_are_damage(blob: bytes) -> None:
    """Nothing is taken from outside, and no memory for what is not there."""
    with pytest.raises(DatabaseDamaged, match="header of a package"):
        rpm_header.package(blob, "")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_damage(content: bytes) -> None:
    """No header ends the program."""
    for blob in (content, struct.pack(">II", len(content) // 16 % 8, len(content) // 2) + content):
        with suppress(DatabaseDamaged):
            rpm_header.package(blob, "")
