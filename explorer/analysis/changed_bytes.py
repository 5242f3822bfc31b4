"""The changed bytes below each directory, for views that show only changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set

from explorer.analysis.changes import Changes
from explorer.layers.tree import Node
from explorer.model import Change

_REMOVED = Change.REMOVED


def changed_bytes(changes: Changes, hidden: Set[Change]) -> Mapping[Node, int]:
    """Returns the bytes of the changed files below each directory.

    Each inode counts once; hidden changes do not count.
    """
    totals: defaultdict[Node, int] = defaultdict(int)
    inodes: set[tuple[int, int]] = set()
    for node, change in changes.by_node.items():
        version = node.version_at(changes.base if change is _REMOVED else changes.layer)
        if change in hidden or version is None or version.entry is None or not version.entry.size:
            continue
        inode = (version.layer, version.entry.inode)
        if node.parent is not None and inode not in inodes:
            totals[node.parent] += version.entry.size
            inodes.add(inode)
    for node in _deepest_first(totals):
        if node.parent is not None:
            totals[node.parent] += totals[node]
    return totals


def _deepest_first(nodes: Iterable[Node]) -> list[Node]:
    """Returns nodes and all directories above them, children before their parents."""
    depths: dict[Node, int] = {}
    for node in nodes:
        ancestors: list[Node] = []
        at: Node | None = node
        while at is not None and at not in depths:
            ancestors.append(at)
            at = at.parent
        depth = depths[at] if at is not None else -1
        for above in reversed(ancestors):
            depth += 1
            depths[above] = depth
    return sorted(depths, key=depths.__getitem__, reverse=True)
