"""The rows of the layers: from an image and the sizes of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from explorer.model import HistoryStep, Image
from explorer.pipeline import Exploration
from explorer.text.dockerfile import instruction
from explorer.text.printable import printable, shortened
from explorer.text.words import command

_MAX_COMMAND_CHARS = 500
"""No screen shows more characters of a command in one row."""


class LayerRow(NamedTuple):
    """A layer, or a metadata-only step of the history."""

    layer: int
    """Its number; for a metadata-only step, that of the layer whose files it has: the nearest below, or 0."""
    step: HistoryStep | None
    history_index: int | None = None
    is_empty: bool = False


class LayerSizes(NamedTuple):
    """Byte counts of a layer; None while they are unknown."""

    bytes: int | None = None
    wasted: int | None = None
    hides: int | None = None
    """Bytes of lower layers that it hides."""


def layer_rows(image: Image) -> list[LayerRow]:
    """Returns a row for each layer and metadata-only step, in history order."""
    rows: list[LayerRow] = []
    for index, step in enumerate(image.history):
        if step.layer is None:
            rows.append(LayerRow(rows[-1].layer if rows else 0, step, index, is_empty=True))
        elif step.layer < len(image.layers):
            rows.append(LayerRow(step.layer, step, index))
    with_step = {row.layer for row in rows if not row.is_empty}
    return rows + [LayerRow(layer.number, layer.step) for layer in image.layers if layer.number not in with_step]


def layer_sizes(image: Image, read: Mapping[int, int], exploration: Exploration | None) -> list[LayerSizes]:
    """Returns the known byte counts of each layer; ``read`` are those read so far."""
    if exploration is None:
        return [LayerSizes(read.get(layer.number)) for layer in image.layers]
    return [LayerSizes(stats.bytes, stats.wasted_bytes, stats.hides_bytes) for stats in exploration.layers]


def row_command(row: LayerRow) -> str:
    """Returns the command of a row, printable and on one line."""
    step = row.step or HistoryStep()
    return _command(shortened(step.created_by, _MAX_COMMAND_CHARS), shortened(step.comment, _MAX_COMMAND_CHARS))


@lru_cache(4096)
def _command(created_by: str, comment: str) -> str:
    text = command(created_by, comment)
    # Tools that build without a Dockerfile give each layer the same command, and describe its content in the comment.
    is_tool = bool(comment) and bool(created_by.strip()) and not instruction(created_by).keyword
    return f"{text}: {printable(comment)}" if is_tool else text
