"""The directories of a tree: those inside each of them, how many paths each layer shows there, and which it touched.

Gathered once, when it is first asked for; nobody then has to look at every path only to count them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING

from explorer.layers.tree import directories_above

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from explorer.layers.tree import Node, Tree

_PARENT = attrgetter("parent")


class Directories:
    """The directories of a tree; all nodes count as such that have ever had something below them."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree

    @cached_property
    def all(self) -> Sequence[Node]:
        """The root, and every other one after the one that it is in."""
        return [self.tree.root, *(node for inside in self.inside.values() for node in inside)]

    @cached_property
    def inside(self) -> Mapping[Node, Sequence[Node]]:
        """Each directory that holds others, to those."""
        found: dict[Node, Sequence[Node]] = {}
        waiting = [self.tree.root]
        for directory in waiting:
            inside = [node for node in (directory.children or {}).values() if node.children]
            if inside:
                found[directory] = inside
                waiting += inside
        return found

    def counts(self, layer: int) -> defaultdict[Node, int]:
        """Each directory to the number of paths in it, not deeper, that a container of layers 0 to ``layer`` sees."""
        found: defaultdict[Node, int] = defaultdict(int)
        for steps in self._steps[: layer + 1]:
            for directory, step in steps.items():
                found[directory] += step
        return found

    @cached_property
    def touched(self) -> Sequence[Set[Node]]:
        """For each layer the directories with something below them, at any depth, that it touched."""
        return [directories_above(nodes) for nodes in self.tree.touched]

    @cached_property
    def _steps(self) -> Sequence[Mapping[Node, int]]:
        """For each layer, by how much the numbers of paths change with it."""
        # Most paths have one version, and are there from its layer on.
        found = [
            Counter(map(_PARENT, [node for node in nodes if len(node.history) == 1])) for nodes in self.tree.touched
        ]
        for node in self.tree.contested:
            was_there = False
            for layer, entry in node.history:
                is_there = entry is not None
                if is_there is not was_there:
                    found[layer][node.parent] += 1 if is_there else -1
                    was_there = is_there
        return found
