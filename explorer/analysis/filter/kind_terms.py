"""The test of the kind of file: shared libraries, documentation, caches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.analysis.filter.terms import FilterTest, VisibleFacts, WastePredicate
from explorer.model import Kind

if TYPE_CHECKING:
    from explorer.analysis.filter.search import Search
    from explorer.analysis.filter.waste_filter import WasteFilter
    from explorer.layers.tree import Node
    from explorer.model import Entry

_FILE, _HARDLINK = Kind.FILE, Kind.HARDLINK


@dataclass(frozen=True, slots=True)
class FileKindTest(FilterTest):
    """A kind of file; directories and links never pass."""

    kind: str
    """The key in ``FILE_KINDS``."""
    depends_on_view = True

    @property
    def cost(self) -> int:
        return 3

    def filter_visible(self, nodes: Sequence[Node], facts: VisibleFacts, negated: bool) -> list[Node]:
        # Not at the top, because few filters need it.
        from explorer.analysis.file_kinds.file_kind import FileKindFinder

        kind_of, wanted = FileKindFinder().kind, self.kind
        return [
            node
            for node, entry in zip(nodes, facts.entries(nodes), strict=True)
            if entry is not None
            and (entry.kind is _FILE or entry.kind is _HARDLINK)
            and (kind_of(entry.path, entry.mode) == wanted) is not negated
        ]

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        is_file = entry.kind is _FILE or entry.kind is _HARDLINK
        return is_file and search.kind_finder.kind(entry.path, entry.mode) == self.kind

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        kinds = columns.file_kinds
        return lambda index: kinds[index] == self.kind
