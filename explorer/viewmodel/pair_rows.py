"""The rows of the pairs of layers of two images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.model import Layer
from explorer.pipeline import Exploration, ImageDiff
from explorer.text.words import layer_command

_MAX_COMMAND_CHARS = 500
"""No screen shows more characters of a command in one row."""
STATUS_MARKS: Mapping[PairStatus, str] = {
    PairStatus.SAME: "=",
    PairStatus.SAME_BUT_TIMES: "≈",
    PairStatus.CHANGED: "~",
    PairStatus.MOVED: "↕",
    PairStatus.ADDED: "+",
    PairStatus.REMOVED: "−",
}
STATUS_WORDS: Mapping[PairStatus, str] = {
    PairStatus.SAME: "same",
    PairStatus.SAME_BUT_TIMES: "same but for times",
    PairStatus.CHANGED: "changed",
    PairStatus.MOVED: "moved",
    PairStatus.ADDED: "added",
    PairStatus.REMOVED: "removed",
}


class LayerSide(NamedTuple):
    """A layer of one of two images."""

    number: int
    bytes: int
    command: str
    """Printable and on one line; maybe cut."""


class PairRow(NamedTuple):
    """A pair of layers, or a layer that only one image has."""

    pair: LayerPair
    old: LayerSide | None
    new: LayerSide | None
    is_break: bool = False
    """True if the pair is the first that differs."""

    @property
    def command(self) -> str:
        """The command of the new image's layer, or else of the old image's."""
        side = self.new or self.old
        return side.command if side is not None else ""

    @property
    def growth(self) -> int:
        """The bytes that the new layer has more; negative if it has fewer."""
        return (self.new.bytes if self.new else 0) - (self.old.bytes if self.old else 0)


def pair_rows(diff: ImageDiff) -> Sequence[PairRow]:
    """Returns the rows of all pairs in the order of the new image's layers."""
    broken = diff.first_break
    at = (broken.old, broken.new) if broken is not None else (None, None)
    rows = [
        PairRow(pair, _side(diff.old, pair.old), _side(diff.new, pair.new), pair[:2] == at) for pair in diff.layer_pairs
    ]
    if any(at) and not any(row.is_break for row in rows):
        # The layers at the break belong to other layers: the new image's is where the build left the cache.
        place = next((index for index, row in enumerate(rows) if at[1] is not None and row.pair.new == at[1]), None)
        if place is not None:
            rows[place] = rows[place]._replace(is_break=True)
    return rows


def _side(exploration: Exploration, number: int | None) -> LayerSide | None:
    if number is None:
        return None
    layer: Layer = exploration.image.layers[number]
    return LayerSide(number, exploration.layers[number].bytes, layer_command(layer, _MAX_COMMAND_CHARS))
