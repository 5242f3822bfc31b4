"""Readers of tars: windows of a file, and streams as a place to read at."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UnreadableImage
from explorer.layers import streams
from explorer.layers.readers import StreamReader, WindowReader
from explorer.layers.streams import FileRange, InflatedStream
from tests.images import gzipped, inside, ranged, zstded

BYTES = random.Random(3).randbytes(100_000)


def nothing(_: int) -> None:
    """Ignores progress."""


_steps = st.lists(st.tuples(st.integers(0, 9_000), st.integers(0, 10_000)), max_size=20)


@given(_steps)
def test_window_reads_what_the_range_has(steps: list[tuple[int, int]]) -> None:
    """Reading at rising offsets through a window gives the very bytes of the range."""
    part = inside(BYTES)
    reader = WindowReader(part, nothing)
    offset = 0
    for step, size in steps:
        offset += step
        assert reader.read_at(offset, size) == BYTES[offset : offset + size]


def test_window_goes_back() -> None:
    """A window can also read bytes in front of it."""
    reader = WindowReader(inside(BYTES), nothing)
    assert reader.read_at(90_000, 10) == BYTES[90_000:90_010]
    assert reader.read_at(5, 10) == BYTES[5:15]


def test_window_spares_system_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pieces that are close together cost one read of the file."""
    reads: list[int] = []
    read_at = FileRange.read_at

    def counted(part: FileRange, offset: int, size: int) -> bytes:
        reads.append(offset)
        return read_at(part, offset, size)

    monkeypatch.setattr(FileRange, "read_at", counted)
    reader = WindowReader(inside(BYTES), nothing)
    for offset in range(0, 8_192, 512):
        reader.read_at(offset, 512)
    assert reads == [0]


def test_window_tells_of_progress() -> None:
    """The callback gets the offset while many pieces are read."""
    heard: list[int] = []
    reader = WindowReader(ranged(bytes(100)), heard.append)
    for offset in range(0, 20_000_000, 1_000):
        reader.read_at(offset, 1)
    assert heard == sorted(heard)
    assert len(heard) == 4


@given(_steps, st.sampled_from([gzipped, zstded]))
def test_stream_serves_rising_offsets(steps: Sequence[tuple[int, int]], compress: Callable[[bytes], bytes]) -> None:
    """A stream gives the bytes at rising offsets, in pieces or at once, fewer only at its end."""
    reader = StreamReader(InflatedStream(inside(compress(BYTES)), nothing))
    offset = 0
    for number, (step, size) in enumerate(steps):
        offset += step
        if number % 2:
            size = max(0, min(size, len(BYTES) - offset))
            assert b"".join(reader.pieces(offset, size)) == BYTES[offset : offset + size]
            offset += size
        else:
            assert reader.read_at(offset, size) == BYTES[offset : offset + size]


def test_stream_across_chunks() -> None:
    """Pieces and headers across the boundaries of chunks are complete and in order."""
    data = BYTES * 40
    reader = StreamReader(InflatedStream(inside(gzipped(data)), nothing))
    seam = streams.CHUNK
    assert reader.read_at(seam - 10, 20) == data[seam - 10 : seam + 10]
    pieces = [bytes(piece) for piece in reader.pieces(seam + 10, 2 * seam)]
    assert b"".join(pieces) == data[seam + 10 : 3 * seam + 10]
    assert max(map(len, pieces)) <= 2 * streams.CHUNK


def test_stream_reads_again_across_chunks() -> None:
    """Bytes across a boundary can be read again, more of them too, and as pieces."""
    data = BYTES * 40
    seam = streams.CHUNK
    start = seam - 700
    reader = StreamReader(InflatedStream(inside(gzipped(data)), nothing))
    for size in (1_000, 512, 600, seam + 2_000, 300):
        assert reader.read_at(start, size) == data[start : start + size]
    assert reader.loaded(start, 100) is None
    assert b"".join(reader.pieces(start, seam + 5_000)) == data[start : start + seam + 5_000]
    end = StreamReader(InflatedStream(inside(gzipped(data[:seam])), nothing))
    for size in (1_000, 512, 1_000):
        assert end.read_at(start, size) == data[start : min(start + size, seam)]


@pytest.mark.parametrize("kind", ["plain", "gzip"])
def test_loaded_bytes(kind: str) -> None:
    """Bytes of the window or chunk are there without a read, and no others."""
    part = inside(BYTES)
    reader = (
        WindowReader(part, nothing)
        if kind == "plain"
        else StreamReader(InflatedStream(inside(gzipped(BYTES)), nothing))
    )
    assert reader.loaded(0, 10) is None
    reader.read_at(100, 512)
    loaded = reader.loaded(200, 300)
    assert loaded is not None
    assert bytes(loaded) == BYTES[200:500]
    assert reader.loaded(len(BYTES) - 10, 11) is None


def test_stream_that_ends_within_a_piece() -> None:
    """A content that ends early is an error with the offset and the number of missing bytes."""
    reader = StreamReader(InflatedStream(inside(gzipped(BYTES)), nothing))
    with pytest.raises(UnreadableImage, match=r"cut off, at offset 100,000: 50 more bytes expected"):
        list(reader.pieces(99_000, 1_050))
