"""The header reader against the standard library's ``tarfile``, on generated archives, sparse ones and broken ones."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.layers.tar.headers import Member, TarError
from explorer.layers.tar.sparse import expanded
from tests.images import file, gzipped, indexed, layer, symlink, zstded
from tests.layers.tar.reading import (
    END,
    changed,
    checked,
    extension,
    pax_member,
    read_as_stream,
    read_in_place,
    written,
)


class Fields(NamedTuple):
    """The fields that ``tarfile`` and the header reader must agree on."""

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


def read_by_tarfile(data: bytes) -> tuple[list[Fields], list[float]]:
    """Returns the members as the standard library reads them, and their times."""
    expected, times = [], []
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape", encoding="utf-8") as archive:
        for info in archive:
            link = f"{info.devmajor}:{info.devminor}" if info.type in _DEVICES else info.linkname
            size = info.size if info.isreg() or info.type not in tarfile.SUPPORTED_TYPES else 0
            xattrs = sorted(
                (key.removeprefix("SCHILY.xattr."), value.encode("utf-8", "surrogateescape"))
                for key, value in info.pax_headers.items()
                if key.startswith("SCHILY.xattr.")
            )
            expected.append(
                Fields(
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
    return expected, times


def fields_of(members: list[Member]) -> list[Fields]:
    """Returns the same for the header reader."""
    return [
        Fields(
            member.name.rstrip("/"),
            member.type,
            member.size,
            member.mode,
            member.uid,
            member.gid,
            member.link,
            member.offset,
            member.xattrs,
        )
        for member in members
    ]


def check_against_tarfile(data: bytes) -> list[Member]:
    """Compares both ways of reading with the standard library."""
    members = read_in_place(data)
    expected, times = read_by_tarfile(data)
    assert fields_of(members) == expected
    assert [member.mtime_ns / 1e9 for member in members] == pytest.approx(times, abs=1e-5)
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
    """Draws an archive of a few members in one of the three formats."""
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


@pytest.mark.end_to_end
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@given(draw=st.data())
def test_generated_archives(form: int, draw: st.DataObject) -> None:
    """The header reader agrees with ``tarfile`` on generated archives, in place and as a stream."""
    check_against_tarfile(draw.draw(archives(form)))


@given(time=_pax_times)
def test_pax_times_are_exact(time: Decimal) -> None:
    """A pax time keeps its nanoseconds, which a float would lose, also before 1970."""
    info = tarfile.TarInfo("a")
    info.pax_headers = {"mtime": f"{time:f}"}
    (member,) = read_in_place(written([(info, b"")], tarfile.PAX_FORMAT))
    assert member.mtime_ns == int(time * 10**9)


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
    """A pax time is decimal seconds; digits beyond nanoseconds are cut off."""
    assert read_in_place(pax_member({"mtime": text}))[0].mtime_ns == nanoseconds


def test_global_pax_headers_are_ignored() -> None:
    """A global pax header changes no member, because engines ignore it; what it says is told."""
    info = tarfile.TarInfo("a")
    info.mtime = 3
    data = written([(info, b"")], tarfile.PAX_FORMAT, {"mtime": "5", "SCHILY.xattr.user.x": "v", "comment": "of git"})
    (member,) = read_in_place(data)
    assert (member.mtime_ns, member.xattrs) == (3_000_000_000, ())
    assert indexed(data).problems == ["it has global pax records, which engines ignore: “mtime”, “SCHILY.xattr.user.x”"]


def test_a_global_header_ends_the_headers_before_it() -> None:
    """A global pax header stands for a member of its own: extension headers before it count for no other."""
    name = extension(b"L", b"long\0")
    assert read_in_place(name + extension(b"g", b"11 a=12345\n"[:11]) + layer(file("a")))[0].name == "a"
    assert read_in_place(extension(b"g", b"6 a=1\n") + name + layer(file("a")))[0].name == "long"


def test_the_last_of_two_pax_headers_counts() -> None:
    """A second pax header before a member replaces the first one as a whole."""
    first, second = extension(b"x", b"11 uid=123\n"), extension(b"x", b"11 gid=456\n")
    (member,) = read_in_place(first + second + layer(file("a")))
    assert (member.uid, member.gid) == (0, 456)


@pytest.mark.parametrize("kind", [b"L", b"K"])
def test_an_empty_long_name_counts_for_nothing(kind: bytes) -> None:
    """An empty long name or link leaves those of the pax header, or of the member itself."""
    plain = layer(symlink("a", "b"), form=tarfile.USTAR_FORMAT)
    (member,) = read_in_place(extension(kind, b"\0") + plain)
    assert (member.name, member.link) == ("a", "b")
    records = extension(b"x", b"10 path=c\n14 linkpath=d\n")
    (member,) = read_in_place(records + extension(kind, b"\0") + plain)
    assert (member.name, member.link) == ("c", "d")


def test_zero_bytes_before_a_number() -> None:
    """A number may have zero bytes and blanks before its digits."""
    data = layer(file("a", b"x" * 9), form=tarfile.USTAR_FORMAT)
    data = changed(changed(data, 124, b"\0\0\0\0\0\0\0 11\0\0"), 108, b"\0 \0 764\0")
    (member,) = read_in_place(data)
    assert (member.size, member.uid) == (9, 0o764)


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        (b"usr/lib/go", "usr/lib/go/a"),
        ("größe".encode(), "a"),
        (b"00000000017\00000000017\0", "a"),
        (b"12345670 12/b", "12345670 12/b/a"),
        (b"\0" * 12 + b"usr/lib", "a"),
    ],
)
def test_prefixes_of_old_go(prefix: bytes, name: str) -> None:
    """A header of GNU has a prefix only if its times are no numbers and all is ASCII, as Go wrote before 1.8."""
    data = layer(file("a"), form=tarfile.GNU_FORMAT)
    assert read_in_place(changed(data, 345, prefix))[0].name == name


def test_prefixes_of_star() -> None:
    """A header of star has times behind a prefix of 131 bytes."""
    data = layer(file("a"), form=tarfile.USTAR_FORMAT)
    times = b"00000000017 00000000017 "
    assert read_in_place(changed(data, 345, b"p" * 131 + times + b"\0" * 8 + b"tar\0"))[0].name == "p" * 131 + "/a"


def test_extended_attribute_may_be_empty() -> None:
    """An extended attribute may be empty."""
    (member,) = check_against_tarfile(pax_member({"SCHILY.xattr.user.empty": "", "SCHILY.xattr.user.a": "1"}))
    assert member.xattrs == (("user.a", b"1"), ("user.empty", b""))


def test_base_256_numbers() -> None:
    """Numbers too large for octal digits, and negative times, are read from their binary form."""
    info = tarfile.TarInfo("a")
    info.uid, info.gid, info.mtime, info.size = 1 << 31, 1 << 50, -5, 9 << 30
    with pytest.raises(TarError, match=r"9,663,676,416 bytes"):
        read_in_place(info.tobuf(tarfile.GNU_FORMAT) + END)
    info.size = 0
    (member,) = check_against_tarfile(info.tobuf(tarfile.GNU_FORMAT) + END)
    assert (member.uid, member.gid, member.mtime_ns) == (1 << 31, 1 << 50, -5_000_000_000)


def test_pax_size_counts() -> None:
    """A size in a pax header replaces the header's own."""
    data = pax_member({"size": "3"}, b"abc") + layer(file("b"))
    assert check_against_tarfile(data)[0].size == 3


