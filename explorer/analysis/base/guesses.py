"""Guesses of the base's end from histories. They decide no verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from explorer.analysis.config_history import seconds_since_previous
from explorer.model import HistoryStep, Layer
from explorer.text.dockerfile import Instruction, instruction
from explorer.text.printable import shortened

_MAX_STEP_CHARS = 2_000
_TOOLS = {"kaniko": "kaniko", "jib": "Jib", "ko": "ko", "bazel": "Bazel"}
"""Authors of steps, in lower case, to tools that keep the history of their base and sign their own steps."""
_ROOT = re.compile(r"\S*rootfs\S* /")
"""The arguments of a COPY that brings a root file system."""
_MIN_GAP_SECONDS = 3600
"""The least time between a base and what is built on it; steps of one build follow each other sooner."""


class Guess(NamedTuple):
    """The number of layers that seem to be the base."""

    layers: int
    reason: str
    """The idiom of the history; empty if there is none."""


def guess(layers: Sequence[Layer], history: Sequence[HistoryStep]) -> Guess:
    """Returns a guess where the base ends; no layers if nothing looks like a base."""
    if not layers:
        return Guess(0, "")
    steps = [layer.step or HistoryStep() for layer in layers]
    below_tool = _below_tool(steps)
    if below_tool is not None:
        return below_tool
    lowest = _lowest(steps)
    return _below_cmd(history, lowest.layers, len(layers)) or lowest


def _below_tool(steps: Sequence[HistoryStep]) -> Guess | None:
    """Returns the layers below those of a tool that signs its steps."""
    author = steps[-1].author.lower()
    count = len(steps)
    while count and steps[count - 1].author.lower() == author:
        count -= 1
    return Guess(count, f"from the author of the steps above, {_TOOLS[author]}") if count and author in _TOOLS else None


def _lowest(steps: Sequence[HistoryStep]) -> Guess:
    """Returns the lowest layers if they look like those of a base image."""
    parsed = [_instruction(step) for step in steps]
    first = parsed[0]
    if first.keyword == "RUN" or (first.keyword == "COPY" and not _ROOT.fullmatch(first.arguments)):
        return Guess(0, "")
    imported = max((number + 1 for number, each in enumerate(parsed) if each.keyword == "FROM"), default=1)
    by_tool = next((number for number, each in enumerate(parsed) if each.keyword), len(parsed))
    count = max(imported, by_tool if by_tool < len(parsed) else 1)
    is_known = bool(steps[0].created_by or steps[0].comment)
    return Guess(count, "from the first step" if is_known else "")


def _below_cmd(history: Sequence[HistoryStep], lowest: int, layers: int) -> Guess | None:
    """Returns the layers below the last CMD from above that layers follow.

    A base image ends with its CMD. If a CMD was set again in the middle of a build, an earlier one with a gap in time
    after it counts.
    """
    below = [0, *accumulate(int(step.layer is not None) for step in history)]
    commands = [position for position in _commands_below_layers(history) if max(lowest, 1) <= below[position] < layers]
    by_gap = next((position for position in commands if _has_gap_after(history, position)), None)
    if by_gap is not None:
        return Guess(below[by_gap], "from a CMD below other steps, and a gap in the dates")
    return Guess(below[commands[0]], "from a CMD below other steps") if commands and lowest else None


def _commands_below_layers(history: Sequence[HistoryStep]) -> Iterator[int]:
    """Yields the places of the CMDs that a step with a layer follows, the last first."""
    has_layer_above = False
    for position in reversed(range(len(history))):
        step = history[position]
        if step.layer is not None:
            has_layer_above = True
        elif has_layer_above and _instruction(step).keyword == "CMD":
            yield position


def _has_gap_after(history: Sequence[HistoryStep], position: int) -> bool:
    seconds = seconds_since_previous(history, position + 1)
    return seconds is not None and seconds >= _MIN_GAP_SECONDS


def _instruction(step: HistoryStep) -> Instruction:
    return instruction(shortened(step.created_by, _MAX_STEP_CHARS), step.comment)
