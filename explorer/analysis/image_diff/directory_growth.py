"""The directories that explain most of the growth between two images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.file_changes import FileChange
from explorer.analysis.largest_directories import largest_directories, sizes_of_files


class DirectoryGrowth(NamedTuple):
    """A directory with its visible bytes in two images."""

    path: str
    old_bytes: int
    new_bytes: int

    @property
    def growth(self) -> int:
        """The bytes that it has more; negative if it has fewer."""
        return self.new_bytes - self.old_bytes


def directory_growth(
    changes: Iterable[FileChange], old_sizes: Mapping[str, int], new_sizes: Mapping[str, int], max_rows: int
) -> Sequence[DirectoryGrowth]:
    """Returns directories that do not overlap, the largest growth first.

    Args:
        changes: The paths that differ.
        old_sizes: Path to the visible bytes below it, for the directories of the old image.
        new_sizes: The same for the new image.
        max_rows: The most directories to return.
    """
    moved = sizes_of_files((change.path, abs(change.new_bytes - change.old_bytes)) for change in changes)
    directories = (
        DirectoryGrowth(path, old_sizes.get(path, 0), new_sizes.get(path, 0))
        for path, _ in largest_directories(moved, max_rows)
    )
    return sorted((each for each in directories if each.growth), key=lambda each: (-abs(each.growth), each.path))
