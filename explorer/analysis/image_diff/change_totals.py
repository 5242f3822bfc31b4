"""The numbers and bytes of the files that differ between two images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.file_changes import UNKNOWN, FileChange
from explorer.analysis.visible_files import visible_names
from explorer.layers.tree import Tree, Version
from explorer.model import Change, Kind

_DIRECTORY = Kind.DIRECTORY


@dataclass(frozen=True, slots=True)
class ChangeTotals:
    """The numbers of paths that differ, and their bytes, each inode once.

    The visible bytes of the new image are those of the old one, plus ``added_bytes`` and ``grown_bytes``, minus
    ``removed_bytes``.
    """

    added: int
    """Paths without directories; the other numbers likewise."""
    modified: int
    """Paths with another difference than the time."""
    removed: int
    time_only: int
    """Paths that differ in nothing but the time."""
    unknown: int
    """Modified paths of which it is not known if the bytes differ."""
    directories: int
    """Directories that are added, modified or removed."""
    added_bytes: int
    removed_bytes: int
    grown_bytes: int
    """The difference of all other files; negative if they shrank."""


def change_totals(old: ComparedImage, new: ComparedImage, changes: Sequence[FileChange]) -> ChangeTotals:
    """Returns the numbers and the bytes of all changes of two images."""
    by_change: dict[Change, list[FileChange]] = {Change.ADDED: [], Change.MODIFIED: [], Change.REMOVED: []}
    for change in changes:
        if not _is_directory(change):
            by_change[change.change].append(change)
    added = [change.new for change in by_change[Change.ADDED]]
    removed = [change.old for change in by_change[Change.REMOVED]]
    modified = by_change[Change.MODIFIED]
    time_only = sum([change.is_time_only for change in modified])
    added_bytes, removed_bytes = _bytes_only_in(new.tree, added), _bytes_only_in(old.tree, removed)
    return ChangeTotals(
        added=len(added),
        modified=len(modified) - time_only,
        removed=len(removed),
        time_only=time_only,
        unknown=sum([UNKNOWN in change.differs for change in modified]),
        directories=len(changes) - len(added) - len(removed) - len(modified),
        added_bytes=added_bytes,
        removed_bytes=removed_bytes,
        grown_bytes=new.usage.visible_bytes - old.usage.visible_bytes - added_bytes + removed_bytes,
    )


def _is_directory(change: FileChange) -> bool:
    """True if a path is a directory in each image that has it."""
    for version in (change.old, change.new):
        if version is not None and version.entry is not None and version.entry.kind is not _DIRECTORY:
            return False
    return True


def _bytes_only_in(tree: Tree, versions: Iterable[Version | None]) -> int:
    """Returns the bytes of inodes whose visible names are all among the versions."""
    names_of: dict[tuple[int, int], int] = {}
    total = 0
    for version in versions:
        if version is None or version.entry is None or not version.entry.size:
            continue
        inode = version.layer, version.entry.inode
        if inode not in tree.linked:
            total += version.entry.size
            continue
        names_of[inode] = names_of.get(inode, 0) + 1
        if names_of[inode] == len(visible_names(tree.linked[inode], version.layer)):
            total += version.entry.size
    return total
