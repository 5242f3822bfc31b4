"""Compressed sizes of layers, estimated from samples of their files."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.errors import ImageError
from explorer.layers.cache import load_derived, store_derived
from explorer.layers.derived_format import pack, unpack
from explorer.layers.tar.sparse import stored_bytes
from explorer.model import Entry, Kind, Layer, LayerIndex
from explorer.saved.saved_layer import SavedLayer

_MAX_SAMPLED_BYTES = 8 << 20
"""Bytes of all samples together: some tenths of a second."""
_WINDOW_BYTES = 64 << 10
"""A sample is this many bytes, again and again. A compressor looks back over half as many."""
_HEADER_BYTES = tarfile.BLOCKSIZE
_LEVEL = 6
"""The one that gzip and the engines use."""
_CACHE_ENDING = "compressed"
_CACHE_HEAD = b"lx compressed 1\n"


def sampled_sizes(layers: Sequence[tuple[Layer, LayerIndex]]) -> Mapping[int, int]:
    """Returns the estimated compressed bytes of layers, by number.

    Those whose contents cannot be read are missing.
    """
    sizes: dict[int, int] = {}
    waiting: list[_Archive] = []
    for layer, index in layers:
        stored = load_derived(layer, _CACHE_ENDING)
        known = unpack(_CACHE_HEAD, stored, _decode) if stored is not None else None
        if known is not None:
            sizes[layer.number] = known
        elif not (index.is_unread or layer.is_missing or isinstance(layer.contents, SavedLayer)):
            waiting.append(_Archive.of(layer, index))
    left = _MAX_SAMPLED_BYTES
    # Small ones leave the rest of their share to the large ones.
    waiting.sort(key=lambda each: each.tar_bytes)
    for place, archive in enumerate(waiting):
        share = min(archive.tar_bytes, left // (len(waiting) - place))
        left -= share
        try:
            found = archive.compressed_bytes(share)
        except ImageError:
            continue
        sizes[archive.layer.number] = found
        store_derived(archive.layer, _CACHE_ENDING, pack(_CACHE_HEAD, found), archive.index, lambda _: None)
    return sizes


@dataclass(frozen=True, slots=True)
class _Archive:
    """A layer as a tar: a header for each entry, and the bytes of each file."""

    layer: Layer
    index: LayerIndex
    tar_bytes: int

    @classmethod
    def of(cls, layer: Layer, index: LayerIndex) -> _Archive:
        headers = _HEADER_BYTES * (len(index.entries) + len(index.superseded))
        return cls(layer, index, headers + index.shipped_bytes - _hole_bytes(index))

    def compressed_bytes(self, max_bytes: int) -> int:
        """Returns the compressed bytes, estimated from a sample. Raises ImageError."""
        if not self.tar_bytes or not max_bytes:
            return 0
        compressor = zlib.compressobj(_LEVEL)
        sampled = compressed = 0
        for piece in self._sample(max_bytes):
            sampled += len(piece)
            compressed += len(compressor.compress(piece))
        compressed += len(compressor.flush())
        return round(compressed * self.tar_bytes / sampled) if sampled else 0

    def _sample(self, max_bytes: int) -> Iterator[bytes | memoryview]:
        """Yields headers of entries without content, then headers with contents."""
        wanted: dict[int, int] = {}
        files: list[Entry] = []
        for entry, count in self._parts(max_bytes):
            if entry.kind is Kind.FILE and count > _HEADER_BYTES:
                files.append(entry)
                wanted[entry.inode] = count - _HEADER_BYTES
            else:
                yield _header(entry)
        for entry, pieces in self.layer.contents.read(self.index, files, lambda _: None):
            yield _header(entry)
            left = wanted[entry.inode]
            for piece in pieces:
                yield piece[:left]
                left -= len(piece)
                if left <= 0:
                    break

    def _parts(self, max_bytes: int) -> Iterator[tuple[Entry, int]]:
        """Yields entries and the bytes to take of their beginnings.

        Windows are spread evenly over the tar; an entry gives as many bytes as they cover of it.
        """
        windows = max(1, max_bytes // _WINDOW_BYTES)
        window = max_bytes // windows
        distance = max(self.tar_bytes // windows, window)
        start = covered_before = 0
        for entry in self.index.entries:
            start += _HEADER_BYTES + (_stored_bytes(self.index, entry) if entry.kind is Kind.FILE else 0)
            whole, rest = divmod(start, distance)
            covered = whole * window + min(rest, window)
            if covered > covered_before:
                yield entry, covered - covered_before
            covered_before = covered


def _stored_bytes(index: LayerIndex, entry: Entry) -> int:
    return stored_bytes(entry.size, index.sparse.get(entry.inode))


def _hole_bytes(index: LayerIndex) -> int:
    """Returns the bytes of holes in sparse files, which compress to almost nothing."""
    if not index.sparse:
        return 0
    files = (entry for entry in index.entries if entry.kind is Kind.FILE)
    return sum(entry.size - _stored_bytes(index, entry) for entry in files)


def _header(entry: Entry) -> bytes:
    member = tarfile.TarInfo(entry.path)
    member.mode, member.uid, member.gid = entry.mode, entry.uid, entry.gid
    member.size, member.mtime, member.linkname = entry.size, entry.mtime_ns // 1_000_000_000, entry.link
    try:
        return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")
    except ValueError:  # A number that fits into no header.
        return bytes(_HEADER_BYTES)


def _decode(document: object) -> int:
    if not isinstance(document, int) or document < 0:
        raise TypeError("not a number of bytes")
    return document
