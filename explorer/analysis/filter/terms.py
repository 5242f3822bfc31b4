"""The tests of the filter language: one class for each kind of term.

Each class has the meaning of its term in every place that filters: for paths at all layers, for nodes in a view, for
versions of a path, and for wasted files.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Protocol, TypeVar

from explorer.analysis.changes import change
from explorer.model import Cause, Change, Kind, Waste

if TYPE_CHECKING:
    from collections.abc import Set

    from explorer.analysis.changes import Changes
    from explorer.analysis.filter.path_columns import PathColumns
    from explorer.analysis.filter.search import Search
    from explorer.analysis.filter.waste_filter import WasteFilter
    from explorer.layers.tree import Node
    from explorer.model import Entry

MAX_PATTERN_CHARS = 4096
"""Characters of a name or path that a pattern is applied to."""

Selected = Iterable[object]
"""For each position a true value if the path at that position passes."""
WastePredicate = Callable[[int], object]
"""Index of a wasted file to a true value if the file passes."""

_T = TypeVar("_T")
_DIRECTORY = Kind.DIRECTORY
_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_CAUSES_OF_CHANGE = {
    Change.REMOVED: (Cause.REMOVED,),
    Change.MODIFIED: (Cause.OVERWRITTEN, Cause.RECOPIED, Cause.DUPLICATE),
}


class VisibleFacts(Protocol):
    """Facts about the nodes that a view shows."""

    @property
    def changes(self) -> Changes:
        """The changes from the base of the view to its layer."""

    def entries(self, nodes: Sequence[Node]) -> Sequence[Entry | None]:
        """Returns the entries of some nodes."""

    def size(self, node: Node) -> int:
        """Returns the bytes of a node, or of everything below it."""


class FilterTest:
    """A test of the filter language; each subclass overrides the meanings that it has."""

    __slots__ = ()
    is_about_names = False
    """True if only the path decides, so that all versions of a path pass or none."""
    depends_on_view = False
    """True if the result depends on the layer that a view shows."""

    @property
    def cost(self) -> int:
        """The relative time of the test; cheap tests go first."""
        return 1

    def implies(self, other: FilterTest) -> bool:
        """True if each path that passes this test passes the other one."""
        return self == other

    def matched_spans(self, name: str) -> Iterator[tuple[int, int]]:
        """Yields the start and end of each part of a name that passes the test."""
        yield from ()

    def select_paths(self, columns: PathColumns, positions: Sequence[int]) -> Selected:
        """Evaluates the test for the paths at some positions.

        Only for tests that do not depend on the view.
        """
        raise NotImplementedError

    def filter_visible(self, nodes: Sequence[Node], facts: VisibleFacts, negated: bool) -> list[Node]:
        """Returns the nodes of a view that pass, or the nodes that do not.

        Only for tests that depend on the view.
        """
        raise NotImplementedError

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        """True if the entry that a layer brings to a node passes.

        Only for tests that are not about names.
        """
        raise NotImplementedError

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        """Returns the test for the wasted files of an image."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class WordTest(FilterTest):
    """A part of the name; of the path if there is a slash in it."""

    text: str
    exact: bool
    """True if case matters; otherwise the text is in lower case."""
    is_about_names = True

    @property
    def is_path(self) -> bool:
        """True if the text is a part of the path and not only of the name."""
        return "/" in self.text

    @property
    def tail(self) -> str:
        """The part of the text that the name alone must contain."""
        return self.text.rpartition("/")[2]

    @property
    def cost(self) -> int:
        return 2 if self.is_path else 1

    def implies(self, other: FilterTest) -> bool:
        if not isinstance(other, WordTest) or self.is_path is not other.is_path:
            return False
        return other.text in (self.text if other.exact else self.text.lower())

    def matched_spans(self, name: str) -> Iterator[tuple[int, int]]:
        if self.tail:
            flags = re.NOFLAG if self.exact else re.IGNORECASE
            matches = re.finditer(re.escape(self.tail), name, flags)
            yield from (match.span() for match in matches if match.start() == 0 or not self.is_path)

    def select_paths(self, columns: PathColumns, positions: Sequence[int]) -> Selected:
        names = at_positions(columns.names if self.exact else columns.folded_names, positions)
        if not self.is_path:
            return map(operator.contains, names, repeat(self.text))
        return self._select_by_path(columns, positions, names)

    def _select_by_path(self, columns: PathColumns, positions: Sequence[int], names: Iterable[str]) -> Iterator[bool]:
        # A path contains the text if its directory's path does, or if that ends with the text's head and the name
        # begins with its tail. So each directory is tested once, and not each path.
        head, _, tail = self.text.rpartition("/")
        paths = columns.directory_paths if self.exact else columns.folded_directory_paths
        contains = [self.text in path for path in paths]
        ends_with_head = [path.endswith(f"{head}/") for path in paths]
        for directory, name in zip(at_positions(columns.directory_of, positions), names, strict=True):
            yield contains[directory] or (ends_with_head[directory] and name.startswith(tail))

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        paths = columns.paths if self.exact else columns.folded_paths
        return lambda index: self.text in paths[index]


