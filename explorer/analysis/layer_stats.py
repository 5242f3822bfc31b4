"""Every layer in numbers."""

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
    """One layer in numbers. Bytes are uncompressed.

    Of all layers together, ``wasted_bytes`` add up to what the image wastes; so do ``hides_bytes`` and the bytes of
    the cause ``duplicate``, which no later layer hides.
    """

    layer: Layer
    bytes: int
    """Shipped by this layer."""
    files: int
    """Non-directories that the layer brings."""
    added: int
    """Non-directories, against the layer below; likewise the next two."""
    modified: int
    removed: int
    directories_changed: int
    """Directories added, modified or removed, against the layer below."""
    unchanged: int
    """Non-directories that the layer ships although the layer below shows the very same."""
    wasted_bytes: int
    """Shipped here and hidden by a later layer, or shipped here twice."""
    hides_bytes: int
    """Of earlier layers, hidden by this one."""
    problems: tuple[str, ...]


def layer_stats(layers: Iterable[Layer], tree: Tree, account: ByteUsage) -> Iterator[LayerStats]:
    """The figures of an image's layers, in their order."""
    wasted, hides = account.by_shipping_layer, account.by_hiding_layer
    for layer in layers:
        number = layer.number
        index = tree.layers[number]
        files = len([entry for entry in index.entries if entry.kind is not _DIRECTORY])
        # What the layer brings to a path of its own is added. Only the rest must be looked at.
        again = set(tree.retouched[number])
        changed = {node: became for node in again if (became := change(tree, node, number - 1, number)) is not _SAME}
        leaves = count_leaves(changed, number - 1, number)
        replacing = [node for node in again if _brings_file(node, number)]
        new_files = files - len(replacing)
        new_directories = len(tree.touched[number]) - len(tree.retouched[number]) - new_files
        # The root is there whether or not a layer has an entry for it.
        changed_directories = len(changed) - (tree.root in changed) - sum(leaves.values())
        yield LayerStats(
            layer=layer,
            bytes=account.shipped_by_layer[number],
            files=files,
            added=new_files + leaves[Change.ADDED],
            modified=leaves[Change.MODIFIED],
            removed=leaves[Change.REMOVED],
            directories_changed=new_directories + changed_directories,
            unchanged=sum(node not in changed for node in replacing),
            wasted_bytes=wasted[number],
            hides_bytes=hides[number],
            problems=tuple(index.problems),
        )


def _brings_file(node: Node, number: int) -> bool:
    """Whether a layer has an entry for a path, and one that is no directory."""
    version = node.version_at(number)
    if version is None or version.layer != number or version.entry is None:
        return False
    return version.entry.kind is not _DIRECTORY
