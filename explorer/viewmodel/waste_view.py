"""The shown part of the waste; it is replaced, never changed."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from explorer.analysis.filter.query import EVERYTHING, Query


class Grouping(enum.Enum):
    """The grouping of wasted files; the value is the name on the screen."""

    CAUSE = "cause"
    LAYERS = "layers"
    DIRECTORY = "directory"
    FILE = "file"

    @property
    def following(self) -> Grouping:
        """The next grouping, and after the last the first."""
        groupings = list(Grouping)
        return groupings[(groupings.index(self) + 1) % len(groupings)]


class WasteOrder(enum.Enum):
    """The order of siblings."""

    SIZE = "size"
    PATH = "path"
    """Files and directories by path, causes in their own order, layers by number."""

    @property
    def other(self) -> WasteOrder:
        """The other order."""
        return WasteOrder.PATH if self is WasteOrder.SIZE else WasteOrder.SIZE


@dataclass(frozen=True, slots=True)
class WasteView:
    """The part of the waste that is shown, and how it is shown."""

    grouping: Grouping = Grouping.CAUSE
    order: WasteOrder = WasteOrder.SIZE
    layer: int | None = None
    """The layer that shipped or hid what is shown; None shows all."""
    query: Query = EVERYTHING
