"""The header reader against the standard library's ``tarfile``, on generated archives, sparse ones and broken ones."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import tarfile
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UnreadableImage, UnreadableLayer
from explorer.layers.index_layer import index_layer
from explorer.layers.streams import FileRange, InflatedStream, StreamReader, WindowReader
from explorer.layers.tar import headers
from explorer.layers.tar.headers import Member, TarError
from explorer.layers.tar.sparse import expanded
from tests.images import directory, file, gzipped, hardlink, indexed, layer, ranged, symlink, zstded

BLOCK = 512
END = bytes(2 * BLOCK)


def read_in_place(data: bytes) -> list[Member]:
    """The members of an archive that lies in a file."""
    part = ranged(data)
    return list(headers.Members(WindowReader(part, lambda _: None), part.size))


def read_as_stream(data: bytes) -> list[Member]:
    """The members of an archive whose bytes pass only once; the contents are skipped."""
    reader = StreamReader(InflatedStream(ranged(gzipped(data)), lambda _: None))
    members = []
    for member in headers.Members(reader):
        for _ in reader.pieces(member.offset, member.stored):
            pass
        members.append(member)
    return members


class Told(NamedTuple):
    """What ``tarfile`` and the header reader must agree on."""

    name: str
    type: bytes
    size: int
    mode: int
    uid: int
    gid: int
    link: str
    offset: int
    xattrs: tuple[tuple[str, bytes], ...]


_LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
_DEVICES = (tarfile.CHRTYPE, tarfile.BLKTYPE)


def told_by_tarfile(data: bytes) -> tuple[list[Told], list[float]]:
    """The members as the standard library reads them, and their times."""
    told, times = [], []
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape", encoding="utf-8") as archive:
        for info in archive:
            link = f"{info.devmajor}:{info.devminor}" if info.type in _DEVICES else info.linkname
            size = info.size if info.isreg() or info.type not in tarfile.SUPPORTED_TYPES else 0
            xattrs = sorted(
                (key.removeprefix("SCHILY.xattr."), value.encode("utf-8", "surrogateescape"))
                for key, value in info.pax_headers.items()
                if key.startswith("SCHILY.xattr.")
            )
            told.append(
                Told(
                    info.name.rstrip("/"),
                    info.type,
                    size,
                    info.mode & 0o7777,
                    info.uid,
                    info.gid,
                    link,
                    info.offset_data,
                    tuple(xattrs),
                )
            )
            times.append(float(info.mtime))
    return told, times


def told_by(members: list[Member]) -> list[Told]:
    """The same of the header reader."""
    return [
        Told(
            found.name.rstrip("/"),
            found.type,
            found.size,
            found.mode,
            found.uid,
            found.gid,
            found.link,
            found.offset,
            found.xattrs,
        )
        for found in members
    ]


def check_against_tarfile(data: bytes) -> list[Member]:
    """Hold both ways of reading against the standard library."""
    members = read_in_place(data)
    told, times = told_by_tarfile(data)
    assert told_by(members) == told
    assert [found.mtime_ns / 1e9 for found in members] == pytest.approx(times, abs=1e-5)
    assert read_as_stream(data) == members
    return members


# Generated archives.

_bytes_of_names = st.one_of(
    st.binary(min_size=1, max_size=20),
    st.text("ab/.é日", min_size=1, max_size=300).map(str.encode),
    st.text("ab/", min_size=90, max_size=110).map(str.encode),
    st.text("ab/", min_size=250, max_size=270).map(str.encode),
)
_names = _bytes_of_names.map(
    lambda name: name.replace(b"\0", b"0").decode("utf-8", "surrogateescape").strip("/") or "x"
)
_numbers = st.one_of(st.integers(0, 0o7777777), st.integers(0, 1 << 40))
_kinds = st.sampled_from(
    [
        tarfile.REGTYPE,
        tarfile.AREGTYPE,
        tarfile.CONTTYPE,
        tarfile.DIRTYPE,
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        b"Z",
    ]
)
_contents = st.one_of(st.just(b""), st.binary(max_size=30), st.integers(500, 1100).map(bytes))
_pax_times = st.decimals(-(10**9), 2 * 10**9, places=9)


@st.composite
def archives(draw: st.DrawFn, form: int) -> bytes:
    """An archive of a few members in one of the three formats."""
    infos = []
    for _ in range(draw(st.integers(0, 5))):
        info = tarfile.TarInfo(draw(_names))
        info.type = draw(_kinds)
        if info.type == tarfile.AREGTYPE and len(os.fsencode(info.name)) > 100:
            info.type = tarfile.REGTYPE  # tarfile judges by the cut-off name whether it is a directory
        info.mode = draw(st.integers(0, 0o7777))
        content = b""
        if info.isreg() or info.type == b"Z":
            content = draw(_contents)
            info.size = len(content)
        if info.type in _LINKS:
            info.linkname = draw(_names)
        if info.type in _DEVICES:
            info.devmajor, info.devminor = draw(st.integers(0, 0o777)), draw(st.integers(0, 0o777))
        big = form != tarfile.USTAR_FORMAT
        info.uid, info.gid = (draw(_numbers if big else st.integers(0, 0o7777777)) for _ in range(2))
        info.mtime = draw(st.integers(-(1 << 33), 1 << 35) if big else st.integers(0, 1 << 32))
        if form == tarfile.PAX_FORMAT:
            records = {}
            if draw(st.booleans()):
                records["mtime"] = draw(_pax_times.map(lambda time: f"{time:f}") | st.floats(-1e9, 1e10).map(str))
            for key in draw(st.sets(st.sampled_from(["user.a", "security.capability", "user.é"]))):
                value = draw(st.binary(max_size=20)).decode("utf-8", "surrogateescape")
                records[f"SCHILY.xattr.{key}"] = value
            info.pax_headers = records
        infos.append((info, content))
    return written(infos, form)


def written(infos: list[tuple[tarfile.TarInfo, bytes]], form: int, common: dict[str, str] | None = None) -> bytes:
    """An archive as the standard library writes it; members that a format cannot hold are left out."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=form, encoding="utf-8", pax_headers=common) as writer:
        for info, content in infos:
            try:
                writer.addfile(info, io.BytesIO(content))
            except ValueError:
                assert form == tarfile.USTAR_FORMAT  # a name that has no place in it
    return archive.getvalue()


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(draw=st.data())
def test_generated_archives(form: int, draw: st.DataObject) -> None:
    """Of any archive, in place and as a stream, the header reader says what ``tarfile`` says."""
    check_against_tarfile(draw.draw(archives(form)))


