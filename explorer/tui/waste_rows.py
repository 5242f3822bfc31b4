"""The rows of the waste pane, as a pure function: the ledger and the folded causes in, flat rows out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.model import Cause, Waste

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from explorer.analysis.waste import Ledger

REMEDIES = {
    Cause.REMOVED: "deleted by a later layer: delete it in the step that makes it",
    Cause.OVERWRITTEN: "replaced by a later layer: write it once",
    Cause.RECOPIED: "the same bytes again, for chmod, chown, touch or a second COPY: set mode and owner with the first",
    Cause.DUPLICATE: "twice in one layer's tar: the builder's doing",
}


@dataclass(frozen=True, slots=True)
class Group:
    """The heading of one cause."""

    cause: Cause
    bytes: int
    files: int


WasteRow = Group | Waste


def waste_rows(ledger: Ledger, folded: Set[Cause]) -> Sequence[WasteRow]:
    """The wasted files below their causes, largest first in both; a folded cause shows its heading alone."""
    by_cause: dict[Cause, list[Waste]] = {}
    for waste in ledger.wasted:
        by_cause.setdefault(waste.cause, []).append(waste)
    groups = [Group(cause, sum(waste.bytes for waste in found), len(found)) for cause, found in by_cause.items()]
    groups.sort(key=lambda group: -group.bytes)
    found: list[WasteRow] = []
    for group in groups:
        found.append(group)
        if group.cause not in folded:
            found += by_cause[group.cause]
    return found
