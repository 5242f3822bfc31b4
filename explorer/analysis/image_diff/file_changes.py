"""The differences between the files that containers of two images see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from explorer.analysis.changes import entry_differences
from explorer.analysis.image_diff.same_contents import same_content
from explorer.layers.tree import Node, Tree, Version
from explorer.model import Change

UNKNOWN = "unknown"
"""In place of ``bytes`` for files of the same size whose contents were not read."""


class FileChange(NamedTuple):
    """A path that differs between two images."""

    path: str
    change: Change
    old: Version | None
    """The version that containers of the old image see; its layer is one of the old image."""
    new: Version | None
    """The version that containers of the new image see; its layer is one of the new image."""
    differs: Set[str] = frozenset()
    """The attributes of a modified path that differ, as ``entry_differences`` names them, or UNKNOWN."""

    @property
    def is_time_only(self) -> bool:
        """True if nothing but the modification time differs."""
        return self.differs == {"time"}

    @property
    def old_bytes(self) -> int:
        """The size in the old image; 0 if it is not there."""
        return self.old.entry.size if self.old is not None and self.old.entry is not None else 0

    @property
    def new_bytes(self) -> int:
        """The size in the new image; 0 if it is not there."""
        return self.new.entry.size if self.new is not None and self.new.entry is not None else 0


def file_changes(old: Tree, new: Tree) -> Sequence[FileChange]:
    """Returns all paths that differ, in the byte order of their paths.

    Those of files of the same size are decided by fingerprints, which must be known.
    """
    return list(_changes_below(old, old.root, new, new.root, ""))


def _changes_below(
    old_tree: Tree, old: Node | None, new_tree: Tree, new: Node | None, path: str
) -> Iterator[FileChange]:
    old_version, new_version = _seen(old, old_tree), _seen(new, new_tree)
    change = _change(path, old_tree, old_version, new_tree, new_version)
    if change is not None:
        yield change
    old_children = (old.children if old is not None and old_version is not None else None) or {}
    new_children = (new.children if new is not None and new_version is not None else None) or {}
    for name in sorted({*old_children, *new_children}, key=_in_bytes):
        below = f"{path}/{name}" if path else name
        yield from _changes_below(old_tree, old_children.get(name), new_tree, new_children.get(name), below)


def _change(path: str, old_tree: Tree, old: Version | None, new_tree: Tree, new: Version | None) -> FileChange | None:
    if old is None or old.entry is None or new is None or new.entry is None:
        if old is new:
            return None
        return FileChange(path, Change.ADDED if old is None else Change.REMOVED, old, new)
    is_same = same_content(old_tree, old, new_tree, new)
    names = frozenset(entry_differences(old.entry, new.entry, lambda: bool(is_same)))
    if is_same is None and "bytes" in names:
        names = names - {"bytes"} | {UNKNOWN}
    return FileChange(path, Change.MODIFIED, old, new, names) if names else None


def _seen(node: Node | None, tree: Tree) -> Version | None:
    """Returns the version of a path that a container sees."""
    version = node.version_at(tree.top) if node is not None and tree.top >= 0 else None
    return version if version is not None and version.entry is not None else None


def _in_bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
