"""The lines of a list with groups that fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

Item_co = TypeVar("Item_co", covariant=True)


class GroupedRow(NamedTuple, Generic[Item_co]):
    """One line: a group, or an item in a group or outside."""

    item: Item_co
    depth: int
    is_open: bool | None = None
    """None for a line that cannot be opened."""


def parent_row(rows: Sequence[GroupedRow[object]], index: int) -> int | None:
    """Returns the line of the group around a line; None if there is none."""
    if index >= len(rows) or not rows[index].depth:
        return None
    return next(above for above in range(index, -1, -1) if not rows[above].depth)
