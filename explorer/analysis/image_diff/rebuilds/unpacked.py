"""Unpacks a compressed file in memory."""

from __future__ import annotations

from explorer.errors import UnreadableImage
from explorer.layers.frames import Frames
from explorer.layers.read_budget import UNLIMITED

_PIECE_BYTES = 1 << 20


def unpacked(content: bytes, kind: str, max_bytes: int) -> bytes | None:
    """Returns the bytes inside; None if they are damaged or more than ``max_bytes``.

    Args:
        content: The compressed file.
        kind: Its compression, as ``compression_of`` names it.
        max_bytes: The limit for the bytes inside.
    """
    position = 0

    def read(size: int) -> bytes:
        nonlocal position
        piece = content[position : position + size]
        position += len(piece)
        return piece

    frames = Frames(read, kind, UNLIMITED, "")
    pieces = []
    try:
        while piece := frames.chunk(_PIECE_BYTES):
            pieces.append(piece)
            if frames.position > max_bytes:
                return None
    except UnreadableImage:
        return None
    return b"".join(pieces)