@given(time=_pax_times)
def test_pax_times_are_exact(time: Decimal) -> None:
    """A pax time keeps its nanoseconds, before 1970 too, where a float would lose them."""
    info = tarfile.TarInfo("a")
    info.pax_headers = {"mtime": f"{time:f}"}
    (found,) = read_in_place(written([(info, b"")], tarfile.PAX_FORMAT))
    assert found.mtime_ns == int(time * 10**9)


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("1.5", 1_500_000_000),
        ("-0.25", -250_000_000),
        ("-1.25", -1_250_000_000),
        (".5", 500_000_000),
        ("-.5", -500_000_000),
        ("1e-05", 10_000),
        ("1700000000.123456789987", 1_700_000_000_123_456_789),
    ],
)
def test_pax_times_by_example(text: str, nanoseconds: int) -> None:
    """A pax time is decimal seconds; what is finer than a nanosecond is cut off."""
    assert read_in_place(pax_member({"mtime": text}))[0].mtime_ns == nanoseconds


def pax_member(records: dict[str, str], content: bytes = b"", name: str = "a") -> bytes:
    """An archive of one file behind a pax header."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.pax_headers = dict(records)
    return written([(info, content)], tarfile.PAX_FORMAT)


def test_global_pax_headers() -> None:
    """A global pax header holds for all members behind it, unless a member's own header says otherwise."""
    info = tarfile.TarInfo("a")
    other = tarfile.TarInfo("b")
    other.pax_headers = {"mtime": "7.5"}
    data = written([(info, b""), (other, b"")], tarfile.PAX_FORMAT, {"mtime": "5", "SCHILY.xattr.user.x": "v"})
    members = check_against_tarfile(data)
    assert [found.mtime_ns for found in members] == [5_000_000_000, 7_500_000_000]
    assert members[0].xattrs == (("user.x", b"v"),)


def test_empty_pax_record_undoes_a_global_one() -> None:
    """An empty record of a member takes a global one back, so that the plain header counts."""
    first = tarfile.TarInfo("a")
    first.mtime = 3
    first.pax_headers = {"mtime": ""}
    members = read_in_place(written([(first, b"")], tarfile.PAX_FORMAT, {"mtime": "5"}))
    assert members[0].mtime_ns == 3_000_000_000


