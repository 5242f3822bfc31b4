"""The names and paths of a tree as columns: one value for each path or directory.

Filtering such lists is much faster than visiting the nodes. The paths of one directory stand together, so that
anything that depends on the directory alone is computed once for each directory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from functools import cached_property

from explorer.layers.tree import Node, Tree
from explorer.model import Waste

MAX_PATTERN_CHARS = 4096
"""Characters of a name or path that a pattern is applied to."""


class PathColumns:
    """The columns of a tree, each computed when it is first used."""

    def __init__(self, tree: Tree, wasted: Sequence[Waste], find_disposable: Callable[[], Set[Node]]) -> None:
        self.tree = tree
        self._wasted = wasted
        self._find_disposable = find_disposable

    @cached_property
    def nodes(self) -> Sequence[Node]:
        """The nodes below the root."""
        nodes: list[Node] = []
        for directory in self._directories:
            nodes += (directory.children or {}).values()
        return nodes

    @cached_property
    def names(self) -> Sequence[str]:
        """The names of the nodes."""
        return [node.name for node in self.nodes]

    @cached_property
    def folded_names(self) -> Sequence[str]:
        """The names in lower case, the same objects where possible, to save memory."""
        return [name if (folded := name.lower()) == name else folded for name in self.names]

    @cached_property
    def pattern_names(self) -> Sequence[str]:
        """The names, cut to the length that patterns are applied to."""
        return _cut(self.names)

    @cached_property
    def directory_of(self) -> Sequence[int]:
        """The index of each node's directory."""
        indexes: list[int] = []
        for index, directory in enumerate(self._directories):
            indexes += [index] * len(directory.children or ())
        return indexes

    @cached_property
    def _directories(self) -> Sequence[Node]:
        return self.tree.directories()

    @cached_property
    def directory_paths(self) -> Sequence[str]:
        """The paths of the directories, each with a slash at both ends."""
        paths = {self.tree.root: "/"}
        for node in self._directories[1:]:
            if node.parent is not None:
                paths[node] = f"{paths[node.parent]}{node.name}/"
        return list(paths.values())

    @cached_property
    def folded_directory_paths(self) -> Sequence[str]:
        """The paths of the directories in lower case."""
        return [path.lower() for path in self.directory_paths]

    @cached_property
    def pattern_directory_paths(self) -> Sequence[str]:
        """The paths of the directories, cut to the length that patterns are applied to."""
        return _cut(self.directory_paths)

    @cached_property
    def wasteful(self) -> Set[Node]:
        """The nodes with wasted bytes."""
        nodes = (self.tree.find(waste.path) for waste in self._wasted)
        return {node for node in nodes if node is not None}

    @cached_property
    def disposable(self) -> Set[Node]:
        """The nodes of the disposable files."""
        return self._find_disposable()


def _cut(texts: Sequence[str]) -> Sequence[str]:
    if max(map(len, texts), default=0) <= MAX_PATTERN_CHARS:
        return texts
    return [text[:MAX_PATTERN_CHARS] for text in texts]
