"""The base in words for the screen: a line among the layers, and figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explorer.analysis.base.base_words import base_summary, certainty, wasted_by_own_layers, wasted_inside
from explorer.pipeline import Exploration
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, size

_MAX_NAME_CHARS = 60


class BaseLine(NamedTuple):
    """The line among the layers that ends the base."""

    layers: int
    """The number of layers below it."""
    wordings: Sequence[str]
    """Printable, the longest first."""


def base_line(exploration: Exploration) -> BaseLine | None:
    """Returns the line that ends the base; None if it is not known where it ends."""
    base, shares = exploration.base, exploration.base_shares
    if base is None or base.layers is None or shares is None:
        return None
    name = printable(shortened(base.name, _MAX_NAME_CHARS))
    layers, shipped = counted(base.layers, "layer"), size(shares.base.shipped_bytes)
    parts = (
        (name, certainty(base), layers, shipped),
        (name, certainty(base), shipped),
        (name, certainty(base)),
        (name,),
    )
    return BaseLine(base.layers, [f"base: {', '.join(filter(None, each))}" for each in parts if any(each)])


def base_facts(exploration: Exploration) -> Sequence[tuple[str, str]]:
    """Returns labels and values about the base and the layers above it."""
    base, shares = exploration.base, exploration.base_shares
    if base is None:
        return ()
    facts = [("base", f"{base_summary(base)}: {base.reason}")]
    if base.digest:
        facts.append(("base digest", base.digest))
    if shares is not None:
        facts += [
            ("base size", f"{size(shares.base.shipped_bytes)}, {wasted_inside(shares)}"),
            ("yours", f"{size(shares.own.shipped_bytes)}, {wasted_by_own_layers(shares)}"),
        ]
    return facts
