"""Fingerprints the visible files that may have the same content, one pass a layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from explorer.analysis.duplicates.duplicates import VisibleFile, have_digests
from explorer.errors import ImageError
from explorer.layers.cache import store_indexes
from explorer.layers.copies import fingerprints_of
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tar.sparse import stored_bytes
from explorer.layers.tree import Tree
from explorer.model import Entry, Layer, Watcher
from explorer.text.printable import printable
from explorer.text.units import counted, size

_STEP = "Comparing files of equal size"
_MAX_READ_BYTES = 64 << 30
"""For all layers together. The files that could save most come first."""


def read_contents(
    tree: Tree, layers: Sequence[Layer], by_size: Mapping[int, Sequence[VisibleFile]], watcher: Watcher
) -> list[str]:
    """Adds the missing fingerprints of files to the tree, and to the cache.

    Nothing is fetched from a registry: its layers have fingerprints, unless a table of contents lists them.

    Returns the reasons why files stay uncompared, printable. Raises Cancelled from the watcher.
    """
    wanted, left_out = _wanted(tree, by_size)
    problems = []
    if left_out:
        problems.append(f"{counted(left_out, 'file')} not compared: more than {size(_MAX_READ_BYTES)} to read")
    total = sum([entry.size for entries in wanted for entry in entries.values()])
    meter = ProgressMeter(_STEP, lambda: total, watcher)
    for layer, entries in zip(layers, wanted, strict=True):
        if not entries:
            continue
        not_compared = f"layer {layer.number}: {counted(len(entries), 'file')} not compared"
        if layer.is_remote:
            problems.append(f"{not_compared}, because they are only in the registry; --full reads all layers")
            continue
        index = tree.layers[layer.number]
        try:
            fingerprints = fingerprints_of(layer, index, entries, meter.part(layer.number))
        except ImageError as error:
            problems.append(f"{not_compared}: {printable(error.message)}")
            continue
        tree.add_fingerprints(layer.number, fingerprints)
        store_indexes([layer], [tree.layers[layer.number]])
    return problems


def _wanted(tree: Tree, by_size: Mapping[int, Sequence[VisibleFile]]) -> tuple[list[dict[int, Entry]], int]:
    """Returns each layer's files to read by inode, and the number of files left out."""
    wanted: list[dict[int, Entry]] = [{} for _ in tree.layers]
    left_bytes, left_out = _MAX_READ_BYTES, 0
    for _, files in sorted(by_size.items(), key=lambda each: -each[0] * (len(each[1]) - 1)):
        if have_digests(tree, files):
            continue
        missing = [(layer, entry) for layer, entry in files if entry.inode not in tree.layers[layer].fingerprints]
        count = _stored_bytes(tree, missing)
        if count > left_bytes:
            left_out += len(missing)
            continue
        left_bytes -= count
        for layer, entry in missing:
            wanted[layer][entry.inode] = entry
    return wanted, left_out


def _stored_bytes(tree: Tree, files: Iterable[VisibleFile]) -> int:
    return sum([stored_bytes(entry.size, tree.layers[layer].sparse.get(entry.inode)) for layer, entry in files])
