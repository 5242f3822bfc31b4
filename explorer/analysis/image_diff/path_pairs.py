"""The paths of two images that may differ, with the versions that containers see."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

from explorer.layers.tree import Node, Tree, Version
from explorer.model import Kind

# Names of this module, because a lookup in an enumeration for each path takes as long as the comparison.
_FILE, _HARDLINK, _DIRECTORY = Kind.FILE, Kind.HARDLINK, Kind.DIRECTORY


class PathPair(NamedTuple):
    """A path and what containers of two images see there."""

    path: str
    old: Version | None
    """None if the old image does not show the path; ``new`` likewise."""
    new: Version | None


def path_pairs(old: Tree, new: Tree, shared_layers: Set[tuple[int, int]]) -> list[PathPair]:
    """Returns the paths that are not certainly equal.

    Parents come first, and siblings in the byte order of their names.

    Files of the same size are among them, unless both are of one layer.

    Args:
        old: The tree of the old image.
        new: The tree of the new image.
        shared_layers: Numbers of layers that are certainly the same, in the old and in the new image.
    """
    pairs = list(_root_pair(old, new))
    waiting = [(old.root, new.root)]
    while waiting:
        old_directory, new_directory = waiting.pop()
        old_children, new_children = old_directory.children or {}, new_directory.children or {}
        for name, old_node in old_children.items():
            old_version, new_node = old_node.history[-1], new_children.get(name)
            new_version = new_node.history[-1] if new_node is not None else None
            if old_version.entry is None:
                if new_node is not None:
                    pairs += _all_below(new_node, is_old=False)
            elif new_node is None or new_version is None or new_version.entry is None:
                pairs += _all_below(old_node, is_old=True)
            else:
                if _may_differ(old_version, new_version, shared_layers):
                    pairs.append(PathPair(old_version.entry.path, old_version, new_version))
                if old_node.children or new_node.children:
                    waiting.append((old_node, new_node))
        for name, new_node in new_children.items():
            if name not in old_children:
                pairs += _all_below(new_node, is_old=False)
    pairs.sort(key=_in_tree_order)
    return pairs


def _root_pair(old: Tree, new: Tree) -> Iterator[PathPair]:
    """Yields the root if its metadata differ. It exists in every image with layers."""
    old_root, new_root = old.root.history[-1], new.root.history[-1]
    if old.layers and new.layers and _may_differ(old_root, new_root, frozenset()):
        yield PathPair("", old_root, new_root)


def _all_below(node: Node, *, is_old: bool) -> Iterator[PathPair]:
    """Yields a path that only one image shows, and the paths below it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        version = each.history[-1]
        if version.entry is not None:
            yield PathPair(version.entry.path, *((version, None) if is_old else (None, version)))
            waiting += (each.children or {}).values()


def _may_differ(old: Version, new: Version, shared_layers: Set[tuple[int, int]]) -> bool:
    """True if two visible versions differ in metadata, or may differ in bytes."""
    before, after = old.entry, new.entry
    if before is None or after is None:
        raise ValueError("both versions must be visible")
    kind = before.kind
    if kind is _DIRECTORY:
        # Without the time, which only says that something in the directory changed.
        return after.kind is not kind or before[3:6] != after[3:6] or before.xattrs != after.xattrs
    # Size, mode, owner and time.
    if before[2:7] != after[2:7] or before.xattrs != after.xattrs:
        return True
    if kind is _FILE or kind is _HARDLINK:
        if after.kind is not _FILE and after.kind is not _HARDLINK:
            return True
        return before.size > 0 and (old.layer, new.layer) not in shared_layers
    return after.kind is not kind or before.link != after.link


def _in_tree_order(pair: PathPair) -> bytes:
    return pair.path.encode("utf-8", "surrogateescape").replace(b"/", b"\0")
