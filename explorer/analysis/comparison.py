"""The comparison of two points of an image's history: files and bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.analysis.changes import Changes, count_leaves, single_version_change, split_by_version_count
from explorer.layers.tree import Tree, Version
from explorer.model import Change

_Inode = tuple[int, int]
"""Layer number, and the inode in that layer."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between the files that containers of two layers see."""

    base: int
    """The layer to compare with, not the base image."""
    layer: int
    counts: Mapping[Change, int]
    """Numbers of non-directories."""
    more: int
    """Bytes of new files, and by which other files grew."""
    less: int
    """Bytes of removed files, and by which other files shrank. An inode with several names counts once."""


def compared(tree: Tree, changes: Changes) -> Comparison:
    """Returns the totals of some changes."""
    base, layer = changes.base, changes.layer
    single, others = split_by_version_count(changes.by_node)
    linked: set[_Inode] = set()
    single_bytes = _unlinked_bytes(single, tree, linked)
    more, less = (single_bytes, 0) if single_version_change(base, layer) is Change.ADDED else (0, single_bytes)
    for node in others:
        before, after = (
            _unlinked_bytes([version], tree, linked) if version else 0
            for version in (node.version_at(base), node.version_at(layer))
        )
        more += max(after - before, 0)
        less += max(before - after, 0)
    for inode in linked:
        there, here = (_is_seen(inode, tree, point) for point in (base, layer))
        count = tree.linked[inode][0].entry.size
        more += count if here and not there else 0
        less += count if there and not here else 0
    return Comparison(base, layer, count_leaves(changes.by_node, base, layer), more, less)


def _unlinked_bytes(versions: Sequence[Version], tree: Tree, linked: set[_Inode]) -> int:
    """Returns the bytes of files with one name; adds other inodes to ``linked``."""
    names_of = tree.linked
    total = 0
    for layer, entry in versions:
        if entry is not None and entry.size:
            if names_of and (layer, entry.inode) in names_of:
                linked.add((layer, entry.inode))
            else:
                total += entry.size
    return total


def _is_seen(inode: _Inode, tree: Tree, point: int) -> bool:
    """True if an inode is visible at a point under any of its names."""
    return any(node.version_at(point) == (inode[0], entry) for node, entry in tree.linked[inode])
