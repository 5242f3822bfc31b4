"""Finds steps between a Dockerfile's own steps and its base.

A Dockerfile that lost its first lines fits the end of the history, too. If the image that its FROM names is known to
end lower, the steps between are of no line.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.base.base import Base
from explorer.analysis.dockerfile.map_steps import DockerfileMap
from explorer.analysis.dockerfile.mismatch import shown_step
from explorer.model import HistoryStep
from explorer.text.dockerfile import instruction
from explorer.text.image_names import repository

_TRIGGER = "ONBUILD"
_DEFAULT_TAG = "latest"


def checked_with_base(mapped: DockerfileMap, base: Base | None, history: Sequence[HistoryStep]) -> DockerfileMap:
    """Returns the map, or one with the problem that the base shows."""
    if base is None or not base.exact or not base.layers or mapped.stage is None:
        return mapped
    if _whole_name(base.name) != _whole_name(mapped.stage.base):
        return mapped
    first_own = min(step for step, made in mapped.made_by.items() if made != mapped.stage.base_line)
    between = [
        step for step, each in enumerate(history[:first_own]) if each.layer is not None and each.layer >= base.layers
    ]
    if not between:
        return mapped
    steps = [instruction(each.created_by, each.comment) for each in history]
    if any(each.keyword == _TRIGGER for each in steps[: between[0]]):
        # The base asks for steps of its own.
        return mapped
    step = between[0]
    problem = f"no line made step {step + 1} of the image, which is above its base: {shown_step(steps[step])}"
    return DockerfileMap(mapped.dockerfile, problem=problem)


def _whole_name(name: str) -> str:
    tag = name.partition("@")[0].rpartition("/")[2].partition(":")[2]
    return f"{repository(name)}:{tag or _DEFAULT_TAG}"
