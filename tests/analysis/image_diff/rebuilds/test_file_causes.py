"""The causes why two versions of a file differ, by their bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile
from collections.abc import Callable, Iterable

import pytest

from explorer.analysis.image_diff.rebuilds.causes import Evidence, cause_words
from explorer.analysis.image_diff.rebuilds.file_causes import FileCauses
from tests.images import file, layer, zstded

BUILT = 1_795_817_000.0
LATER = BUILT + 100


def causes(old: bytes, new: bytes) -> list[Evidence]:
    """Returns the causes for two builds at known times."""
    return FileCauses((BUILT, LATER)).find(old, new)


def names(old: bytes, new: bytes) -> list[str]:
    """Returns the names of the causes."""
    found = [each.cause for each in causes(old, new)]
    assert set(found) <= set(cause_words())
    return found


def zipped(members: Iterable[tuple[str, bytes]], year: int) -> bytes:
    """Returns a zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 2, 3, 4, 6)), content)
    return written.getvalue()


def ar(time: int, content: bytes = b"x\n") -> bytes:
    """Returns an ar archive of one member."""
    return b"!<arch>\n" + f"a.o/            {time:<12}0     0     100644  {len(content):<10}`\n".encode() + content


def bytecode(time: int, code: bytes = b"\xe3code") -> bytes:
    """Returns Python bytecode that is valid by the time of its source."""
    return b"\xa7\x0d\r\n" + struct.pack("<III", 0, time, 9) + code


def test_the_time_of_a_gzip_header_is_named() -> None:
    """The header of gzip has a time, which ``gzip -n`` leaves out."""
    assert causes(gzip.compress(b"x", mtime=0), gzip.compress(b"x", mtime=86_400)) == [
        Evidence("archive-time", "gzip header: none and 1970-01-02 00:00:00")
    ]


def test_another_compression_has_the_same_content() -> None:
    """Compressed files with the same bytes inside differ in nothing else."""
    content = bytes(range(256)) * 40
    packs: list[Callable[[int], bytes]] = [
        lambda level: gzip.compress(content, level, mtime=0),
        lambda level: bz2.compress(content, level),
        lambda level: lzma.compress(content, preset=level),
    ]
    for pack in packs:
        assert names(pack(1), pack(9)) == ["compression"]


def test_the_times_of_members_are_named() -> None:
    """Times in tar, zip and ar are found, also in compressed archives."""
    old, new = layer(file("a", b"x", mtime=1)), layer(file("a", b"x", mtime=60))
    detail = "1 member of tar, the first 1970-01-01 00:00:01 and 1970-01-01 00:01:00"
    for pack in (bytes, gzip.compress, bz2.compress, lzma.compress, zstded):
        assert Evidence("archive-time", detail) in causes(pack(old), pack(new))
    assert names(zipped([("a", b"x")], 2020), zipped([("a", b"x")], 2021)) == ["archive-time"]
    assert names(ar(1), ar(2)) == ["archive-time"]


def test_members_in_another_order_and_with_other_contents_are_told_apart() -> None:
    """Order, modes and contents of members are causes of their own."""
    a, b = file("a", b"x"), file("b", b"y")
    assert causes(layer(a, b), layer(b, a)) == [Evidence("order", "members of tar")]
    assert causes(layer(a), layer(file("a", b"x", mode=0o600))) == [Evidence("metadata", "1 member of tar")]
    assert causes(layer(a), layer(b)) == [Evidence("content", "members of tar")]
    assert causes(layer(a), layer(file("a", b"2026-01-31"))) == [Evidence("content", "a")]
    dated = (layer(file("a", b"on 2026-01-31")), layer(file("a", b"on 2026-02-01")))
    assert causes(*dated) == [Evidence("date", "a: in 1 line: 2026-01-31 and 2026-02-01")]


