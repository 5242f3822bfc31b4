"""The differences between the files that containers of two images see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from explorer.analysis.changes import entry_differences
from explorer.analysis.image_diff.path_pairs import PathPair
from explorer.analysis.image_diff.same_contents import is_same_but_time, same_content
from explorer.layers.tree import Tree, Version
from explorer.model import Change, Kind

UNKNOWN = "unknown"
"""In place of ``bytes`` for files of the same size whose contents were not read."""
_NOTHING: frozenset[str] = frozenset()
TIME = frozenset({"time"})
_DIRECTORY, _MODIFIED = Kind.DIRECTORY, Change.MODIFIED


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
        return self.differs == TIME

    @property
    def old_bytes(self) -> int:
        """The size in the old image; 0 if it is not there."""
        return self.old.entry.size if self.old is not None and self.old.entry is not None else 0

    @property
    def new_bytes(self) -> int:
        """The size in the new image; 0 if it is not there."""
        return self.new.entry.size if self.new is not None and self.new.entry is not None else 0

    @property
    def growth(self) -> int:
        """The bytes that it has more; negative if it has fewer."""
        return self.new_bytes - self.old_bytes


def file_changes(old: Tree, new: Tree, pairs: Iterable[PathPair]) -> Sequence[FileChange]:
    """Returns the paths that differ: parents first, siblings in byte order.

    Args:
        old: The tree of the old image.
        new: The tree of the new image.
        pairs: The paths that may differ. Files of the same size are decided by fingerprints, which must be known.
    """
    changes = (_change(old, new, pair) for pair in pairs)
    return [change for change in changes if change is not None]


def _change(old_tree: Tree, new_tree: Tree, pair: PathPair) -> FileChange | None:
    path, old, new = pair
    if old is None or old.entry is None:
        return FileChange(path, Change.ADDED, None, new)
    if new is None or new.entry is None:
        return FileChange(path, Change.REMOVED, old, None)
    names = differing_attributes(old_tree, old, new_tree, new)
    # The same as FileChange(…), in half the time.
    return tuple.__new__(FileChange, (path, _MODIFIED, old, new, names)) if names else None


def differing_attributes(old_tree: Tree, old: Version, new_tree: Tree, new: Version) -> frozenset[str]:
    """Returns the attributes that differ between two entries, as in ``FileChange``."""
    before, after = old.entry, new.entry
    if before is None or after is None:
        raise ValueError("both versions must be entries")
    if is_same_but_time(old_tree.layers[old.layer], before, new_tree.layers[new.layer], after):
        is_of_one_time = before.mtime_ns == after.mtime_ns or before.kind is _DIRECTORY
        return _NOTHING if is_of_one_time else TIME
    is_same = same_content(old_tree, old, new_tree, new)
    names = frozenset(entry_differences(before, after, lambda: bool(is_same)))
    return names - {"bytes"} | {UNKNOWN} if is_same is None and "bytes" in names else names
