"""The tests of the filter language: one class for each kind of term.

Those of names and paths are in ``name_terms``, of packages in ``owner_terms``, of kinds of files in ``kind_terms``.

Each class has the meaning of its term in every place that filters: for paths at all layers, for nodes in a view, for
versions of a path, and for wasted files.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from explorer.analysis.changes import change
from explorer.model import Cause, Change, Kind, Waste

if TYPE_CHECKING:
    from collections.abc import Set

    from explorer.analysis.changes import Changes
    from explorer.analysis.filter.path_columns import PathColumns
    from explorer.analysis.filter.search import Search
    from explorer.analysis.filter.waste_filter import WasteFilter
    from explorer.analysis.packages.image_packages import ImagePackages
    from explorer.layers.tree import Node
    from explorer.model import Entry

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

    @property
    def packages(self) -> ImagePackages:
        """The packages of the image."""

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
