"""The state of the main screen, which is replaced and never changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from explorer.analysis.filter.query import EVERYTHING, Query
from explorer.config.settings import Settings, Sort
from explorer.layers.tree import Node
from explorer.model import Change
from explorer.viewmodel.finding_rows import FindingsView
from explorer.viewmodel.package_rows import PackagesView
from explorer.viewmodel.waste_view import WasteView
from explorer.viewmodel.word_query import WordQuery


@dataclass(frozen=True, slots=True, eq=False)
class Jump:
    """A request to go to a path. Each one counts, even to the same path."""

    node: Node


@dataclass(frozen=True, slots=True)
class View:
    """The layers, files and waste that are shown, and how."""

    layer: int
    """The selected layer: the files are those after layers 0 to this one."""
    base: int | None = None
    """The layer to compare with, not the base image; None is the layer below the selected one."""
    sort: Sort = Sort.SIZE
    reversed: bool = False
    """True for the reverse order: smallest first, or from Z to A."""
    hidden: frozenset[Change] = frozenset()
    query: Query = EVERYTHING
    """The filter. A directory also shows if a path below it matches."""
    jump: Jump | None = field(default=None, compare=False)
    """The last jump. The selected path stays unless this jump is a new one."""
    waste: WasteView = field(default=WasteView(), compare=False)
    """The part of the waste that is shown, and how. Views with the same files are equal."""
    packages: PackagesView = field(default=PackagesView(), compare=False)
    """The packages that are shown, and how."""
    findings: FindingsView = field(default=FindingsView(), compare=False)
    """The findings that are shown, and how."""

    def __post_init__(self) -> None:
        """Lets the waste of a single layer follow the selected layer."""
        if self.waste.layer not in (None, self.layer):
            object.__setattr__(self, "waste", replace(self.waste, layer=self.layer))

    @classmethod
    def starting(cls, settings: Settings) -> View:
        """Returns the view to start with."""
        hidden = frozenset({Change.UNCHANGED} if settings.changes_only else ())
        return cls(0, sort=Sort(settings.sort), hidden=hidden)

    @property
    def since(self) -> int:
        """The layer to compare with as a number; -1 is the empty image."""
        return self.layer - 1 if self.base is None else self.base

    @property
    def changes_only(self) -> bool:
        """True if unchanged files are hidden."""
        return Change.UNCHANGED in self.hidden

    @property
    def is_largest_first(self) -> bool:
        """True if the largest files come first."""
        return self.sort is Sort.SIZE and not self.reversed

    def sorted_by(self, sort: Sort) -> View:
        """Returns the view in another order; the present order is reversed."""
        return replace(self, sort=sort, reversed=sort is self.sort and not self.reversed)

    def toggled(self, change: Change) -> View:
        """Returns the view with a kind of change hidden, or shown again."""
        return replace(self, hidden=self.hidden ^ {change})

    def query_of(self, pane: str | None) -> Query | WordQuery:
        """Returns the filter of a pane; the files and the image share one."""
        if pane == "packages":
            return self.packages.query
        if pane == "findings":
            return self.findings.query
        return self.waste.query if pane == "waste" else self.query

    def filtered(self, pane: str | None, query: Query | WordQuery) -> View:
        """Returns the view with another filter of a pane."""
        if isinstance(query, WordQuery):
            if pane == "findings":
                return replace(self, findings=replace(self.findings, query=query))
            return replace(self, packages=replace(self.packages, query=query))
        return replace(self, waste=replace(self.waste, query=query)) if pane == "waste" else replace(self, query=query)
