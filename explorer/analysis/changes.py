"""What happened to a path between two points of the image's history.

A point is a layer number and stands for what a container of layers 0 to that number sees; -1 is the empty image.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.layers.tree import Node, Tree, Version
from explorer.model import Change, Entry, Kind


def same_content(tree: Tree, old: Version, new: Version) -> bool:
    """Whether two versions of a path hold the same bytes. Needs their fingerprints where only bytes can tell."""
    if old.entry is None or new.entry is None or old.entry.size != new.entry.size:
        return False
    if (old.layer, old.entry.inode) == (new.layer, new.entry.inode) or not old.entry.size:
        return True
    return tree.fingerprints[old.layer][old.entry.inode] == tree.fingerprints[new.layer][new.entry.inode]


def differences(tree: Tree, old: Version, new: Version) -> Iterator[str]:
    """What differs between two versions that are both visible, in the words of the screen.

    A few of ``type``, ``bytes``, ``link``, ``mode``, ``owner``, ``time`` and ``attributes``. The modification time of a
    directory does not count: it says that something below it changed, which is shown there.
    """
    before, after = old.entry, new.entry
    if before is None or after is None:
        raise ValueError("both versions must be visible")
    if _type(before) is not _type(after):
        yield "type"
    elif before.kind.has_content:
        if not same_content(tree, old, new):
            yield "bytes"
    elif before.link != after.link:
        yield "link"
    if before.mode != after.mode:
        yield "mode"
    if (before.uid, before.gid) != (after.uid, after.gid):
        yield "owner"
    if before.mtime_ns != after.mtime_ns and not (before.kind is after.kind is Kind.DIRECTORY):
        yield "time"
    if before.xattrs != after.xattrs:
        yield "attributes"


def change(tree: Tree, node: Node, base: int, layer: int) -> Change:
    """What became of a path from point ``base`` to point ``layer``."""
    old, new = node.version_at(base), node.version_at(layer)
    if old is new:
        return Change.UNCHANGED
    if old is None or old.entry is None:
        return Change.UNCHANGED if new is None or new.entry is None else Change.ADDED
    if new is None or new.entry is None:
        return Change.REMOVED
    return Change.MODIFIED if any(True for _ in differences(tree, old, new)) else Change.UNCHANGED


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

    def count(self, wanted: Change) -> int:
        """Number of non-directories that changed in this way. A path that was or became a non-directory counts."""
        return sum(found is wanted and self._is_leaf(node) for node, found in self.by_node.items())

    def _is_leaf(self, node: Node) -> bool:
        sides = (node.at(self.base), node.at(self.layer))
        return any(entry is not None and entry.kind is not Kind.DIRECTORY for entry in sides)


def changes(tree: Tree, base: int, layer: int) -> Changes:
    """All changes from point ``base`` to point ``layer``, in either direction.

    Time grows with what the layers between the two points touched, not with the size of the tree.
    """
    by_node: dict[Node, Change] = {}
    above: set[Node] = set()
    low, high = sorted((base, layer))
    seen: set[Node] = set()
    for nodes in tree.touched[low + 1 : high + 1]:
        for node in nodes:
            if node in seen:
                continue
            seen.add(node)
            found = change(tree, node, base, layer)
            if found is Change.UNCHANGED:
                continue
            by_node[node] = found
            parent = node.parent
            while parent is not None and parent not in above:
                above.add(parent)
                parent = parent.parent
    return Changes(base, layer, by_node, frozenset(above))


def _type(entry: Entry) -> Kind:
    """A hard link is a file with another name, not another type."""
    return Kind.FILE if entry.kind is Kind.HARDLINK else entry.kind
