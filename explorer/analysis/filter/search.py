"""The search in all layers: every version of every path, also the hidden ones."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.filter.name_terms import WordTest
from explorer.analysis.filter.path_filter import PathFilter
from explorer.analysis.filter.query import EVERYTHING, Query, Term
from explorer.analysis.filter.terms import WasteTest
from explorer.analysis.sizes import DirectorySizes
from explorer.layers.tree import Node, Tree
from explorer.model import Cause, Change, Entry, Kind, Waste

if TYPE_CHECKING:
    from explorer.analysis.file_kinds.file_kind import FileKindFinder
    from explorer.analysis.packages.image_packages import ImagePackages

MAX_HITS = 500
_FILE, _DIRECTORY = Kind.FILE, Kind.DIRECTORY


class Hit(NamedTuple):
    """A version of a path; one hit stands for all versions of a directory."""

    node: Node
    layer: int
    """The layer that brings the version; of a directory, the first one."""
    entry: Entry
    size: int
    """Bytes of a file; visible bytes below a directory, at the last layer that has it."""
    mark: Change
    """UNCHANGED if a container of the whole image sees it; MODIFIED if a later layer replaces it; or REMOVED."""
    hidden_in: int | None = None
    """The layer that hides it; None if it is visible."""
    cause: Cause | None = None
    """The way in which that layer hides it; None if it is visible."""


class _Version(NamedTuple):
    node: Node
    layer: int
    entry: Entry
    history_index: int | None
    """Index in the node's history; None for an entry that its own layer's tar replaces."""


class _LargestVersions:
    """The largest of the versions that were added, and the number of all."""

    def __init__(self) -> None:
        self.total = 0
        self.smallest_size = 0
        """Versions that are not larger than this cannot be among the largest."""
        self._heap: list[tuple[int, int, _Version]] = []
        """Size, negative number of the addition so that the first of equal ones wins, and version."""
        self._additions = 0

    def add(self, version: _Version) -> None:
        """Adds a version if it is one of the largest."""
        self._additions += 1
        item = (version.entry.size, -self._additions, version)
        if len(self._heap) < MAX_HITS:
            heapq.heappush(self._heap, item)
        else:
            heapq.heappushpop(self._heap, item)
        if len(self._heap) == MAX_HITS:
            self.smallest_size = self._heap[0][0]

    def descending(self) -> Iterator[_Version]:
        """Yields the versions, the largest first."""
        return (version for _, _, version in sorted(self._heap, reverse=True))


class Hits(NamedTuple):
    """The result of a search."""

    shown: Sequence[Hit]
    """At most ``MAX_HITS`` hits."""
    total: int


class Search:
    """Searches all versions of all paths of a tree."""

    def __init__(self, tree: Tree, sizes: DirectorySizes, path_filter: PathFilter, wasted: Iterable[Waste]) -> None:
        self.tree = tree
        self.wasted: Mapping[tuple[str, int], Waste] = {
            (waste.path, waste.shipped_in): waste for waste in wasted if waste.cause is not Cause.DUPLICATE
        }
        self._sizes = sizes
        self._path_filter = path_filter

    @property
    def disposable(self) -> Set[Node]:
        """The nodes of the disposable files."""
        return self._path_filter.disposable

    @property
    def packages(self) -> ImagePackages:
        """The packages of the image."""
        return self._path_filter.packages

    @cached_property
    def kind_finder(self) -> FileKindFinder:
        """Finds the kind of files."""
        from explorer.analysis.file_kinds.file_kind import FileKindFinder

        return FileKindFinder()

    def largest(self, query: Query) -> Hits:
        """Returns the largest matching files, each inode once. Raises BadQuery."""
        return self._largest(query) if query else self._largest_of_all

    @cached_property
    def _largest_of_all(self) -> Hits:
        return self._largest(EVERYTHING)

    def _largest(self, query: Query) -> Hits:
        names, terms = _split(query)
        largest = _LargestVersions()
        for node in self._path_filter.nodes(names):
            for index, (layer, entry) in enumerate(node.history):
                if entry is None or entry.kind is not _FILE or not entry.size:
                    continue
                if terms and not all(self._passes(node, layer, entry, term) for term in terms):
                    continue
                largest.total += 1
                # Because nearly all versions are too small, they are sorted out before anything is created for them.
                if entry.size > largest.smallest_size:
                    largest.add(_Version(node, layer, entry, index))
        for version in self._superseded(query):
            if version.entry.kind is _FILE and version.entry.size:
                largest.total += 1
                largest.add(version)
        return Hits([self._hit(version) for version in largest.descending()], largest.total)

    def matches(self, query: Query) -> Hits:
        """Returns the matches for a query. Raises BadQuery.

        Names that begin with the first word come first, and short names before long ones. Without a word the largest
        come first; without a query there are no matches.
        """
        if not query:
            return Hits((), 0)
        words = [term.test for term in query.terms if isinstance(term.test, WordTest) and not term.negated]
        first_word = words[0].tail.lower() if words else ""

        def by_name(version: _Version) -> tuple[bool, int]:
            name = version.node.name.lower()
            return not name.startswith(first_word), len(name)

        versions = list(self._versions(query))
        best = heapq.nsmallest(MAX_HITS, versions, key=by_name if words else lambda version: -self._size(version))
        return Hits([self._hit(version) for version in best], len(versions))

    def _versions(self, query: Query) -> Iterator[_Version]:
        """Yields the matching versions of the nodes; of a directory, the first one."""
        names, terms = _split(query)
        for node in self._path_filter.nodes(names):
            for index, (layer, entry) in enumerate(node.history):
                if entry is None:
                    continue
                if entry.kind is _DIRECTORY and any(_is_directory(earlier) for _, earlier in node.history[:index]):
                    continue
                if all(self._passes(node, layer, entry, term) for term in terms):
                    yield _Version(node, layer, entry, index)

    def _superseded(self, query: Query) -> Iterator[_Version]:
        """Yields the matching files that their own layer's tar replaces."""
        layers = self.tree.layers
        if not any(index.superseded for index in layers):
            return
        names, terms = _split(query)
        # Each of them is wasted, although ``wasted`` does not have it.
        terms = [term for term in terms if not isinstance(term.test, WasteTest) or term.negated]
        nodes = set(self._path_filter.nodes(names))
        for layer, index in enumerate(layers):
            for entry in index.superseded:
                node = self.tree.find(entry.path)
                if node in nodes and all(self._passes(node, layer, entry, term) for term in terms):
                    yield _Version(node, layer, entry, None)

    def _passes(self, node: Node, layer: int, entry: Entry, term: Term) -> bool:
        return term.test.matches_version(node, layer, entry, self) is not term.negated

    def _hit(self, version: _Version) -> Hit:
        node, layer, entry, index = version
        size = self._size(version)
        if index is None:
            return Hit(node, layer, entry, size, Change.MODIFIED, layer, Cause.DUPLICATE)
        last = node.history[-1]
        is_directory = entry.kind is _DIRECTORY
        if index == len(node.history) - 1 or (is_directory and _is_directory(last.entry)):
            return Hit(node, layer, entry, size, Change.UNCHANGED)
        after = last if is_directory else node.history[index + 1]
        mark = Change.REMOVED if after.entry is None else Change.MODIFIED
        waste = self.wasted.get((entry.path, layer))
        if waste is not None:
            return Hit(node, layer, entry, size, mark, waste.hidden_in, waste.cause)
        cause = Cause.REMOVED if after.entry is None else Cause.OVERWRITTEN
        return Hit(node, layer, entry, size, mark, after.layer, cause)

    def _size(self, version: _Version) -> int:
        if version.entry.kind is not _DIRECTORY:
            return version.entry.size
        layer, entry = version.node.history[-1]
        return self._sizes.at(version.node, self.tree.top if _is_directory(entry) else layer - 1)


def _is_directory(entry: Entry | None) -> bool:
    return entry is not None and entry.kind is _DIRECTORY


def _split(query: Query) -> tuple[Query, list[Term]]:
    """Returns a query of the terms about names, and the terms about versions."""
    names = tuple(term for term in query.terms if term.test.is_about_names)
    return Query(names), [term for term in query.terms if not term.test.is_about_names]
