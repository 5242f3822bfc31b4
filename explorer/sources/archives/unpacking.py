"""Unpacks a compressed archive while it arrives, so that layers show early."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from explorer.layers.frames import Frames, compression_of
from explorer.layers.read_budget import UNPACKED_BYTES, ReadBudget
from explorer.layers.streams import CHUNK, garbage_problem
from explorer.layers.tar.headers import SAVE_AGAIN
from explorer.model import Image

_MIN_START_BYTES = 10


class Unpacking:
    """The chunks of an archive, plain or unpacked."""

    def __init__(self, budget: ReadBudget) -> None:
        """Takes the bounds of the image."""
        self._budget = budget
        self._kind = ""
        self._problem = ""

    def chunks(self, readinto: Callable[[memoryview], int | None]) -> Iterator[bytes | memoryview]:
        """Yields the plain bytes. Raises UnreadableImage if they are damaged.

        ``readinto`` fills a buffer, as that of a raw file does.
        """
        # One buffer for all chunks, because Python takes and returns memory for each chunk otherwise.
        buffer = memoryview(bytearray(CHUNK))
        count = 0
        while count < _MIN_START_BYTES and (more := readinto(buffer[count:])):
            count += more
        self._kind = compression_of(bytes(buffer[:_MIN_START_BYTES][:count]))
        if self._kind:
            yield from self._unpacked(bytes(buffer[:count]), readinto)
            return
        while count:
            yield buffer[:count]
            count = readinto(buffer) or 0

    def _unpacked(self, start: bytes, readinto: Callable[[memoryview], int | None]) -> Iterator[bytes]:
        waiting, stored_bytes = start, 0

        def read(size: int) -> bytes:
            nonlocal waiting, stored_bytes
            piece = waiting
            if piece:
                waiting = b""
            else:
                buffer = bytearray(size)
                piece = bytes(memoryview(buffer)[: readinto(memoryview(buffer)) or 0])
            stored_bytes += len(piece)
            self._budget.set_stored(stored_bytes)
            return piece

        frames = Frames(read, self._kind, self._budget, SAVE_AGAIN)
        while content := frames.chunk(CHUNK):
            self._budget.take(UNPACKED_BYTES, len(content))
            yield content
        # The program at the other end of a pipe writes all of it.
        while read(CHUNK):
            pass
        if frames.garbage_offset is not None:
            self._problem = garbage_problem(frames.garbage_offset, stored_bytes)

    def described(self, image: Image) -> Image:
        """Returns the image with its archive's compression and problem, if any."""
        problems = (self._problem,) if self._problem else ()
        # A root filesystem is no archive of an image: its compression is that of its only layer.
        kind = f", {self._kind}" if self._kind and image.id else ""
        return replace(image, source=f"{image.source}{kind}", problems=(*image.problems, *problems))
