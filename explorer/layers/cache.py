"""Layer indexes on disk, by digest: a known layer costs no decompression, no tar walk and no download.

An index is kept under the digest that its bytes are sure to have: the diff_id, where that was verified or a local
engine vouches for it, or the digest of the compressed bytes, where that was. An image that lies about its layers
poisons nothing. Whatever is truncated, foreign or of another version is a miss. Files are written beside their place
and moved into it, so two processes at once lose nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from explorer import files
from explorer.layers.digests import is_digest, is_sha256
from explorer.layers.index_format import UNREADABLE, VERSION, decode_index, encode_index
from explorer.model import Addressing, Entry, Layer, LayerContents, LayerIndex, Verified

MAX_BYTES = 1 << 30
"""Of all entries together; the least recently used go first."""
_MAX_ENTRY = 512 << 20


@dataclass(frozen=True, slots=True)
class Cache:
    """The indexes kept in a directory, which need not exist."""

    directory: Path
    max_bytes: int = MAX_BYTES

    def load(self, digest: str, addressing: Addressing) -> LayerIndex | None:
        """The index of a layer, or None."""
        path = self._path(digest, addressing)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > _MAX_ENTRY:
                    return None
                index = decode_index(file.read())
        except (OSError, *UNREADABLE):
            return None
        # The time of the last use. A cache that may be read and not written is as good.
        with suppress(OSError):
            os.utime(path)
        return index

    def has(self, digest: str, addressing: Addressing) -> bool:
        """Whether there is an entry, readable or not."""
        path = self._path(digest, addressing)
        # A plain `exists` raises where a directory on the way may not be searched.
        with suppress(OSError):
            return path is not None and path.is_file()
        return False

    def store(self, digest: str, addressing: Addressing, index: LayerIndex) -> None:
        """Keep an index. A cache that cannot be written is no error: the next look takes longer."""
        path = self._path(digest, addressing)
        if path is None:
            return
        with suppress(OSError, OverflowError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.write_atomically(path, encode_index(index))
            self._make_room(path)

    def entries(self) -> list[tuple[str, int]]:
        """(digest, bytes on disk) of what is kept, most recently used first."""
        kept = [(path.name, size) for _, size, path in reversed(self._files())]
        kept = [(name, size) for name, size in kept if not name.startswith(files.TEMPORARY_PREFIX)]
        return [(f"sha256:{name.partition('.')[0]}", size) for name, size in kept]

    def clear(self) -> int:
        """Remove everything; the bytes that were freed."""
        freed = 0
        for _, size, path in self._files():
            with suppress(OSError):
                path.unlink()
                freed += size
        return freed

    def _path(self, digest: str, addressing: Addressing) -> Path | None:
        if not (is_sha256(digest) and is_digest(digest)):
            return None
        return self.directory / VERSION / f"{digest.removeprefix('sha256:')}.{addressing.value}"

    def _files(self) -> list[tuple[float, int, Path]]:
        """(last use, bytes, path), least recently used first; leftovers of interrupted writes too."""
        found = []
        with suppress(OSError):
            for path in (self.directory / VERSION).iterdir():
                with suppress(OSError):
                    status = path.stat()
                    found.append((status.st_mtime, status.st_size, path))
        return sorted(found)

    def _make_room(self, written: Path) -> None:
        """Remove the least recently used, but not what was just written."""
        files = self._files()
        total = sum(size for _, size, _ in files)
        for _, size, path in files:
            if total <= self.max_bytes:
                return
            if path == written:
                continue
            with suppress(OSError):
                path.unlink()
                total -= size


class CachedLayer:
    """A layer whose index is looked for in a cache before it is read. Satisfies LayerContents."""

    def __init__(self, cache: Cache, digest: str, contents: LayerContents) -> None:
        """``digest`` is the one that the contents are vouched for by."""
        self._cache = cache
        self._digest = digest
        self._contents = contents
        self._is_known = cache.has(digest, contents.addressing)
        self._kept: LayerIndex | None = None
        """What the cache has of the layer, once that is known."""

    @property
    def stored_bytes(self) -> int:
        """See LayerContents."""
        return 0 if self._is_known else self._contents.stored_bytes

    @property
    def streams(self) -> bool:
        """See LayerContents."""
        return not self._is_known and self._contents.streams

    @property
    def verified(self) -> Verified:
        """See LayerContents."""
        return self._contents.verified

    @property
    def addressing(self) -> Addressing:
        """See LayerContents."""
        return self._contents.addressing

    def index(self, on_progress: Callable[[int], None]) -> LayerIndex:
        """See LayerContents."""
        if self._is_known:
            self._kept = self._cache.load(self._digest, self.addressing)
        return self._kept or self._contents.index(on_progress)

    def read(
        self, index: LayerIndex, entries: Iterable[Entry], on_progress: Callable[[int], None]
    ) -> Iterator[tuple[Entry, Iterator[bytes | memoryview]]]:
        """See LayerContents."""
        return self._contents.read(index, entries, on_progress)

    def store(self, index: LayerIndex) -> None:
        """Keep the index, unless it is the one that is kept already."""
        if index is not self._kept:
            self._cache.store(self._digest, self.addressing, index)


def with_cache(layers: Iterable[Layer], cache: Cache) -> tuple[Layer, ...]:
    """The layers, each asking the cache before it is read.

    Those that nobody vouches for are left as they are: they may be something else than the image says, and what they
    are must be read from them.
    """
    found = []
    for layer in layers:
        verified = layer.contents.verified
        digest = {Verified.NOTHING: None, Verified.DIFF_ID: layer.diff_id, Verified.DIGEST: layer.digest}[verified]
        found.append(replace(layer, contents=CachedLayer(cache, digest, layer.contents)) if digest else layer)
    return tuple(found)


def store_indexes(layers: Iterable[Layer], indexes: Iterable[LayerIndex]) -> None:
    """Keep what has been read of layers that ask a cache; the indexes are theirs."""
    for layer, index in zip(layers, indexes, strict=True):
        if isinstance(layer.contents, CachedLayer):
            layer.contents.store(index)
