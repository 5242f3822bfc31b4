"""The rows of the file pane: from a visible tree and its open directories.

A row is made when it is first looked at. The number of rows that each open directory takes is computed before; it leads
from a row's number to the row, and from a path to its row's number. So a hundred thousand open rows cost hardly more
than a hundred.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import accumulate
from typing import NamedTuple

from explorer.layers.tree import Node
from explorer.text.units import counted, round_size
from explorer.viewmodel.small_entries import Folding, Split, is_folding
from explorer.viewmodel.visible_tree import VisibleTree

_MIN_OPEN_TO_COUNT_ALL = 500
"""Open directories; from this number on it is faster to count the children of all directories at once."""


class FileRow(NamedTuple):
    """One row of the file pane."""

    node: Node
    depth: int
    joined: int
    """Number of directories above the node that share its row, because they hold nothing else."""
    above: int | None
    """Number of the row of the directory that contains this one; None at the top."""
    folded: Sequence[Node] = ()
    """The small entries that share the row, the node first; empty if the row is that of a path."""
    limit: int = 0
    """The bytes that each of the small entries is below."""

    @property
    def line(self) -> list[Node]:
        """The nodes that share the row, the lowest first."""
        nodes = [self.node]
        for _ in range(self.joined):
            if nodes[-1].parent is not None:
                nodes.append(nodes[-1].parent)
        return nodes

    @property
    def name(self) -> str:
        """The names of the nodes that share the row, as a path; not yet printable."""
        if self.folded:
            return f"{counted(len(self.folded), 'entry', 'entries')} under {round_size(self.limit)}"
        return "/".join(node.name for node in reversed(self.line))


class FileRows:
    """The rows of a visible tree: children of the root and of open directories."""

    def __init__(self, tree: VisibleTree, opened: Set[Node], folding: Folding | None = None) -> None:
        """Makes the rows. Without ``folding``, small entries share none."""
        self.tree = tree
        self.nodes = tree.nodes
        self._root = tree.nodes.tree.root
        self._opened = frozenset(opened)
        self._folding = folding if folding is not None and is_folding(tree) else None
        self._splits: dict[Node, Split] = {}
        self._row_counts = self._counted_rows()
        self._starts: dict[Node, Sequence[int]] = {}

    def __len__(self) -> int:
        return self._rows_below(self._root)

    def __getitem__(self, index: int) -> FileRow:
        if not 0 <= index < len(self):
            raise IndexError(index)
        directory, first, depth, above = self._root, 0, 0, None
        while True:
            starts, split = self._starts_in(directory), self._split(directory)
            place = bisect_right(starts, index - first) - 1
            if place == len(split.shown):
                limit = self._folding.limit(directory) if self._folding is not None else 0
                return FileRow(split.folded[0], depth, 0, above, split.folded, limit)
            child = split.shown[place]
            end = self.nodes.chain_ends(directory).get(child, child)
            number = first + starts[place]
            if number == index:
                return FileRow(end, depth, _steps_down(child, end), above)
            directory, first, depth, above = end, number + 1, depth + 1, number

    def __iter__(self) -> Iterator[FileRow]:
        return map(self.__getitem__, range(len(self)))

    def find(self, node: Node) -> int | None:
        """Returns the number of the row that shows a node, or of the nearest row above."""
        path = [node, *node.ancestors()]
        directory, first, index = path.pop(), 0, None
        while path and (directory in self._opened or directory.parent is None):
            child = path.pop()
            split = self._split(directory)
            try:
                place = split.shown.index(child)
            except ValueError:
                if child in split.folded:
                    index = first + self._starts_in(directory)[len(split.shown)]
                break
            index = first + self._starts_in(directory)[place]
            end = self.nodes.chain_ends(directory).get(child, child)
            for _ in range(_steps_down(child, end)):
                if path and path[-1] in self.nodes.children(child):
                    child = path.pop()
            if child is not end:
                break
            directory, first = end, index + 1
        return index

    def _split(self, directory: Node) -> Split:
        split = self._splits.get(directory)
        if split is None:
            split = (
                Split(self.tree.children(directory), ())
                if self._folding is None
                else self._folding.split(self.tree, directory, self._opened)
            )
            self._splits[directory] = split
        return split

    def _own_rows(self, directory: Node) -> int:
        """Returns the number of rows of a directory's children."""
        if self._folding is None:
            return self.nodes.child_count(directory)
        split = self._split(directory)
        return len(split.shown) + bool(split.folded)

    def _rows_below(self, directory: Node) -> int:
        count = self._row_counts.get(directory)
        if count is None:
            count = self._own_rows(directory) if directory in self._opened else 0
        return count

    def _starts_in(self, directory: Node) -> Sequence[int]:
        """Returns the row number of each child, counted from the first child's row."""
        starts = self._starts.get(directory)
        if starts is None:
            split, ends = self._split(directory), self.nodes.chain_ends(directory)
            if ends:
                # The row after the last child, if there is one, is that of the small entries.
                above = split.shown if split.folded else split.shown[:-1]
                heights = (1 + self._rows_below(ends.get(child, child)) for child in above)
                starts = list(accumulate(heights, initial=0))
            else:
                starts = range(len(split.shown) + bool(split.folded))
            self._starts[directory] = starts
        return starts

    def _counted_rows(self) -> Mapping[Node, int]:
        """Returns the number of rows below the root and below open directories.

        Most directories hold no others: the number of their rows is that of their children.
        """
        nodes, opened = self.nodes, self._opened
        if len(opened) > _MIN_OPEN_TO_COUNT_ALL:
            nodes.count_all()
        row_counts: dict[Node, int] = {}
        open_inside: list[tuple[Node, list[Node]]] = []
        nested = nodes.directories.inside
        directories = [self._root]
        for directory in directories:
            inside = [end for end in nodes.chain_ends(directory).values() if end in opened]
            directories += [end for end in inside if end in nested]
            open_inside.append((directory, inside))
        count = self._own_rows if self._folding is not None else nodes.child_count
        for directory, inside in reversed(open_inside):
            below = sum([row_counts[end] if end in row_counts else count(end) for end in inside])
            row_counts[directory] = count(directory) + below
        return row_counts


def _steps_down(start: Node, end: Node) -> int:
    """Returns the number of steps from a directory down to another one."""
    steps = 0
    node: Node | None = end
    while node is not None and node is not start:
        node = node.parent
        steps += 1
    return steps
