"""Words for the place and the fate of a finding, printable and on one line."""

from __future__ import annotations

from explorer.analysis.findings.finding import ConfigPlace, Finding, PathPlace
from explorer.text.printable import printable

_MAX_PLACE_CHARS = 300


def place_words(finding: Finding) -> str:
    """Returns the place: ``/app/.env:3``, ``ENV API_TOKEN``, ``setting User``."""
    place = finding.place
    if isinstance(place, PathPlace):
        return f"{_shown(f'/{place.path}')}{'' if place.line is None else f':{place.line}'}"
    if isinstance(place, ConfigPlace):
        return f"setting {_shown(place.key)}"
    return place.name or f"step {place.step} of the history"


def fate_words(finding: Finding) -> str:
    """Returns the fate of a file: ``deleted by layer 5, but can still be downloaded``.

    It is empty for settings and for steps, which stay as they are.
    """
    if not isinstance(finding.place, PathPlace):
        return ""
    return (
        "visible" if finding.hidden_in is None else f"deleted by layer {finding.hidden_in}, but can still be downloaded"
    )


def layer_words(finding: Finding) -> str:
    """Returns the layer and the fate: ``layer 3, visible``."""
    layer = "" if finding.layer is None else f"layer {finding.layer}"
    return ", ".join(filter(None, (layer, fate_words(finding))))


def where_words(finding: Finding) -> str:
    """Returns the place, the layer and the fate: ``/app/.env:3, layer 3, visible``."""
    return ", ".join(filter(None, (place_words(finding), layer_words(finding))))


def _shown(text: str) -> str:
    shown = printable(text)
    half = _MAX_PLACE_CHARS // 2
    return shown if len(shown) <= _MAX_PLACE_CHARS else f"{shown[:half]}…{shown[-half:]}"