def test_bytecode_has_the_time_of_its_source() -> None:
    """Bytecode that differs only in its header differs in the time of its source."""
    assert causes(bytecode(0), bytecode(60)) == [
        Evidence("bytecode", "source of 1970-01-01 00:00:00 and 1970-01-01 00:01:00")
    ]
    assert names(bytecode(0, b"\xe3\x00abc"), bytecode(60, b"\xe3\x00acb")) == ["bytecode", "order"]
    old, new = (bytecode(0, b"\xe3\0\0/tmp/pip-%s/a.py\0" % name) for name in (b"ab12cd34", b"xy98zw76"))
    assert causes(old, new) == [Evidence("bytecode", "the path in which it was compiled")]
    assert names(bytecode(0, b"\xe3\x00abc"), bytecode(0, b"\xe3\x00abd")) == ["content"]


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        (b"built 2026-11-27T22:01:02Z\n", b"built 2026-11-28T23:00:00Z\n", "date"),
        (b"Fri Nov 27 22:01:02 UTC 2026", b"Sat Nov 28 01:01:02 UTC 2026", "date"),
        (b"Fri, 27 Nov 2026 22:01:02 GMT", b"Sat, 28 Nov 2026 22:01:02 GMT", "date"),
        (b"at=1795817000", b"at=1795817100", "date"),
        (b"done in 3.21s", b"done in 10.2s", "date"),
        (b"20261127T220102Z", b"20261128T220102Z", "date"),
        (b"a\nb\nc", b"c\na\nb", "order"),
        (b"{'a', 'b'}", b"{'b', 'a'}", "order"),
        (b"f=/tmp/tmp.Ab1 x", b"f=/tmp/tmp.Zz9 x", "random-name"),
        (b"id 0f8fad5b-d9cb-469f-a165-70867728950e", b"id 7c9e6679-7425-40de-944b-e07fc1f90ae7", "random-value"),
        (b"host 4f5e6d7c8b9a", b"host 0123456789ab", "random-value"),
        (b"from /build/one/src/a.c", b"from /build/two/src/a.c", "path"),
        (b"version 1", b"version 2", "content"),
        (b"from /build/one.c", b"from /build/two.c", "content"),
    ],
)
def test_a_cause_in_a_text_is_seen(old: bytes, new: bytes, cause: str) -> None:
    """Dates, order, random values and paths are told from other contents."""
    assert names(old, new) == [cause]
    assert names(b"\0\1same" + old, b"\0\1same" + new)[-1] in (cause, "content")


def test_several_causes_of_a_text_are_all_named() -> None:
    """A text with a date and another word differs in both; only the date is shown."""
    old, new = b"on 2026-01-31\nuser=hunter2", b"on 2026-02-01\nuser=hunter3"
    assert causes(old, new) == [Evidence("date", "in 1 line: 2026-01-31 and 2026-02-01"), Evidence("content")]


def test_json_with_keys_in_another_order_is_known() -> None:
    """Equal objects of JSON differ only in their order."""
    old, new = json.dumps({"a": [1], "b": 2}), json.dumps({"b": 2, "a": [1]})
    assert names(old.encode(), new.encode()) == ["order"]
    assert names(b"[" * 100_000, b"[" * 100_001) == ["content"]


def test_numbers_near_the_build_are_times() -> None:
    """A binary number that is the time of its build in both is a time; others are not."""
    old, new = (b"\0\0ab" + struct.pack(">I", int(time)) + b"\0\0cd" for time in (BUILT, LATER))
    assert names(old, new) == ["date"]
    old, new = (b"\0\0ab" + struct.pack(">d", time) + b"\0\0cd" for time in (BUILT + 0.25, LATER + 0.5))
    assert names(old, new) == ["date"]
    old, new = (b"\0\0ab" + struct.pack(">I", number) + b"\0\0cd" for number in (7, 8))
    assert names(old, new) == ["content"]
    assert FileCauses().find(b"\0\0ab" + struct.pack(">I", int(BUILT)), b"\0\0ab\0\0\0\1")[-1].cause == "content"


def test_a_build_id_is_seen_apart_from_other_bytes() -> None:
    """A build ID that differs in a program is a cause, and other bytes are another one."""
    note = b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"
    old, new = (b"\x7fELF\2\1\1\0" + note + bytes([number]) * 20 + b"\0rest" for number in (1, 2))
    assert names(old, new) == ["build-id"]
    assert names(old, new + b"\0more text of the program") == ["build-id", "content"]


@pytest.mark.parametrize(
    "start", [b"PK\3\4", b"!<arch>\n", b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x7fELF"]
)
def test_a_damaged_archive_has_other_contents(start: bytes) -> None:
    """Bytes that only look like an archive end nothing."""
    assert names(start + b"\0one" * 40, start + b"\0two" * 40) == ["content"]


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compressed files that unpack to more than the limit are left."""
    monkeypatch.setattr("explorer.analysis.image_diff.rebuilds.file_causes.MAX_UNPACKED_BYTES", 1_000_000)
    old, new = (gzip.compress(gzip.compress(bytes(900_000 + more), mtime=0), mtime=0) for more in (0, 1))
    assert names(old, new) == ["content"]


def test_large_differences_are_not_searched_for_causes() -> None:
    """Texts and binaries that differ in more than a megabyte have other contents, without a long search."""
    dates = [b"\n".join(b"%d on 2026-01-0%d" % (line, day) for line in range(100_000)) for day in (1, 2)]
    assert names(*dates) == ["content"]
    assert names(b"\n" * 300_000, b"\n" * 300_001) == ["content"]
    assert names(bytes(3_000_000), b"\1" * 3_000_000) == ["content"]
    assert names(b"\0abcd" * 300_000, b"\0abce" * 300_001) == ["content"]
    note = b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"
    programs = [b"\x7fELF" + (note + bytes([number]) * 20) * 1_000 for number in (1, 2)]
    assert names(*programs) == ["build-id", "content"]
