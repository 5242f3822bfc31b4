"""Differences below a directory between two layers: totals, and the largest files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from explorer.analysis.changes import changes
from explorer.layers.tree import Node, Tree, Version
from explorer.model import Change, Kind

MAX_FILES = 20_000
"""Files that are listed; the totals count all."""
_NO_VERSION = Version(-1, None)


class ChangedFile(NamedTuple):
    """A file below the directory that differs, or that the layer ships again."""

    path: str
    """Relative to the directory; not printable."""
    change: Change
    """UNCHANGED if the layer ships it again unchanged."""
    bytes: int
    """Bytes of the newer version; of the older one if the file is removed."""
    growth: int
    """Bytes by which the file grew; negative if it shrank."""


@dataclass(slots=True)
class Total:
    """The number and the bytes of all files with the same change."""

    files: int = 0
    bytes: int = 0
    growth: int = 0


@dataclass(frozen=True, slots=True)
class DirectoryDiff:
    """The differences below a directory."""

    totals: dict[Change, Total] = field(default_factory=dict)
    files: Sequence[ChangedFile] = ()
    """The largest ones, largest first."""
    directories: Sequence[ChangedFile] = ()
    """The directories below it that differ themselves."""


def directory_diff(
    tree: Tree, directory: Node, since: int, layer: int, ignored: Set[Node] = frozenset()
) -> DirectoryDiff:
    """Returns the differences of the files below a directory from point to point.

    If the points follow each other, these include files that the layer ships again unchanged. An inode with several
    names has bytes at one of them. Paths among ``ignored`` are left out.
    """
    totals: dict[Change, Total] = {}
    files: list[ChangedFile] = []
    directories: list[ChangedFile] = []
    seen: set[tuple[int, int]] = set()
    prefix = len(directory.path) + 1 if directory.path else 0
    for node, change in _changed_nodes(tree, directory, since, layer):
        old, new = node.version_at(since) or _NO_VERSION, node.version_at(layer) or _NO_VERSION
        shown = old if change is Change.REMOVED else new
        if node in ignored or shown.entry is None:
            continue
        if shown.entry.kind is Kind.DIRECTORY:
            if change is not Change.UNCHANGED:
                directories.append(ChangedFile(f"{node.path[prefix:]}/", change, 0, 0))
            continue
        bytes_, growth = shown.entry.size, _size(new) - _size(old)
        if tree.linked and (shown.layer, shown.entry.inode) in tree.linked:
            if (shown.layer, shown.entry.inode) in seen:
                bytes_ = growth = 0
            seen.add((shown.layer, shown.entry.inode))
        total = totals.setdefault(change, Total())
        total.files += 1
        total.bytes += bytes_
        total.growth += growth
        files.append(ChangedFile(node.path[prefix:], change, bytes_, growth))
    files.sort(key=attrgetter("path"))
    files.sort(key=attrgetter("bytes"), reverse=True)
    return DirectoryDiff(totals, files[:MAX_FILES], directories[:MAX_FILES])


def _changed_nodes(tree: Tree, directory: Node, since: int, layer: int) -> Iterator[tuple[Node, Change]]:
    by_node = changes(tree, since, layer).by_node
    is_below: dict[Node, bool] = {directory: True, tree.root: directory is tree.root}
    for node, change in by_node.items():
        if _lies_below(node, is_below):
            yield node, change
    if layer != since + 1:
        return
    for node in dict.fromkeys(tree.touched_again[layer]):
        if node not in by_node and node is not directory and _lies_below(node, is_below):
            yield node, Change.UNCHANGED


def _lies_below(node: Node, is_below: dict[Node, bool]) -> bool:
    """True if a node lies below the directory; ``is_below`` remembers answers."""
    passed: list[Node] = []
    at = node.parent
    while at is not None and at not in is_below:
        passed.append(at)
        at = at.parent
    answer = at is not None and is_below[at]
    is_below.update(dict.fromkeys(passed, answer))
    return answer


def _size(version: Version) -> int:
    entry = version.entry
    return entry.size if entry is not None and entry.kind.has_content else 0
