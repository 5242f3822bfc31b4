"""The disposable files by node, and their bytes below every directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from explorer.analysis.directories import Directories
from explorer.analysis.disposables.disposables import Disposable, names_of
from explorer.analysis.sizes import DirectorySizes, sums_below
from explorer.layers.tree import Node


class DisposableFiles:
    """The disposable files of a tree."""

    def __init__(self, directories: Directories, disposables: Sequence[Disposable]) -> None:
        self._by_node: dict[Node, Disposable] = {}
        bytes_: dict[Node, defaultdict[int, int]] = {}
        kinds: dict[Node, dict[str, int]] = {}
        for each in disposables:
            node = directories.tree.find(each.path)
            if node is None or node.parent is None:
                continue
            for name in names_of(directories.tree, each):
                self._by_node[name] = each
            bytes_.setdefault(node.parent, defaultdict(int))[each.shipped_in] += each.bytes
            of_parent = kinds.setdefault(node.parent, {})
            of_parent[each.kind] = of_parent.get(each.kind, 0) + each.bytes
        for directory in reversed(directories.all):
            if directory in kinds and directory.parent is not None:
                above = kinds.setdefault(directory.parent, {})
                for kind, count in kinds[directory].items():
                    above[kind] = above.get(kind, 0) + count
        self._kinds = kinds
        self._bytes: DirectorySizes = sums_below(directories.all, bytes_)

    def of(self, node: Node, layer: int) -> Disposable | None:
        """Returns the disposable file that a node shows at a layer, or None."""
        found = self._by_node.get(node)
        if found is None:
            return None
        version = node.version_at(layer)
        return found if version is not None and version.layer == found.shipped_in else None

    def bytes_below(self, directory: Node, layer: int) -> int:
        """Returns the disposable bytes below a directory at a layer."""
        return self._bytes.at(directory, layer)

    def main_kind(self, directory: Node) -> str:
        """Returns the key of the kind with most bytes below a directory, or nothing."""
        kinds = self._kinds.get(directory)
        return max(kinds, key=lambda kind: kinds[kind]) if kinds else ""
