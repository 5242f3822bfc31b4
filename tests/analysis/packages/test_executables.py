from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from explorer.analysis.packages import cargo, executables, golang
from explorer.analysis.packages.executables import parse_executable
from explorer.analysis.packages.formats import DatabaseDamaged, Found
from tests.analysis.packages.programs import elf
from tests.analysis.packages.test_cargo import SERDE, listing
from tests.analysis.packages.test_golang import SHOP, inline

PROGRAM = elf({".text": bytes(1_000), ".go.buildinfo": inline(), **listing(SERDE)})


@pytest.mark.parametrize("size", [1, 3, 7, 100_000])
def test_programs_are_read_in_pieces_of_any_size(size: int) -> None:
    """The packages of a program do not depend on how its bytes arrive."""
    pieces = (memoryview(PROGRAM)[start : start + size] for start in range(0, len(PROGRAM), size))
    assert parse_executable("bin/shop", pieces) == {"golang": SHOP, "cargo": (Found("serde", "1.0.1"),)}


def test_large_programs_go_through_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does not fit in memory is read all the same."""
    monkeypatch.setattr(executables, "_MAX_MEMORY_BYTES", 10)
    assert parse_executable("bin/shop", [PROGRAM])["golang"] == SHOP


def test_other_files_are_not_read_on() -> None:
    """Reading ends at the first piece of a file that is no program."""

    def pieces() -> Iterator[bytes]:
        yield b"#!/bin/sh\n"
        raise AssertionError

    assert parse_executable("x", pieces()) == {}
    assert parse_executable("x", []) == {}
    assert parse_executable("x", [b"\x7f", b"E"]) == {}


def test_programs_that_state_nothing_are_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a program with a marker is parsed."""
    monkeypatch.delattr(executables, "read_object_file")
    assert parse_executable("x", [elf({".text": b"x"})]) == {}


def test_endless_programs_are_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of holes may be larger than any disk, so reading ends at a limit."""
    monkeypatch.setattr(executables, "MAX_EXECUTABLE_BYTES", 10_000)

    def pieces() -> Iterator[bytes]:
        yield b"\x7fELF"
        while True:
            yield bytes(1_000)

    with pytest.raises(DatabaseDamaged, match="10,000 bytes"):
        parse_executable("x", pieces())


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program for which there is no room costs only its packages."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", full)
    with pytest.raises(DatabaseDamaged, match="No space left on device"):
        parse_executable("x", [PROGRAM])


def test_no_path_is_that_of_a_program() -> None:
    """Programs are known by their content, so their formats match no path."""
    for module in (golang, cargo):
        assert not module.FORMAT.matches("usr/bin/shop")
        assert module.FORMAT.parse("usr/bin/shop", PROGRAM) == ()
        assert list(module.FORMAT.join({"usr/bin/shop": SHOP})) == list(SHOP)
