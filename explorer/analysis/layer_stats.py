"""The figures of each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from explorer.analysis.changes import change, count_leaves
from explorer.analysis.waste import ByteUsage
from explorer.layers.tree import Node, Tree
from explorer.model import Change, Kind, Layer

_DIRECTORY = Kind.DIRECTORY
_SAME = Change.UNCHANGED


@dataclass(frozen=True, slots=True)
class LayerStats:
    """The figures of one layer. Bytes are uncompressed.

    The ``wasted_bytes`` of all layers add up to the wasted bytes of the image. So do their ``hides_bytes`` plus the
    bytes of the cause ``duplicate``, which no later layer hides.
    """

    layer: Layer
    bytes: int
    files: int
    """Entries of the layer that are not directories."""
    added: int
    """Non-directories added since the layer below; ``modified`` and ``removed`` likewise."""
    modified: int
    removed: int
    directories_changed: int
    """Directories added, modified or removed since the layer below."""
    unchanged: int
    """Non-directories that the layer ships although they are the same in the layer below."""
    wasted_bytes: int
    """Bytes that the layer ships and a later layer hides, or that are never visible."""
    hides_bytes: int
    problems: tuple[str, ...]
    damage: tuple[str, ...] = ()
    is_from_table: bool = False
    """True if the layer was listed from its table of contents, so that its other bytes were not read."""
    is_unread: bool = False
    """True if the layer may not be fetched, so that nothing is known of it."""


def layer_stats(layers: Iterable[Layer], tree: Tree, usage: ByteUsage) -> Iterator[LayerStats]:
    """Yields the figures of an image's layers."""
    wasted, hides = usage.by_shipping_layer, usage.by_hiding_layer
    for layer in layers:
        number = layer.number
        index = tree.layers[number]
        files = len([entry for entry in index.entries if entry.kind is not _DIRECTORY])
        # A path that only this layer touches is added. Only the other paths must be compared.
        touched_again = set(tree.touched_again[number])
        changed = {n: c for n in touched_again if (c := change(tree, n, number - 1, number)) is not _SAME}
        leaves = count_leaves(changed, number - 1, number)
        replacing = [node for node in touched_again if _brings_file(node, number)]
        new_files = files - len(replacing)
        new_directories = len(tree.touched[number]) - len(tree.touched_again[number]) - new_files
        # The root does not count, because it exists even if no layer has an entry for it.
        changed_directories = len(changed) - (tree.root in changed) - sum(leaves.values())
        yield LayerStats(
            layer=layer,
            bytes=usage.shipped_by_layer[number],
            files=files,
            added=new_files + leaves[Change.ADDED],
            modified=leaves[Change.MODIFIED],
            removed=leaves[Change.REMOVED],
            directories_changed=new_directories + changed_directories,
            unchanged=sum(node not in changed for node in replacing),
            wasted_bytes=wasted[number],
            hides_bytes=hides[number],
            problems=tuple(index.problems),
            damage=tuple(index.damage),
            is_from_table=index.is_from_table,
            is_unread=index.is_unread,
        )


def _brings_file(node: Node, number: int) -> bool:
    """True if a layer has an entry for a path that is not a directory."""
    version = node.version_at(number)
    if version is None or version.layer != number or version.entry is None:
        return False
    return version.entry.kind is not _DIRECTORY
