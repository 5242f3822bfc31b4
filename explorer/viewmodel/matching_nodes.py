"""The tree as a filter shows it: the matches, and the directories above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from operator import attrgetter

from explorer.analysis.filter.query import Query
from explorer.analysis.sizes import DirectorySizes
from explorer.layers.tree import Node
from explorer.viewmodel.visible_nodes import DIRECTORY_SIZE, VisibleNodes

_PARENT = attrgetter("parent")


def matching(
    nodes: VisibleNodes, query: Query, candidates: Sequence[Node], everything: Sequence[Node]
) -> MatchingNodes:
    """Returns the nodes that a query matches, and the directories above them.

    Args:
        nodes: The nodes that show without the query.
        query: The filter.
        candidates: The nodes that pass the terms that do not depend on the layer; those of one directory stand
            together.
        everything: All nodes of the tree.
    """
    matches: Sequence[Node] = list(filter(nodes.visible(everything).__contains__, candidates))
    for term in query.view_terms:
        matches = term.test.filter_visible(matches, nodes, term.negated)
    return MatchingNodes(nodes, matches)


class MatchingNodes(VisibleNodes):
    """The nodes that a query finds, and the directories above them.

    A directory that matches, although nothing below it does, shows all its children.
    """

    def __init__(self, unfiltered: VisibleNodes, matches: Sequence[Node]) -> None:
        super().__init__(unfiltered.directories, unfiltered.sizes, unfiltered.changes, unfiltered.hidden)
        self._unfiltered = unfiltered
        self._matches = matches
        self.match_count = len(matches)
        self.matching_directories = {node for node in matches if node.children}
        counts = Counter(map(_PARENT, matches))
        self._starts: Mapping[Node, int] = dict(zip(counts, accumulate(counts.values(), initial=0), strict=False))
        """The index in ``_matches`` where the matches of a directory start."""
        self._bytes_at: dict[int, Mapping[Node, int]] = {}
        self._directories_inside: dict[Node, list[Node]] = {}
        linked: set[Node] = set()
        for start in (*counts, *self.matching_directories):
            node = start
            while node.parent is not None and node not in linked:
                linked.add(node)
                self._directories_inside.setdefault(node.parent, []).append(node)
                if node not in self.matching_directories:
                    counts[node.parent] += 1
                node = node.parent
        self.match_parents = counts
        self._counts = dict(counts)
        self._is_counted = True

    def size(self, node: Node) -> int:
        """Returns the bytes of a file, or of the matches below a directory.

        A directory that matches, although nothing below it does, has the bytes of all that it shows.
        """
        bytes_ = self._bytes_below.get(node)
        return self._unfiltered.size(node) if bytes_ is None else bytes_

    def bytes_at(self, node: Node, point: int) -> int:
        """Returns the bytes of a file at a point, or of matches below a directory."""
        bytes_ = self._bytes_below_at(point).get(node)
        return self._unfiltered.bytes_at(node, point) if bytes_ is None else bytes_

    @property
    def directory_count(self) -> int:
        """Number of matches that are directories."""
        return len(self._directories)

    def file_count(self, node: Node, counts: DirectorySizes) -> int | None:
        """Returns the number of matching files below a directory."""
        count = self._files_below.get(node)
        return self._unfiltered.file_count(node, counts) if count is None else count

    @cached_property
    def _sizes(self) -> Sequence[int]:
        """The bytes of the matches; ``DIRECTORY_SIZE`` for directories."""
        return self._unfiltered.file_sizes(self._matches)

    @cached_property
    def _directories(self) -> Sequence[Node]:
        """The matches that are directories."""
        if DIRECTORY_SIZE not in self._sizes:
            return ()
        return [node for node, bytes_ in zip(self._matches, self._sizes, strict=True) if bytes_ == DIRECTORY_SIZE]

    @cached_property
    def _bytes_below(self) -> Mapping[Node, int]:
        """For each directory with a match below it, the bytes of these matches."""
        up_to = list(accumulate(self._sizes, initial=0))
        own = {directory: up_to[end] - up_to[start] for directory, start, end in self._ranges()}
        for node in self._directories:
            if node.parent is not None:
                below = 0 if node in self.match_parents else self._unfiltered.size(node)
                own[node.parent] += below - DIRECTORY_SIZE
        for node in self._repeated_names():
            if node.parent is not None:
                own[node.parent] -= self._unfiltered.size(node)
        return self._sums(own)

    def _bytes_below_at(self, point: int) -> Mapping[Node, int]:
        """Returns the bytes at a point of the matches below each directory."""
        if point not in self._bytes_at:
            own = dict.fromkeys(self._starts, 0)
            repeated = set(self._repeated_names())
            for node in self._matches:
                if node.parent is not None and node not in repeated and node not in self.match_parents:
                    own[node.parent] += self._unfiltered.bytes_at(node, point)
            self._bytes_at[point] = self._sums(own)
        return self._bytes_at[point]

    @cached_property
    def _files_below(self) -> Mapping[Node, int]:
        """For each directory with a match below it, the number of files that match."""
        own = {directory: end - start for directory, start, end in self._ranges()}
        for node in self._directories:
            if node.parent is not None:
                own[node.parent] -= 1
        return self._sums(own)

    def _ranges(self) -> Iterator[tuple[Node, int, int]]:
        """Yields each directory that holds matches, and their range in ``_matches``."""
        ends = [*self._starts.values(), len(self._matches)][1:]
        return zip(self._starts, self._starts.values(), ends, strict=True)

    def _sums(self, own: dict[Node, int]) -> Mapping[Node, int]:
        """Adds the figure of each directory to those above it."""
        for directory in reversed(self._linked):
            if directory.parent is not None:
                own[directory.parent] = own.get(directory.parent, 0) + own.get(directory, 0)
        return own

    @cached_property
    def _linked(self) -> Sequence[Node]:
        """The directories below the root with a match below them, each after its parent."""
        inside, parents = self._directories_inside, self.match_parents
        found = [self.tree.root]
        for directory in found:
            found += [node for node in inside.get(directory, ()) if node in parents]
        return found[1:]

    def _repeated_names(self) -> Iterator[Node]:
        """Yields further names of inodes, whose bytes count once."""
        inode_of = self._unfiltered.inodes_of_links
        seen: set[tuple[int, int]] = set()
        for node in [node for node in self._matches if node in inode_of] if inode_of else ():
            if inode_of[node] in seen:
                yield node
            seen.add(inode_of[node])

    def directories_in(self, node: Node) -> Sequence[Node]:
        if node in self.match_parents:
            return self._directories_inside.get(node, ())
        return self._unfiltered.directories_in(node) if self._matches else ()

    def _find_children(self, node: Node) -> Sequence[Node]:
        if node not in self.match_parents:
            return self._unfiltered.children(node) if self._matches else ()
        inside = self._directories_inside.get(node, ())
        leading = [child for child in inside if child not in self.matching_directories]
        start = self._starts.get(node, 0)
        return [*self._matches[start : start + self.match_parents[node] - len(leading)], *leading]
