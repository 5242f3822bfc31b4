"""Hostile maps of sparse files: they need no more memory than their archive."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
from collections.abc import Callable

import pytest

from explorer.errors import UnreadableImage
from explorer.layers.read_budget import ReadBudget
from explorer.layers.tar import headers
from explorer.layers.tar.sparse import (
    BLOCK,
    MAX_PIECES,
    BadMap,
    CountPieces,
    Pieces,
    expanded,
    from_header,
    from_lines,
    from_record,
)

Numbers = list[tuple[int, int]]


def record(pieces: Numbers) -> bytes:
    """A map of format 0.1."""
    return ",".join(f"{offset},{length}" for offset, length in pieces).encode()


def lines(pieces: Numbers) -> bytes:
    """A map of format 1.0, with its padding."""
    text = f"{len(pieces)}\n" + "".join(f"{offset}\n{length}\n" for offset, length in pieces)
    return text.encode() + bytes(-len(text) % BLOCK)


def header(pieces: Numbers) -> bytes:
    """A header of the old GNU format, and the blocks behind it."""
    fields = [b"%011o\0%011o\0" % piece for piece in pieces]
    blocks = [b"".join(fields[start : start + 21]) for start in range(4, len(fields), 21)]
    begin = bytes(386) + b"".join(fields[:4]).ljust(96, b"\0") + bytes([bool(blocks)]) + b"%011o\0" % 0
    behind = [
        block.ljust(504, b"\0") + bytes([number < len(blocks)]) + bytes(7) for number, block in enumerate(blocks, 1)
    ]
    return begin.ljust(BLOCK, b"\0") + b"".join(behind)


def _blocks(content: bytes) -> Callable[[int], bytes]:
    return lambda number: content[number * BLOCK : (number + 1) * BLOCK]


def _by_header(pieces: Numbers, count_pieces: CountPieces) -> Pieces:
    made = header(pieces)
    return from_header(made[:BLOCK], _blocks(made[BLOCK:]), count_pieces)[1]


READERS: dict[str, Callable[[Numbers, CountPieces], Pieces]] = {
    "a header": _by_header,
    "a record": lambda pieces, count_pieces: from_record(record(pieces), count_pieces),
    "lines": lambda pieces, count_pieces: from_lines(_blocks(lines(pieces)), count_pieces)[0],
}


def archive(count: int, pieces: Numbers, content: bytes = b"", size: int = 1 << 30) -> bytes:
    """An archive of equal sparse files of format 1.0."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as writing:
        stored = lines(pieces) + content
        for number in range(count):
            info = tarfile.TarInfo(str(number))
            info.size = len(stored)
            info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(size)}
            writing.addfile(info, io.BytesIO(stored))
    return made.getvalue()


def members(content: bytes) -> headers.Members:
    """The members of an archive in memory."""
    return headers.Members(lambda offset, size: content[offset : offset + size])


@pytest.mark.parametrize("form", READERS)
def test_pieces_of_no_bytes_are_not_kept(form: str) -> None:
    """Pieces without bytes are dropped in every format, also at the end of the file."""
    kept = READERS[form](
        [(0, 3), (5, 0), (6, 0), (8, 2), *[(9 + number, 0) for number in range(50)], (100, 0)], lambda _: None
    )
    assert kept == ((0, 3), (8, 2))


@pytest.mark.parametrize("form", READERS)
def test_pieces_of_no_bytes_are_counted(form: str) -> None:
    """Pieces count before they are read, also those without bytes, in every format."""
    counted: list[int] = []
    READERS[form]([(number, 0) for number in range(4 + 3 * 21)], counted.append)
    assert sum(counted) == 4 + 3 * 21


def test_maps_of_empty_pieces_take_of_the_budget() -> None:
    """Many maps whose pieces have no bytes are refused, although nothing of them is kept."""
    data = archive(5, [(0, 0)] * MAX_PIECES)
    members = headers.Members(lambda offset, size: data[offset : offset + size], budget=ReadBudget())
    with pytest.raises(UnreadableImage, match="maps of sparse files"):
        list(members)


def test_a_piece_of_no_bytes_at_the_end_marks_a_hole() -> None:
    """A file that ends in a hole keeps its size, even though the empty piece that marks its end is dropped."""
    (member,) = members(archive(1, [(4, 2), (20, 0)], b"ab", size=20))
    assert member.pieces is not None
    assert b"".join(expanded([b"ab"], member.size, member.pieces)) == bytes(4) + b"ab" + bytes(14)


@pytest.mark.parametrize("form", READERS)
def test_a_map_longer_than_any_files_is_refused(form: str) -> None:
    """Too many pieces are refused, even if all are empty."""
    with pytest.raises(BadMap, match=r"a sparse file (of|has)"):
        READERS[form]([(1 + number, 0) for number in range(MAX_PIECES + 64)], lambda _: None)


def test_many_pieces_of_a_byte_are_read() -> None:
    """A small file of many small pieces, such as Go's own tests have, is read."""
    pieces = [(2 * number, 1) for number in range(1_000)]
    (member,) = members(archive(1, pieces, b"x" * 1_000))
    assert member.pieces == tuple(pieces)


def test_the_pieces_of_a_torn_file_are_read() -> None:
    """A file with a hole in every other block has all its pieces."""
    pieces = [(2 * BLOCK * number, BLOCK) for number in range(20_000)]
    (member,) = members(archive(1, pieces, bytes(20_000 * BLOCK)))
    assert member.pieces == tuple(pieces)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    "pieces",
    [[(0, 0)] * 20_000, [(number, 0) for number in range(20_000)], [(2 * number, 1) for number in range(64)]],
    ids=["empty", "empty, anywhere", "few"],
)
def test_maps_take_little_memory(pieces: Numbers) -> None:
    """The maps of sparse files take at most a small multiple of the archive's size."""
    data = archive(500_000 // len(lines(pieces)) + 1, pieces, b"x" * len(pieces))
    tracemalloc.start()
    try:
        kept = [member.pieces for member in members(data)]
        assert tracemalloc.get_traced_memory()[1] < 4 * len(data)
    finally:
        tracemalloc.stop()
    assert kept
