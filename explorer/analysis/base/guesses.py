"""Guesses of the base's end from histories. They decide no verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explorer.model import HistoryStep, Layer
from explorer.text.dockerfile import instruction
from explorer.text.printable import shortened

_MAX_STEP_CHARS = 2_000


class Guess(NamedTuple):
    """The number of layers that seem to be the base."""

    layers: int
    reason: str


def guess(layers: Sequence[Layer], history: Sequence[HistoryStep]) -> Guess:  # noqa: ARG001
    """Returns a guess where the base ends; no layers if nothing looks like a base."""
    lowest = layers[0].step if layers else None
    if not layers:
        return Guess(0, "")
    keyword = _keyword(lowest or HistoryStep())
    imported = [layer.number for layer in layers if layer.step is not None and _keyword(layer.step) == "FROM"]
    count = max(imported, default=-1) + 1
    if not count and keyword not in ("RUN", "COPY"):
        count = 1
    return Guess(count, "from the first step") if count else Guess(0, "")


def _keyword(step: HistoryStep) -> str:
    return instruction(shortened(step.created_by, _MAX_STEP_CHARS), step.comment).keyword
