"""The number of visible files below every directory at every layer."""

from __future__ import annotations

from collections import Counter, defaultdict
from operator import attrgetter

from explorer.analysis.directories import Directories
from explorer.analysis.sizes import DirectorySizes, sums_below
from explorer.layers.tree import Node
from explorer.model import Entry, Kind

_DIRECTORY = Kind.DIRECTORY
_PARENT = attrgetter("parent")


def file_counts(directories: Directories) -> DirectorySizes:
    """Returns the numbers of paths below each directory that are no directories."""
    tree = directories.tree
    deltas: dict[Node, defaultdict[int, int]] = {}
    for layer, nodes in enumerate(tree.touched):
        # Most paths have one version and exist from its layer on.
        added = [node for node in nodes if len(node.history) == 1 and _is_file(node.history[0].entry)]
        for directory, count in Counter(map(_PARENT, added)).items():
            deltas.setdefault(directory, defaultdict(int))[layer] += count
    for node in tree.revised:
        existed = False
        for layer, entry in node.history:
            exists = _is_file(entry)
            if exists is not existed and node.parent is not None:
                deltas.setdefault(node.parent, defaultdict(int))[layer] += 1 if exists else -1
            existed = exists
    return sums_below(directories.all, deltas)


def _is_file(entry: Entry | None) -> bool:
    return entry is not None and entry[1] is not _DIRECTORY
