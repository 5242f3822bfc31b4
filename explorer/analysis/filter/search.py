"""The search over all layers at once: every version of every path, also those that no container sees any more."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.changes import change
from explorer.analysis.filter.query import EVERYTHING, Layers, Pattern, Query, Size, Term, Test, Type, Wasted, Word
from explorer.model import Cause, Change, Entry, Kind, Waste

if TYPE_CHECKING:
    from explorer.analysis.filter.path_filter import PathFilter
    from explorer.analysis.sizes import DirectorySizes
    from explorer.layers.tree import Node, Tree

MOST = 500
"""Hits that are shown."""
_FILE, _DIRECTORY = Kind.FILE, Kind.DIRECTORY


class Hit(NamedTuple):
    """What one layer brought to a path; of a directory, what all of them did."""

    node: Node
    layer: int
    """That brought it; of a directory the first one."""
    entry: Entry
    size: int
    """Bytes; of a directory those visible below it when it was there last."""
    mark: Change
    """UNCHANGED: a container of the whole image sees it; MODIFIED: a later layer put something else there."""
    hidden_in: int | None = None
    """The layer that hides it; None if it is visible."""
    cause: Cause | None = None
    """How that layer hides it; None if it is visible."""


class _Version(NamedTuple):
    """One version of a path."""

    node: Node
    layer: int
    entry: Entry
    place: int | None
    """In the node's history; None for what its own layer's tar held and replaced."""


class _Largest:
    """The largest of the versions that were added, and how many were looked at."""

    def __init__(self) -> None:
        self.total = 0
        self.least = 0
        """What is not larger than this is not among them."""
        self._best: list[tuple[int, int, _Version]] = []
        """As a heap: size, the more the later it came the less, and the version."""
        self._added = 0

    def add(self, version: _Version) -> None:
        """See whether it is one of the largest; of equal ones the first is."""
        self._added += 1
        item = (version.entry.size, -self._added, version)
        if len(self._best) < MOST:
            heapq.heappush(self._best, item)
        else:
            heapq.heappushpop(self._best, item)
        if len(self._best) == MOST:
            self.least = self._best[0][0]

    def in_order(self) -> Iterator[_Version]:
        """These, the largest first."""
        return (version for _, _, version in sorted(self._best, reverse=True))


class Hits(NamedTuple):
    """What a search found."""

    shown: Sequence[Hit]
    total: int
    """Of all of them."""


class Search:
    """Searches a tree."""

    def __init__(self, tree: Tree, sizes: DirectorySizes, matcher: PathFilter, wasted: Iterable[Waste]) -> None:
        self._tree = tree
        self._sizes = sizes
        self._matcher = matcher
        self._wasted: Mapping[tuple[str, int], Waste] = {
            (waste.path, waste.shipped_in): waste for waste in wasted if waste.cause is not Cause.DUPLICATE
        }

    def largest(self, query: Query) -> Hits:
        """The largest files of all layers, among those that pass, each inode once. Raises BadQuery."""
        return self._largest(query) if query else self._largest_of_all

    @cached_property
    def _largest_of_all(self) -> Hits:
        return self._largest(EVERYTHING)

    def _largest(self, query: Query) -> Hits:
        names, terms = _split(query)
        found = _Largest()
        for node in self._matcher.nodes(names):
            for place, (layer, entry) in enumerate(node.history):
                if entry is None or entry.kind is not _FILE or not entry.size:
                    continue
                if terms and not all(self._passes(node, layer, entry, term) for term in terms):
                    continue
                found.total += 1
                # Nearly all of them are too small: these take no more than this.
                if entry.size > found.least:
                    found.add(_Version(node, layer, entry, place))
        for version in self._superseded(query):
            if version.entry.kind is _FILE and version.entry.size:
                found.total += 1
                found.add(version)
        return Hits([self._hit(version) for version in found.in_order()], found.total)

    def matches(self, query: Query) -> Hits:
        """What passes: the names that are or begin with the word asked first, short ones first; of no word the largest.

        Raises BadQuery.
        """
        if not query:
            return Hits((), 0)
        words = [term.test for term in query.terms if isinstance(term.test, Word) and not term.negated]
        asked = words[0].tail.lower() if words else ""

        def by_name(version: _Version) -> tuple[bool, bool, int]:
            name = version.node.name.lower()
            return name != asked, not name.startswith(asked), len(name)

        versions = list(self._versions(query))
        best = heapq.nsmallest(MOST, versions, key=by_name if words else lambda version: -self._size(version))
        return Hits([self._hit(version) for version in best], len(versions))

    def _versions(self, query: Query) -> Iterator[_Version]:
        """What passes of the nodes' histories."""
        names, terms = _split(query)
        for node in self._matcher.nodes(names):
            for place, (layer, entry) in enumerate(node.history):
                if entry is None or (entry.kind is _DIRECTORY and self._is_further(node, place)):
                    continue
                if all(self._passes(node, layer, entry, term) for term in terms):
                    yield _Version(node, layer, entry, place)

    def _superseded(self, query: Query) -> Iterator[_Version]:
        """Files that their own layer's tar holds twice; they are in no history."""
        layers = self._tree.layers
        if not any(index.superseded for index in layers):
            return
        names, terms = _split(query)
        passing = set(self._matcher.nodes(names))
        for layer, index in enumerate(layers):
            for entry in index.superseded:
                node = self._tree.find(entry.path)
                if node is None or node not in passing:
                    continue
                if all(_is_wasted(term) or self._passes(node, layer, entry, term) for term in terms):
                    yield _Version(node, layer, entry, None)

    def _is_further(self, node: Node, place: int) -> bool:
        """Whether an earlier version of a directory was one too: one hit for all of them is enough."""
        return any(_is_directory(entry) for _, entry in node.history[:place])

    def _passes(self, node: Node, layer: int, entry: Entry, term: Term) -> bool:
        """Whether a version passes what is asked of it, or its contrary."""
        return self._holds(node, layer, entry, term.test) is not term.negated

    def _holds(self, node: Node, layer: int, entry: Entry, test: Test) -> bool:
        if isinstance(test, Size):
            return entry.kind is not _DIRECTORY and test.holds(entry.size)
        if isinstance(test, Type):
            return entry.kind in test.kinds
        if isinstance(test, Layers):
            return test.first <= layer <= test.last
        if isinstance(test, Wasted):
            return (entry.path, layer) in self._wasted
        if test is Change.REMOVED:
            return node.history[-1].entry is None
        if test is Change.UNCHANGED:
            return len(node.history) == 1
        return isinstance(test, Change) and change(self._tree, node, layer - 1, layer) is test

    def _hit(self, version: _Version) -> Hit:
        node, layer, entry, place = version
        size = self._size(version)
        if place is None:
            return Hit(node, layer, entry, size, Change.MODIFIED, layer, Cause.DUPLICATE)
        last = node.history[-1]
        is_directory = entry.kind is _DIRECTORY
        if place == len(node.history) - 1 or (is_directory and _is_directory(last.entry)):
            return Hit(node, layer, entry, size, Change.UNCHANGED)
        after = last if is_directory else node.history[place + 1]
        mark, cause = (Change.REMOVED, Cause.REMOVED) if after.entry is None else (Change.MODIFIED, Cause.OVERWRITTEN)
        waste = self._wasted.get((entry.path, layer))
        if waste is not None:
            return Hit(node, layer, entry, size, mark, waste.hidden_in, waste.cause)
        return Hit(node, layer, entry, size, mark, after.layer, cause)

    def _size(self, version: _Version) -> int:
        """Bytes of a file; of a directory those visible below it when it was there last."""
        if version.entry.kind is not _DIRECTORY:
            return version.entry.size
        layer, entry = version.node.history[-1]
        return self._sizes.at(version.node, self._tree.top if _is_directory(entry) else layer - 1)


def _is_directory(entry: Entry | None) -> bool:
    return entry is not None and entry.kind is _DIRECTORY


def _split(query: Query) -> tuple[Query, list[Term]]:
    """What is asked of names alone, and the rest, which is asked of each version."""
    names = Query(tuple(term for term in query.terms if isinstance(term.test, Word | Pattern)))
    return names, [term for term in query.terms if term not in names.terms]


def _is_wasted(term: Term) -> bool:
    """Whether just that is asked, which what its own layer replaced always is."""
    return isinstance(term.test, Wasted) and not term.negated
