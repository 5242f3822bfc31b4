"""File types, recognized by the first bytes."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.layers.tar.headers import Members
from explorer.preview.file_type import type_description
from tests.images import tar_of


def elf(machine: int = 62, kind: int = 3) -> bytes:
    head = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", kind, machine)
    return head + bytes(100) + b"/lib64/ld-linux.so.2\0"


def zipped(*names: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, "x" * 30)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (elf(), "ELF 64-bit shared object or program, x86-64, loaded by /lib64/ld-linux.so.2"),
        (elf(183, 2), "ELF 64-bit program, ARM 64"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480), "PNG picture, 640 × 480"),
        (b"GIF89a" + struct.pack("<HH", 10, 20), "GIF picture, 10 × 20"),
        (b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08" + struct.pack(">HH", 7, 9) + bytes(9), "JPEG picture, 9 × 7"),
        (gzip.compress(b"x" * 100), "gzip archive"),
        (gzip.compress(tar_of({"in/it": b"12345"})), "gzip archive of a tar"),
        (gzip.compress(tar_of({"in/it": b"12345"})), "  5 B  in/it"),
        (tar_of({"in/it": b"12345"}), "tar archive"),
        (zipped("a", "META-INF/x"), "JAR or zip archive, 2 members"),
        (zipped("a"), "zip archive, 1 member"),
        (zipped("a\x1b"), "a\\x1b"),
        (b"SQLite format 3\0" + bytes(100), "SQLite database"),
        (b"\xa7\x0d\x0d\x0a" + bytes(20), "compiled Python"),
        (b"\x1f\x8bnothing", "gzip archive, damaged"),
        (b"PK\x03\x04nothing", "zip archive"),
    ],
    # Some hold the time at which they were made.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_types(content: bytes, words: str) -> None:
    """The first bytes tell the type of many files."""
    assert words in "\n".join(type_description(content))


def test_many_members() -> None:
    """An archive lists its first members, and says that there are more."""
    lines = type_description(tar_of({f"file{number}": b"" for number in range(50)}))
    assert len(lines) == 22
    assert lines[-1].strip() == "…"


STARTS = [elf(), b"\x89PNG\r\n\x1a\n", b"GIF8", b"\xff\xd8\xff\xe0", b"\x1f\x8b\x08", b"PK\x03\x04"]


@given(st.sampled_from(STARTS), st.binary(max_size=80))
def test_damaged_files(start: bytes, rest: bytes) -> None:
    """A damaged file of a known type raises nothing."""
    for length in (3, 8, 20, len(start)):
        assert all(isinstance(line, str) for line in type_description(start[:length] + rest))


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize("headers", [30_000, 1])
def test_a_hostile_tar_costs_little(
    compress: Callable[[bytes], bytes], headers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tar of huge or very many extension headers is described after it was read about once."""
    read: list[int] = []

    def counting(read_at: Callable[[int, int], bytes]) -> Members:
        def counted(offset: int, size: int) -> bytes:
            read.append(len(piece := read_at(offset, size)))
            return piece

        return Members(counted)

    monkeypatch.setattr("explorer.layers.tar.headers.Members", counting)
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 900_000 // headers
    tar = (member.tobuf(tarfile.USTAR_FORMAT) + b"1" * member.size).ljust(1024, b"1") * min(headers, 900)
    assert any("tar" in line or "gzip" in line for line in type_description(compress(tar)))
    assert sum(read) <= 2 * len(tar)
    assert len(read) <= 2 * headers
