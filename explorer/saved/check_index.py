"""Checks that a saved index is one that reading a layer can make.

A saved exploration may come from a stranger, and the merge of layers and all sums rely on these rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from explorer.model import Kind, LayerIndex

_MAX_IMPLIED_CHARS = 64 << 20
"""For the paths of all directories that have no entry of their own, as when a layer is read."""
_MAX_BYTES = 1 << 62
"""For the sizes of all files of a layer."""
_FINGERPRINT_BYTES, _DIGEST_BYTES = 16, 32
_FILE, _HARDLINK, _DIRECTORY = Kind.FILE, Kind.HARDLINK, Kind.DIRECTORY


def check_index(index: LayerIndex) -> None:
    """Raises ValueError if no layer has this index."""
    _check_inodes(index)
    _check_directories(index)
    for values, width in ((index.fingerprints, _FINGERPRINT_BYTES), (index.digests, _DIGEST_BYTES)):
        if values and len(next(iter(values.values()))) != width:
            raise ValueError("a fingerprint of another length")


def _check_inodes(index: LayerIndex) -> None:
    """Checks that each content has one file, and that its other names have its size."""
    files = [(entry.inode, entry.size) for entry in index.entries if entry.kind is _FILE]
    unnamed = [(entry.inode, entry.size) for entry in index.superseded]
    sizes = dict(chain(files, unnamed))
    if len(sizes) != len(files) + len(unnamed):
        raise ValueError("two files with one content")
    if sum(sizes.values()) > _MAX_BYTES or any(entry.kind is not _FILE for entry in index.superseded):
        raise ValueError("files that no layer has")
    for entry in index.entries:
        kind = entry.kind
        if kind is not _FILE and entry.size != (sizes.get(entry.inode, 0) if kind is _HARDLINK else 0):
            raise ValueError("a size that does not fit its kind")
    _require_known(index.fingerprints, sizes)
    _require_known(index.digests, sizes)


def _require_known(values: Mapping[int, bytes], sizes: Mapping[int, int]) -> None:
    if not values.keys() <= sizes.keys():
        raise ValueError("a fingerprint of no file")


def _check_directories(index: LayerIndex) -> None:
    """Checks that nothing is below a file, and that the paths imply few directories."""
    directories = {entry.path for entry in index.entries if entry.kind is _DIRECTORY}
    others = {entry.path for entry in index.entries if entry.kind is not _DIRECTORY}
    paths = chain(directories, others, index.whiteouts, index.opaques)
    known = directories | {""}
    chars = 0
    for parent in {path.rpartition("/")[0] for path in paths} - known:
        directory = parent
        while directory not in known:
            if directory in others:
                raise ValueError("a path below a file")
            known.add(directory)
            chars += len(directory)
            directory = directory.rpartition("/")[0]
        if chars > _MAX_IMPLIED_CHARS:
            raise ValueError("more directories than any layer has")
