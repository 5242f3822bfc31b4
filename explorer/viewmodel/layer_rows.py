"""What the lines of the layers say, as pure functions: an image and what is known of its layers in, lines out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from explorer.model import HistoryStep
from explorer.text.dockerfile import instruction
from explorer.text.printable import printable, shortened
from explorer.text.words import command

if TYPE_CHECKING:
    from explorer.model import Image
    from explorer.pipeline import Exploration

_LONGEST = 500
"""Characters of a command that are looked at; no screen shows more in a line."""


class LayerRow(NamedTuple):
    """One line: a layer, or a step of the history that made none."""

    layer: int
    """Its number; for a step without a layer, that of the layer whose files there are: the nearest below, or 0."""
    step: HistoryStep | None
    place: int | None = None
    """The step's place in the history."""
    is_empty: bool = False
    """Whether the step made no layer."""


class LayerSizes(NamedTuple):
    """What is known of a layer. None while it is not."""

    bytes: int | None = None
    wasted: int | None = None
    hides: int | None = None


def layer_rows(image: Image) -> list[LayerRow]:
    """A line for each layer, and between them one for each step that made none, in the order of the history."""
    found: list[LayerRow] = []
    told: set[int] = set()
    for place, step in enumerate(image.history):
        if step.layer is None:
            found.append(LayerRow(found[-1].layer if found else 0, step, place, is_empty=True))
        elif step.layer < len(image.layers):
            told.add(step.layer)
            found.append(LayerRow(step.layer, step, place))
    untold = [layer for layer in image.layers if layer.number not in told]
    return found + [LayerRow(layer.number, layer.step) for layer in untold]


def layer_sizes(image: Image, read: dict[int, int], exploration: Exploration | None) -> list[LayerSizes]:
    """For each layer what is known of it: ``read`` holds the sizes of those read so far."""
    if exploration is None:
        return [LayerSizes(read.get(layer.number)) for layer in image.layers]
    return [LayerSizes(each.bytes, each.wasted_bytes, each.hides_bytes) for each in exploration.layers]


@lru_cache(4096)
def _command(created_by: str, comment: str) -> str:
    found = command(created_by, comment)
    # Tools that build without a Dockerfile note the same of every layer, and what is in it in the comment.
    is_tool = bool(comment) and bool(created_by.strip()) and not instruction(created_by).keyword
    return f"{found}: {printable(comment)}" if is_tool else found


def row_command(line: LayerRow) -> str:
    """The command of a line, printable and on one line, as much of it as a screen may show."""
    step = line.step or HistoryStep()
    return _command(shortened(step.created_by, _LONGEST), shortened(step.comment, _LONGEST))
