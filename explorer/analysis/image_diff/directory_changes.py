"""The directories whose visible bytes differ between two images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.file_changes import FileChange
from explorer.analysis.largest_directories import largest_directories, sizes_of_files
from explorer.analysis.visible_files import visible_files
from explorer.layers.tree import Tree


class DirectoryChange(NamedTuple):
    """A directory whose visible bytes differ between two images, with those below it."""

    path: str
    old_bytes: int
    new_bytes: int

    @property
    def growth(self) -> int:
        """The bytes that it has more; negative if it has fewer."""
        return self.new_bytes - self.old_bytes


def directory_changes(old: Tree, new: Tree) -> Sequence[DirectoryChange]:
    """Returns the directories that grew or shrank, the root too; largest growth first."""
    before, after = (
        sizes_of_files((entry.path, entry.size) for _, entry in visible_files(tree)) for tree in (old, new)
    )
    changed = [
        DirectoryChange(path, before[path], after[path]) for path in {**before, **after} if before[path] != after[path]
    ]
    return sorted(changed, key=lambda each: (-each.growth, each.path))


def largest_growth(
    changes: Iterable[FileChange], directories: Iterable[DirectoryChange], max_rows: int
) -> Sequence[DirectoryChange]:
    """Returns directories that do not overlap, the largest growth or loss first.

    Args:
        changes: The paths that differ.
        directories: The directories that grew or shrank.
        max_rows: The most directories to return.
    """
    moved = sizes_of_files((change.path, abs(change.growth)) for change in changes if not change.is_time_only)
    by_path = {each.path: each for each in directories}
    largest = [by_path[path] for path, _ in largest_directories(moved, max_rows) if path in by_path]
    return sorted(largest, key=lambda each: (-abs(each.growth), each.path))
