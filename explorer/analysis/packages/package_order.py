"""The orders of lists of packages."""

from __future__ import annotations

import enum


class PackageOrder(enum.Enum):
    """The orders of the packages; the value is the name for users."""

    SIZE = "size"
    """Visible and wasted bytes together, the largest first."""
    WASTED = "wasted"
    NAME = "name"
    LAYER = "layer"
    """The layer that installed it."""

    @property
    def following(self) -> PackageOrder:
        """The next order, and after the last the first."""
        orders = list(PackageOrder)
        return orders[(orders.index(self) + 1) % len(orders)]