@dataclass(frozen=True, slots=True)
class PatternTest(FilterTest):
    """A regular expression or a glob."""

    name: re.Pattern[str] | None
    """The pattern of the name; None matches any name."""
    directory: re.Pattern[str] | None = None
    """The pattern of the directory's path, which ends with a slash; None matches any directory."""
    path: re.Pattern[str] | None = None
    """The pattern of the whole path, in place of the other two."""
    is_glob: bool = False
    """True if the groups of the name's pattern are the literal parts of a glob."""
    is_about_names = True

    @property
    def cost(self) -> int:
        return 3

    def matched_spans(self, name: str) -> Iterator[tuple[int, int]]:
        match = self.name.search(name) if self.name is not None else None
        if match is not None:
            groups = range(1, match.re.groups + 1) if self.is_glob else (0,)
            yield from (match.span(group) for group in groups if match.start(group) < match.end(group))

    def select_paths(self, columns: PathColumns, positions: Sequence[int]) -> Selected:
        names = at_positions(columns.pattern_names, positions)
        directories = at_positions(columns.directory_of, positions)
        if self.path is not None:
            paths = map(columns.pattern_directory_paths.__getitem__, directories)
            return map(self.path.search, map(operator.add, paths, names))
        if self.directory is None:
            return map(self.name.search, names) if self.name is not None else repeat(True)
        matching = [self.directory.match(path) is not None for path in columns.pattern_directory_paths]
        search = self.name.search if self.name is not None else bool
        pairs = zip(map(matching.__getitem__, directories), names, strict=True)
        return (is_in_directory and search(name) for is_in_directory, name in pairs)

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        matches = {"": False}
        """Path to True if the pattern matches it or a directory above it."""

        def passes(index: int) -> bool:
            path = columns.paths[index]
            untested = []
            while path not in matches:
                untested.append(path)
                path = path.rpartition("/")[0]
            for below in reversed(untested):
                matches[below] = matches[path] or self._matches_path(below)
                path = below
            return matches[path]

        return passes

    def _matches_path(self, path: str) -> bool:
        directory, slash, name = path.rpartition("/")
        directory, name = (directory + slash)[:MAX_PATTERN_CHARS], name[:MAX_PATTERN_CHARS]
        if self.path is not None:
            return self.path.search(directory + name) is not None
        if self.directory is not None and self.directory.match(directory) is None:
            return False
        return self.name is None or self.name.search(name) is not None


@dataclass(frozen=True, slots=True)
class LayerTest(FilterTest):
    """A range of layers."""

    first: int
    last: int

    def select_paths(self, columns: PathColumns, positions: Sequence[int]) -> Selected:
        touched = columns.tree.touched[self.first : self.last + 1]
        return _contained({node for nodes in touched for node in nodes}, columns, positions)

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        return self.first <= layer <= self.last

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        wanted, files = range(self.first, self.last + 1), columns.files

        def passes(index: int) -> bool:
            layers = files[index].layers
            return layers[0] in wanted or layers[-1] in wanted

        return passes


