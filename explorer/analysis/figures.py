"""Every layer in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from explorer.analysis.changes import Changes, changes
from explorer.analysis.waste import Ledger
from explorer.layers.tree import Tree
from explorer.model import Change, Kind, Layer


@dataclass(frozen=True, slots=True)
class LayerFigures:
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
    directories: int
    """Directories added, modified or removed, against the layer below."""
    recopied: int
    """Non-directories that the layer ships although the layer below shows the very same."""
    wasted_bytes: int
    """Shipped here and hidden by a later layer, or shipped here twice."""
    hides_bytes: int
    """Of earlier layers, hidden by this one."""
    problems: tuple[str, ...]


def layer_figures(layers: Iterable[Layer], tree: Tree, account: Ledger) -> Iterator[LayerFigures]:
    """The figures of an image's layers, in their order."""
    wasted, hides = account.by_shipping_layer, account.by_hiding_layer
    for layer in layers:
        number = layer.number
        index = tree.layers[number]
        changed = changes(tree, number - 1, number)
        added, modified, removed = map(changed.count, (Change.ADDED, Change.MODIFIED, Change.REMOVED))
        # The root is there whether or not a layer has an entry for it.
        directories = len(changed.by_node.keys() - {tree.root}) - added - modified - removed
        yield LayerFigures(
            layer=layer,
            bytes=index.shipped_bytes,
            files=sum(entry.kind is not Kind.DIRECTORY for entry in index.entries),
            added=added,
            modified=modified,
            removed=removed,
            directories=directories,
            recopied=_recopied(tree, changed),
            wasted_bytes=wasted[number],
            hides_bytes=hides[number],
            problems=tuple(index.problems),
        )


def _recopied(tree: Tree, changed: Changes) -> int:
    count = 0
    for node in set(tree.touched[changed.layer]) - changed.by_node.keys():
        version = node.version_at(changed.layer)
        if version is not None and version.layer == changed.layer and version.entry is not None:
            count += version.entry.kind is not Kind.DIRECTORY
    return count
