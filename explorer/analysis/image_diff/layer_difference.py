"""The difference between two layers that belong together, sorted by kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from explorer.analysis.image_diff.entry_changes import superseded_pairs
from explorer.analysis.image_diff.file_changes import UNKNOWN, FileChange
from explorer.analysis.image_diff.path_pairs import PathPair
from explorer.layers.tree import Tree, Version
from explorer.model import Change, Kind, LayerIndex

_CONTENTS = frozenset({"bytes", "type", "link"})


@dataclass(slots=True)
class LayerDifference:
    """The paths that differ between a layer of the old image and one of the new image.

    Each path is in one list. Markers count for the paths that they hide.
    """

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    """Their bytes, type or link differ, maybe more."""
    attributes: list[str] = field(default_factory=list)
    """Their mode, owner or extended attributes differ, but no bytes."""
    unknown: list[str] = field(default_factory=list)
    """Files of the same size whose contents were not read, without another difference than the time."""
    times: list[str] = field(default_factory=list)
    """Nothing but the modification time differs; without directories."""
    directory_times: list[str] = field(default_factory=list)
    """Directories of which nothing but the modification time differs."""

    @property
    def beyond_times(self) -> Sequence[str]:
        """The paths that differ in more than the time."""
        return [*self.contents, *self.attributes, *self.added, *self.removed, *self.unknown]

    @property
    def is_only_times(self) -> bool:
        """True if contents, modes, owners, links and attributes are equal."""
        return not (self.added or self.removed or self.contents or self.attributes or self.unknown)

    @property
    def is_nothing(self) -> bool:
        """True if times are equal, too."""
        return self.is_only_times and not (self.times or self.directory_times)


def layer_difference(old: LayerIndex, new: LayerIndex, changes: Iterable[FileChange]) -> LayerDifference:
    """Returns the difference between two layers, each unpacked alone.

    ``changes`` are the entries that differ.
    """
    difference = LayerDifference()
    for change in changes:
        _list_of(difference, change).append(change.path)
    before, after = _hidden(old), _hidden(new)
    difference.added += sorted(after - before)
    difference.removed += sorted(before - after)
    return difference


def undecided_files(old_tree: Tree, old: int, new_tree: Tree, new: int) -> Iterator[PathPair]:
    """Yields the paths of two layers that need fingerprints to be compared."""
    old_index, new_index = old_tree.layers[old], new_tree.layers[new]
    for one, other in superseded_pairs(old_index, new_index) or ():
        if one.inode not in old_index.fingerprints or other.inode not in new_index.fingerprints:
            yield PathPair(one.path, Version(old, one), Version(new, other))
    if not _has_unknown(old_index) and not _has_unknown(new_index):
        return
    before = {entry.path: entry for entry in old_index.entries if entry.size}
    for entry in new_index.entries:
        old_entry = before.get(entry.path) if entry.size else None
        if old_entry is None or old_entry.size != entry.size:
            continue
        if old_entry.inode not in old_index.fingerprints or entry.inode not in new_index.fingerprints:
            yield PathPair(entry.path, Version(old, old_entry), Version(new, entry))


def _has_unknown(index: LayerIndex) -> bool:
    """True if a file of a layer has no fingerprint."""
    known = index.fingerprints
    return any(entry.size and entry.inode not in known for entry in index.entries)


def _list_of(difference: LayerDifference, change: FileChange) -> list[str]:
    """Returns the list for the most important difference of a path."""
    if change.change is not Change.MODIFIED:
        return difference.added if change.change is Change.ADDED else difference.removed
    if change.differs & _CONTENTS:
        return difference.contents
    others = change.differs - {"time", UNKNOWN}
    if others:
        return difference.attributes
    if UNKNOWN in change.differs:
        return difference.unknown
    entry = change.new.entry if change.new else None
    return difference.directory_times if entry and entry.kind is Kind.DIRECTORY else difference.times


def _hidden(index: LayerIndex) -> set[str]:
    """Returns the paths that a layer hides.

    A slash at the end stands for the content of a directory alone.
    """
    return {*index.whiteouts, *(f"{path}/" for path in index.opaques)}
