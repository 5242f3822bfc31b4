"""The tests of names and paths: words, globs and regular expressions."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

from explorer.analysis.filter.path_columns import MAX_PATTERN_CHARS
from explorer.analysis.filter.terms import FilterTest, Selected, WastePredicate, at_positions

if TYPE_CHECKING:
    from explorer.analysis.filter.path_columns import PathColumns
    from explorer.analysis.filter.waste_filter import WasteFilter


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
