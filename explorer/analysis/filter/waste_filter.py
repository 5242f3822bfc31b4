"""Which wasted files pass a query: the language of the filter, asked of what was shipped and hidden."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from explorer.analysis.filter.query import SEEN, Layers, Pattern, Query, Size, Term, Type, Wasted, Word
from explorer.analysis.filter.time_limit import limited
from explorer.model import Cause, Change, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from explorer.analysis.filter.query import Test
    from explorer.model import Waste

    _Passes = Callable[[int], object]
    """Place in the byte usage to something true where the file there passes."""

_REMEMBERED = 8
"""As many answers are kept."""


class WasteFilter:
    """All wasted files of an image."""

    def __init__(self, wasted: Sequence[Waste]) -> None:
        self._wasted = wasted
        self._known: dict[tuple[Term, ...], Sequence[int]] = {}

    def numbers(self, query: Query) -> Sequence[int]:
        """The places in the byte usage of what passes, in its order. Raises BadQuery.

        Words and patterns are of the file or of a directory above it: as among the files, where a directory that is
        found shows what is in it. ``size`` is that of the wasted file, ``layer:`` the one that shipped it or
        the one that hid it, ``is:removed`` and ``is:modified`` say what hid it. All of it is files and wasted.
        """
        if not query:
            return range(len(self._wasted))
        found = self._known.pop(query.terms, None)
        if found is None:
            found = range(len(self._wasted))
            with limited(any(isinstance(term.test, Pattern) for term in query.terms)):
                for term in sorted(query.terms, key=lambda term: isinstance(term.test, Pattern)):
                    passes = self._passing(term.test)
                    found = [number for number in found if bool(passes(number)) is not term.negated]
        self._known[query.terms] = found
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    @cached_property
    def _paths(self) -> Sequence[str]:
        """The paths from the root."""
        return [f"/{waste.path}" for waste in self._wasted]

    @cached_property
    def _folded_paths(self) -> Sequence[str]:
        return [path.lower() for path in self._paths]

    def _passing(self, test: Test) -> _Passes:
        if isinstance(test, Word):
            paths = self._paths if test.exact else self._folded_paths
            return lambda number: test.text in paths[number]
        if isinstance(test, Pattern):
            return self._like(test)
        wasted = self._wasted
        if isinstance(test, Size):
            return lambda number: test.holds(wasted[number].bytes)
        if isinstance(test, Layers):
            among = range(test.first, test.last + 1)
            return lambda number: wasted[number].shipped_in in among or wasted[number].hidden_in in among
        if isinstance(test, Type):
            return lambda _: Kind.FILE in test.kinds
        if isinstance(test, Wasted):
            return lambda _: True
        causes = _CAUSES.get(test, ())
        return lambda number: wasted[number].cause in causes

    def _like(self, pattern: Pattern) -> _Passes:
        known = {"": False}
        """Path of a directory to whether it, or one above it, is like the pattern."""

        def passes(number: int) -> bool:
            path = self._paths[number]
            unknown = []
            while path not in known:
                unknown.append(path)
                path = path.rpartition("/")[0]
            for below in reversed(unknown):
                known[below] = known[path] or _is_like(below, pattern)
                path = below
            return known[path]

        return passes


def _is_like(path: str, pattern: Pattern) -> bool:
    """Whether a pattern finds this very path."""
    around, slash, name = path.rpartition("/")
    around, name = (around + slash)[:SEEN], name[:SEEN]
    if pattern.path is not None:
        return pattern.path.search(around + name) is not None
    if pattern.directory is not None and pattern.directory.match(around) is None:
        return False
    return pattern.name is None or pattern.name.search(name) is not None


_CAUSES = {
    Change.REMOVED: (Cause.REMOVED,),
    Change.MODIFIED: (Cause.OVERWRITTEN, Cause.RECOPIED, Cause.DUPLICATE),
}
"""What became of a path to the causes of waste that come of it."""
