"""Visible bytes of every directory at every layer.

A directory's size at a layer is the sum of the regular files below it that a container of that layer sees. An inode
with several names is charged to the first of them in path order, so that the sizes of directories add up to the
image's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from explorer.layers.tree import InodeName, Node, Tree
from explorer.model import Kind

_FILE = Kind.FILE
_Deltas = defaultdict[int, int]
"""Layer to what it adds to a directory's size."""


@dataclass(frozen=True, slots=True)
class DirectorySizes:
    """The answer of ``directory_sizes``."""

    _steps: dict[Node, tuple[list[int], list[int]]]
    """Directory to the layers at which its size changes, and its size from each of them on."""

    def at(self, node: Node, layer: int) -> int:
        """Visible bytes below a directory for a container of layers 0 to ``layer``."""
        steps = self._steps.get(node)
        if steps is None:
            return 0
        layers, sizes = steps
        position = bisect_right(layers, layer)
        return sizes[position - 1] if position else 0


def directory_sizes(tree: Tree) -> DirectorySizes:
    """Sizes of all directories at all layers, in one pass from the leaves up."""
    deltas: defaultdict[Node, _Deltas] = defaultdict(_new_deltas)
    for (layer, _), names in tree.linked.items():
        _charge_links(layer, names, deltas)
    directories = tree.directories()
    for directory in directories:
        _charge_files(tree, directory, (directory.children or {}).values(), deltas)
    steps: dict[Node, tuple[list[int], list[int]]] = {}
    for directory in reversed(directories):
        own = deltas.pop(directory, None)
        if own is None:
            continue
        if directory.parent is not None:
            above = deltas[directory.parent]
            for layer, delta in own.items():
                above[layer] += delta
        layers = sorted(own)
        steps[directory] = (layers, list(accumulate([own[layer] for layer in layers])))
    return DirectorySizes(steps)


def _new_deltas() -> _Deltas:
    return defaultdict(int)


def _charge_files(tree: Tree, directory: Node, nodes: Iterable[Node], deltas: Mapping[Node, _Deltas]) -> None:
    """Charge a directory with what the versions of its nodes, where they are files with one name, bring and take."""
    linked = tree.linked
    for node in nodes:
        charged = 0
        for layer, entry in node.history:
            size = entry.size if entry is not None and entry.kind is _FILE else 0
            if size and linked and entry is not None and (layer, entry.inode) in linked:
                size = 0
            if size != charged:
                deltas[directory][layer] += size - charged
                charged = size


def _charge_links(shipped_in: int, names: list[InodeName], deltas: Mapping[Node, _Deltas]) -> None:
    """Charge an inode to the directory of the first of its names that is visible, at every layer.

    All its names appear with the layer that ships it, and none comes back: so they are charged in path order, each from
    where the ones before it are gone until it goes itself.
    """
    size = names[0].entry.size
    charged_from = shipped_in
    for name in sorted(names, key=lambda name: name.entry.path):
        position, history = name.position(shipped_in), name.node.history
        gone_from = history[position + 1].layer if position + 1 < len(history) else None
        if gone_from is not None and gone_from <= charged_from:
            continue
        directory = name.node.parent
        if directory is None:
            raise ValueError("the root is a directory")
        deltas[directory][charged_from] += size
        if gone_from is None:
            return
        deltas[directory][gone_from] -= size
        charged_from = gone_from
