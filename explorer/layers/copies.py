"""Fingerprints the few contents that may be copies of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from explorer.errors import NoContents
from explorer.layers.fetch_limit import FetchLimit
from explorer.layers.fingerprints import fingerprint
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tree import Tree
from explorer.model import Entry, Layer, LayerIndex, OnProgress, Watcher

_LARGE_BYTES = 64 << 20
"""A file from this size on takes long enough to report its progress."""


def comparable_inodes(tree: Tree) -> list[dict[int, Entry]]:
    """Returns, for each layer, the inodes whose contents must be fingerprinted.

    They are those of files for which a version of the same path with the same size exists. Files whose versions all
    have digests from tables of contents are compared by these.
    """
    digests = [index.digests for index in tree.layers]
    has_digests = any(digests)
    fingerprints = [index.fingerprints for index in tree.layers]
    wanted: list[dict[int, Entry]] = [{} for _ in tree.layers]
    for node in tree.revised:
        # Only files and hard links have a size.
        files = [(layer, entry) for layer, entry in node.history if entry is not None and entry.size]
        if len(files) < 2:
            continue
        if has_digests and all(entry.inode in digests[layer] for layer, entry in files):
            continue
        sizes = [entry.size for _, entry in files]
        for layer, entry in files:
            if sizes.count(entry.size) > 1 and entry.inode not in fingerprints[layer]:
                wanted[layer][entry.inode] = entry
    return wanted


def fingerprint_copies(
    tree: Tree, layers: Sequence[Layer], watcher: Watcher, fetch_limit: FetchLimit
) -> dict[int, int]:
    """Adds the missing fingerprints of files that may be copies from other layers.

    Returns, by layer, the number of files that stay uncompared: they may not be fetched, or the source has no contents.

    Raises ImageError if a layer cannot be read, and Cancelled from the watcher.
    """
    wanted = comparable_inodes(tree)
    total = sum(entry.size for entries in wanted for entry in entries.values())
    meter = ProgressMeter("Comparing files shipped more than once", lambda: total, watcher)
    uncompared: dict[int, int] = {}
    for layer, entries in zip(layers, wanted, strict=True):
        if entries and not fetch_limit.allows_files(layer, entries.values()):
            uncompared[layer.number] = len(entries)
        elif entries:
            try:
                fingerprints = fingerprints_of(layer, tree.layers[layer.number], entries, meter.part(layer.number))
            except NoContents:
                uncompared[layer.number] = len(entries)
            else:
                tree.add_fingerprints(layer.number, fingerprints)
    return uncompared


def fingerprints_of(
    layer: Layer, index: LayerIndex, entries: Mapping[int, Entry], on_progress: OnProgress
) -> dict[int, bytes]:
    """Returns the fingerprints of files of a layer by inode, read in one pass.

    Args:
        layer: The layer.
        index: Its index.
        entries: Inode to one name of the file.
        on_progress: Receives the sizes of the files that are read.

    Raises ImageError if the layer cannot be read.
    """

    def print_of(stored: Iterable[bytes | memoryview], entry: Entry) -> bytes:
        return fingerprint(stored, entry.size, index.sparse.get(entry.inode))

    return hashes_of(layer, index, entries, print_of, on_progress)


def hashes_of(
    layer: Layer,
    index: LayerIndex,
    entries: Mapping[int, Entry],
    hash_of: Callable[[Iterable[bytes | memoryview], Entry], bytes],
    on_progress: OnProgress,
) -> dict[int, bytes]:
    """Returns a hash of files of a layer by inode, read in one pass.

    ``hash_of`` gets the stored pieces of a file. See ``fingerprints_of``.
    """
    hashes: dict[int, bytes] = {}
    done = 0

    def report(_: int) -> None:
        on_progress(done)

    for entry, pieces in layer.contents.read(index, entries.values(), report):
        hashes[entry.inode] = hash_of(
            pieces if entry.size < _LARGE_BYTES else _reported(pieces, done, on_progress), entry
        )
        done += entry.size
    on_progress(done)
    return hashes


def _reported(pieces: Iterable[bytes | memoryview], done: int, on_progress: OnProgress) -> Iterator[bytes | memoryview]:
    for piece in pieces:
        yield piece
        done += len(piece)
        on_progress(done)