def test_old_directories() -> None:
    """A member without a type whose name ends in a slash is a directory, as before POSIX."""
    info = tarfile.TarInfo("d/")
    info.type = tarfile.AREGTYPE
    assert read_in_place(info.tobuf(tarfile.USTAR_FORMAT) + END)[0].type == tarfile.DIRTYPE
    for whole, kind in ((b"d" * 120 + b"/", tarfile.DIRTYPE), (b"d" * 99 + b"/f", tarfile.AREGTYPE)):
        info.name = whole[:100].decode()
        header = info.tobuf(tarfile.GNU_FORMAT)
        (member,) = read_in_place(extension(b"L", whole + b"\0") + header + END)
        assert (member.name, member.type) == (whole.decode(), kind)


def test_prefix_is_only_for_ustar() -> None:
    """The fields of GNU tar at the place of ustar's name prefix do not get into the name."""
    info = tarfile.TarInfo("name")
    block = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    block[345:357] = b"12345670123\0"
    (member,) = read_in_place(checked(bytes(block)) + END)
    assert member.name == "name"


def test_headers_without_content() -> None:
    """The size in the header of a link or directory is ignored."""
    link = tarfile.TarInfo("l")
    link.type, link.linkname, link.size = tarfile.LNKTYPE, "a", 700
    folder = tarfile.TarInfo("d")
    folder.type, folder.size = tarfile.DIRTYPE, 4096
    data = link.tobuf(tarfile.USTAR_FORMAT) + folder.tobuf(tarfile.USTAR_FORMAT) + layer(file("z", b"zz"))
    assert [(member.name, member.size) for member in read_in_place(data)] == [("l", 0), ("d/", 0), ("z", 2)]


