"""Two images as two layers: what the old one shows, and what the new one changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from explorer.analysis.image_diff.file_changes import FileChange
from explorer.analysis.visible_files import visible_names
from explorer.layers.hard_links import with_first_name_as_file
from explorer.layers.tree import InodeName, Tree, Version
from explorer.model import Change, Entry, Kind, LayerIndex

_DIRECTORY = Kind.DIRECTORY
_FINGERPRINT_BYTES = 16
_Inode = tuple[int, int]
"""The layer and the inode of a file."""


@dataclass(frozen=True, slots=True)
class JoinedIndex:
    """The index of a joined layer, and the places of its files."""

    index: LayerIndex
    origins: Mapping[int, Version]
    """Inode to a version of the image that has its bytes."""


def joined_layers(old: Tree, new: Tree, changes: Sequence[FileChange]) -> tuple[JoinedIndex, JoinedIndex]:
    """Returns what the old image shows, and what turns it into the new one.

    Args:
        old: The tree of the old image.
        new: The tree of the new image.
        changes: The changes to show, parents first. The files of all others stay those of the old image.
    """
    lower = {version.entry.path: version for version in _visible(old) if version.entry is not None}
    upper = {change.path: change.new for change in changes if change.new is not None}
    regrouped = _regrouped(lower, old, new, upper)
    old_joined, new_joined = _Joining(old), _Joining(new)
    old_joined.add(lower.values())
    new_joined.add([*upper.values(), *regrouped.values()])
    for path, version in regrouped.items():
        _mark_as_equal(old_joined, lower[path], new_joined, version)
    return old_joined.joined(()), new_joined.joined(_whiteouts(changes))


class _Joining:
    """The files of an image that become one layer."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._numbers: dict[_Inode, int] = {}
        self._origins: dict[int, Version] = {}
        self._entries: list[Entry] = []
        self._linked: defaultdict[int, list[Entry]] = defaultdict(list)
        """The names of the inodes that have several in their layer."""
        self.fingerprints: dict[int, bytes] = {}
        self.digests: dict[int, bytes] = {}
        self._sparse: dict[int, tuple[tuple[int, int], ...]] = {}

    def add(self, versions: Iterable[Version]) -> None:
        linked = self._tree.linked
        for version in versions:
            layer, entry = version
            if entry is None:
                continue
            inode = layer, entry.inode
            number = self._numbers.get(inode)
            if number is None:
                number = self._numbers[inode] = len(self._numbers) + 1
                if entry.size:
                    self._add_content(number, version, entry)
            joined: Entry = tuple.__new__(Entry, (*entry[:9], number))
            if entry.kind.has_content and inode in linked:
                self._linked[number].append(joined)
            else:
                self._entries.append(joined)

    def _add_content(self, number: int, version: Version, entry: Entry) -> None:
        self._origins[number] = version
        index = self._tree.layers[version.layer]
        for known, joined in ((index.fingerprints, self.fingerprints), (index.digests, self.digests)):
            if entry.inode in known:
                joined[number] = known[entry.inode]
        if entry.inode in index.sparse:
            self._sparse[number] = index.sparse[entry.inode]

    def number(self, version: Version) -> int:
        """Returns the joined inode of a version that was added."""
        return self._numbers[version.layer, version.entry.inode if version.entry is not None else 0]

    def joined(self, whiteouts: Sequence[str]) -> JoinedIndex:
        linked = [name for names in self._linked.values() for name in with_first_name_as_file(names)]
        index = LayerIndex(
            [*self._entries, *linked],
            whiteouts=whiteouts,
            fingerprints=self.fingerprints,
            digests=self.digests,
            sparse=self._sparse,
        )
        return JoinedIndex(index, self._origins)


def _visible(tree: Tree) -> Iterable[Version]:
    """Yields the versions that a container sees, the root's too."""
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.history[-1].entry is not None:
            yield node.history[-1]
            waiting += (node.children or {}).values()


def _regrouped(lower: Mapping[str, Version], old: Tree, new: Tree, upper: Mapping[str, Version]) -> dict[str, Version]:
    """Returns unchanged names whose inodes the new image links in another way.

    Without them, an inode could count twice, or two inodes once.
    """
    names_of: defaultdict[_Inode, dict[str, Version]] = defaultdict(dict)
    old_inodes: defaultdict[_Inode, set[_Inode]] = defaultdict(set)
    new_inodes: defaultdict[_Inode, set[_Inode]] = defaultdict(set)
    for path, version in _linked_in_one(old, new).items():
        layer, entry = version
        if entry is None or not entry.size:
            continue
        inode = layer, entry.inode
        before = lower.get(path)
        if path in upper:
            names_of[inode][path] = version
        elif before is not None and before.entry is not None:
            # With the old time, because a change of it may be one that is not shown.
            names_of[inode][path] = Version(layer, entry._replace(mtime_ns=before.entry.mtime_ns))
            old_inode = before.layer, before.entry.inode
            old_inodes[inode].add(old_inode)
            new_inodes[old_inode].add(inode)
    regrouped: dict[str, Version] = {}
    for inode, names in names_of.items():
        before_inodes = old_inodes[inode]
        is_same = len(before_inodes) == 1 and len(new_inodes[next(iter(before_inodes))]) == 1
        if not is_same or not upper.keys().isdisjoint(names):
            regrouped.update({path: version for path, version in names.items() if path not in upper})
    return regrouped


def _linked_in_one(old: Tree, new: Tree) -> dict[str, Version]:
    """Returns the new image's versions of names that are linked in either image."""
    versions = {name.entry.path: name.node.history[-1] for name in _linked_names(new)}
    for name in _linked_names(old):
        node = None if name.entry.path in versions else new.find(name.entry.path)
        if node is not None and node.history[-1].entry is not None:
            versions[name.entry.path] = node.history[-1]
    return versions


def _linked_names(tree: Tree) -> Iterator[InodeName]:
    for (layer, _), names in tree.linked.items():
        yield from visible_names(names, layer)


def _mark_as_equal(old: _Joining, before: Version, new: _Joining, after: Version) -> None:
    """Gives two equal contents one fingerprint, even if nothing has read them."""
    old_number, new_number = old.number(before), new.number(after)
    fingerprint = old.fingerprints.get(old_number) or new.fingerprints.get(new_number)
    if fingerprint is None:
        fingerprint = old_number.to_bytes(_FINGERPRINT_BYTES, "big")
    old.fingerprints[old_number] = new.fingerprints[new_number] = fingerprint


def _whiteouts(changes: Iterable[FileChange]) -> list[str]:
    """Returns the removed paths whose directories stay."""
    whiteouts: list[str] = []
    hidden = None
    for change in changes:
        if hidden is not None and change.path.startswith(hidden):
            continue
        if change.change is Change.REMOVED:
            whiteouts.append(change.path)
            hidden = f"{change.path}/"
        elif change.new is not None and change.new.entry is not None and change.new.entry.kind is not _DIRECTORY:
            # A file in place of a directory hides what was below it.
            hidden = f"{change.path}/"
    return whiteouts
