"""The figures of each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.changes import change_between
from explorer.analysis.waste import ByteUsage
from explorer.layers.tree import Tree
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
        again = _touched_again(tree, number)
        new_files = files - again.files
        new_directories = len(tree.touched[number]) - len(tree.touched_again[number]) - new_files
        yield LayerStats(
            layer=layer,
            bytes=usage.shipped_by_layer[number],
            files=files,
            added=new_files + again.changes.count(Change.ADDED),
            modified=again.changes.count(Change.MODIFIED),
            removed=again.changes.count(Change.REMOVED),
            directories_changed=new_directories + again.directories_changed,
            unchanged=again.unchanged,
            wasted_bytes=wasted[number],
            hides_bytes=hides[number],
            problems=tuple(index.problems),
            damage=tuple(index.damage),
            is_from_table=index.is_from_table,
            is_unread=index.is_unread,
        )


class _TouchedAgain(NamedTuple):
    """Counts of the paths of a layer that lower layers touched before."""

    files: int
    """Entries of the layer that are not directories."""
    unchanged: int
    """Files among them that are the same in the layer below."""
    changes: Sequence[Change]
    """The changes of paths that are no directory in the layer or in the one below it."""
    directories_changed: int


def _touched_again(tree: Tree, number: int) -> _TouchedAgain:
    """Compares the paths that a layer touches again with the layer below."""
    files = unchanged = directories_changed = 0
    changes: list[Change] = []
    for node in set(tree.touched_again[number]):
        old, new = node.version_at(number - 1), node.version_at(number)
        node_change = change_between(tree, old, new)
        is_file = new is not None and new.entry is not None and new.entry.kind is not _DIRECTORY
        if is_file and new is not None and new.layer == number:
            files += 1
            unchanged += node_change is _SAME
        if node_change is _SAME:
            continue
        if is_file or (old is not None and old.entry is not None and old.entry.kind is not _DIRECTORY):
            changes.append(node_change)
        elif node.parent is not None:
            # The root does not count, because it exists even if no layer has an entry for it.
            directories_changed += 1
    return _TouchedAgain(files, unchanged, changes, directories_changed)
