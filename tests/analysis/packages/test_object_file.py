from __future__ import annotations

import io
import random
import struct
import tempfile

import pytest

from explorer.analysis.packages.object_file import ObjectFile, Section, is_object_file, read_object_file
from tests.analysis.packages.programs import BASE, TARGETS, elf, mach_o, pe

SECTIONS = {".text": b"code", ".dep-v0": b"crates", "__go": b"go"}
PROGRAMS = {
    **{f"elf{number}": elf(SECTIONS, target) for number, target in enumerate(TARGETS)},
    **{f"mach-o{number}": mach_o(SECTIONS, target) for number, target in enumerate(TARGETS)},
    "pe64": pe(SECTIONS),
    "pe32": pe(SECTIONS, is_64=False),
}


def opened(content: bytes) -> ObjectFile:
    """Returns the sections of a program."""
    program = read_object_file(io.BytesIO(content))
    assert program is not None
    return program


@pytest.mark.parametrize("content", PROGRAMS.values(), ids=PROGRAMS)
def test_sections_are_found_by_name(content: bytes) -> None:
    """Each format, size and order of bytes has sections with names, addresses and contents."""
    assert is_object_file(content[:4])
    program = opened(content)
    for name, expected in SECTIONS.items():
        section = program.section(name)
        assert section is not None
        assert program.read(section, 100) == expected
        assert program.read(section, 2) == expected[:2]
        assert program.read_memory(section.address, len(expected)) == expected
    assert program.section(".absent") is None


@pytest.mark.parametrize("content", PROGRAMS.values(), ids=PROGRAMS)
def test_data_is_where_a_program_may_write(content: bytes) -> None:
    """The first segment that may be written holds the data; addresses outside of it have nothing."""
    program = opened(content)
    data = program.data_segment()
    assert data is not None
    assert program.read(data, 4) == b"code"
    assert program.read_memory(BASE + len(content) + 16, 4) == b""
    assert program.read_memory(0, 4) == b""


def test_a_program_without_sections_has_segments() -> None:
    """The table of sections may be removed; the program still runs."""
    program = opened(elf(SECTIONS, has_sections=False))
    assert (program.sections, len(program.segments)) == ((), 1)


def test_other_files_are_none() -> None:
    """A file of another kind, and one that is cut off in its header, has no sections."""
    for content in (b"", b"#!/bin/sh", b"\x7fELF", b"MZ", b"MZ".ljust(80, b"\0"), b"\xcf\xfa\xed\xfe"):
        assert read_object_file(io.BytesIO(content)) is None
    assert not is_object_file(b"#!/b")
    assert not is_object_file(b"")


def test_tables_that_are_cut_off_have_the_rows_that_are_there() -> None:
    """A program that was truncated has no sections where its table was."""
    assert opened(elf(SECTIONS)[:-300]).sections == ()
    assert read_object_file(io.BytesIO(mach_o(SECTIONS)[:200])) is None


def test_extended_counts_of_sections() -> None:
    """The first row has the count and the index of the names if they do not fit into the header."""
    content = bytearray(elf(SECTIONS))
    (table,) = struct.unpack_from("<Q", content, 40)
    count, names = struct.unpack_from("<HH", content, 60)
    struct.pack_into("<HH", content, 60, 0, 0xFFFF)
    struct.pack_into("<QI", content, table + 32, count, names)
    assert opened(bytes(content)).section(".dep-v0") is not None


def test_sections_without_bytes_are_empty() -> None:
    """A section that only takes memory has no bytes in the file."""
    content = bytearray(elf(SECTIONS))
    (table,) = struct.unpack_from("<Q", content, 40)
    struct.pack_into("<I", content, table + 2 * 64 + 4, 8)
    section = opened(bytes(content)).section(".dep-v0")
    assert section is not None
    assert section.size == 0


def test_sizes_that_lie_read_what_is_there() -> None:
    """No more is read than asked for or there, if a table states more."""
    program = ObjectFile(io.BytesIO(b"abc"), (), (Section("", 0, 1, 1 << 62), Section("", 1 << 62, 1 << 63, 9)))
    assert program.read(program.segments[0], 1 << 40) == b"bc"
    assert program.read_memory(0, 1 << 40) == b"bc"
    assert program.read_memory(1 << 62, 4) == b""


def test_offsets_beyond_any_file() -> None:
    """A file on disk refuses to go to a place that no file has, so nothing is read there."""
    with tempfile.TemporaryFile() as file:
        program = ObjectFile(file, (Section("", 0, 1 << 61, 9),), ())
        assert program.read(program.sections[0], 9) == b""


@pytest.mark.parametrize("content", PROGRAMS.values(), ids=PROGRAMS)
def test_random_damage_never_ends_the_program(content: bytes) -> None:
    """A program with any changed bytes is read as far as possible."""
    dice = random.Random(1)
    for _ in range(300):
        broken = bytearray(content)
        for _ in range(dice.randint(1, 5)):
            place = dice.choice((dice.randrange(64), dice.randrange(400), -dice.randrange(1, 400)))
            broken[place] = dice.choice((0, 255, dice.randrange(256)))
        program = read_object_file(io.BytesIO(bytes(broken)))
        for section in program.sections + program.segments if program else ():
            assert program is not None
            assert len(program.read(section, 1_000)) <= 1_000
            assert len(program.read_memory(section.address, 1_000)) <= 1_000
