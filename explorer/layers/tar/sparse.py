"""Sparse files in a tar: which pieces of a file are stored, and the three ways in which archives say so.

The content of a sparse file is stored as its pieces, one after the other; between them a reader sees zeros. A piece of
no bytes says nothing that the file's size does not, and is not kept. Sources: the GNU tar manual's "Storing Sparse
Files", and the behaviour of ``tarfile``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from explorer.layers.tar.numbers import decimal, header_number

BLOCK = 512
MAX_PIECES = 1 << 18
"""Of one file, those of no bytes counted: a file in a thousand pieces is a rare one."""
_FEW_PIECES = 64
_SMALLEST_PIECE = 64
"""Bytes, on average, of more pieces than a few. Tar stores at least one block of 512, but for a file's last piece; of
smaller ones, what is known of the pieces would be much larger than the archive."""
_LONGEST_LINE = 32
"""Bytes of one number in a map of lines."""
_PIECES_IN_BLOCK = 21

Pieces = tuple[tuple[int, int], ...]
"""Of a sparse file the (offset in the file, length) of what is stored, in order."""


class BadMap(Exception):
    """The map of a sparse file is damaged; the message says what is wrong with it."""


def stored_bytes(size: int, pieces: Pieces | None) -> int:
    """Bytes that a file of ``size`` takes in the archive; ``pieces`` is None unless it is sparse."""
    return size if pieces is None else sum(length for _, length in pieces)


def expanded(stored: Iterable[bytes | memoryview], size: int, pieces: Pieces) -> Iterator[bytes | memoryview]:
    """The content of a sparse file as a reader sees it, holes as zeros."""
    zeros = bytes(64 << 10)
    position = 0
    chunks = iter(stored)
    left: bytes | memoryview = b""
    for offset, length in (*pieces, (size, 0)):
        while position < offset:
            hole = zeros[: offset - position]
            yield hole
            position += len(hole)
        while length:
            left = left or next(chunks, b"")
            if not left:
                return
            taken = left[:length]
            yield taken
            left = left[len(taken) :]
            length -= len(taken)
            position += len(taken)


def validate(size: int, stored: int, pieces: Pieces) -> None:
    """Whether the pieces lie in order within a file of ``size``, and are ``stored``. Raises BadMap."""
    end = 0
    for offset, length in pieces:
        if length < 0 or offset < end:
            raise BadMap("the pieces of a sparse file overlap or run backwards")
        end = offset + length
    held = stored_bytes(size, pieces)
    if end > size or held > stored:
        raise BadMap("the pieces of a sparse file do not fit into it")
    if len(pieces) > max(_FEW_PIECES, held // _SMALLEST_PIECE):
        raise BadMap(f"a sparse file of {held:,} bytes in {len(pieces):,} pieces, expected fewer and larger ones")


def from_header(header: bytes, following: Callable[[int], bytes]) -> tuple[int, Pieces, int]:
    """The old GNU format: four pieces in the header, the others in blocks behind it.

    ``following`` gives the blocks behind the header by number. Returns the file's size, its pieces and the number of
    those blocks. Raises BadMap.
    """
    try:
        pieces = _piece_fields(header, 386, 4)
        size = header_number(header[483:495])
        count = 0
        more = header[482]
        while more:
            block = following(count)
            count += 1
            if len(block) < BLOCK:
                raise BadMap("the map of a sparse file is cut off")
            if count * _PIECES_IN_BLOCK > MAX_PIECES:
                raise BadMap(f"a sparse file of more than {MAX_PIECES:,} pieces")
            pieces += _piece_fields(block, 0, _PIECES_IN_BLOCK)
            more = block[504]
    except ValueError:
        raise BadMap("the map of a sparse file holds something else than numbers") from None
    return size, tuple(pieces), count


def _piece_fields(block: bytes, start: int, count: int) -> list[tuple[int, int]]:
    pieces = []
    for at in range(start, start + 24 * count, 24):
        offset, length = header_number(block[at : at + 12]), header_number(block[at + 12 : at + 24])
        if not offset and not length:
            break
        if length:
            pieces.append((offset, length))
    return pieces


def from_record(value: bytes) -> Pieces:
    """Formats 0.0 and 0.1: numbers in a pax record, with commas between them. Raises BadMap."""
    count = value.count(b",") + 1
    if count > 2 * MAX_PIECES:
        raise BadMap(f"a sparse file of {count:,} numbers")
    if count % 2:
        raise BadMap("the map of a sparse file has an offset without a length")
    try:
        return _paired(map(decimal, value.split(b",")))
    except ValueError:
        raise BadMap(f"the pax record GNU.sparse.map is not a number: {value[:40]!r}") from None


def from_lines(following: Callable[[int], bytes]) -> tuple[Pieces, int]:
    """Format 1.0: the map stands, as decimal lines, in front of the content.

    ``following`` gives the blocks behind the header by number. Returns the pieces and the number of blocks that their
    map takes. Raises BadMap.
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
            if len(block) < BLOCK or len(rest) > _LONGEST_LINE:
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
        raise BadMap(f"a sparse file of {expected:,} numbers")
    try:
        return _paired(map(decimal, islice(line, expected - 1))), blocks
    except ValueError:
        raise BadMap("the map of a sparse file holds something else than numbers") from None


def _paired(numbers: Iterable[int]) -> Pieces:
    """Offsets and lengths by turns as pieces, without those of no bytes."""
    each = iter(numbers)
    return tuple(piece for piece in zip(each, each, strict=True) if piece[1])
