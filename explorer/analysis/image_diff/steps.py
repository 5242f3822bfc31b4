"""The steps of two histories, in a form in which they can be compared."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from explorer.model import HistoryStep, Image
from explorer.text.dockerfile import Instruction, instruction, readable
from explorer.text.printable import shortened
from explorer.text.words import step_command

_MAX_STEP_CHARS = 20_000
"""The part of a step that is compared."""
_MAX_NAME_CHARS = 60


class Step(NamedTuple):
    """A step of a history."""

    layer: int | None
    """The number of the layer that it made; None if it only changed settings."""
    instruction: Instruction
    name: str
    """The command for a sentence, shortened and printable."""
    created: str | None
    """The time of the step, as the history spells it."""

    @property
    def key(self) -> Hashable:
        """The command, as all builders record it."""
        return _key(self.instruction)


def image_steps(image: Image) -> Sequence[Step]:
    """Returns the steps of an image.

    They are one for each layer if the history does not fit the layers.
    """
    numbers = [step.layer for step in image.history if step.layer is not None]
    if numbers == [layer.number for layer in image.layers]:
        return [_step(step, step.layer) for step in image.history]
    return [_step(layer.step or HistoryStep(), layer.number) for layer in image.layers]


def command_key(step: HistoryStep | None) -> Hashable:
    """Returns the command of a step as it is compared; None if there is none."""
    if step is None:
        return None
    key = _key(_instruction(step))
    return key if any(key) else None


def _step(step: HistoryStep, layer: int | None) -> Step:
    name = step_command(step, _MAX_STEP_CHARS)
    if len(name) > _MAX_NAME_CHARS:
        name = f"{name[: _MAX_NAME_CHARS - 1]}…"
    return Step(layer, _instruction(step), name, step.created)


def _instruction(step: HistoryStep) -> Instruction:
    return instruction(shortened(step.created_by, _MAX_STEP_CHARS), shortened(step.comment, _MAX_STEP_CHARS))


def _key(step: Instruction) -> tuple[str, ...]:
    """Returns keyword, flags and arguments.

    Build arguments and the digests of copied files are left out.
    """
    return (step.keyword, *step.flags, " ".join(readable(step).split()))
