"""Damaged archives: each is one kind of error, which names the damage and the offset."""

from __future__ import annotations

import os
import random
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UnreadableImage, UnreadableLayer
from explorer.layers.readers import WindowReader
from explorer.layers.streams import FileRange
from explorer.layers.tar import headers
from explorer.layers.tar.headers import TarError
from tests.images import directory, file, gzipped, hardlink, index_layer, indexed, layer, ranged, symlink, zstded
from tests.layers.tar.reading import (
    BLOCK,
    END,
    changed,
    checked,
    extension,
    pax_member,
    read_as_stream,
    read_in_place,
)


def sparse_1_0(lines: bytes, size: int = 10) -> bytes:
    """Returns a sparse file of format 1.0 with the given map."""
    records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(size)}
    return pax_member(records, lines.ljust(BLOCK, b"\0") + b"x" * 10)


def sparse_map(text: str, size: int = 10) -> bytes:
    """Returns a sparse file of format 0.1 with the given map."""
    return pax_member({"GNU.sparse.size": str(size), "GNU.sparse.map": text}, b"x" * 10)


PLAIN = layer(file("a", b"x" * 700), file("b", b"y"), form=tarfile.USTAR_FORMAT)
PLAIN_MEMBERS = PLAIN[: 5 * BLOCK]
LONG = layer(file("n" * 300, b"x"), form=tarfile.GNU_FORMAT)
PAX = layer(file("n" * 300, b"x"))
MANY_DIGITS = "9" * 4300

BROKEN = {
    "cut in the first header": (PLAIN[:100], "cut off: expected a header of 512 bytes, found 100", 0),
    "cut in a later header": (PLAIN[: 3 * BLOCK + 9], "cut off: expected a header", 1536),
    "cut in a content": (PLAIN[: BLOCK + 300], "a member of 700 bytes, expected 0 to 300, the rest of the archive", 0),
    "cut at the start of a content": (PLAIN[:BLOCK], "a member of 700 bytes, expected 0 to 0", 0),
    "cut in a long name": (LONG[: BLOCK + 200], "an extension header is cut off: expected 301 bytes, found 200", 0),
    "cut in a pax header": (PAX[: BLOCK + 200], "an extension header is cut off", 0),
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
    "sparse lines not a number": (sparse_1_0(b"one\n"), "begins with b'one', not a number", 1024),
    "sparse lines negative": (sparse_1_0(b"-4\n"), "a sparse file has -7 numbers, expected 1 to", 1024),
    "sparse lines too many": (sparse_1_0(b"9999999\n"), "a sparse file has 19,999,999 numbers, expected 1 to", 1024),
    "sparse lines odd": (sparse_1_0(b"1\n0\nx\n"), "something other than numbers", 1024),
    "sparse lines cut off": (sparse_1_0(b"300\n0\n1\n")[: 4 * BLOCK], "cut off: expected 601 lines", 1024),
    "sparse lines without an end": (
        pax_member({"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}, b"1\n" + b"0" * 200_000),
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
    """A damaged archive is an error that names the damage and the offset."""
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
    """An archive that is cut anywhere gives an error, or only complete members."""
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
                members = read(data[:stop])
            except UnreadableImage:
                outcomes.add("error")
            else:
                assert members == whole[: len(members)]
                assert stop >= (members[-1].offset + members[-1].stored if members else 0)
                outcomes.add("members")
    assert outcomes == {"error", "members"}


_CUT = "the layer's tar ends without an end mark; it may be cut off"
_STRAY = "the layer's tar ends with an extension header that no member follows; it was ignored"
_SECOND = "the layer's tar ends at offset 2,560, and the bytes behind it were ignored, as engines do"
_ONE_BLOCK = (
    "the layer's tar ends at offset 2,560, with one block of zeros instead of two; "
    "engines refuse it, and the bytes behind it were ignored"
)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("end", "problems"),
    [
        (END, []),
        (b"", [_CUT]),
        (bytes(BLOCK), []),
        (bytes(3_000_000), []),
        (bytes(BLOCK + 7), []),
        (LONG[: 2 * BLOCK] + END, [_STRAY]),
        (PAX[: 2 * BLOCK] + END, [_STRAY]),
        (LONG[: 2 * BLOCK] * 3, [_STRAY, _CUT]),
        (bytes(BLOCK) + PLAIN, [_ONE_BLOCK]),
        (bytes(BLOCK + 9) + b"x", [_ONE_BLOCK]),
        (END + PLAIN, [_SECOND]),
        (bytes(20 * BLOCK) + PLAIN, [_SECOND]),
    ],
)
@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_the_end_of_a_tar(end: bytes, problems: list[str], compress: Callable[[bytes], bytes]) -> None:
    """A tar with an odd end has all members before it, and the reason is a problem."""
    index = indexed(compress(PLAIN_MEMBERS + end))
    assert [entry.path for entry in index.entries] == ["a", "b"]
    assert list(index.problems) == problems


def test_checksums_of_many_high_bytes() -> None:
    """A header with a sum above 65,521 is accepted with the right checksum, and refused with another."""
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
    """A layer keeps the names of a hundred ignored global pax records at most."""
    records = b"".join(extension(b"g", b"9 %04d=a\n" % number) for number in range(1_001))
    part = ranged(records + PLAIN)
    members = headers.Members(part.read_at, part.size)
    assert len(list(members)) == 2
    assert len(members.ignored_records) == 100


def test_long_sparse_maps_are_read_whole() -> None:
    """A sparse map of a hundred thousand pieces is read in linear time."""
    lines = b"100000\n" + b"".join(b"%019d\n64\n" % at for at in range(0, 12_800_000, 128))
    content = lines + bytes(-len(lines) % BLOCK) + bytes(6_400_000)
    records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "12800000"}
    data = pax_member(records, content)
    (member,) = read_in_place(data)
    assert member.pieces is not None
    assert len(member.pieces) == 100_000


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
    """Changed or missing bytes of an archive lead to members or to the one kind of error."""
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
    """Reads damaged bytes in all ways, and allows only the one kind of error."""
    try:
        members = read_in_place(data)
        assert all(member.offset + member.stored <= len(data) for member in members)
    except TarError:
        pass
    for stored in (data, gzipped(data)):
        message = refusal(stored)
        assert not message or message.startswith("layer 0 cannot be read: ")


def refusal(data: bytes) -> str:
    """Returns the error of a layer that is not indexed, or an empty text."""
    try:
        indexed(data)
    except UnreadableLayer as error:
        return error.message
    return ""


def test_random_bytes_never_surprise() -> None:
    """Random bytes are refused."""
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
    """A file that is cut off while it is read is an error."""
    path = tmp_path / "layer.tar"
    path.write_bytes(PLAIN)
    with path.open("rb") as opened:
        part = FileRange.whole(opened)
        os.truncate(path, 3 * BLOCK + 100)
        with pytest.raises(TarError, match="cut off"):
            list(headers.Members(WindowReader(part).read_at, part.size))
