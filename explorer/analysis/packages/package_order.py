"""The orders of lists of packages."""

from __future__ import annotations

from explorer.config.cycle import Cycle


class PackageOrder(Cycle):
    """The orders of the packages; the value is the name for users."""

    SIZE = "size"
    """Visible bytes, then wasted bytes, the largest first."""
    WASTED = "wasted"
    NAME = "name"
    LAYER = "layer"
    """The layer that installed it."""
