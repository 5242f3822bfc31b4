"""The directories of a tree: subdirectories, counts of paths, touching layers.

Each table is computed on first use, so that no view has to visit every path only to count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from explorer.layers.tree import Node, Tree, directories_above

_PARENT = attrgetter("parent")


class Directories:
    """The directories of a tree: the nodes that have paths below them at any layer."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    @cached_property
    def all(self) -> Sequence[Node]:
        """The root and all other directories, each after its parent."""
        return self.tree.directories()

    @cached_property
    def inside(self) -> Mapping[Node, Sequence[Node]]:
        """Directory to its subdirectories; directories without any are missing."""
        # The subdirectories of a directory follow each other.
        return {parent: list(group) for parent, group in groupby(self.all[1:], _PARENT)}

    def counts(self, layer: int) -> defaultdict[Node, int]:
        """Returns the number of paths in each directory that are visible at a layer."""
        counts: defaultdict[Node, int] = defaultdict(int)
        for steps in self._steps[: layer + 1]:
            for directory, step in steps.items():
                counts[directory] += step
        return counts

    @cached_property
    def touched(self) -> Sequence[Set[Node]]:
        """For each layer, the directories that contain, at any depth, a path it touches."""
        return [directories_above(nodes) for nodes in self.tree.touched]

    @cached_property
    def _steps(self) -> Sequence[Mapping[Node, int]]:
        """For each layer, the changes of the numbers of paths."""
        # Most paths have one version and exist from its layer on.
        steps = [
            Counter(map(_PARENT, [node for node in nodes if len(node.history) == 1])) for nodes in self.tree.touched
        ]
        for node in self.tree.revised:
            existed = False
            for layer, entry in node.history:
                exists = entry is not None
                if exists is not existed:
                    steps[layer][node.parent] += 1 if exists else -1
                    existed = exists
        return steps
