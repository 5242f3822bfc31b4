"""Unpacks frames of gzip, zstd, xz and bzip2, one after the other.

A stream may have several: some builders pack each file alone. Bytes behind the last one that begin no other are
garbage, which gzip ignores.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Protocol, cast

from isal import igzip_lib

from explorer.errors import DamagedBytes, UnreadableImage
from explorer.layers.read_budget import ReadBudget

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MIN_FEED_BYTES = 4 << 10
"""For the first bytes of a frame. What lies behind its end is copied, so small frames get small pieces."""
_MAX_FEED_BYTES = {"gzip": 512 << 10, "zstd": 256 << 10, "xz": 256 << 10, "bzip2": 256 << 10}
"""Measured: more takes longer for zstd, less for gzip."""
_MAX_HEADER_BYTES = 10
_MAX_XZ_MEMORY_BYTES = 256 << 20
"""Limit for the memory that a decoder of xz takes; ``xz -9`` needs 65 MiB."""
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_XZ = b"\xfd7zXZ\0"
_BZIP2 = b"BZh"
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
"""Start of the first block, or of the end if there is none."""
_DAMAGE = (cast("type[Exception]", igzip_lib.error), zstd.ZstdError, EOFError, OSError, OverflowError, ValueError)
_ZSTD_OPTIONS: Mapping[int, int] = {
    zstd.DecompressionParameter.window_log_max: zstd.DecompressionParameter.window_log_max.bounds()[1]
}


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, /, max_length: int = -1) -> bytes: ...


def compression_of(start: bytes) -> str:
    """Returns ``gzip``, ``zstd``, ``xz``, ``bzip2`` or nothing for the first bytes."""
    if start.startswith(_GZIP):
        return "gzip"
    if start.startswith(_ZSTD) or _is_skippable(start):
        return "zstd"
    # A plain tar begins with a name, which may be BZhang.
    is_bzip2 = start.startswith(_BZIP2) and start[4:10] in _BZIP2_BLOCKS
    return "bzip2" if is_bzip2 else "xz" if start.startswith(_XZ) else ""


def _is_skippable(start: bytes) -> bool:
    """True for a zstd frame without content, such as the footer of zstd:chunked."""
    return start[1:4] == b"\x2a\x4d\x18" and start[0] >> 4 == 5


class Frames:
    """The unpacked bytes of a stream of frames."""

    def __init__(self, read: Callable[[int], bytes], kind: str, budget: ReadBudget, hint: str) -> None:
        """Takes a function that reads stored bytes, and the compression of all frames."""
        self.garbage_offset: int | None = None
        """The offset of the stored bytes that belong to no frame, if any; valid at the end."""
        self.position = 0
        """Unpacked bytes so far."""
        self.ends_with_skippable = False
        """True if the last frame has no content for zstd; valid at the end."""
        self._read = read
        self._kind = kind
        self._budget = budget
        self._hint = hint
        self._window = memoryview(b"")
        """Stored bytes that were read, from ``_window_start``."""
        self._window_start = 0
        self._at = 0
        self._count = 0
        self._feed_bytes = _MIN_FEED_BYTES
        self._damage: tuple[type[Exception], ...] = _DAMAGE
        self._frame: _Decompressor | None = None
        self._error: DamagedBytes | None = None

    def chunk(self, size: int) -> bytes:
        """Returns up to ``size`` bytes; empty at the end. Raises UnreadableImage."""
        if self._error is not None:
            raise self._error
        while True:
            if self._frame is None:
                self._frame = self._next_frame()
            frame = self._frame
            if frame is None:
                return b""
            content = self._piece(frame, size)
            self.position += len(content)
            if frame.eof:
                self._at -= len(frame.unused_data)
                self._frame = None
                self._count += 1
                self._budget.check_frames(self._count, self.position)
            if content:
                return content

    def _piece(self, frame: _Decompressor, size: int) -> bytes:
        feed = self._window[:0]
        if frame.needs_input:
            if self._at >= len(self._window) and not self._fill():
                raise self._damaged(f"cut off: its {self._offset:,} bytes end within {self._part}")
            feed = self._window[self._at : self._at + self._feed_bytes]
            self._at += len(feed)
            self._feed_bytes = min(2 * self._feed_bytes, _MAX_FEED_BYTES[self._kind])
        try:
            return frame.decompress(feed, size)
        except self._damage as error:
            if "Memory usage" in str(error):
                raise UnreadableImage(
                    f"its xz data needs more than {_MAX_XZ_MEMORY_BYTES:,} bytes of memory to unpack",
                    "Compress it with xz -9 or less, with gzip or with zstd.",
                ) from error
            raise self._damaged(f"damaged before byte {self._offset:,} of {self._part}: {error}") from error

    def _next_frame(self) -> _Decompressor | None:
        """Returns the decompressor of the next frame; None at the end."""
        start_offset, start = self._offset, self._header()
        while self._kind in ("gzip", "xz") and start[:1] == b"\0":
            # Zeros pad gzip data on tapes, and lie between streams of xz.
            rest = bytes(self._window[self._at :])
            self._at += len(rest) - len(rest.lstrip(b"\0"))
            start = self._header()
        if not start or self.garbage_offset is not None:
            return None
        if compression_of(start) != self._kind:
            self.garbage_offset = start_offset
            return None
        self._feed_bytes = _MIN_FEED_BYTES
        if self._kind == "gzip":
            return cast("_Decompressor", igzip_lib.IgzipDecompressor(igzip_lib.DECOMP_GZIP))
        if self._kind == "zstd":
            self.ends_with_skippable = _is_skippable(start)
            self._budget.check_window(_window_bytes(start))
            return zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        try:
            return self._rare_decompressor()
        except ImportError as error:
            raise UnreadableImage(
                f"the data is compressed with {self._kind}, and this Python cannot unpack it", "Unpack it first."
            ) from error

    def _rare_decompressor(self) -> _Decompressor:
        # Imported here, because a Python may lack the modules.
        if self._kind == "bzip2":
            import bz2

            return bz2.BZ2Decompressor()
        import lzma

        self._damage = (*_DAMAGE, lzma.LZMAError)
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, _MAX_XZ_MEMORY_BYTES)

    def _header(self) -> bytes:
        """Returns the next bytes, which may begin a frame; empty at the end."""
        while len(self._window) - self._at < _MAX_HEADER_BYTES and self._fill():
            pass
        return bytes(self._window[self._at : self._at + _MAX_HEADER_BYTES])

    def _fill(self) -> bool:
        """Reads more stored bytes behind those that are not unpacked yet."""
        more = self._read(_MAX_FEED_BYTES[self._kind])
        self._window_start += self._at
        rest = self._window[self._at :]
        self._window, self._at = memoryview(bytes(rest) + more if rest else more), 0
        return bool(more)

    @property
    def _offset(self) -> int:
        return self._window_start + self._at

    @property
    def _part(self) -> str:
        return f"its {self._kind} data, after {self.position:,} unpacked bytes"

    def _damaged(self, reason: str) -> DamagedBytes:
        self._error = DamagedBytes(f"the compressed data is {reason}", self._hint)
        return self._error


def _window_bytes(start: bytes) -> int:
    """Returns the memory that a zstd frame asks for; 0 if its header names none."""
    if not start.startswith(_ZSTD) or len(start) < 6 or start[4] & 0x20:
        return 0
    base = 1 << (10 + (start[5] >> 3))
    return base + (base >> 3) * (start[5] & 7)
