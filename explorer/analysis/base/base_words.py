"""Words about the base, printable and on one line."""

from __future__ import annotations

from explorer.analysis.base.base import Base, Evidence
from explorer.text.printable import printable
from explorer.text.units import counted


def certainty(base: Base) -> str:
    """Returns the certainty of the base's end: ``exact``, ``stated`` or ``guess``."""
    return "exact" if base.exact else "guess" if base.evidence is Evidence.GUESS else "stated"


def base_summary(base: Base) -> str:
    """Returns name, certainty and number of layers: ``debian:12, exact, 1 layer``."""
    layers = "" if base.layers is None else counted(base.layers, "layer")
    end = "" if base.layers is not None else "it is not known where it ends"
    return ", ".join(filter(None, (printable(base.name), certainty(base) if layers else "", layers, end)))
