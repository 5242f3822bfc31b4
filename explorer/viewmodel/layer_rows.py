"""The rows of the layers: from an image and the sizes of its layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from explorer.config.cycle import Cycle
from explorer.model import Cause, HistoryStep, Image
from explorer.pipeline import Exploration
from explorer.text.dockerfile import instruction
from explorer.text.printable import printable, shortened
from explorer.text.words import command
from explorer.viewmodel.base_words import BaseLine

_MAX_COMMAND_CHARS = 500
"""No screen shows more characters of a command in one row."""
_MAX_FOLDED_KEYWORDS = 200


class LayerRow(NamedTuple):
    """A layer, a metadata-only step of the history, or several of these steps."""

    layer: int
    """Its number; for a metadata-only step, that of the layer whose files it has: the nearest below, or 0."""
    step: HistoryStep | None
    history_index: int | None = None
    is_empty: bool = False
    folded: tuple[LayerRow, ...] = ()
    """The metadata-only steps that the row stands for, if it is not a step itself."""
    base_line: BaseLine | None = None
    """The words of the line that ends the base, which is neither layer nor step."""


class LayerSizes(NamedTuple):
    """Byte counts of a layer; None while they are unknown."""

    bytes: int | None = None
    wasted: int | None = None
    undone: int = 0
    """Bytes of lower layers that it deletes or replaces."""
    repeated: int = 0
    """Bytes of lower layers that it ships again unchanged."""
    download_bytes: int | None = None
    """Compressed size of a layer of a registry that is not read."""
    is_left_out: bool = False
    """True if it is not read because it may not be fetched."""


class LayerOrder(Cycle):
    """The order of the layers; the value is its name on the screen."""

    NUMBER = "number"
    SIZE = "size"
    WASTED = "wasted"


@dataclass(frozen=True, slots=True)
class LayersView:
    """The order of the layers and the steps among them; replaced, never changed."""

    order: LayerOrder = LayerOrder.NUMBER
    is_reversed: bool = False
    is_folded: bool | None = None
    """True if one row stands for all metadata-only steps; None leaves it to the room."""

    def sorted_by(self, order: LayerOrder) -> LayersView:
        """Returns the view in another order; the present order is reversed."""
        return replace(self, order=order, is_reversed=order is self.order and not self.is_reversed)


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


def arranged_rows(
    rows: Sequence[LayerRow],
    sizes: Sequence[LayerSizes],
    view: LayersView,
    room: int,
    base_line: BaseLine | None = None,
) -> Sequence[LayerRow]:
    """Returns the rows in an order, with one row or several for steps without layers.

    Steps have their own rows in build order, if all rows fit into ``room`` lines or the user asks for them. In build
    order, a line ends the base.
    """
    arranged = _arranged_rows(rows, sizes, view, room - bool(base_line))
    if base_line is None or view.order is not LayerOrder.NUMBER:
        return arranged
    line = LayerRow(base_line.layers - 1, None, is_empty=True, base_line=base_line)
    in_build_order = arranged[::-1] if view.is_reversed else arranged
    end = _end_of_base(in_build_order, base_line.layers)
    with_line = [*in_build_order[:end], line, *in_build_order[end:]]
    return with_line[::-1] if view.is_reversed else with_line


def _end_of_base(rows: Sequence[LayerRow], base_layers: int) -> int:
    """Returns the place after the base's last layer, and after its CMD."""
    end = next((place + 1 for place, row in enumerate(rows) if row.layer == base_layers - 1 and not row.is_empty), 0)
    after = next((place for place in range(end, len(rows)) if not rows[place].is_empty), len(rows))
    if after == len(rows):
        # The steps at the end are the image's own.
        return end
    commands = [place + 1 for place in range(end, after) if row_command(rows[place]).startswith("CMD ")]
    return max(commands, default=end)


def _arranged_rows(
    rows: Sequence[LayerRow], sizes: Sequence[LayerSizes], view: LayersView, room: int
) -> Sequence[LayerRow]:
    layers = [row for row in rows if not row.is_empty]
    steps = tuple(row for row in rows if row.is_empty)
    is_in_build_order = view.order is LayerOrder.NUMBER
    is_folded = len(rows) > room if view.is_folded is None else view.is_folded
    if is_in_build_order and not (is_folded and len(steps) > 1):
        return rows[::-1] if view.is_reversed else rows
    if not is_in_build_order:
        layers.sort(key=lambda row: -_sorted_bytes(row.layer, sizes, view.order))
    if view.is_reversed:
        layers.reverse()
    if len(steps) < 2:
        return [*layers, *steps]
    return [*layers, LayerRow(steps[-1].layer, None, is_empty=True, folded=steps)]


def _sorted_bytes(layer: int, sizes: Sequence[LayerSizes], order: LayerOrder) -> int:
    figures = sizes[layer] if layer < len(sizes) else LayerSizes()
    return (figures.bytes if order is LayerOrder.SIZE else figures.wasted) or 0


def layer_sizes(image: Image, read: Mapping[int, int], exploration: Exploration | None) -> list[LayerSizes]:
    """Returns the known byte counts of each layer; ``read`` are those read so far."""
    if exploration is None:
        return [
            LayerSizes(read.get(layer.number), download_bytes=layer.download_bytes if layer.is_remote else None)
            for layer in image.layers
        ]
    repeated: Counter[int] = Counter()
    for causes in exploration.waste_by_layer.wasted.values():
        for (cause, hidden_in), count in causes.items():
            if cause is Cause.RECOPIED:
                repeated[hidden_in] += count
    return [
        LayerSizes(download_bytes=stats.layer.download_bytes, is_left_out=True)
        if stats.is_unread
        else LayerSizes(stats.bytes, stats.wasted_bytes, stats.hides_bytes - repeated[layer], repeated[layer])
        for layer, stats in enumerate(exploration.layers)
    ]


def largest_layer(sizes: Sequence[LayerSizes]) -> int:
    """Returns the number of the largest layer, or the lowest of equal ones."""
    return max(range(len(sizes)), key=lambda layer: sizes[layer].bytes or 0, default=0)


def folded_words(row: LayerRow) -> str:
    """Returns words for several steps: ``2 metadata-only steps: ENV, CMD``."""
    keywords = dict.fromkeys(row_command(step).partition(" ")[0] for step in row.folded[:_MAX_FOLDED_KEYWORDS])
    return f"{len(row.folded):,} metadata-only steps: {', '.join(keywords)}"


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
