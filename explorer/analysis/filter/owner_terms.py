"""The tests of the packages that own paths.

Only they need the package databases, so nothing else of the filter imports what reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from explorer.analysis.filter.terms import FilterTest, VisibleFacts, WastePredicate
from explorer.model import Change, Kind

if TYPE_CHECKING:
    from explorer.analysis.filter.search import Search
    from explorer.analysis.filter.waste_filter import WasteFilter
    from explorer.analysis.packages.package import Package
    from explorer.layers.tree import Node
    from explorer.model import Entry


class OwnerTest(FilterTest):
    """A test of the package that owns a path.

    Directories never pass, because packages share them.
    """

    __slots__ = ()
    depends_on_view = True

    def passes(self, owner: Package | None) -> bool:
        """True if a path with this owner passes."""
        raise NotImplementedError

    def filter_visible(self, nodes: Sequence[Node], facts: VisibleFacts, negated: bool) -> list[Node]:
        changes, packages = facts.changes, facts.packages
        owner, owner_before = packages.owners_at(changes.layer), packages.owners_at(changes.base)
        change_of, passes = changes.by_node.get, cache(self.passes)
        return [
            node
            for node, entry in zip(nodes, facts.entries(nodes), strict=True)
            if entry is not None
            and entry.kind is not Kind.DIRECTORY
            and passes((owner_before if change_of(node) is Change.REMOVED else owner)(node)) is not negated
        ]

    def matches_version(self, node: Node, layer: int, entry: Entry, search: Search) -> bool:
        return entry.kind is not Kind.DIRECTORY and self.passes(search.packages.owner(node, layer))

    def waste_predicate(self, columns: WasteFilter) -> WastePredicate:
        owners, passes = columns.owners, cache(self.passes)
        return lambda index: passes(owners[index])


@dataclass(frozen=True, slots=True)
class PackageTest(OwnerTest):
    """A package with a name, a name like a glob, or a package URL."""

    pattern: str

    def passes(self, owner: Package | None) -> bool:
        from explorer.analysis.packages.package_filter import package_test

        return owner is not None and package_test(self.pattern)(owner)


@dataclass(frozen=True, slots=True)
class UnownedTest(OwnerTest):
    """The condition that no package database lists the path."""

    def passes(self, owner: Package | None) -> bool:
        return owner is None
