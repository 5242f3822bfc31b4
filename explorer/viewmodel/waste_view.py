"""The shown part of the waste; it is replaced, never changed."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from explorer.analysis.filter.query import EVERYTHING, Query
from explorer.config.cycle import Cycle


class Grouping(Cycle):
    """The grouping of wasted files; the value is the name on the screen."""

    FIX = "fix"
    """The only grouping that shows disposable files, too."""
    CAUSE = "cause"
    LAYERS = "layers"
    PACKAGE = "package"
    """The packages, and unowned files. It needs the package databases."""
    DIRECTORY = "directory"
    FILE = "file"


NEED_FIXES = (Grouping.FIX, Grouping.CAUSE)
"""Groupings that take long to compute. A thread does it, together with the fixes."""


class WasteOrder(enum.Enum):
    """The order of siblings."""

    SIZE = "size"
    PATH = "path"
    """Files and directories by path, causes in their own order, fixes and layers by number."""

    @property
    def other(self) -> WasteOrder:
        """The other order."""
        return WasteOrder.PATH if self is WasteOrder.SIZE else WasteOrder.SIZE


@dataclass(frozen=True, slots=True)
class WasteView:
    """The part of the waste that is shown, and how it is shown."""

    grouping: Grouping = Grouping.FIX
    order: WasteOrder = WasteOrder.SIZE
    is_reversed: bool = False
    """True if the order is the other way round: the smallest first, or the last path."""
    layer: int | None = None
    """The layer that shipped or hid what is shown; None shows all."""
    query: Query = EVERYTHING

    @property
    def so_far(self) -> WasteView:
        """The view to show before all layers are read; it needs no fixes and no packages."""
        grouping = Grouping.LAYERS if self.grouping in (*NEED_FIXES, Grouping.PACKAGE) else self.grouping
        return replace(self, grouping=grouping, layer=None)

    def sorted_by(self, order: WasteOrder) -> WasteView:
        """Returns the view in an order, or reversed if it has that order already."""
        return replace(self, order=order, is_reversed=order is self.order and not self.is_reversed)
