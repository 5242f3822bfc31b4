"""Which paths of a tree pass a query, whatever layer is looked at: all names side by side, searched in one go.

A name stands in the list by its directory, so that what is found in one directory stays together, and what is asked of
the path alone is asked once for each directory. The answers are remembered; a query that goes on from an earlier one
looks only at what passed that.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress, repeat
from typing import TYPE_CHECKING, TypeVar

from explorer.analysis.filter.query import SEEN, Layers, Pattern, Query, Term, Wasted, Word
from explorer.analysis.filter.time_limit import limited

if TYPE_CHECKING:
    from collections.abc import Set

    from explorer.layers.tree import Node, Tree
    from explorer.model import Waste

_T = TypeVar("_T")

_REMEMBERED = 8
"""As many answers are kept."""

_Selected = Iterable[object]
"""For each position something true where what stands there passes."""


class PathFilter:
    """All names of a tree."""

    def __init__(self, tree: Tree, wasted: Sequence[Waste] = ()) -> None:
        self._tree = tree
        self._wasted = wasted
        self._known: dict[tuple[Term, ...], Sequence[int]] = {}

    def nodes(self, query: Query) -> Sequence[Node]:
        """What passes the lasting terms of a query, those of one directory together. Raises BadQuery."""
        positions = self._positions(query.lasting)
        return self.all if isinstance(positions, range) else list(map(self.all.__getitem__, positions))

    def prepare(self) -> None:
        """Gather the names, which takes a moment the first time."""
        len(self.folded)

    @cached_property
    def all(self) -> Sequence[Node]:
        """All nodes below the root, those of one directory together."""
        found: list[Node] = []
        for directory in self._directories:
            found += (directory.children or {}).values()
        return found

    @cached_property
    def folded(self) -> Sequence[str]:
        """The names in small letters."""
        return [name if (small := name.lower()) == name else small for name in self._names]

    @cached_property
    def _names(self) -> Sequence[str]:
        return [node.name for node in self.all]

    @cached_property
    def _seen_names(self) -> Sequence[str]:
        """As much of the names as patterns get to see."""
        return _shortened(self._names)

    @cached_property
    def _directories(self) -> Sequence[Node]:
        return self._tree.directories()

    @cached_property
    def _paths(self) -> Sequence[str]:
        """The directories' paths, each with a slash at both ends."""
        paths = {self._tree.root: "/"}
        for node in self._directories[1:]:
            if node.parent is not None:
                paths[node] = f"{paths[node.parent]}{node.name}/"
        return list(paths.values())

    @cached_property
    def _seen_paths(self) -> Sequence[str]:
        return _shortened(self._paths)

    @cached_property
    def _folded_paths(self) -> Sequence[str]:
        return [path.lower() for path in self._paths]

    @cached_property
    def _homes(self) -> Sequence[int]:
        """For each position the number of the directory."""
        found: list[int] = []
        for number, directory in enumerate(self._directories):
            found += [number] * len(directory.children or ())
        return found

    @cached_property
    def _wasteful(self) -> Set[Node]:
        nodes = (self._tree.find(waste.path) for waste in self._wasted)
        return {node for node in nodes if node is not None}

    def _positions(self, terms: tuple[Term, ...]) -> Sequence[int]:
        """Where in the list stands what passes."""
        found = self._known.pop(terms, None)
        if found is None:
            found, left = self._start(terms)
            with limited(any(isinstance(term.test, Pattern) for term in left)):
                for term in sorted(left, key=_cost):
                    selected = self._selected(term, found)
                    found = list(compress(found, map(operator.not_, selected) if term.negated else selected))
        self._known[terms] = found
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    def _start(self, terms: tuple[Term, ...]) -> tuple[Sequence[int], list[Term]]:
        """What is known to hold all that passes, and the terms that still have to be asked."""
        usable = [known for known in self._known if all(any(term.implies(each) for term in terms) for each in known)]
        if not usable:
            return range(len(self.all)), list(terms)
        best = min(usable, key=lambda known: len(self._known[known]))
        return self._known[best], [term for term in terms if term not in best]

    def _selected(self, term: Term, positions: Sequence[int]) -> _Selected:
        test = term.test
        if isinstance(test, Word):
            return self._with_path(test, positions) if test.on_path else self._with_word(test, positions)
        if isinstance(test, Pattern):
            return self._like(test, positions)
        wanted: Set[Node] = frozenset()
        if isinstance(test, Layers):
            wanted = {node for nodes in self._tree.touched[test.first : test.last + 1] for node in nodes}
        elif isinstance(test, Wasted):
            wanted = self._wasteful
        return map(wanted.__contains__, _at(self.all, positions))

    def _with_word(self, word: Word, positions: Sequence[int]) -> _Selected:
        return map(operator.contains, _at(self._names if word.exact else self.folded, positions), repeat(word.text))

    def _with_path(self, word: Word, positions: Sequence[int]) -> Iterator[bool]:
        """The path holds the text if the directory's does, or if it begins with what the directory's ends with."""
        head, _, tail = word.text.rpartition("/")
        paths = self._paths if word.exact else self._folded_paths
        inside = [word.text in path for path in paths]
        before = [path.endswith(f"{head}/") for path in paths]
        names = self._names if word.exact else self.folded
        for home, name in zip(_at(self._homes, positions), _at(names, positions), strict=True):
            yield inside[home] or (before[home] and name.startswith(tail))

    def _like(self, pattern: Pattern, positions: Sequence[int]) -> _Selected:
        names = _at(self._seen_names, positions)
        if pattern.path is not None:
            around = map(self._seen_paths.__getitem__, _at(self._homes, positions))
            return map(pattern.path.search, map(operator.add, around, names))
        if pattern.directory is None:
            return map(pattern.name.search, names) if pattern.name is not None else repeat(True)
        matching = [pattern.directory.match(path) is not None for path in self._seen_paths]
        homes = map(matching.__getitem__, _at(self._homes, positions))
        search = pattern.name.search if pattern.name is not None else bool
        return (is_there and search(name) for is_there, name in zip(homes, names, strict=True))


def _at(values: Sequence[_T], positions: Sequence[int]) -> Iterable[_T]:
    return values if isinstance(positions, range) else map(values.__getitem__, positions)


def _shortened(texts: Sequence[str]) -> Sequence[str]:
    """The texts, none longer than what patterns get to see."""
    return texts if max(map(len, texts), default=0) <= SEEN else [text[:SEEN] for text in texts]


def _cost(term: Term) -> int:
    """Words before paths, and patterns last."""
    test = term.test
    return 3 if isinstance(test, Pattern) else 2 if isinstance(test, Word) and test.on_path else 1