@dataclass(frozen=True, slots=True)
class WasteTest(FilterTest):
    """The condition that some bytes are wasted."""

    def select_paths(self, columns: PathColumns, positions: Sequence[int]) -> Selected:
        return _contained(columns.wasteful, columns, positions)

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        return (entry.path, layer) in search.wasted

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        files = columns.files
        return lambda index: isinstance(files[index], Waste)


@dataclass(frozen=True, slots=True)
class DisposableTest(FilterTest):
    """The condition that a container sees the file and is not expected to need it."""

    def select_paths(self, columns: PathColumns, positions: Sequence[int]) -> Selected:
        return _contained(columns.disposable, columns, positions)

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        return layer == node.history[-1].layer and node in search.disposable

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        # Wasted bytes are not visible, and disposable ones are.
        files = columns.files
        return lambda index: not isinstance(files[index], Waste)


@dataclass(frozen=True, slots=True)
class SizeTest(FilterTest):
    """A comparison with a number of bytes."""

    comparison: str
    bytes: int
    with_directories: bool = False
    """True if the query asks for directories; otherwise only other entries have a size in a view."""
    depends_on_view = True

    def filter_visible(self, nodes: Sequence[Node], facts: VisibleFacts, negated: bool) -> list[Node]:
        compare, limit = _COMPARISONS[self.comparison], self.bytes
        if self.with_directories:
            return [node for node in nodes if compare(facts.size(node), limit) is not negated]
        return [
            node
            for node, entry in zip(nodes, facts.entries(nodes), strict=True)
            if entry is not None and entry.kind is not _DIRECTORY and compare(entry.size, limit) is not negated
        ]

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        return entry.kind is not _DIRECTORY and _COMPARISONS[self.comparison](entry.size, self.bytes)

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        compare, files = _COMPARISONS[self.comparison], columns.files
        return lambda index: compare(files[index].bytes, self.bytes)


@dataclass(frozen=True, slots=True)
class TypeTest(FilterTest):
    """One of some kinds of entries."""

    kinds: frozenset[Kind]
    depends_on_view = True

    def filter_visible(self, nodes: Sequence[Node], facts: VisibleFacts, negated: bool) -> list[Node]:
        # A tuple, because members of an enumeration take long to hash.
        kinds = tuple(self.kinds)
        entries = zip(nodes, facts.entries(nodes), strict=True)
        return [node for node, entry in entries if entry is not None and (entry.kind in kinds) is not negated]

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        return entry.kind in self.kinds

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        return lambda _: Kind.FILE in self.kinds


@dataclass(frozen=True, slots=True)
class ChangeTest(FilterTest):
    """A kind of change."""

    change: Change
    depends_on_view = True

    def filter_visible(self, nodes: Sequence[Node], facts: VisibleFacts, negated: bool) -> list[Node]:
        # Unchanged nodes are missing among the changes.
        change_of, wanted, unchanged = facts.changes.by_node.get, self.change, Change.UNCHANGED
        return [node for node in nodes if (change_of(node, unchanged) is wanted) is not negated]

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        if self.change is Change.REMOVED:
            return node.history[-1].entry is None
        if self.change is Change.UNCHANGED:
            return len(node.history) == 1
        return change(search.tree, node, layer - 1, layer) is self.change

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        causes, files = _CAUSES_OF_CHANGE.get(self.change, ()), columns.files

        def passes(index: int) -> bool:
            file = files[index]
            return isinstance(file, Waste) and file.cause in causes

        return passes


def at_positions(values: Sequence[_T], positions: Sequence[int]) -> Iterable[_T]:
    """Returns the values at some positions; a range stands for all positions."""
    return values if isinstance(positions, range) else map(values.__getitem__, positions)


def _contained(nodes: Set[Node], columns: PathColumns, positions: Sequence[int]) -> Selected:
    return map(nodes.__contains__, at_positions(columns.nodes, positions))
