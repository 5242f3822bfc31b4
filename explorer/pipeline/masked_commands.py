"""Masks the secrets in the commands of an image, for output that others read."""

from __future__ import annotations

from dataclasses import replace

from explorer.model import HistoryStep
from explorer.pipeline.exploration import Exploration

_FROM_COMMANDS = ("base", "base_layers", "dockerfile_map", "given_base")
"""Values that masked commands would change, so they are computed first, with the commands as they are."""
_KEPT = (*_FROM_COMMANDS, "disposables", "origins", "packages")
"""Values that the copy takes over. The last ones do not depend on commands."""


def with_masked_commands(exploration: Exploration) -> Exploration:
    """Returns an exploration whose commands have no secret; so do its fixes.

    It loads the search for secrets, so it is for commands that search for them.
    """
    from explorer.analysis.findings.secrets.without_secrets import without_secrets

    image = exploration.image
    masked: dict[HistoryStep, HistoryStep] = {}
    for step in {*image.history, *(layer.step for layer in image.layers if layer.step)}:
        text = without_secrets(step.created_by)
        if text != step.created_by:
            masked[step] = replace(step, created_by=text)
    if not masked:
        return exploration
    for name in _FROM_COMMANDS:
        getattr(exploration, name)
    layers = tuple(replace(each, step=masked.get(each.step, each.step)) if each.step else each for each in image.layers)
    history = tuple(masked.get(each, each) for each in image.history)
    stats = tuple(replace(each, layer=layer) for each, layer in zip(exploration.layers, layers, strict=True))
    shown = replace(exploration, image=replace(image, layers=layers, history=history), layers=stats)
    known = {name: exploration.__dict__[name] for name in _KEPT if name in exploration.__dict__}
    shown.__dict__.update(known)
    return shown
