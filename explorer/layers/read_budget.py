"""The bounds of what one image may take: for all its layers together.

A hostile image makes much out of little. Each bound is a sum and a ratio to the stored bytes of the image. Only an
image beyond both is refused, so a large image and a small one of zeros are read.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from explorer.errors import UnreadableImage
from explorer.layers.fetch_limit import FetchLimit

_MAX_FRAMES = 10_000
_MIN_FRAME_BYTES = 128
"""For the average frame of a stream of more. Formats that pack each file alone have a header of 512 bytes in two."""
_MAX_WINDOW_BYTES = 512 << 20
"""For a zstd frame. The zstd program refuses 128 MiB and more unless asked; Go's packages for it take this much."""


class _Bound(NamedTuple):
    """A bound: the larger of a sum, and a ratio to the image's stored bytes."""

    noun: str
    sum: int
    ratio: float
    limit: float = float("inf")
    """The largest value of the ratio."""


ENTRIES = _Bound("entries", 1_000_000, 1 / 4, 20_000_000)
"""A packed entry takes 20 bytes and more; ten, if the entries were made for a test."""
KEPT_BYTES = _Bound("bytes of long names, attributes and maps of sparse files", 128 << 20, 100)
"""Real images have about as many as stored bytes."""
UNPACKED_BYTES = _Bound("unpacked bytes", 4 << 30, 4_000)
"""gzip packs zeros 1,030 to 1, zstd up to 30,000 to 1."""


class ReadBudget:
    """The amounts that an image has taken so far. Threads share it."""

    def __init__(self, *, is_unlimited: bool = False, max_fetched_bytes: int | None = None) -> None:
        """Creates the budget of an image.

        Args:
            is_unlimited: Lifts the bounds for hostile images.
            max_fetched_bytes: The bytes of layers that a registry may send; None: all layers.
        """
        self.fetch_limit = FetchLimit(max_fetched_bytes)
        self._is_unlimited = is_unlimited
        self._taken: dict[_Bound, int] = {}
        self._stored_bytes = 0
        self._bytes_by_layer: dict[str, int] = {}
        self._is_packed_whole = False
        self._lock = threading.Lock()

    def empty_copy(self) -> ReadBudget:
        """Returns a budget with the same bounds, for layers that the image may not have."""
        return ReadBudget(is_unlimited=self._is_unlimited)

    def add(self, other: ReadBudget) -> bool:
        """Adds the amounts of another budget; returns False if they are beyond the bounds."""
        with self._lock:
            taken = {bound: self._taken.get(bound, 0) + count for bound, count in other._taken.items()}
            if any(count > self._limit(bound) for bound, count in taken.items()):
                return False
            self._taken |= taken
            return True

    def add_stored(self, layer_name: str, count: int) -> None:
        """Adds the stored bytes of a layer once, unless those of the whole archive count.

        The size of some layers is known only when they are read: the last size of a layer counts.
        """
        with self._lock:
            if not self._is_packed_whole:
                self._stored_bytes += count - self._bytes_by_layer.get(layer_name, 0)
                self._bytes_by_layer[layer_name] = count

    def set_stored(self, count: int) -> None:
        """Counts the stored bytes of a packed archive in place of those of its layers."""
        self._stored_bytes, self._is_packed_whole = count, True

    def take(self, bound: _Bound, count: int) -> None:
        """Adds an amount. Raises UnreadableImage if the image is beyond the bound."""
        if self._is_unlimited:
            return
        with self._lock:
            taken = self._taken[bound] = self._taken.get(bound, 0) + count
            limit = self._limit(bound)
        if taken > limit:
            self._refuse(
                f"the image has more than {limit:,} {bound.noun}: at least {taken:,}, "
                f"in {self._stored_bytes:,} stored bytes"
            )

    def _limit(self, bound: _Bound) -> int:
        return int(max(bound.sum, min(bound.ratio * self._stored_bytes, bound.limit)))

    def check_frames(self, frames: int, unpacked: int) -> None:
        """Raises UnreadableImage if the frames of a stream contain nearly nothing."""
        if frames > _MAX_FRAMES + unpacked // _MIN_FRAME_BYTES:
            self._refuse(
                f"its first {unpacked:,} unpacked bytes are in {frames:,} compressed parts, "
                f"expected at least {_MIN_FRAME_BYTES} bytes in one"
            )

    def check_window(self, size: int) -> None:
        """Raises UnreadableImage if a zstd frame needs too much memory."""
        if size > _MAX_WINDOW_BYTES:
            self._refuse(
                f"unpacking the zstd data needs a window of {size:,} bytes, expected at most {_MAX_WINDOW_BYTES:,}"
            )

    def _refuse(self, message: str) -> None:
        if not self._is_unlimited:
            raise UnreadableImage(message, "Hostile images do this. If you trust the image, use --allow-large.")


UNLIMITED = ReadBudget(is_unlimited=True)
"""For bytes that an image's budget has counted already, or that are in memory."""
