"""The base images of two images that differ."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.base.guesses import guess
from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.steps import Step
from explorer.text.image_names import repository


def is_in_bases(old: ComparedImage, before: Sequence[Step], new: ComparedImage, after: Sequence[Step]) -> bool:
    """True if the first steps of both belong to the base images.

    Either both histories look like it, or an engine has the base of one of them. It often no longer has the older base,
    or not under its name.

    Args:
        old: The old image.
        before: Its steps from the first difference on.
        new: The new image.
        after: Its steps from there on.
    """
    old_layer, new_layer = _next_layer(before), _next_layer(after)
    if old_layer is None or new_layer is None:
        return False
    if old_layer < _guessed_layers(old) and new_layer < _guessed_layers(new):
        return True
    return _is_in_known_base(old, before[0].layer) or _is_in_known_base(new, after[0].layer)


def base_name(compared: ComparedImage, steps: Sequence[Step]) -> str:
    """Returns the name of the base, not printable; empty if unknown.

    A certain base may end just before the first of the steps, unless these look like a part of a larger one.

    Args:
        compared: The image.
        steps: Its steps from the first difference on.
    """
    base, layer = compared.base, _next_layer(steps)
    if base is None or layer is None:
        return ""
    is_named = base.layers is None or layer < base.layers or (layer == base.layers and is_above_base(compared, steps))
    return base.name if is_named else ""


def is_above_base(compared: ComparedImage, steps: Sequence[Step]) -> bool:
    """True if the steps are certainly above the base."""
    layers, layer = _certain_layers(compared), _next_layer(steps)
    return layers is not None and layer is not None and layer >= max(layers, _guessed_layers(compared))


def _next_layer(steps: Sequence[Step]) -> int | None:
    """Returns the first layer that one of the steps made."""
    return next((step.layer for step in steps if step.layer is not None), None)


def _guessed_layers(compared: ComparedImage) -> int:
    return guess(compared.image.layers, compared.image.history).layers


def _is_in_known_base(compared: ComparedImage, layer: int | None) -> bool:
    """True if a step made a layer, and it is of the certain base."""
    layers = _certain_layers(compared)
    return layer is not None and layers is not None and layer < layers


def _certain_layers(compared: ComparedImage) -> int | None:
    """Returns the number of layers of the certain base.

    None also for an image of the same repository: an earlier build or another stage.
    """
    base = compared.base
    if base is None or repository(base.name) in {repository(tag) for tag in compared.image.tags}:
        return None
    return base.certain_layers
