"""Words about what was searched for findings, and what of a base is left out."""

from __future__ import annotations

from explorer.pipeline import Exploration
from explorer.text.printable import printable
from explorer.text.units import counted


def searched_words(exploration: Exploration) -> str:
    """Returns the layers that were searched, and the base's if it has any."""
    layers, base = len(exploration.image.layers), exploration.base_layers
    searched = f"Searched: the history, the settings and {counted(layers, 'layer')}."
    left_out = base_words(exploration)
    if not base or not exploration.base or exploration.base.is_only_claimed:
        return " ".join(filter(None, (searched, left_out)))
    above = f"{counted(layers - base, 'layer')} above the base" if layers > base else "no layer above the base"
    return " ".join(filter(None, (f"Searched: the history, the settings and {above}.", left_out)))


def base_words(exploration: Exploration) -> str:
    """Returns a sentence about a base that is not certain, as `lx check` counts it."""
    base, layers = exploration.base, exploration.base_layers
    if not layers or (base is not None and base.exact):
        return ""
    lowest = "Layer 0 seems" if layers == 1 else f"The lowest {layers:,} layers seem"
    name = f", {printable(base.name)}" if base is not None and base.name else ""
    return f"{lowest} to be the base's{name}: practices there are left out here, but `lx check` counts them."
