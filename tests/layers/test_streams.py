"""Stored bytes and how to read them: ranges of files, decompression by magic bytes, digests on the way, bombs."""

from __future__ import annotations

import bz2
import errno
import lzma
import os
import random
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import DamagedBytes, UnreadableImage
from explorer.layers import read_budget, streams
from explorer.layers.read_budget import ReadBudget
from explorer.layers.streams import FileRange, InflatedStream, compression
from tests.images import digest, file, gzipped, indexed, inside, layer, zstded

BYTES = random.Random(3).randbytes(100_000)


def nothing(_: int) -> None:
    """Ignores progress."""


def read_all(stream: InflatedStream) -> bytes:
    """Returns the remaining bytes of a stream."""
    return b"".join(iter(stream.chunk, b""))


@pytest.fixture
def failing_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read of a range fails."""

    def fail(descriptor: int, size: int, offset: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pread", fail)


# Ranges.


@given(st.integers(0, 120), st.integers(0, 150))
def test_range_is_all_there_is(offset: int, size: int) -> None:
    """A range gives its own bytes at any offset, fewer at its end, and never those around it."""
    data = BYTES[:100]
    assert inside(data).read_at(offset, size) == data[offset : offset + size]


def test_range_outlives_its_file(tmp_path: Path) -> None:
    """A range of a whole file has its size, and can be read after the file was closed and removed."""
    path = tmp_path / "file"
    path.write_bytes(BYTES)
    with path.open("rb") as opened:
        part = FileRange.whole(opened)
    path.unlink()
    assert part.size == len(BYTES)
    assert part.read_at(0, part.size) == BYTES


def test_range_whose_file_is_shorter() -> None:
    """A range of a file that is too short gives the existing bytes."""
    part = replace(inside(BYTES, after=0), size=len(BYTES) + 100)
    assert part.read_at(len(BYTES) - 5, 50) == BYTES[-5:]
    assert part.read_at(0, part.size) == BYTES


def test_range_that_the_system_cannot_read(failing_disk: None) -> None:
    """An error of the system is passed on with a hint."""
    with pytest.raises(UnreadableImage, match=r"cannot be read at offset 17: Input/output error") as caught:
        inside(BYTES).read_at(10, 10)
    assert caught.value.hint


def test_range_in_several_threads() -> None:
    """Several threads read one range at once, each its own place."""
    part = inside(BYTES)

    def read(seed: int) -> bool:
        chance = random.Random(seed)
        places = [chance.randrange(len(BYTES)) for _ in range(300)]
        return all(part.read_at(place, 50) == BYTES[place : place + 50] for place in places)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(4)))


# Compression.


def skippable(kind: int) -> bytes:
    """A zstd frame that decompressors skip; some layers begin with one."""
    return bytes([0x50 + kind]) + b"\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"meta"


def zipped(data: bytes) -> bytes:
    """Compressed as a zip file."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("layer.tar", data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (gzipped(b"x"), "gzip"),
        (zstded(b"x"), "zstd"),
        (skippable(0) + zstded(b"x"), "zstd"),
        (skippable(15) + zstded(b"x"), "zstd"),
        (layer(file("a")), ""),
        (lzma.compress(b"x"), "xz"),
        (bz2.compress(b"x"), "bzip2"),
        (bz2.compress(b""), "bzip2"),
        (layer(file("BZhang")), ""),
        (layer(file("BZh9")), ""),
        (layer(file("LZIP-1.0.txt")), ""),
        (b"", ""),
        (b"\x1f", ""),
        (b"P*M", ""),
        (b"\x60\x2a\x4d\x18", ""),
    ],
)
def test_compression_by_magic(data: bytes, kind: str) -> None:
    """The first bytes of a range decide about its compression."""
    assert compression(inside(data)) == kind


@pytest.mark.parametrize(
    ("compress", "name"),
    [
        (zipped, "zip"),
        (lambda data: b"\x04\x22\x4d\x18" + data, "lz4"),
        (lambda data: b"\x02\x21\x4c\x18" + data, "lz4"),
        (lambda data: b"LZIP\1\x0c" + data, "lzip"),
        (lambda data: lzma.compress(data, lzma.FORMAT_ALONE), "lzma"),
    ],
)
def test_foreign_compression(compress: Callable[[bytes], bytes], name: str) -> None:
    """The error for an unsupported compression names it and has a hint."""
    with pytest.raises(UnreadableImage, match=f"compressed with {name}, expected gzip, zstd, xz") as caught:
        compression(inside(compress(layer(file("a")))))
    assert "gzip or zstd" in caught.value.hint


