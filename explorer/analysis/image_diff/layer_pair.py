"""A pair of layers of two images that belong together."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.file_changes import FileChange
from explorer.analysis.image_diff.layer_difference import LayerDifference


class PairStatus(enum.Enum):
    """The result of the comparison of two layers; the values are those of the JSON."""

    SAME = "same"
    SAME_BUT_TIMES = "same-but-times"
    """Contents, modes, owners, links and attributes are equal."""
    CHANGED = "changed"
    MOVED = "moved"
    """The same layer in another order, maybe with other times."""
    ADDED = "added"
    REMOVED = "removed"


class LayerPair(NamedTuple):
    """A layer of the old image and the layer of the new image that belongs to it."""

    old: int | None
    """Number of the layer in the old image; None if only the new one has it."""
    new: int | None
    """Number of the layer in the new image; None if only the old one has it."""
    status: PairStatus
    difference: LayerDifference | None = None
    """The paths that differ; None if one layer is alone, if both are the same, or if one was not read."""
    changes: Sequence[FileChange] = ()
    """The entries that differ, if there is a difference."""
