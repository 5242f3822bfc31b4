"""Visible bytes of every directory at every layer.

A directory's size at a layer is the sum of the regular files below it that a container of that layer sees. An inode
with several names is charged to the first of them in path order, so that the sizes of directories add up to the
image's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass

from explorer.layers.tree import Name, Node, Tree
from explorer.model import Kind

_Deltas = defaultdict[int, int]


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
    deltas: dict[Node, _Deltas] = {}
    for (layer, _), names in tree.linked.items():
        _charge_links(layer, names, deltas)
    order = [tree.root]
    for node in order:
        if node.children:
            order.extend(node.children.values())
    steps: dict[Node, tuple[list[int], list[int]]] = {}
    for node in reversed(order):
        own = deltas.get(node)
        own = _charge_files(tree, node, own)
        if own is None:
            continue
        if node.parent is not None:
            above = deltas.get(node.parent)
            if above is None:
                above = deltas[node.parent] = defaultdict(int)
            for layer, delta in own.items():
                above[layer] += delta
        if node.children:
            layers = sorted(own)
            sizes: list[int] = []
            total = 0
            for layer in layers:
                total += own[layer]
                sizes.append(total)
            steps[node] = (layers, sizes)
        deltas.pop(node, None)
    return DirectorySizes(steps)


def _charge_files(tree: Tree, node: Node, deltas: _Deltas | None) -> _Deltas | None:
    """Add what the node's own versions, as long as they are files with one name, bring and take."""
    charged = 0
    for layer, entry in node.history:
        size = entry.size if entry is not None and entry.kind is Kind.FILE else 0
        if size and tree.linked and entry is not None and (layer, entry.inode) in tree.linked:
            size = 0
        if size != charged:
            if deltas is None:
                deltas = defaultdict(int)
            deltas[layer] += size - charged
            charged = size
    return deltas


def _charge_links(shipped_in: int, names: list[Name], deltas: dict[Node, _Deltas]) -> None:
    """Charge an inode to the first of its names that is visible, at every layer."""
    spans: list[tuple[Node, int, int | None]] = []
    for name in sorted(names, key=lambda name: name.entry.path):
        position, history = name.position(shipped_in), name.node.history
        end = history[position + 1].layer if position + 1 < len(history) else None
        spans.append((name.node, history[position].layer, end))
    size = names[0].entry.size
    holder: Node | None = None
    for layer in sorted({point for _, first, end in spans for point in (first, end) if point is not None}):
        visible = (node for node, first, end in spans if first <= layer and (end is None or layer < end))
        now = next(visible, None)
        if now is not holder:
            if holder is not None:
                deltas.setdefault(holder, defaultdict(int))[layer] -= size
            if now is not None:
                deltas.setdefault(now, defaultdict(int))[layer] += size
            holder = now