def test_zstd_behind_a_skippable_frame() -> None:
    """A zstd layer that begins with a frame of metadata, as some tools write it, is read like any other."""
    data = layer(file("a", b"x"))
    assert indexed(skippable(3) + zstded(data)).entries == indexed(data).entries


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_digests_of_both_sides(compress: Callable[[bytes], bytes]) -> None:
    """A stream is verified by the digest of the stored bytes, of the uncompressed bytes, or of both."""
    data = BYTES * 30
    stored = compress(data)
    wrong = "sha256:" + "0" * 64
    for expected in ({"digest": wrong}, {"diff_id": wrong}, {"digest": digest(stored), "diff_id": wrong}):
        with pytest.raises(UnreadableImage, match=rf"expected {wrong}"):
            InflatedStream(
                inside(stored), nothing, digest=expected.get("digest"), diff_id=expected.get("diff_id")
            ).verify()
    heard: list[int] = []
    stream = InflatedStream(inside(stored), heard.append, digest=digest(stored), diff_id=digest(data))
    assert len(stream.chunk()) <= streams.CHUNK
    stream.verify()
    assert stream.position == len(data)
    assert heard == sorted(heard)
    assert heard[-1] == len(stored)


@pytest.mark.end_to_end
@pytest.mark.parametrize("compress", [gzipped, zstded, lzma.compress])
@pytest.mark.parametrize("size", [100_000, 1_500_000])
def test_cut_off_streams(compress: Callable[[bytes], bytes], size: int) -> None:
    """Compressed data that ends early gives the bytes before the cut, then an error with their number."""
    content = random.Random(5).randbytes(size)
    stream = InflatedStream(inside(compress(content)[: size - 10_000]), nothing)
    chunks: list[bytes] = []
    with pytest.raises(DamagedBytes) as caught:
        chunks.extend(iter(stream.chunk, b""))
    read = b"".join(chunks)
    assert content.startswith(read)
    assert len(read) > size - 150_000
    assert f"cut off: its {size - 10_000:,} bytes end within" in caught.value.message
    assert caught.value.message.endswith(f" after {len(read):,} unpacked bytes")
    with pytest.raises(DamagedBytes):
        stream.chunk()


