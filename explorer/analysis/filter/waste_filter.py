"""The wasted and disposable files that pass a query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.filter.query import Query, Term
from explorer.analysis.filter.time_limit import pattern_time_limit
from explorer.model import Waste

if TYPE_CHECKING:
    from explorer.analysis.packages.package import Package

_MAX_CACHED_RESULTS = 8


class WasteFilter:
    """Filters the wasted files of an image, or also its disposable ones."""

    def __init__(
        self,
        files: Sequence[Waste | Disposable],
        find_owners: Callable[[], Sequence[Package | None]] = tuple,
        find_file_kinds: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Takes the files, and functions that return the owner and kind of each."""
        self.files = files
        self._find_file_kinds = find_file_kinds
        self._find_owners = find_owners
        self._results: dict[tuple[Term, ...], Sequence[int]] = {}

    def indexes(self, query: Query) -> Sequence[int]:
        """Returns the indexes of the files that pass, in ascending order.

        Words and patterns apply to the file or to a directory above it, because in the tree of files a matching
        directory shows all its files. Raises BadQuery if a pattern takes too long.
        """
        if not query:
            return range(len(self.files))
        indexes = self._results.pop(query.terms, None)
        if indexes is None:
            indexes = range(len(self.files))
            with pattern_time_limit(query.terms):
                for term in sorted(query.terms, key=lambda term: term.test.cost):
                    passes = term.test.waste_predicate(self)
                    indexes = [index for index in indexes if bool(passes(index)) is not term.negated]
        self._results[query.terms] = indexes
        if len(self._results) > _MAX_CACHED_RESULTS:
            del self._results[next(iter(self._results))]
        return indexes

    @property
    def owners(self) -> Sequence[Package | None]:
        """The package that owned each file when it was shipped."""
        return self._find_owners()

    @property
    def file_kinds(self) -> Sequence[str]:
        """The key in ``FILE_KINDS`` of the kind of each file."""
        return self._find_file_kinds()

    @cached_property
    def paths(self) -> Sequence[str]:
        """The paths of the files, each starting with a slash."""
        return [f"/{file.path}" for file in self.files]

    @cached_property
    def folded_paths(self) -> Sequence[str]:
        """The paths in lower case."""
        return [path.lower() for path in self.paths]
