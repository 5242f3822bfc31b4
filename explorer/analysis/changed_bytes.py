"""The changed bytes below each directory, for views that show only changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

from explorer.analysis.changes import Changes
from explorer.layers.tree import Node
from explorer.model import Change

_REMOVED = Change.REMOVED


def changed_bytes(changes: Changes, hidden: Set[Change]) -> Mapping[Node, int]:
    """Returns the bytes of the changed files below each directory.

    Each inode counts once; hidden changes do not count.
    """
    own_bytes: defaultdict[Node, int] = defaultdict(int)
    inodes: set[tuple[int, int]] = set()
    for node, change in changes.by_node.items():
        version = node.version_at(changes.base if change is _REMOVED else changes.layer)
        if change in hidden or version is None or version.entry is None or not version.entry.size:
            continue
        inode = (version.layer, version.entry.inode)
        if node.parent is not None and inode not in inodes:
            own_bytes[node.parent] += version.entry.size
            inodes.add(inode)
    totals = own_bytes.copy()
    for directory, count in own_bytes.items():
        for above in directory.ancestors():
            totals[above] += count
    return totals