@pytest.mark.parametrize("compress", [lzma.compress, bz2.compress])
def test_xz_and_bzip2(compress: Callable[[bytes], bytes]) -> None:
    """Streams of xz and bzip2 are read and verified, also several in a row; a cut or changed one is an error."""
    stored = compress(BYTES) + compress(b"") + compress(BYTES[:10])
    stream = InflatedStream(inside(stored), nothing, digest=digest(stored), diff_id=digest(BYTES + BYTES[:10]))
    assert read_all(stream) == BYTES + BYTES[:10]
    stream.verify()
    changed = bytearray(compress(BYTES))
    changed[len(changed) // 2] ^= 0xFF
    for damaged in (compress(BYTES)[:-5], bytes(changed)):
        with pytest.raises(DamagedBytes, match=r"the compressed data is (damaged|cut off)"):
            read_all(InflatedStream(inside(damaged), nothing))


def test_padded_xz() -> None:
    """Zeros between two xz streams and behind the last one are padding."""
    stored = lzma.compress(b"a") + bytes(8) + lzma.compress(b"b") + bytes(20_000)
    assert read_all(InflatedStream(inside(stored), nothing)) == b"ab"


@pytest.mark.parametrize("start", [b"", lzma.compress(b"a")])
def test_xz_that_needs_much_memory(start: bytes) -> None:
    """A stream of xz with a huge dictionary is refused with the reason, also behind another stream."""
    # The size of the dictionary is in the header of the block, behind the header of the stream.
    stored = bytearray(lzma.compress(b"b", preset=0))
    header = stored[12:24]
    header[4] = 36  # A dictionary of 1 GiB; the size is a code.
    stored[12:24] = header[:8] + zlib.crc32(header[:8]).to_bytes(4, "little")
    with pytest.raises(UnreadableImage, match="needs more than 268,435,456 bytes of memory"):
        read_all(InflatedStream(inside(start + bytes(stored)), nothing))


def test_damaged_streams() -> None:
    """Damage in compressed data is an error with a place at most one piece behind it."""
    stored = bytearray(gzipped(BYTES) + gzipped(BYTES))
    stored[len(stored) - 5] ^= 1
    stream = InflatedStream(inside(bytes(stored)), nothing)
    with pytest.raises(UnreadableImage, match=r"damaged before byte [\d,]+ of its gzip data, after [\d,]+ unpacked"):
        read_all(stream)
    assert stream.position > len(BYTES)


def test_a_gzip_header_without_end() -> None:
    """A file name longer than a gzip header may be is an error of the data, not a bug."""
    stored = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff" + b"a" * (1 << 20)
    with pytest.raises(UnreadableImage, match=r"the compressed data is (damaged|cut off)"):
        read_all(InflatedStream(inside(stored), nothing))


@pytest.mark.parametrize("compress", [gzipped, zstded])
@pytest.mark.parametrize("garbage", [b"\n", b"garbage, and more of it", b"\0\0 garbage"])
def test_garbage_behind_the_end(compress: Callable[[bytes], bytes], garbage: bytes) -> None:
    """Bytes behind compressed data are ignored and told, and count for the digest."""
    stored = compress(BYTES) + garbage
    stream = InflatedStream(inside(stored), nothing, digest=digest(stored))
    stream.verify()
    assert stream.position == len(BYTES)
    assert stream.problem.startswith(f"{len(garbage)} bytes behind the end of the compressed data, at offset")


def test_zeros_behind_gzip() -> None:
    """Zeros behind gzip data are the padding of a tape, and nothing to tell."""
    stream = InflatedStream(inside(gzipped(BYTES) + bytes(700_000)), nothing)
    stream.verify()
    assert (stream.position, stream.problem) == (len(BYTES), "")


# Bounds.


@pytest.mark.parametrize("compress", [gzipped, zstded, partial(lzma.compress, preset=0), bz2.compress])
def test_bombs(compress: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams that unpack to far more than an image are refused before their end, all together."""
    monkeypatch.setattr(streams, "UNPACKED_BYTES", read_budget.UNPACKED_BYTES._replace(sum=4 << 20, ratio=10))
    bomb = compress(bytes(3 << 20))
    budget = ReadBudget()
    budget.add_stored("layer 0", 2 * len(bomb))
    assert len(read_all(InflatedStream(inside(bomb), nothing, budget=budget))) == 3 << 20
    stream = InflatedStream(inside(bomb), nothing, budget=budget)
    with pytest.raises(UnreadableImage, match="more than 4,194,304 unpacked bytes") as caught:
        read_all(stream)
    assert stream.position <= 2 << 20
    assert "--allow-large" in caught.value.hint
    read_all(InflatedStream(inside(bomb), nothing, budget=ReadBudget(is_unlimited=True)))


def test_no_bombs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Much real data is no bomb, because the bound grows with the stored bytes."""
    monkeypatch.setattr(streams, "UNPACKED_BYTES", read_budget.UNPACKED_BYTES._replace(sum=1 << 10))
    stored = gzipped(BYTES * 30)
    budget = ReadBudget()
    budget.add_stored("layer 0", len(stored))
    assert read_all(InflatedStream(inside(stored), nothing, budget=budget)) == BYTES * 30


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_empty_frames(compress: Callable[[bytes], bytes]) -> None:
    """Thousands of empty frames are refused; small ones with something in them are read."""
    full = compress(bytes(range(200)))
    assert len(read_all(InflatedStream(inside(full * 11_000), nothing, budget=ReadBudget()))) == 2_200_000
    with pytest.raises(UnreadableImage, match="in 10,001 compressed parts"):
        read_all(InflatedStream(inside(compress(b"") * 10_100), nothing, budget=ReadBudget()))


def test_large_windows() -> None:
    """A zstd window of 2^28 bytes is read; one of 2^31 is refused with its size."""
    for log, refused in ((28, False), (31, True)):
        # A frame of one raw block of a byte, without a checksum.
        stored = b"\x28\xb5\x2f\xfd\0" + bytes([(log - 10) << 3]) + b"\x09\0\0x"
        stream = InflatedStream(inside(stored), nothing, budget=ReadBudget())
        if refused:
            with pytest.raises(UnreadableImage, match=r"a window of 2,147,483,648 bytes, expected at most 536,870,912"):
                read_all(stream)
        else:
            assert read_all(stream) == b"x"
