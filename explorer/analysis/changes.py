"""The changes of paths between two points of an image's history.

A point is a layer number. It stands for the files that a container of layers 0 to that number sees; -1 is the empty
image.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass

from explorer.layers.tree import Node, Tree, Version, directories_above
from explorer.model import Change, Entry, Kind

# Names of this module, because a lookup in an enumeration for each path takes longer than all the rest.
_FILE, _HARDLINK, _DIRECTORY = Kind.FILE, Kind.HARDLINK, Kind.DIRECTORY
_ADDED, _MODIFIED, _REMOVED, _UNCHANGED = Change.ADDED, Change.MODIFIED, Change.REMOVED, Change.UNCHANGED


def same_content(tree: Tree, old: Version, new: Version) -> bool:
    """True if two versions have the same bytes, by fingerprint if sizes are equal."""
    before, after = old.entry, new.entry
    if before is None or after is None or before.size != after.size:
        return False
    if not before.size or (old.layer == new.layer and before.inode == after.inode):
        return True
    return tree.same_bytes(old.layer, before.inode, new.layer, after.inode)


def differences(tree: Tree, old: Version, new: Version) -> Iterator[str]:
    """Yields the names of the attributes that differ between two visible versions.

    See ``entry_differences``.
    """
    before, after = old.entry, new.entry
    if before is None or after is None:
        raise ValueError("both versions must be visible")
    return entry_differences(before, after, lambda: same_content(tree, old, new))


def entry_differences(before: Entry, after: Entry, has_same_content: Callable[[], bool]) -> Iterator[str]:
    """Yields the names of the attributes that differ between two entries of one path.

    They are ``type``, ``bytes``, ``link``, ``mode``, ``owner``, ``time`` and ``attributes``. The modification time of a
    directory does not count, because it only says that something in the directory changed.

    Args:
        before: The older entry.
        after: The newer entry.
        has_same_content: Tells if two files have the same bytes; asked only for files.
    """
    kind = _type(before)
    if kind is not _type(after):
        yield "type"
    elif kind is _FILE:
        if not has_same_content():
            yield "bytes"
    elif before.link != after.link:
        yield "link"
    if before.mode != after.mode:
        yield "mode"
    if before.uid != after.uid or before.gid != after.gid:
        yield "owner"
    if before.mtime_ns != after.mtime_ns and not (before.kind is after.kind is _DIRECTORY):
        yield "time"
    if before.xattrs != after.xattrs:
        yield "attributes"


def change(tree: Tree, node: Node, base: int, layer: int) -> Change:
    """Returns the change of a path from point ``base`` to point ``layer``."""
    return change_between(tree, node.version_at(base), node.version_at(layer))


def change_between(tree: Tree, old: Version | None, new: Version | None) -> Change:
    """Returns the change of a path between the versions of two points, if it had any."""
    if old is new:
        return _UNCHANGED
    if old is None or old.entry is None:
        return _UNCHANGED if new is None or new.entry is None else _ADDED
    if new is None or new.entry is None:
        return _REMOVED
    before, after = old.entry, new.entry
    # Before all else, because most files that a layer ships again differ in these.
    if before.mode != after.mode or before.uid != after.uid or before.gid != after.gid:
        return _MODIFIED
    return _MODIFIED if next(differences(tree, old, new), None) else _UNCHANGED


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of all paths between two points."""

    base: int
    """The point to compare with, not the base image."""
    layer: int
    by_node: dict[Node, Change]
    """The changed nodes; all others are unchanged."""
    above: frozenset[Node]
    """The directories with a change below them, at any depth."""


def changes(tree: Tree, base: int, layer: int) -> Changes:
    """Returns the changes from point ``base`` to point ``layer``, in either direction.

    The time depends on the number of paths that the layers between the points touch, not on the size of the tree.
    """
    by_node: dict[Node, Change] = {}
    low, high = sorted((base, layer))
    # A node whose only version is from a layer between the points exists at the later point only.
    single_change = single_version_change(base, layer)
    revised: dict[Node, None] = {}
    for nodes in tree.touched[low + 1 : high + 1]:
        for node in nodes:
            if len(node.history) == 1:
                by_node[node] = single_change
            else:
                revised[node] = None
    for node in revised:
        node_change = change(tree, node, base, layer)
        if node_change is not _UNCHANGED:
            by_node[node] = node_change
    return Changes(base, layer, by_node, frozenset(directories_above(by_node)))


def changed_bytes(view_changes: Changes, hidden: Set[Change]) -> Mapping[Node, int]:
    """Returns the bytes of changed files below each directory, each inode once."""
    own_bytes: defaultdict[Node, int] = defaultdict(int)
    inodes: set[tuple[int, int]] = set()
    for node, node_change in view_changes.by_node.items():
        version = node.version_at(view_changes.base if node_change is _REMOVED else view_changes.layer)
        if node_change in hidden or version is None or version.entry is None or not version.entry.size:
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


def single_version_change(base: int, layer: int) -> Change:
    """Returns the change of nodes that exist at the later of two points only."""
    return _ADDED if base < layer else _REMOVED


def split_by_version_count(by_node: Mapping[Node, Change]) -> tuple[list[Version], dict[Node, Change]]:
    """Returns the versions of nodes with one version, and the other, rarer nodes."""
    single = [history[0] for node in by_node if len(history := node.history) == 1]
    return single, {node: change for node, change in by_node.items() if len(node.history) > 1}


def count_leaves(by_node: Mapping[Node, Change], base: int, layer: int) -> dict[Change, int]:
    """Counts, by change, the nodes that are no directory at one of the points."""
    single, others = split_by_version_count(by_node)
    leaves = [
        change for node, change in others.items() if _is_leaf(node.entry_at(base)) or _is_leaf(node.entry_at(layer))
    ]
    # No Counter, because members of an enumeration take long to hash.
    counts = {kind: leaves.count(kind) for kind in Change}
    counts[single_version_change(base, layer)] += len(
        [1 for _, entry in single if entry and entry.kind is not _DIRECTORY]
    )
    return counts


def _is_leaf(entry: Entry | None) -> bool:
    return entry is not None and entry.kind is not _DIRECTORY


def _type(entry: Entry) -> Kind:
    """Returns the kind of an entry; a hard link is a file."""
    return _FILE if entry.kind is _HARDLINK else entry.kind
