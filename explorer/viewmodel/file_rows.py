"""The rows of the file pane, as pure functions: a listing and open directories in, flat rows out.

No row is made before somebody looks at it. What is worked out for the open directories is how many rows each of them
takes; a row is then found by its number, and a path's number by its way down. So it hardly matters whether a hundred
rows are open or a hundred thousand. Nothing here knows how rows look.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from explorer.layers.tree import Node
    from explorer.viewmodel.visible_tree import VisibleTree

_MANY = 500
"""From so many open directories on, it is faster to count what shows in all there are."""


class Row(NamedTuple):
    """One line of the file pane."""

    node: Node
    depth: int
    joined: int
    """Number of directories above the node that share its line, because they hold nothing else."""
    above: int | None
    """Number of the row of the directory that this one is in; None at the top."""

    @property
    def line(self) -> list[Node]:
        """The nodes that share the line, the lowest first."""
        found = [self.node]
        for _ in range(self.joined):
            if found[-1].parent is not None:
                found.append(found[-1].parent)
        return found

    @property
    def name(self) -> str:
        """The node's name, with those of the directories that share its line; not yet printable."""
        return "/".join(node.name for node in reversed(self.line))


class Rows:
    """The rows of a listing, from the children of the root down, with what is below the opened directories."""

    def __init__(self, listing: VisibleTree, opened: Set[Node]) -> None:
        self._listing = listing
        self._opened = frozenset(opened)
        self._around = _rows_around(listing, self._opened)
        """For the root and each open directory that shows others, the number of rows below it."""
        self._starts: dict[Node, Sequence[int]] = {}

    def __len__(self) -> int:
        return self._below(self._listing.tree.root)

    def __getitem__(self, index: int) -> Row:
        if not 0 <= index < len(self):
            raise IndexError(index)
        listing = self._listing
        directory, first, depth, above = listing.tree.root, 0, 0, None
        while True:
            starts = self._starts_in(directory)
            place = bisect_right(starts, index - first) - 1
            child = listing.sorted_children(directory)[place]
            end = listing.chain_ends(directory).get(child, child)
            number = first + starts[place]
            if number == index:
                return Row(end, depth, _links(child, end), above)
            directory, first, depth, above = end, number + 1, depth + 1, number

    def __iter__(self) -> Iterator[Row]:
        return map(self.__getitem__, range(len(self)))

    def find(self, node: Node) -> int | None:
        """Number of the row that shows a node, be it as a part of a joined line, or else of the nearest one above."""
        way = [node, *node.ancestors()]
        listing = self._listing
        directory, first, found = way.pop(), 0, None
        while way and (directory in self._opened or directory.parent is None):
            child = way.pop()
            try:
                place = listing.sorted_children(directory).index(child)
            except ValueError:
                break
            found = first + self._starts_in(directory)[place]
            end = listing.chain_ends(directory).get(child, child)
            for _ in range(_links(child, end)):
                if way and way[-1] in listing.children(child):
                    child = way.pop()
            if child is not end:
                break
            directory, first = end, found + 1
        return found

    def _below(self, directory: Node) -> int:
        """Number of rows below a directory; none, where it is closed."""
        found = self._around.get(directory)
        if found is None:
            found = self._listing.child_count(directory) if directory in self._opened else 0
        return found

    def _starts_in(self, directory: Node) -> Sequence[int]:
        """For each line of an open directory, in order, the number of its row, counted from the directory's first."""
        found = self._starts.get(directory)
        if found is None:
            children, ends = self._listing.sorted_children(directory), self._listing.chain_ends(directory)
            if ends:
                heights = (1 + self._below(ends.get(child, child)) for child in children[:-1])
                found = list(accumulate(heights, initial=0))
            else:
                found = range(len(children))
            self._starts[directory] = found
        return found


def _rows_around(listing: VisibleTree, opened: Set[Node]) -> Mapping[Node, int]:
    """The root and each opened directory in which others may show, to the number of rows below it.

    Most directories hold no others, and what they take is known without looking at them.
    """
    if len(opened) > _MANY:
        listing.count_all()
    found: dict[Node, int] = {}
    nested: list[tuple[Node, list[Node]]] = []
    holding = listing.directories.inside
    order = [listing.tree.root]
    for directory in order:
        inside = [end for end in listing.chain_ends(directory).values() if end in opened]
        order += [end for end in inside if end in holding]
        nested.append((directory, inside))
    count = listing.child_count
    for directory, inside in reversed(nested):
        found[directory] = count(directory) + sum([found[end] if end in found else count(end) for end in inside])
    return found


def _links(start: Node, end: Node) -> int:
    """Number of steps from a directory down to another one."""
    steps = 0
    at: Node | None = end
    while at is not None and at is not start:
        at = at.parent
        steps += 1
    return steps
