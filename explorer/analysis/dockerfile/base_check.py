"""Finds steps between a Dockerfile's own steps and its base.

A Dockerfile that lost its first lines fits the end of the history, too. If the image that its FROM names is known to
end lower, the steps between are of no line. If it is unknown where the base ends, they may be.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.base.base import Base
from explorer.analysis.dockerfile.mismatch import shown_step
from explorer.analysis.dockerfile.stages import Stage
from explorer.model import HistoryStep
from explorer.text.dockerfile import instruction
from explorer.text.image_names import repository

_TRIGGER = "ONBUILD"
_DEFAULT_TAG = "latest"


def problem_with_base(stage: Stage, first_own: int, base: Base | None, history: Sequence[HistoryStep]) -> str:
    """Returns the problem that the base shows; empty if there is none. Printable.

    Args:
        stage: The stage whose instructions fit.
        first_own: The step of its first instruction.
        base: The base of the image, if it is known.
        history: The history of the image.
    """
    base_layers = None if base is None else base.certain_layers
    if base is None or not base_layers:
        return ""
    if _whole_name(base.name) != _whole_name(stage.base):
        return ""
    between = [
        step for step, each in enumerate(history[:first_own]) if each.layer is not None and each.layer >= base_layers
    ]
    if not between:
        return ""
    steps = [instruction(each.created_by, each.comment) for each in history]
    if any(each.keyword == _TRIGGER for each in steps[: between[0]]):
        # The base asks for steps of its own.
        return ""
    step = between[0]
    return f"no line made step {step + 1} of the image, which is above its base: {shown_step(steps[step])}"


def doubt_about_base(layers: int, base: Base | None) -> str:
    """Returns a doubt that FROM brought some lowest layers; empty if there is none."""
    if not layers or (base is not None and (base.certain_layers or 0) >= layers):
        return ""
    return "the base is not certain, so FROM may have steps of lines that are not in the file"


def _whole_name(name: str) -> str:
    tag = name.partition("@")[0].rpartition("/")[2].partition(":")[2]
    return f"{repository(name)}:{tag or _DEFAULT_TAG}"
