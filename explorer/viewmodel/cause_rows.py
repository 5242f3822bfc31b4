"""The causes why two builds differ, as rows that fold."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from explorer.text.printable import printable
from explorer.viewmodel.grouped_rows import GroupedRow, GroupedRows

if TYPE_CHECKING:
    from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause, DifferingPlace

_MAX_OPEN_PLACES = 10
"""A cause with more places is closed at first."""


class CauseGroup(NamedTuple):
    """A cause, whose places are the rows inside."""

    cause: DifferenceCause

    @property
    def key(self) -> Hashable:
        """The name of the cause for programs."""
        return self.cause.cause

    @property
    def name(self) -> str:
        """The title of the cause."""
        return self.cause.title


class CausePlace(NamedTuple):
    """A place, and the cause of its difference."""

    cause: DifferenceCause
    place: DifferingPlace


CauseItem = CauseGroup | CausePlace


@dataclass(frozen=True)
class CauseRows(GroupedRows[CauseItem]):
    """The rows that show."""

    def identity(self, item: CauseItem) -> object:
        place = item.place if isinstance(item, CausePlace) else None
        return item.cause.cause, place


def cause_rows(causes: Sequence[DifferenceCause], opened: Collection[Hashable]) -> CauseRows:
    """Returns the rows of causes; ``opened`` has the keys of those whose places show."""
    rows: list[GroupedRow[CauseItem]] = []
    groups = [CauseGroup(cause) for cause in causes]
    for group in groups:
        is_open = group.key in opened
        rows.append(GroupedRow(group, 0, is_open))
        if is_open:
            rows += (GroupedRow(CausePlace(group.cause, place), 1) for place in group.cause.places)
    return CauseRows(rows, groups, sum(len(cause.places) for cause in causes))


def opened_at_first(causes: Sequence[DifferenceCause]) -> set[Hashable]:
    """Returns the keys of the causes with few places."""
    return {cause.cause for cause in causes if len(cause.places) <= _MAX_OPEN_PLACES}


def causes_of(causes: Sequence[DifferenceCause], path: str) -> Sequence[CausePlace]:
    """Returns the causes of the difference of a path, the most general first."""
    name = f"/{printable(path)}"
    return [CausePlace(cause, place) for cause in causes for place in cause.places if place.name == name]


def cause_sentence(found: CausePlace) -> str:
    """Returns the cause of a difference, the place in the file, and what to do."""
    cause, place = found
    detail = f": {place.detail}" if place.detail else ""
    return f"{cause.title}{detail}. {cause.do}".strip()
