"""The files that a container sees, each inode once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from explorer.analysis.windows_hives import HIVE_DELTAS
from explorer.layers.tree import InodeName, Node, Tree
from explorer.model import Entry, Kind

_FILE = Kind.FILE


def visible_files(tree: Tree) -> Iterator[tuple[int, Entry]]:
    """Yields layer and entry of each visible file: their sizes are the image's bytes.

    An inode has the first of its visible names in path order.
    """
    linked = tree.linked
    waiting = [tree.root]
    while waiting:
        for node in (waiting.pop().children or {}).values():
            layer, entry = node.history[-1]
            if entry is None:
                continue
            if entry.kind is _FILE:
                if not linked or (layer, entry.inode) not in linked:
                    yield layer, entry
                    if entry.path in HIVE_DELTAS:
                        yield from lower_deltas(tree, node)
            elif node.children:
                waiting.append(node)
    for (layer, _), names in linked.items():
        visible = [name.entry for name in visible_names(names, layer)]
        if visible:
            yield layer, min(visible, key=_path)


def visible_names(names: Iterable[InodeName], layer: int) -> list[InodeName]:
    """Returns the names of a layer's inode that a container sees."""
    return [name for name in names if name.position(layer) == len(name.node.history) - 1]


def lower_deltas(tree: Tree, node: Node) -> Iterator[tuple[int, Entry]]:
    """Yields the lower versions of a visible file that Windows merges with it.

    An empty version has no differences, so it hides those below it.
    """
    top = node.history[-1].entry
    if top is None or not top.size:
        return
    for layer, entry in reversed(node.history[:-1]):
        if entry is None or not entry.size or entry.kind is not _FILE or (layer, entry.inode) in tree.linked:
            return
        yield layer, entry


def _path(entry: Entry) -> str:
    return entry.path