def test_last_padding_may_be_missing() -> None:
    """An archive may lack its end marks and the padding of its last content."""
    data = layer(file("a", b"x" * 700), file("b", b"y" * 10))
    stop = data.index(b"y" * 10) + 10
    assert [member.name for member in read_in_place(data[:stop])] == ["a", "b"]
    assert read_as_stream(data[:stop]) == read_in_place(data[:stop])
    assert indexed(gzipped(data[:stop])).entries == indexed(data[:stop]).entries


def test_empty_archives() -> None:
    """Empty bytes, and only end marks, are archives without members."""
    assert read_in_place(b"") == read_in_place(END) == read_as_stream(END) == []


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
    """A sparse file in each of GNU tar's four formats keeps its size and content."""
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
    for member, name in ((first, "sparse"), (second, "again")):
        assert (member.name, member.size) == (name, size)
        if member.pieces is None:
            pytest.skip("this file system keeps no holes")
        stored = data[member.offset : member.offset + member.stored]
        assert member.stored < size
        assert b"".join(expanded([stored], member.size, member.pieces)) == path.read_bytes()
    if version != "0.0" or pieces:  # tarfile takes a 0.0 map without pieces for none at all
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            assert [(info.name, info.size) for info in archive] == [("sparse", size), ("again", size)]
    index = indexed(data)
    assert [(entry.path, entry.size) for entry in index.entries] == [("sparse", size), ("again", size)]
    assert indexed(zstded(data)).sparse == index.sparse
    problem = "“sparse” is a sparse file in the old GNU format, which engines refuse"
    assert (problem in index.problems) == (version == "old GNU")


def test_sparse_file_that_is_one_hole() -> None:
    """A sparse file without pieces has its size and no stored bytes."""
    records = {"GNU.sparse.major": "0", "GNU.sparse.minor": "0", "GNU.sparse.size": "5000", "GNU.sparse.map": ""}
    (member,) = read_in_place(pax_member(records))
    assert (member.size, member.stored, member.pieces) == (5000, 0, ())


@pytest.mark.parametrize("key", ["GNU.sparse.size", "GNU.sparse.realsize", "GNU.sparse.name"])
@pytest.mark.parametrize("version", [{}, {"GNU.sparse.major": "2", "GNU.sparse.minor": "0"}])
def test_sparse_records_without_a_map(key: str, version: dict[str, str]) -> None:
    """Records of a sparse file change nothing without a map or a known version."""
    (member,) = read_in_place(pax_member({key: "5000", **version}, b"xy"))
    assert (member.name, member.size, member.stored, member.pieces) == ("a", 2, 2, None)


def test_sizes_of_a_sparse_file() -> None:
    """GNU.sparse.size counts before the other size of a sparse file."""
    records = {"GNU.sparse.size": "5", "GNU.sparse.realsize": "9", "GNU.sparse.map": "0,2"}
    assert read_in_place(pax_member(records, b"xy"))[0].size == 5
