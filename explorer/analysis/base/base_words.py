"""Words about the base, printable and on one line."""

from __future__ import annotations

from explorer.analysis.base.base import Base, Evidence, Shares
from explorer.text.printable import printable
from explorer.text.units import counted, size


def certainty(base: Base) -> str:
    """Returns the certainty of the base's end: ``exact``, ``stated`` or ``guess``."""
    return "exact" if base.exact else "guess" if base.evidence is Evidence.GUESS else "stated"


def base_summary(base: Base) -> str:
    """Returns name, certainty and number of layers: ``debian:12, exact, 1 layer``."""
    layers = "" if base.layers is None else counted(base.layers, "layer")
    end = "" if base.layers is not None else "it is not known where it ends"
    return ", ".join(filter(None, (printable(base.name), certainty(base) if layers else "", layers, end)))


def wasted_inside(shares: Shares) -> str:
    """Returns the words for the waste of the base alone."""
    return f"{size(shares.base.wasted_bytes)} wasted inside it"


def wasted_by_own_layers(shares: Shares) -> str:
    """Returns the words for the waste of the own layers, and whose files it is."""
    wasted, of_base = shares.own.wasted_bytes, shares.hidden_base_bytes
    if not of_base:
        return f"{size(wasted)} wasted"
    return f"{size(wasted)} wasted: {size(wasted - of_base)} of your files, {size(of_base)} of the base's"
