"""The search over all layers at once: every version of every path, also those that no container sees any more."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.changes import change
from explorer.model import Cause, Change, Entry, Kind, Waste
from explorer.tui.query import Layers, Pattern, Query, Size, Term, Test, Type, Wasted, Word

if TYPE_CHECKING:
    from explorer.analysis.sizes import DirectorySizes
    from explorer.layers.tree import Node, Tree
    from explorer.tui.matching import Matcher

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
    fate: str
    """The same in words, with the layer that hid it."""


class Hits(NamedTuple):
    """What a search found."""

    shown: Sequence[Hit]
    total: int
    """Of all of them."""


class Search:
    """Searches a tree."""

    def __init__(self, tree: Tree, sizes: DirectorySizes, matcher: Matcher, wasted: Iterable[Waste]) -> None:
        self._tree = tree
        self._sizes = sizes
        self._matcher = matcher
        self._wasted: Mapping[tuple[str, int], Waste] = {
            (waste.path, waste.shipped_in): waste for waste in wasted if waste.cause is not Cause.DUPLICATE
        }

    def largest(self, query: Query) -> Hits:
        """The largest files of all layers, among those that pass, each inode once. Raises BadQuery."""
        files = [
            (entry.size, node, version)
            for node, version, entry in chain(self._versions(query), self._superseded(query))
            if entry.kind is _FILE and entry.size
        ]
        best = heapq.nlargest(MOST, files, key=lambda found: found[0])
        return Hits([self._hit(node, version) for _, node, version in best], len(files))

    def found(self, query: Query) -> Hits:
        """What passes, the names that are or begin with what was asked first, and short ones first. Raises BadQuery."""
        if not query:
            return Hits((), 0)
        words = [term.test for term in query.terms if isinstance(term.test, Word) and not term.negated]
        asked = words[0].tail.lower() if words else ""

        def rank(version: tuple[Node, int, Entry]) -> tuple[bool, bool, int]:
            name = version[0].name.lower()
            return name != asked, not name.startswith(asked), len(name)

        versions = list(self._versions(query))
        best = heapq.nsmallest(MOST, versions, key=rank)
        return Hits([self._hit(node, version) for node, version, _ in best], len(versions))

    def _versions(self, query: Query) -> Iterator[tuple[Node, int, Entry]]:
        """Nodes, numbers in their history, and entries of what passes."""
        names, terms = _split(query)
        for node in self._matcher.nodes(names):
            for number, (layer, entry) in enumerate(node.history):
                if entry is None or (entry.kind is _DIRECTORY and self._is_further(node, number)):
                    continue
                if all(self._passes(node, layer, entry, term) for term in terms):
                    yield node, number, entry

    def _superseded(self, query: Query) -> Iterator[tuple[Node, int, Entry]]:
        """Files that their own layer's tar holds twice; they are in no history. The number is below zero."""
        layers = self._tree.layers
        if not any(index.superseded for index in layers):
            return
        names, terms = _split(query)
        passing = set(self._matcher.nodes(names))
        for layer, index in enumerate(layers):
            for number, entry in enumerate(index.superseded):
                node = self._tree.find(entry.path)
                if node is None or node not in passing:
                    continue
                if all(_is_wasted(term) or self._passes(node, layer, entry, term) for term in terms):
                    yield node, -1 - layer - number * len(layers), entry

    def _is_further(self, node: Node, number: int) -> bool:
        """Whether an earlier version of a directory was one too: one hit for all of them is enough."""
        return any(entry is not None and entry.kind is _DIRECTORY for _, entry in node.history[:number])

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

    def _hit(self, node: Node, number: int) -> Hit:
        if number < 0:
            place, layer = divmod(-1 - number, len(self._tree.layers))
            entry = self._tree.layers[layer].superseded[place]
            return Hit(node, layer, entry, entry.size, Change.MODIFIED, f"twice in {layer}")
        layer, entry_or_none = node.history[number]
        entry = entry_or_none or node.history[0].entry  # type: ignore[assignment]
        mark, fate = self._fate(node, number, entry)
        size = entry.size
        if entry.kind is _DIRECTORY:
            size = self._sizes.at(node, self._tree.top if mark is Change.UNCHANGED else node.history[-1].layer - 1)
        return Hit(node, layer, entry, size, mark, fate)

    def _fate(self, node: Node, number: int, entry: Entry) -> tuple[Change, str]:
        waste = self._wasted.get((entry.path, node.history[number].layer))
        last = node.history[-1]
        if entry.kind is _DIRECTORY and last.entry is not None:
            return Change.UNCHANGED, "visible"
        if number == len(node.history) - 1:
            return Change.UNCHANGED, "visible"
        after = last if entry.kind is _DIRECTORY else node.history[number + 1]
        mark = Change.REMOVED if after.entry is None else Change.MODIFIED
        if waste is not None:
            return mark, f"{waste.cause.value} by {waste.hidden_in}"
        return mark, f"{'removed' if mark is Change.REMOVED else 'replaced'} by {after.layer}"


def _split(query: Query) -> tuple[Query, list[Term]]:
    """What is asked of names alone, and the rest, which is asked of each version."""
    names = Query(tuple(term for term in query.terms if isinstance(term.test, Word | Pattern)))
    return names, [term for term in query.terms if term not in names.terms]


def _is_wasted(term: Term) -> bool:
    """Whether just that is asked, which what its own layer replaced always is."""
    return isinstance(term.test, Wasted) and not term.negated
