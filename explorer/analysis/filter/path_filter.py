"""The paths of a tree that pass a query at all layers.

Recent results are cached. If a query continues an earlier one, only the matches of the earlier one are tested.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence, Set
from itertools import compress
from typing import TYPE_CHECKING

from explorer.analysis.filter.path_columns import PathColumns
from explorer.analysis.filter.query import BadQuery, Query, Term
from explorer.analysis.filter.terms import DisposableTest
from explorer.analysis.filter.time_limit import pattern_time_limit
from explorer.layers.tree import Node, Tree
from explorer.model import Waste

if TYPE_CHECKING:
    from explorer.analysis.packages.image_packages import ImagePackages

_MAX_CACHED_RESULTS = 8


class PathFilter:
    """Filters all paths of a tree."""

    def __init__(
        self,
        tree: Tree,
        wasted: Sequence[Waste] = (),
        find_disposable: Callable[[], Set[Node]] = frozenset,
        find_packages: Callable[[], ImagePackages] | None = None,
    ) -> None:
        self._find_packages = find_packages
        # Finding the disposable files takes a while. Most queries do not ask for them.
        self._columns = PathColumns(tree, wasted, find_disposable)
        self._results: dict[tuple[Term, ...], Sequence[int]] = {}

    @property
    def all(self) -> Sequence[Node]:
        """The nodes below the root; those of one directory stand together."""
        return self._columns.nodes

    @property
    def disposable(self) -> Set[Node]:
        """The nodes of the disposable files."""
        return self._columns.disposable

    @property
    def packages(self) -> ImagePackages:
        """The packages of the image."""
        if self._find_packages is None:
            raise BadQuery("the packages are not known here")
        return self._find_packages()

    def nodes(self, query: Query) -> Sequence[Node]:
        """Returns the nodes that pass the fixed terms, in order. Raises BadQuery."""
        positions = self._positions(query.fixed_terms)
        return self.all if isinstance(positions, range) else list(map(self.all.__getitem__, positions))

    def prepare(self) -> None:
        """Collects the names in advance, because that takes a moment."""
        len(self._columns.folded_names)

    def _positions(self, terms: tuple[Term, ...]) -> Sequence[int]:
        positions = self._results.pop(terms, None)
        if positions is None:
            positions, untested = self._best_start(terms)
            if any(isinstance(term.test, DisposableTest) for term in untested):
                # Otherwise finding these files would count as time of the patterns.
                len(self._columns.disposable)
            with pattern_time_limit(untested):
                for term in sorted(untested, key=lambda term: term.test.cost):
                    selected = term.test.select_paths(self._columns, positions)
                    positions = list(compress(positions, map(operator.not_, selected) if term.negated else selected))
        self._results[terms] = positions
        if len(self._results) > _MAX_CACHED_RESULTS:
            del self._results[next(iter(self._results))]
        return positions

    def _best_start(self, terms: tuple[Term, ...]) -> tuple[Sequence[int], list[Term]]:
        """Returns the smallest cached result to start from, and the terms left to test."""
        usable = [earlier for earlier in self._results if all(any(t.implies(e) for t in terms) for e in earlier)]
        if not usable:
            return range(len(self.all)), list(terms)
        best = min(usable, key=lambda earlier: len(self._results[earlier]))
        return self._results[best], [term for term in terms if term not in best]
