"""Figures that the first paint does not wait for: numbers and disposable bytes."""

from __future__ import annotations

from typing import NamedTuple

from explorer.analysis.disposables.disposable_files import DisposableFiles
from explorer.analysis.disposables.kinds import KINDS, DisposableKind
from explorer.analysis.sizes import DirectorySizes
from explorer.layers.tree import Node
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel.visible_nodes import VisibleNodes


class DisposableShare(NamedTuple):
    """The disposable bytes of a path."""

    kind: DisposableKind
    """The kind of the file, or of most of the bytes below a directory."""
    bytes: int
    total_bytes: int
    """The visible bytes of the path."""

    @property
    def is_all(self) -> bool:
        """True if nothing else is visible below the path."""
        return self.bytes == self.total_bytes


class FileFigures:
    """The numbers of files below directories, and the disposable bytes of paths."""

    def __init__(self, exploration: Exploration) -> None:
        """Computes the figures, which takes some time."""
        self._sizes: DirectorySizes = exploration.sizes
        self._counts: DirectorySizes = exploration.file_counts
        self._disposables: DisposableFiles = exploration.disposable_files

    def files(self, nodes: VisibleNodes, node: Node) -> int | None:
        """Returns the number of visible files below a directory; None if it is unknown."""
        return nodes.file_count(node, self._counts)

    def is_disposable(self, nodes: VisibleNodes, node: Node) -> bool:
        """True if a path holds disposable bytes, and nothing else that is visible."""
        layer = nodes.changes.layer
        if not node.children:
            return self._disposables.of(node, layer) is not None
        below = self._disposables.bytes_below(node, layer)
        return below > 0 and below == self._sizes.at(node, layer) and nodes.change(node) is not Change.REMOVED

    def disposable_share(self, nodes: VisibleNodes, node: Node) -> DisposableShare | None:
        """Returns the disposable bytes of a path at the layer of a view; None without any."""
        layer = nodes.changes.layer
        found = self._disposables.of(node, layer)
        if found is not None:
            return DisposableShare(KINDS[found.kind], found.bytes, found.bytes)
        below, kind = self._disposables.bytes_below(node, layer), self._disposables.main_kind(node)
        return DisposableShare(KINDS[kind], below, self._sizes.at(node, layer)) if below and kind else None
