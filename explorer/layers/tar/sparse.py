"""Parses and expands sparse files in a tar, in the three formats of their maps.

The pieces of a sparse file are stored one after the other; between them, a reader sees zeros. Pieces without bytes are
dropped. Sources: the GNU tar manual's "Storing Sparse Files", and the behaviour of ``tarfile``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from explorer.layers.tar.numbers import decimal, header_number

BLOCK = 512
MAX_PIECES = 1 << 18
"""For one file, including pieces without bytes; a thousand pieces are rare."""
_MAX_LINE_BYTES = 32
"""For one number in a map of lines."""
_PIECES_IN_HEADER, _PIECES_PER_BLOCK = 4, 21

Pieces = tuple[tuple[int, int], ...]
"""The stored pieces of a sparse file in order: (offset in the file, length)."""
CountPieces = Callable[[int], None]
"""Takes the number of pieces that are read next, before those without bytes are dropped. May refuse them."""


class BadMap(Exception):
    """The map of a sparse file is damaged; the message gives the reason."""


def stored_bytes(size: int, pieces: Pieces | None) -> int:
    """Returns the bytes of a file in the archive; ``pieces`` is None if not sparse."""
    return size if pieces is None else sum(length for _, length in pieces)


def expanded(stored: Iterable[bytes | memoryview], size: int, pieces: Pieces) -> Iterator[bytes | memoryview]:
    """Yields the content of a sparse file of ``size`` bytes, with holes as zeros."""
    zeros = bytes(64 << 10)
    position = 0
    chunks = iter(stored)
    rest: bytes | memoryview = b""
    for offset, length in (*pieces, (size, 0)):
        while position < offset:
            hole = zeros[: offset - position]
            yield hole
            position += len(hole)
        while length:
            rest = rest or next(chunks, b"")
            if not rest:
                return
            part = rest[:length]
            yield part
            rest = rest[len(part) :]
            length -= len(part)
            position += len(part)


def validate(size: int, stored: int, pieces: Pieces) -> None:
    """Raises BadMap unless the pieces are in order and fit.

    They must lie within ``size`` bytes, and have at most ``stored`` bytes.
    """
    end = 0
    for offset, length in pieces:
        if length < 0 or offset < end:
            raise BadMap("the pieces of a sparse file overlap or run backwards")
        end = offset + length
    total = stored_bytes(size, pieces)
    if end > size or total > stored:
        raise BadMap("the pieces of a sparse file do not fit into it")


def from_header(header: bytes, following: Callable[[int], bytes], count_pieces: CountPieces) -> tuple[int, Pieces, int]:
    """Parses the old GNU format: four pieces in the header, the others behind it.

    ``following`` returns a block behind the header, by number. Returns the file's size, its pieces, and the number of
    blocks that were used. Raises BadMap.
    """
    count_pieces(_PIECES_IN_HEADER)
    try:
        pieces = _piece_fields(header, 386, _PIECES_IN_HEADER)
        size = header_number(header[483:495])
        count = 0
        more = header[482]
        while more:
            block = following(count)
            count += 1
            if len(block) < BLOCK:
                raise BadMap("the map of a sparse file is cut off")
            if count * _PIECES_PER_BLOCK > MAX_PIECES:
                raise BadMap(f"a sparse file of more than {MAX_PIECES:,} pieces")
            count_pieces(_PIECES_PER_BLOCK)
            pieces += _piece_fields(block, 0, _PIECES_PER_BLOCK)
            more = block[504]
    except ValueError:
        raise BadMap("the map of a sparse file contains something other than numbers") from None
    return size, tuple(pieces), count


def _piece_fields(block: bytes, start: int, count: int) -> list[tuple[int, int]]:
    pieces = []
    for at in range(start, start + 24 * count, 24):
        if not block[at]:
            break
        offset, length = header_number(block[at : at + 12]), header_number(block[at + 12 : at + 24])
        if length:
            pieces.append((offset, length))
    return pieces


def from_record(value: bytes, count_pieces: CountPieces) -> Pieces:
    """Parses formats 0.0 and 0.1: comma-separated numbers. Raises BadMap."""
    if not value:
        return ()
    count = value.count(b",") + 1
    if count > 2 * MAX_PIECES:
        raise BadMap(f"the map of a sparse file has {count:,} numbers, expected at most {2 * MAX_PIECES:,}")
    if count % 2:
        raise BadMap("the map of a sparse file has an offset without a length")
    count_pieces(count // 2)
    try:
        return _paired(map(decimal, value.split(b",")))
    except ValueError:
        raise BadMap(f"the pax record GNU.sparse.map is not a number: {value[:40]!r}") from None


def from_lines(following: Callable[[int], bytes], count_pieces: CountPieces) -> tuple[Pieces, int]:
    """Parses format 1.0: the map is in front of the content, as decimal lines.

    ``following`` returns a block behind the header, by number. Returns the pieces, and the number of blocks of the map.
    Raises BadMap.
    """
    blocks = 0
    expected = 1

    def lines() -> Iterator[bytes]:
        nonlocal blocks
        rest = b""
        while True:
            block = following(blocks)
            blocks += 1
            *whole, rest = (rest + block).split(b"\n")
            yield from whole
            if len(block) < BLOCK or len(rest) > _MAX_LINE_BYTES:
                if expected == 1:
                    yield rest
                raise BadMap(f"the map of a sparse file is cut off: expected {expected:,} lines")

    line = lines()
    first = next(line)
    try:
        expected = 1 + 2 * int(first)
    except ValueError:
        raise BadMap(f"the map of a sparse file begins with {first[:20]!r}, not a number") from None
    if not 0 < expected <= 1 + 2 * MAX_PIECES:
        raise BadMap(f"the map of a sparse file has {expected:,} numbers, expected 1 to {1 + 2 * MAX_PIECES:,}")
    count_pieces(expected // 2)
    try:
        return _paired(map(decimal, islice(line, expected - 1))), blocks
    except ValueError:
        raise BadMap("the map of a sparse file contains something other than numbers") from None


def _paired(numbers: Iterable[int]) -> Pieces:
    """Returns alternating offsets and lengths as pieces, without empty pieces."""
    iterator = iter(numbers)
    return tuple(piece for piece in zip(iterator, iterator, strict=True) if piece[1])