def test_extended_attribute_may_be_empty() -> None:
    """An extended attribute whose value is empty is kept."""
    (found,) = check_against_tarfile(pax_member({"SCHILY.xattr.user.empty": "", "SCHILY.xattr.user.a": "1"}))
    assert found.xattrs == (("user.a", b"1"), ("user.empty", b""))


def test_base_256_numbers() -> None:
    """Numbers too large for octal digits, and negative times, are read from their binary form."""
    info = tarfile.TarInfo("a")
    info.uid, info.gid, info.mtime, info.size = 1 << 31, 1 << 50, -5, 9 << 30
    with pytest.raises(TarError, match=r"9,663,676,416 bytes"):
        read_in_place(info.tobuf(tarfile.GNU_FORMAT) + END)
    info.size = 0
    (found,) = check_against_tarfile(info.tobuf(tarfile.GNU_FORMAT) + END)
    assert (found.uid, found.gid, found.mtime_ns) == (1 << 31, 1 << 50, -5_000_000_000)


def test_pax_size_counts() -> None:
    """A size in a pax header replaces the header's own."""
    data = pax_member({"size": "3"}, b"abc") + layer(file("b"))
    assert check_against_tarfile(data)[0].size == 3


def test_old_directories() -> None:
    """A member without a type whose whole name ends in a slash is a directory, as archives before POSIX spell it."""
    info = tarfile.TarInfo("d/")
    info.type = tarfile.AREGTYPE
    assert read_in_place(info.tobuf(tarfile.USTAR_FORMAT) + END)[0].type == tarfile.DIRTYPE
    for whole, kind in ((b"d" * 120 + b"/", tarfile.DIRTYPE), (b"d" * 99 + b"/f", tarfile.AREGTYPE)):
        info.name = whole[:100].decode()
        header = info.tobuf(tarfile.GNU_FORMAT)
        (found,) = read_in_place(extension(b"L", whole + b"\0") + header + END)
        assert (found.name, found.type) == (whole.decode(), kind)


def test_prefix_is_only_for_ustar() -> None:
    """What GNU tar keeps where ustar has the name's prefix does not get into the name."""
    info = tarfile.TarInfo("name")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[345:357] = b"12345670123\0"
    (found,) = read_in_place(checked(bytes(block)) + END)
    assert found.name == "name"


def test_headers_without_content() -> None:
    """A link or directory has no content, whatever its header says, and the next header follows at once."""
    link = tarfile.TarInfo("l")
    link.type, link.linkname, link.size = tarfile.LNKTYPE, "a", 700
    folder = tarfile.TarInfo("d")
    folder.type, folder.size = tarfile.DIRTYPE, 4096
    data = link.tobuf(tarfile.USTAR_FORMAT) + folder.tobuf(tarfile.USTAR_FORMAT) + layer(file("z", b"zz"))
    assert [(found.name, found.size) for found in read_in_place(data)] == [("l", 0), ("d/", 0), ("z", 2)]


def test_last_padding_may_be_missing() -> None:
    """An archive without its end marks, and without the padding of its last content, is read as unpackers read it."""
    data = layer(file("a", b"x" * 700), file("b", b"y" * 10))
    stop = data.index(b"y" * 10) + 10
    assert [found.name for found in read_in_place(data[:stop])] == ["a", "b"]
    assert read_as_stream(data[:stop]) == read_in_place(data[:stop])
    assert indexed(gzipped(data[:stop])).entries == indexed(data[:stop]).entries


def test_empty_archives() -> None:
    """Nothing at all, and nothing but end marks, are archives without members."""
    assert read_in_place(b"") == read_in_place(END) == read_as_stream(END) == []


def checked(block: bytes) -> bytes:
    """A header with the right checksum."""
    total = sum(block[:148]) + 256 + sum(block[156:])
    return block[:148] + b"%06o\0 " % total + block[156:]


def changed(data: bytes, at: int, new: bytes, header: int = 0) -> bytes:
    """An archive with some bytes of a header replaced, and the header's checksum right."""
    block = data[header : header + BLOCK]
    block = block[:at] + new + block[at + len(new) :]
    return data[:header] + checked(block) + data[header + BLOCK :]


# Sparse files.

_SPARSE = {"old GNU": ["gnu"], "0.0": ["posix", "0.0"], "0.1": ["posix", "0.1"], "1.0": ["posix", "1.0"]}
_MANY = {number * 16_384: b"%d" % number * 100 for number in range(60)}


