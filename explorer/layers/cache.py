"""Layer indexes on disk, by digest or by file.

A cached layer needs no decompression, no tar walk and no download. An index is stored under a digest that its bytes
certainly have: the diff ID, if it was verified or a local engine is trusted for it, or the verified digest of the
compressed bytes. So an image with false digests cannot poison the cache. A layer in a local file that nothing verifies
is stored by the identity and the times of the file, under keys that no digest can be. An index from a table of contents
is stored under the table's digest and with an ending of its own, because nothing has verified that it fits the layer.
An entry that is truncated, foreign or of another version counts as missing. Files are written atomically, so two
processes can share the cache.
"""

from __future__ import annotations

import enum
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from explorer import files
from explorer.errors import ImageError
from explorer.layers.digests import is_digest
from explorer.layers.file_key import FileKey, file_key, is_file_key
from explorer.layers.index_format import DECODE_ERRORS, VERSION, decode_index, encode_index
from explorer.layers.layer_wrapper import LayerWrapper
from explorer.layers.tables.table_layer import TableLayer
from explorer.layers.tar_layer import TarLayer
from explorer.model import Addressing, Layer, LayerContents, LayerIndex, OnProgress, Verified

MAX_BYTES = 1 << 30
"""Size of the whole cache; the least recently used entries are removed first."""
LAYER_SIZES = "sizes"
"""The ending of the bytes of the layers in the storage of an engine, which are of no single layer."""
VERIFIED = "verified"
"""The ending of the digest that the bytes of a part of a file were verified to have."""
_MAX_ENTRY_BYTES = 512 << 20
_OWN_NAME = re.compile(rf"([a-z0-9]+-)?[0-9a-f]{{64,128}}\.[a-z]+|{re.escape(files.TEMPORARY_PREFIX)}\w{{8}}", re.ASCII)
"""Names of the files that a cache writes, finished or not."""


class CacheEntry(NamedTuple):
    """One cached index."""

    key: str
    """The digest that it is stored under, or a FileKey."""
    kind: EntryKind
    bytes: int
    """Bytes on disk."""


