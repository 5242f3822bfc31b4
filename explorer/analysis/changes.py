"""What happened to a path between two points of the image's history.

A point is a layer number and stands for what a container of layers 0 to that number sees; -1 is the empty image.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from explorer.layers.tree import Node, Tree, Version, directories_above
from explorer.model import Change, Entry, Kind

# Looking these up in their enumerations for every path takes longer than all that is done with them.
_FILE, _HARDLINK, _DIRECTORY = Kind.FILE, Kind.HARDLINK, Kind.DIRECTORY
_ADDED, _MODIFIED, _REMOVED, _UNCHANGED = Change.ADDED, Change.MODIFIED, Change.REMOVED, Change.UNCHANGED


def same_content(tree: Tree, old: Version, new: Version) -> bool:
    """Whether two versions of a path hold the same bytes. Needs their fingerprints where only bytes can tell."""
    before, after = old.entry, new.entry
    if before is None or after is None or before.size != after.size:
        return False
    if not before.size or (old.layer == new.layer and before.inode == after.inode):
        return True
    return tree.layers[old.layer].fingerprints[before.inode] == tree.layers[new.layer].fingerprints[after.inode]


def differences(tree: Tree, old: Version, new: Version) -> Iterator[str]:
    """What differs between two versions that are both visible, in the words of the screen.

    A few of ``type``, ``bytes``, ``link``, ``mode``, ``owner``, ``time`` and ``attributes``. The modification time of a
    directory does not count: it says that something below it changed, which is shown there.
    """
    before, after = old.entry, new.entry
    if before is None or after is None:
        raise ValueError("both versions must be visible")
    kind = _type(before)
    if kind is not _type(after):
        yield "type"
    elif kind is _FILE:
        if not same_content(tree, old, new):
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
    """What became of a path from point ``base`` to point ``layer``."""
    old, new = node.version_at(base), node.version_at(layer)
    if old is new:
        return _UNCHANGED
    if old is None or old.entry is None:
        return _UNCHANGED if new is None or new.entry is None else _ADDED
    if new is None or new.entry is None:
        return _REMOVED
    return _MODIFIED if next(differences(tree, old, new), None) else _UNCHANGED


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed between two points."""

    base: int
    layer: int
    by_node: dict[Node, Change]
    """The changed nodes; whatever is missing here is unchanged."""
    above: frozenset[Node]
    """The directories that contain a change, at any depth."""

    def of(self, node: Node) -> Change:
        """The change of one node."""
        return self.by_node.get(node, Change.UNCHANGED)


def changes(tree: Tree, base: int, layer: int) -> Changes:
    """All changes from point ``base`` to point ``layer``, in either direction.

    Time grows with what the layers between the two points touched, not with the size of the tree.
    """
    by_node = changed_nodes(tree, base, layer)
    return Changes(base, layer, by_node, frozenset(directories_above(by_node)))


def changed_nodes(tree: Tree, base: int, layer: int) -> dict[Node, Change]:
    """The nodes that changed from point ``base`` to point ``layer``, and how."""
    found: dict[Node, Change] = {}
    low, high = sorted((base, layer))
    # What has one version, and that between the points, is there at one of them alone.
    appeared = single_version_change(base, layer)
    contested: dict[Node, None] = {}
    for nodes in tree.touched[low + 1 : high + 1]:
        for node in nodes:
            if len(node.history) == 1:
                found[node] = appeared
            else:
                contested[node] = None
    for node in contested:
        became = change(tree, node, base, layer)
        if became is not _UNCHANGED:
            found[node] = became
    return found


def single_version_change(base: int, layer: int) -> Change:
    """The change of what has one version that is there at one of two points alone: at the later one."""
    return _ADDED if base < layer else _REMOVED


def split_by_version_count(found: Mapping[Node, Change]) -> tuple[list[Version], dict[Node, Change]]:
    """Of changed nodes those with one version, as these versions, and the others. Most have one."""
    single = [history[0] for node in found if len(history := node.history) == 1]
    return single, {node: became for node, became in found.items() if len(node.history) > 1}


def count_leaves(found: Mapping[Node, Change], base: int, layer: int) -> dict[Change, int]:
    """Numbers of non-directories among changed nodes, by change. What was or became a non-directory counts."""
    single, others = split_by_version_count(found)
    leaves = [
        became for node, became in others.items() if _is_leaf(node.entry_at(base)) or _is_leaf(node.entry_at(layer))
    ]
    # An enumeration's members take long to hash: they are counted without.
    counts = {kind: leaves.count(kind) for kind in Change}
    counts[single_version_change(base, layer)] += len(
        [1 for _, entry in single if entry and entry.kind is not _DIRECTORY]
    )
    return counts


def _is_leaf(entry: Entry | None) -> bool:
    return entry is not None and entry.kind is not _DIRECTORY


def _type(entry: Entry) -> Kind:
    """A hard link is a file with another name, not another type."""
    return _FILE if entry.kind is _HARDLINK else entry.kind