@pytest.mark.parametrize("version", _SPARSE)
@pytest.mark.parametrize(
    ("pieces", "size"),
    [({4096: b"abc", 1 << 20: b"end"}, (1 << 20) + 3), (_MANY, 2 << 20), ({}, 300_000), ({0: b"start"}, 300_000)],
    ids=["two", "many", "none", "first"],
)
def test_sparse_files(version: str, pieces: dict[int, bytes], size: int, tmp_path: Path) -> None:
    """A sparse file, in each of the four ways that GNU tar stores one, has the size and content it was made with."""
    program = shutil.which("tar")
    if program is None or b"GNU tar" not in subprocess.run([program, "--version"], capture_output=True).stdout:
        pytest.skip("needs GNU tar")
    path = tmp_path / "sparse"
    for copy in (path, tmp_path / "again"):
        with copy.open("wb") as made:
            for offset, content in pieces.items():
                made.seek(offset)
                made.write(content)
            made.truncate(size)
    form, *more = _SPARSE[version]
    options = [f"--sparse-version={more[0]}"] if more else []
    command = [program, "--sparse", f"--format={form}", *options, "-C", str(tmp_path), "-c", "sparse", "again"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    first, second = read_in_place(data)
    assert read_as_stream(data) == [first, second]
    for found, name in ((first, "sparse"), (second, "again")):
        assert (found.name, found.size) == (name, size)
        if found.pieces is None:
            pytest.skip("this file system keeps no holes")
        stored = data[found.offset : found.offset + found.stored]
        assert found.stored < size
        assert b"".join(expanded([stored], found.size, found.pieces)) == path.read_bytes()
    if version != "0.0" or pieces:  # tarfile takes a 0.0 map without pieces for none at all
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            assert [(info.name, info.size) for info in archive] == [("sparse", size), ("again", size)]
    index = indexed(data)
    assert [(entry.path, entry.size) for entry in index.entries] == [("sparse", size), ("again", size)]
    assert indexed(zstded(data)).sparse == index.sparse


def test_sparse_file_that_is_one_hole() -> None:
    """A sparse file without a map is all hole: it has its size, and nothing of it is stored."""
    (found,) = read_in_place(pax_member({"GNU.sparse.size": "5000", "GNU.sparse.numblocks": "0"}))
    assert (found.size, found.stored, found.pieces) == (5000, 0, ())


# Broken archives.


def sparse_1_0(lines: bytes, size: int = 10) -> bytes:
    """A sparse file of format 1.0 with a map of one's own."""
    records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(size)}
    return pax_member(records, lines.ljust(BLOCK, b"\0") + b"x" * 10)


def sparse_map(text: str, size: int = 10) -> bytes:
    """A sparse file of format 0.1 with a map of one's own."""
    return pax_member({"GNU.sparse.size": str(size), "GNU.sparse.map": text}, b"x" * 10)


def extension(kind: bytes, content: bytes, size: int | None = None) -> bytes:
    """An extension header with its content."""
    info = tarfile.TarInfo("././@LongLink")
    info.type = kind
    info.size = len(content) if size is None else size
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % BLOCK)


PLAIN = layer(file("a", b"x" * 700), file("b", b"y"), form=tarfile.USTAR_FORMAT)
LONG = layer(file("n" * 300, b"x"), form=tarfile.GNU_FORMAT)
PAX = layer(file("n" * 300, b"x"))
MANY_DIGITS = "9" * 4300

