"""Readers of a tar at rising offsets: from a range of a file, or from a stream."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.errors import DamagedBytes
from explorer.layers.streams import CHUNK, FileRange, InflatedStream
from explorer.layers.tar.headers import SAVE_AGAIN
from explorer.model import OnProgress

_WINDOW_BYTES = 8 << 10


class WindowReader:
    """Reads small pieces at rising offsets, with one system call for each window."""

    def __init__(self, part: FileRange, on_progress: OnProgress = lambda _: None) -> None:
        self._part = part
        self._on_progress = on_progress
        self._start = 0
        self._window = b""
        self._ahead = _WINDOW_BYTES
        self._count = 0

    def read_at(self, offset: int, size: int) -> bytes:
        """Returns bytes like FileRange.read_at."""
        at = offset - self._start
        content = self._window[at : at + size] if at >= 0 else b""
        if len(content) == size:
            return content
        self._start = offset
        self._window = self._part.read_at(offset, max(size, _WINDOW_BYTES))
        self._count += 1
        if not self._count & 0xFFF:
            self._on_progress(offset)
        return self._window[:size]

    def loaded(self, offset: int, size: int) -> memoryview | None:
        """Returns the bytes of a range; None if a read is needed to have all of them."""
        at = offset - self._start
        return memoryview(self._window)[at : at + size] if 0 <= at <= len(self._window) - size else None

    def pieces(self, offset: int, size: int) -> Iterator[memoryview]:
        """Yields the bytes of a range in pieces of a megabyte at most.

        The closer together the ranges are, the further it reads ahead. Raises UnreadableImage if the bytes end early.
        """
        while size:
            end = self._start + len(self._window)
            if not self._start <= offset < end:
                is_close = 0 <= offset - end <= _WINDOW_BYTES
                self._ahead = min(2 * self._ahead, CHUNK) if is_close else _WINDOW_BYTES
                self._start = offset
                self._window = self._part.read_at(offset, min(CHUNK, max(size, self._ahead)))
                if not self._window:
                    raise DamagedBytes(
                        f"it ends before offset {offset:,}, expected {size:,} more bytes: it was cut off", SAVE_AGAIN
                    )
            at = offset - self._start
            piece = memoryview(self._window)[at : at + size]
            yield piece
            offset += len(piece)
            size -= len(piece)


class StreamReader:
    """Reads headers and contents of a tar from a stream, at rising offsets."""

    def __init__(self, stream: InflatedStream) -> None:
        self._stream = stream
        self._start = 0
        """The offset of the chunk."""
        self._chunk = b""
        self._before = b""
        """The bytes in front of the chunk that the last read began with."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Returns bytes like FileRange.read_at.

        Bytes before ``offset`` cannot be read afterwards.
        """
        at = offset - self._start
        content = self._chunk[at : at + size] if at >= 0 else b""
        return content if len(content) == size else self._read_across(offset, size)

    def loaded(self, offset: int, size: int) -> memoryview | None:
        """Returns the bytes of a range; None if a read is needed to have all of them."""
        at = offset - self._start
        return memoryview(self._chunk)[at : at + size] if 0 <= at <= len(self._chunk) - size else None

    def pieces(self, offset: int, size: int) -> Iterator[memoryview]:
        """Yields the bytes of a range. Raises UnreadableImage if they end early."""
        self._forward(offset)
        while size:
            at = offset - self._start
            piece = memoryview(self._chunk)[at:] if at >= 0 else memoryview(self._before)[at:]
            if not piece:
                if not self._next_chunk():
                    raise DamagedBytes(
                        f"the content of a member is cut off, at offset {offset:,}: {size:,} more bytes expected",
                        SAVE_AGAIN,
                    )
                continue
            piece = piece[:size]
            yield piece
            offset += len(piece)
            size -= len(piece)

    def _read_across(self, offset: int, size: int) -> bytes:
        """Returns bytes that lie in several chunks, and keeps them for another read."""
        self._forward(offset)
        at = offset - self._start
        parts = [self._chunk[at : at + size]] if at >= 0 else [self._before[at:], self._chunk[:size]]
        missing = size - sum(map(len, parts))
        # In one list, because to add up many small chunks would copy the first ones again and again.
        while missing > 0 and self._next_chunk():
            parts.append(self._chunk[:missing])
            missing -= len(parts[-1])
        content = b"".join(parts)
        self._before = content[: max(0, self._start - offset)]
        return content[:size]

    def _forward(self, offset: int) -> None:
        while offset > self._start + len(self._chunk) and self._next_chunk():
            pass

    def _next_chunk(self) -> bool:
        """Goes to the next chunk. Returns False at the end."""
        self._start += len(self._chunk)
        self._chunk, self._before = self._stream.chunk(), b""
        return bool(self._chunk)