class EntryKind(enum.Enum):
    """The thing that the key of a cached index names."""

    LAYER = "layer"
    FILE = "file"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Cache:
    """The indexes in a directory, which may not exist yet."""

    directory: Path
    max_bytes: int = MAX_BYTES

    def load(self, digest: str, addressing: Addressing) -> LayerIndex | None:
        """Returns the index of a layer, or None."""
        content = self.load_derived(digest, addressing.value)
        try:
            return None if content is None else decode_index(content)
        except DECODE_ERRORS:
            return None

    def load_derived(self, digest: str, ending: str) -> bytes | None:
        """Returns the bytes that were stored for a layer with an ending, or None.

        The caller checks them, because anything may have written them.
        """
        path = self._path(digest, ending)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > _MAX_ENTRY_BYTES:
                    return None
                content = file.read()
        except OSError:
            return None
        # Records the last use. A read-only cache is useful without it.
        with suppress(OSError):
            os.utime(path)
        return content

    def has(self, digest: str, addressing: Addressing) -> bool:
        """True if an entry exists, readable or not."""
        path = self._path(digest, addressing.value)
        # Path.is_file raises if a directory above it denies access.
        with suppress(OSError):
            return path is not None and path.is_file()
        return False

    def store(self, digest: str, addressing: Addressing, index: LayerIndex) -> None:
        """Stores an index, or does nothing if the cache is not writable."""
        with suppress(OverflowError, ValueError):
            self.store_derived(digest, addressing.value, encode_index(index))

    def store_derived(self, digest: str, ending: str, content: bytes) -> None:
        """Stores bytes that were made from a layer, or does nothing.

        Args:
            digest: The layer's digest, which the layer certainly has.
            ending: The kind of the bytes: small letters. It is no kind of addressing.
            content: The bytes. They should begin with a version of their format.
        """
        path = self._path(digest, ending)
        if path is None:
            return
        with suppress(OSError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.write_atomically(path, content)
            self._make_room(path)

    def entries(self) -> list[CacheEntry]:
        """Returns the entries, most recently used first."""
        sizes = [(path.name, size) for _, size, path in reversed(self._files())]
        entries = [(name, size) for name, size in sizes if not name.startswith(files.TEMPORARY_PREFIX)]
        others = tuple(f".{ending}" for ending in (LAYER_SIZES, VERIFIED))
        return [_entry_of(name, size) for name, size in entries if not name.endswith(others)]

    def clear(self) -> int:
        """Removes the entries of all versions, and returns the bytes that this freed."""
        freed_bytes = 0
        versions = []
        with suppress(OSError):
            versions = [path.name for path in self.directory.iterdir() if path.name.isdecimal()]
        for version in versions:
            for _, size, path in self._files(version):
                with suppress(OSError):
                    path.unlink()
                    freed_bytes += size
        return freed_bytes

    def _path(self, digest: str, ending: str) -> Path | None:
        if not (is_digest(digest) or isinstance(digest, FileKey)):
            return None
        name = digest.removeprefix("sha256:").replace(":", "-")
        return self.directory / VERSION / f"{name}.{ending}"

    def _files(self, version: str = VERSION) -> list[tuple[float, int, Path]]:
        """Returns (last use, bytes, path), least recent first, also of unfinished files.

        Files that the cache did not write are left out, and links are not followed.
        """
        entries = []
        directory = self.directory / version
        with suppress(OSError):
            for path in () if directory.is_symlink() else directory.iterdir():
                with suppress(OSError):
                    status = path.lstat()
                    if _OWN_NAME.fullmatch(path.name) and stat.S_ISREG(status.st_mode):
                        entries.append((status.st_mtime, status.st_size, path))
        return sorted(entries)

    def _make_room(self, written: Path) -> None:
        """Removes the least recently used entries, but not the one just written."""
        entries = self._files()
        total = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if total <= self.max_bytes:
                return
            if path != written:
                with suppress(OSError):
                    path.unlink()
                    total -= size


def _entry_of(file_name: str, size: int) -> CacheEntry:
    """Returns the entry in a file of this name and size."""
    stem, _, suffix = file_name.partition(".")
    algorithm, _, digits = stem.rpartition("-")
    key = f"{algorithm or 'sha256'}:{digits}"
    if is_file_key(key):
        return CacheEntry(key, EntryKind.FILE, size)
    return CacheEntry(key, EntryKind.TABLE if suffix == Addressing.TABLE.value else EntryKind.LAYER, size)


@runtime_checkable
class _Verifiable(Protocol):
    """Contents whose bytes can be verified after their index came from the cache."""

    def has_verified_digest(self, on_progress: OnProgress) -> bool:
        """See TarLayer."""


@dataclass(slots=True)
class CachedLayer(LayerWrapper):
    """A layer whose index comes from the cache if possible."""

    _cache: Cache
    _digest: str
    """The digest that the contents are verified by, or the key of their file."""
    contents: LayerContents
    _is_cached: bool
    _loaded: LayerIndex | None = field(default=None, compare=False)

    @property
    def stored_bytes(self) -> int:
        return 0 if self._is_cached else self.contents.stored_bytes

    @property
    def streams(self) -> bool:
        return not self._is_cached and self.contents.streams

    def index(self, on_progress: OnProgress) -> LayerIndex:
        if self._is_cached:
            self._loaded = self._cache.load(self._digest, self.addressing)
        return self._loaded or self.contents.index(on_progress)

    def load_derived(self, ending: str) -> bytes | None:
        """Returns bytes that were made from this layer before, or None. See Cache."""
        return self._cache.load_derived(self._digest, ending)

    def store_derived(self, ending: str, content: bytes, index: LayerIndex, on_progress: OnProgress) -> None:
        """Stores bytes made from the layer's files, if it certainly has its digest.

        Args:
            ending: The kind of the bytes: small letters.
            content: The bytes.
            index: The layer's index.
            on_progress: Receives the bytes done while a layer is verified that was not read as a whole.
        """
        if index.damage or index.is_unread or index.is_from_table or self.verified is Verified.TABLE_DIGEST:
            return
        if self._has_its_digest(on_progress):
            self._cache.store_derived(self._digest, ending, content)

    def store_contents(self, index: LayerIndex, on_progress: OnProgress) -> None:
        """Stores the index with digests of files that were read, as ``store_derived``."""
        if self._has_its_digest(on_progress):
            self.store(index)

    def _has_its_digest(self, on_progress: OnProgress) -> bool:
        """True if the layer certainly has its digest. May read all of it to know."""
        if isinstance(self._digest, FileKey):
            return _key_of_file(self.contents) == self._digest
        if self._is_cached and isinstance(self.contents, _Verifiable):
            # The index came from the cache, so only files were read of this layer, which may be another.
            return self.contents.has_verified_digest(on_progress)
        # All bytes were read now, or they are those of an engine, which is trusted.
        return True

    def has_certain_bytes(self, index: LayerIndex, on_progress: OnProgress) -> bool:
        """See the function of this name. Remembers that a local file has its digest."""
        contents = self.contents
        if isinstance(self._digest, FileKey) or not (self._is_cached or index.is_from_table):
            return True
        if isinstance(contents, TableLayer):
            contents = contents.whole.contents if isinstance(contents.whole, CachedLayer) else contents.whole
        if not isinstance(contents, _Verifiable):
            return True
        key = _key_of_file(contents)
        known = self._digest.encode()
        if key is not None and self._cache.load_derived(key, VERIFIED) == known:
            return True
        if not contents.has_verified_digest(on_progress):
            return False
        if key is not None and _key_of_file(contents) == key:
            self._cache.store_derived(key, VERIFIED, known)
        return True

    @property
    def key(self) -> str:
        """The digest that the contents are verified by, or the key of their file."""
        return self._digest

    @property
    def is_cached(self) -> bool:
        """True if the cache has an index of the layer."""
        return self._is_cached

    def store(self, index: LayerIndex) -> None:
        """Stores the index, unless it came from the cache or is of a damaged layer.

        A layer that was read in full because its table could not be used is stored as one.
        """
        if index.is_unread:
            return
        if isinstance(self._digest, FileKey) and _key_of_file(self.contents) != self._digest:
            # The file changed while it was read.
            return
        if index.is_from_table == (self.addressing is Addressing.TABLE):
            if index is not self._loaded and not index.damage:
                self._cache.store(self._digest, self.addressing, index)
        elif isinstance(self.contents, TableLayer) and isinstance(self.contents.whole, CachedLayer):
            # Without the problem of the table, which is not one of the layer's bytes.
            self.contents.whole.store(self.contents.whole_index or index)


def with_cache(layers: Iterable[Layer], cache: Cache) -> tuple[Layer, ...]:
    """Returns layers that take their indexes from the cache if possible.

    A layer without a verified digest may differ from the image's digests. If it is in a local file, its file is the
    key. Otherwise it stays as it is.
    """
    return tuple(replace(layer, contents=_with_cache(layer, layer.contents, cache)) for layer in layers)


def _with_cache(layer: Layer, contents: LayerContents, cache: Cache) -> LayerContents:
    if isinstance(contents, TableLayer):
        whole = _with_cache(layer, contents.whole, cache)
        if isinstance(whole, CachedLayer) and whole.is_cached:
            # It comes from verified bytes, so it is worth more than a table.
            return whole
        contents = replace(contents, whole=whole)
    digest = certain_key(replace(layer, contents=contents))
    if not digest:
        return contents
    return CachedLayer(cache, digest, contents, cache.has(digest, contents.addressing))


def certain_key(layer: Layer) -> str | None:
    """Returns the certain digest of a layer, or the key of its file, if any."""
    contents = layer.contents
    if isinstance(contents, CachedLayer):
        return contents.key
    return {
        Verified.NOTHING: _key_of_file(contents),
        Verified.DIFF_ID: layer.diff_id,
        Verified.DIGEST: layer.digest,
        Verified.TABLE_DIGEST: layer.table_digest,
    }[contents.verified]


def _key_of_file(contents: LayerContents) -> FileKey | None:
    """Returns the key of a layer in a local file; None for all others."""
    if isinstance(contents, TarLayer) and contents.is_local_file and not contents.damage:
        return file_key(contents.part, contents.diff_id)
    return None


def needs_fetch(layer: Layer, index: LayerIndex) -> bool:
    """True if only a registry has the layer's bytes: its index came from elsewhere."""
    is_cached = isinstance(layer.contents, CachedLayer) and layer.contents.is_cached
    return layer.is_remote and (index.is_from_table or is_cached)


def has_certain_bytes(layer: Layer, index: LayerIndex, on_progress: OnProgress) -> bool:
    """True if the bytes of a layer have the digest by which the cache has its index.

    It may read all of a layer of an archive, which only claims the digest. A registry has blobs by their digests.
    Raises ImageError.
    """
    contents = layer.contents
    return layer.is_remote or not isinstance(contents, CachedLayer) or contents.has_certain_bytes(index, on_progress)


def load_derived(layer: Layer, ending: str) -> bytes | None:
    """Returns bytes that were made from a layer before; None if no cache has them."""
    return layer.contents.load_derived(ending) if isinstance(layer.contents, CachedLayer) else None


def store_derived(layer: Layer, ending: str, content: bytes, index: LayerIndex, on_progress: OnProgress) -> None:
    """Stores bytes made from a layer's files, if it uses a cache. See CachedLayer."""
    if isinstance(layer.contents, CachedLayer):
        # Another attempt may read the layer, and the bytes are known without it.
        with suppress(ImageError):
            layer.contents.store_derived(ending, content, index, on_progress)


def store_contents(layer: Layer, index: LayerIndex, on_progress: OnProgress) -> None:
    """Stores an index with digests of files that were read. See CachedLayer."""
    if isinstance(layer.contents, CachedLayer):
        with suppress(ImageError):
            layer.contents.store_contents(index, on_progress)


def store_indexes(layers: Iterable[Layer], indexes: Iterable[LayerIndex]) -> None:
    """Stores the indexes of layers that use a cache; both are in the same order."""
    for layer, index in zip(layers, indexes, strict=True):
        if isinstance(layer.contents, CachedLayer):
            layer.contents.store(index)
