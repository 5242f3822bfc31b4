"""The visible bytes of every directory at every layer.

The size of a directory at a layer is the sum of the regular files below it that a container of that layer sees. An
inode with several names counts at the first of them in path order, so that the sizes of directories add up to the size
of the image.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from explorer.analysis.windows_hives import HIVE_DELTAS
from explorer.layers.tree import InodeName, Node, Tree
from explorer.model import Kind

_FILE = Kind.FILE
_Deltas = defaultdict[int, int]
"""Layer to the bytes that it adds to the size of a directory."""


@dataclass(frozen=True, slots=True)
class DirectorySizes:
    """A figure of all directories at every layer: bytes, or a number of files."""

    _steps: dict[Node, tuple[list[int], list[int]]]
    """Directory to the layers that change its figure, and the figure from each of these layers on."""

    def at(self, node: Node, layer: int) -> int:
        """Returns the figure of what is below a directory at a layer."""
        steps = self._steps.get(node)
        if steps is None:
            return 0
        layers, sizes = steps
        position = bisect_right(layers, layer)
        return sizes[position - 1] if position else 0


def directory_sizes(tree: Tree) -> DirectorySizes:
    """Returns the sizes of all directories at all layers, from the leaves up."""
    deltas: defaultdict[Node, _Deltas] = defaultdict(lambda: defaultdict(int))
    for (layer, _), names in tree.linked.items():
        _charge_links(layer, names, deltas)
    for layer in range(len(tree.layers)):
        _charge_new_files(tree, layer, deltas)
    _charge_revised_files(tree, deltas)
    return sums_below(tree.directories(), deltas)


def sums_below(directories: Sequence[Node], deltas: dict[Node, _Deltas]) -> DirectorySizes:
    """Returns the sums of what layers add to each directory and to those below it.

    Args:
        directories: All directories, each after its parent.
        deltas: What each layer adds to a directory itself. It is emptied.
    """
    steps: dict[Node, tuple[list[int], list[int]]] = {}
    for directory in reversed(directories):
        own = deltas.pop(directory, None)
        if own is None:
            continue
        if directory.parent is not None:
            above = deltas.setdefault(directory.parent, defaultdict(int))
            for layer, delta in own.items():
                above[layer] += delta
        layers = sorted(own)
        steps[directory] = (layers, list(accumulate([own[layer] for layer in layers])))
    return DirectorySizes(steps)


def _charge_new_files(tree: Tree, layer: int, deltas: Mapping[Node, _Deltas]) -> None:
    """Adds the files of a layer that no other layer touches to their directories."""
    linked = tree.linked
    own: defaultdict[Node, int] = defaultdict(int)
    for node in tree.touched[layer]:
        if len(node.history) > 1 or node.parent is None:
            continue
        entry = node.history[0].entry
        if entry is None or not entry.size or entry.kind is not _FILE:
            continue
        if not linked or (layer, entry.inode) not in linked:
            own[node.parent] += entry.size
    for directory, size in own.items():
        deltas[directory][layer] += size


def _charge_revised_files(tree: Tree, deltas: Mapping[Node, _Deltas]) -> None:
    """Adds the files that several layers touch to their directories, at every layer."""
    linked = tree.linked
    for node in tree.revised:
        if node.parent is None:
            continue
        counted = 0
        for layer, entry in node.history:
            size = entry.size if entry is not None and entry.kind is _FILE else 0
            if size and entry is not None:
                if linked and (layer, entry.inode) in linked:
                    size = 0
                elif entry.path in HIVE_DELTAS:
                    size += counted
            if size != counted:
                deltas[node.parent][layer] += size - counted
                counted = size


def _charge_links(shipped_in: int, names: list[InodeName], deltas: Mapping[Node, _Deltas]) -> None:
    """Adds an inode at every layer to the directory of its first visible name.

    The layer that ships the inode brings all its names, and no name comes back later. So each name counts from the
    layer that hides the names before it to the layer that hides the name itself.
    """
    size = names[0].entry.size
    counted_from = shipped_in
    for name in sorted(names, key=lambda name: name.entry.path):
        position, history = name.position(shipped_in), name.node.history
        gone_from = history[position + 1].layer if position + 1 < len(history) else None
        if gone_from is not None and gone_from <= counted_from:
            continue
        directory = name.node.parent
        if directory is None:
            raise ValueError("the root is a directory")
        deltas[directory][counted_from] += size
        if gone_from is None:
            return
        deltas[directory][gone_from] -= size
        counted_from = gone_from
