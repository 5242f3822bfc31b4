"""Sparse files in a tar: which pieces of a file are stored, and the three ways in which archives say so.

The content of a sparse file is stored as its pieces, one after the other; between them a reader sees zeros. Sources:
the GNU tar manual's "Storing Sparse Files", and the behaviour of ``tarfile``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from explorer.layers.tar_numbers import decimal, header_number

BLOCK = 512
MAX_PIECES = 1 << 20
_LONGEST_LINE = 32
"""Bytes of one number in a map of lines."""

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


def check(size: int, stored: int, pieces: Pieces) -> None:
    """Whether the pieces lie in order within a file of ``size``, and are ``stored``. Raises BadMap."""
    end = 0
    for offset, length in pieces:
        if length < 0 or offset < end:
            raise BadMap("the pieces of a sparse file overlap or run backwards")
        end = offset + length
    if end > size or stored_bytes(size, pieces) > stored:
        raise BadMap("the pieces of a sparse file do not fit into it")


def of_header(header: bytes, following: Callable[[int], bytes]) -> tuple[int, Pieces, int]:
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
            pieces += _piece_fields(block, 0, 21)
            if len(pieces) > MAX_PIECES:
                raise BadMap(f"a sparse file of more than {MAX_PIECES:,} pieces")
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
        pieces.append((offset, length))
    return pieces


def of_record(value: bytes) -> Pieces:
    """Formats 0.0 and 0.1: numbers in a pax record, with commas between them. Raises BadMap."""
    try:
        numbers = [decimal(part) for part in value.split(b",")]
    except ValueError:
        raise BadMap(f"the pax record GNU.sparse.map is not a number: {value[:40]!r}") from None
    if len(numbers) % 2:
        raise BadMap("the map of a sparse file has an offset without a length")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def of_lines(following: Callable[[int], bytes]) -> tuple[Pieces, int]:
    """Format 1.0: the map stands, as decimal lines, in front of the content.

    ``following`` gives the blocks behind the header by number. Returns the pieces and the number of blocks that their
    map takes. Raises BadMap.
    """
    blocks = [following(0)]
    first = blocks[0].partition(b"\n")[0]
    try:
        expected = 1 + 2 * int(first)
    except ValueError:
        raise BadMap(f"the map of a sparse file begins with {first[:20]!r}, not a number") from None
    if not 0 < expected <= MAX_PIECES:
        raise BadMap(f"a sparse file of {expected:,} numbers")
    found = blocks[0].count(b"\n")
    while found < expected:
        block = following(len(blocks))
        if len(block) < BLOCK or len(blocks) * BLOCK > expected * _LONGEST_LINE:
            raise BadMap(f"the map of a sparse file is cut off: expected {expected:,} lines")
        blocks.append(block)
        found += block.count(b"\n")
    try:
        numbers = [int(line) for line in b"".join(blocks).split(b"\n")[1:expected]]
    except ValueError:
        raise BadMap("the map of a sparse file holds something else than numbers") from None
    return tuple(zip(numbers[::2], numbers[1::2], strict=True)), len(blocks)