BROKEN = {
    "cut in the first header": (PLAIN[:100], "cut off: expected a header of 512 bytes, found 100", 0),
    "cut in a later header": (PLAIN[: 3 * BLOCK + 9], "cut off: expected a header", 1536),
    "cut in a content": (PLAIN[: BLOCK + 300], "a member of 700 bytes, expected 0 to 300, the rest of the archive", 0),
    "cut at the start of a content": (PLAIN[:BLOCK], "a member of 700 bytes, expected 0 to 0", 0),
    "cut behind a long name": (LONG[: 2 * BLOCK], "ends behind an extension header", 1024),
    "cut behind a pax header": (PAX[: 2 * BLOCK], "ends behind an extension header", 1024),
    "cut in a long name": (LONG[: BLOCK + 200], "an extension header is cut off: expected 301 bytes, found 200", 0),
    "cut in a pax header": (PAX[: BLOCK + 200], "an extension header is cut off", 0),
    "end marks behind a long name": (LONG[: 2 * BLOCK] + END, "ends behind an extension header", 1024),
    "no tar at all": (b"something else\n" * 100, "not a tar header: the checksum is not a number", 0),
    "bad checksum": (PLAIN[:5] + b"?" + PLAIN[6:], "not a tar header: the checksum is", 0),
    "bad checksum later": (PLAIN[:1536] + b"?" + PLAIN[1537:], "not a tar header", 1536),
    "odd size": (changed(PLAIN, 124, b"12x"), "a header field is not a number", 0),
    "odd mode": (changed(PLAIN, 100, b"rwxr"), "a header field is not a number", 0),
    "odd owner": (changed(PLAIN, 108, b"root"), "a header field is not a number", 0),
    "odd group": (changed(PLAIN, 116, b"root"), "a header field is not a number", 0),
    "odd time": (changed(PLAIN, 136, b"today"), "a header field is not a number", 0),
    "odd later": (changed(PLAIN, 136, b"today", 1536), "a header field is not a number", 1536),
    "odd device": (
        changed(changed(PLAIN, 156, b"3"), 329, b"tty"),
        "the device number of a header is not a number",
        0,
    ),
    "negative size": (changed(PLAIN, 124, b"\xff" * 12), "a member of -1 bytes, expected 0 to 9,728", 0),
    "octal negative size": (changed(PLAIN, 124, b"-0000000010\0"), "a member of -8 bytes", 0),
    "size beyond the end": (changed(PLAIN, 124, b"77777777777\0"), "a member of 8,589,934,591 bytes", 0),
    "size beyond all bounds": (
        changed(PLAIN, 124, b"\x80" + b"\xff" * 11),
        "a member of 309,485,009,821",
        0,
    ),
    "oversized pax header": (
        extension(b"x", b"", 2 << 20),
        "an extension header of 2,097,152 bytes, expected at most 1,048,576",
        0,
    ),
    "negative long name": (changed(LONG, 124, b"\xff" * 12), "an extension header of -1 bytes", 0),
    "endless chain": (extension(b"L", b"a") * 40 + PLAIN, "more than 32 extension headers", 32768),
    "pax record without a length": (extension(b"x", b"path=a\n") + PLAIN, "does not begin with its length", 0),
    "pax record too long": (extension(b"x", b"99 path=a\n") + PLAIN, "whose length does not match its end", 0),
    "pax record too short": (extension(b"x", b"3 path=a\n") + PLAIN, "whose length does not match its end", 0),
    "pax record of length 0": (extension(b"x", b"0 path=a\n") + PLAIN, "whose length does not match its end", 0),
    "pax record of negative length": (extension(b"x", b"-9 path=a\n") + PLAIN, "whose length does not match", 0),
    "pax record without a value": (extension(b"x", b"7 path\n") + PLAIN, "without a key and a value", 0),
    "pax record without a key": (extension(b"x", b"5 =a\n") + PLAIN, "without a key and a value", 0),
    "pax size not a number": (pax_member({"size": "ten"}), "the pax record size is not a number", 1024),
    "pax size negative": (pax_member({"size": "-1"}), "a member of -1 bytes", 1024),
    "pax size with too many digits": (pax_member({"size": MANY_DIGITS}), "the pax record size is not", 5120),
    "pax owner with too many digits": (pax_member({"uid": MANY_DIGITS}), "the pax record uid is not", 5120),
    "pax time not a number": (pax_member({"mtime": "now"}), "the pax record mtime is not a number", 1024),
    "pax time not finite": (pax_member({"mtime": "1e400"}), "the pax record mtime is not a number", 1024),
    "pax time not any number": (pax_member({"mtime": "nan"}), "the pax record mtime is not a number", 1024),
    "pax time with too many digits": (pax_member({"mtime": MANY_DIGITS}), "the pax record mtime is not", 5120),
    "sparse pieces out of order": (sparse_map("5,2,0,2"), "overlap or run backwards", 1024),
    "sparse pieces overlap": (sparse_map("0,5,4,2"), "overlap or run backwards", 1024),
    "sparse piece of negative length": (sparse_map("5,-2"), "overlap or run backwards", 1024),
    "sparse piece behind the end": (sparse_map("8,5"), "do not fit into it", 1024),
    "sparse pieces larger than stored": (sparse_map("0,20", 100), "do not fit into it", 1024),
    "sparse map of an odd count": (sparse_map("0,5,6"), "an offset without a length", 1024),
    "sparse map not numbers": (sparse_map("0,five"), "is not a number", 1024),
    "sparse version unknown": (pax_member({"GNU.sparse.major": "2"}), "expected 0 or 1", 1024),
    "sparse lines not a number": (sparse_1_0(b"one\n"), "begins with b'one', not a number", 1024),
    "sparse lines negative": (sparse_1_0(b"-4\n"), "a sparse file of -7 numbers", 1024),
    "sparse lines too many": (sparse_1_0(b"9999999\n"), "a sparse file of 19,999,999 numbers", 1024),
    "sparse lines odd": (sparse_1_0(b"1\n0\nx\n"), "something else than numbers", 1024),
    "sparse lines cut off": (sparse_1_0(b"300\n0\n1\n")[: 4 * BLOCK], "cut off: expected 601 lines", 1024),
    "sparse lines without an end": (
        pax_member({"GNU.sparse.major": "1"}, b"1\n" + b"0" * 200_000),
        "cut off: expected 3 lines",
        1024,
    ),
    "sparse map larger than its member": (
        changed(sparse_1_0(b"1\n0\n1\n"), 124, b"%011o\0" % 100, 1024),
        "the map of a sparse file takes 512 of its 100 bytes",
        1024,
    ),
    "old sparse map cut off": (
        changed(changed(PLAIN, 156, b"S"), 482, b"\1")[:BLOCK],
        "the map of a sparse file is cut off",
        0,
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_archives(broken: str) -> None:
    """A damaged archive is an error that says what is wrong, and at which offset."""
    data, message, offset = BROKEN[broken]
    with pytest.raises(TarError) as caught:
        read_in_place(data)
    assert message in str(caught.value)
    assert str(caught.value).endswith(f", at offset {offset:,}")


@pytest.mark.parametrize("compress", [bytes, gzipped, zstded])
@pytest.mark.parametrize("broken", BROKEN)
def test_broken_layers(broken: str, compress: Callable[[bytes], bytes]) -> None:
    """A damaged layer, compressed or not, is one kind of error, which names the layer and an offset."""
    with pytest.raises(UnreadableLayer, match=r"^layer 3 cannot be read: .* at offset [\d,]+") as caught:
        index_layer(ranged(compress(BROKEN[broken][0])), "layer 3")
    assert caught.value.hint


def test_truncation_anywhere() -> None:
    """Wherever an archive is cut, what is left is a clear error or the members that are whole; none is made up."""
    data = layer(
        file("a", b"x" * 600),
        directory("d"),
        hardlink("h", "a"),
        symlink("s", "t" * 200),
        file("n" * 200, b"y" * 3, xattrs={"user.a": "1"}),
    )
    whole = read_in_place(data)
    outcomes = set()
    for stop in range(0, len(data), 37):
        for read in (read_in_place, read_as_stream):
            try:
                found = read(data[:stop])
            except UnreadableImage:
                outcomes.add("error")
            else:
                assert found == whole[: len(found)]
                assert stop >= (found[-1].offset + found[-1].stored if found else 0)
                outcomes.add("members")
    assert outcomes == {"error", "members"}


@pytest.mark.parametrize(
    ("data", "ended"), [(PLAIN, True), (PLAIN[: 5 * BLOCK], False), (PLAIN[: 6 * BLOCK], True), (b"", False)]
)
def test_the_end_mark(data: bytes, ended: bool) -> None:
    """An archive that ends between two members has all of them, and is known to lack its end."""
    part = ranged(data)
    for members in (headers.Members(part, part.size), headers.Members(part)):
        for _ in members:
            pass
        assert members.has_end_mark == ended


def test_checksums_of_many_high_bytes() -> None:
    """A header whose bytes add up to more than 65,521 is taken with its checksum, and refused with another."""
    raw = bytearray(PLAIN[:BLOCK])
    raw[0:100] = b"\xff" * 100
    raw[157:257] = b"\xff" * 100
    raw[345:500] = b"\xff" * 155
    header = checked(bytes(raw))
    assert sum(header) > 70_000
    assert len(read_in_place(header + PLAIN[BLOCK:])[0].name) == 256
    with pytest.raises(TarError, match="not a tar header"):
        read_in_place(header[:100] + b"1" + header[101:] + PLAIN[BLOCK:])


def test_global_headers_are_bounded() -> None:
    """Global pax headers cannot pile up in memory, neither many nor long ones."""
    short = b"".join(extension(b"g", b"9 %04d=a\n" % number) for number in range(1_001))
    long = b"".join(extension(b"g", b"90011 k%02d=%s\n" % (number, b"v" * 90_000)) for number in range(12))
    each = 2 * BLOCK
    assert len(read_in_place(short[: 1_000 * each] + PLAIN)) == 2
    assert len(read_in_place(long[: len(long) // 2] + PLAIN)) == 2
    for records in (short, long):
        with pytest.raises(TarError, match="global pax records"):
            read_in_place(records + PLAIN)


def test_long_sparse_maps_are_read_whole() -> None:
    """A sparse map of a hundred thousand pieces is read; a quadratic reader would not come back."""
    lines = b"100000\n" + b"".join(b"%019d\n64\n" % at for at in range(0, 12_800_000, 128))
    content = lines + bytes(-len(lines) % BLOCK) + bytes(6_400_000)
    data = pax_member({"GNU.sparse.major": "1", "GNU.sparse.realsize": "12800000"}, content)
    (found,) = read_in_place(data)
    assert found.pieces is not None
    assert len(found.pieces) == 100_000


SEEDS = [
    PLAIN,
    LONG,
    PAX,
    sparse_map("0,5,6,4"),
    sparse_1_0(b"1\n0\n10\n"),
    changed(changed(PLAIN, 156, b"S"), 386, b"0".zfill(11) + b"\0" + b"700".zfill(11) + b"\0"),
    pax_member({"mtime": "1.5", "SCHILY.xattr.user.a": "v", "size": "4"}, b"abcd"),
    layer(file("d/a", b"x"), hardlink("d/b", "d/a"), symlink("d/c", "a"), hardlink("d", "d/b"), file(".wh.x")),
]


@given(seed=st.sampled_from(SEEDS), draw=st.data())
def test_damaged_archives_never_surprise(seed: bytes, draw: st.DataObject) -> None:
    """Whatever bytes of an archive are changed or missing, the answer is its members or the one kind of error."""
    data = bytearray(seed)
    for _ in range(draw.draw(st.integers(1, 6))):
        header = draw.draw(st.integers(0, len(data) // BLOCK - 1)) * BLOCK
        at = header + draw.draw(st.one_of(st.integers(0, 500), st.sampled_from([0, 100, 124, 135, 156, 257, 345, 482])))
        new = draw.draw(st.one_of(st.binary(min_size=1, max_size=12), st.sampled_from([b"\xff" * 12, b"9" * 12, b"S"])))
        data[at : at + len(new)] = new[: len(data) - at]
        if draw.draw(st.booleans()):
            data[header : header + BLOCK] = checked(bytes(data[header : header + BLOCK]))
    stop = draw.draw(st.one_of(st.none(), st.integers(0, len(data))))
    check_damage(bytes(data[:stop]))


def check_damage(data: bytes) -> None:
    """Read damaged bytes in all ways; anything but the one kind of error, or an answer, fails."""
    try:
        members = read_in_place(data)
        assert all(found.offset + found.stored <= len(data) for found in members)
    except TarError:
        pass
    for stored in (data, gzipped(data)):
        message = refusal(stored)
        assert not message or message.startswith("layer 0 cannot be read: ")


def refusal(data: bytes) -> str:
    """Why a layer is not indexed; empty when it is."""
    try:
        indexed(data)
    except UnreadableLayer as error:
        return error.message
    return ""


def test_random_bytes_never_surprise() -> None:
    """Bytes that never were an archive are refused, quickly and without taking memory."""
    chance = random.Random(7)
    tracemalloc.start()
    try:
        for _ in range(200):
            data = chance.randbytes(chance.randint(0, 3 * BLOCK))
            check_damage(checked(data[:BLOCK]) + data[BLOCK:] if len(data) >= BLOCK else data)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_file_that_shrinks_while_it_is_read(tmp_path: Path) -> None:
    """A file that loses its end while it is read is a cut-off archive."""
    path = tmp_path / "layer.tar"
    path.write_bytes(PLAIN)
    with path.open("rb") as opened:
        part = FileRange.whole(opened)
        os.truncate(path, 3 * BLOCK + 100)
        with pytest.raises(TarError, match="cut off"):
            list(headers.Members(WindowReader(part, lambda _: None), part.size))
