"""The parts of an image that grew since another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.analysis.waste import ByteUsage
from explorer.model import Waste

if TYPE_CHECKING:
    from explorer.analysis.image_diff.file_changes import FileChange
    from explorer.analysis.image_diff.package_changes import PackageChange

_UNCHANGED = (PairStatus.SAME, PairStatus.MOVED)
_Part = TypeVar("_Part", "LayerGrowth", "PackageChange", "FileChange")


class LayerGrowth(NamedTuple):
    """A layer of the new image that ships more than its counterpart."""

    layer: int
    """Number of the layer in the new image."""
    old_bytes: int
    """Bytes that its counterpart ships; 0 if it has none."""
    new_bytes: int

    @property
    def growth(self) -> int:
        """The bytes that it has more; negative if it has fewer."""
        return self.new_bytes - self.old_bytes


class Growth(NamedTuple):
    """The layers, packages and files that grew, each with the largest growth first."""

    layers: Sequence[LayerGrowth]
    packages: Sequence[PackageChange]
    files: Sequence[FileChange]
    wasted: Sequence[Waste]
    """Wasted files of the new image that the old one does not waste, the largest first."""


def growth(
    pairs: Iterable[LayerPair],
    old: ByteUsage,
    new: ByteUsage,
    packages: Iterable[PackageChange],
    files: Iterable[FileChange],
) -> Growth:
    """Returns what grew.

    Args:
        pairs: The layers of both images.
        old: The bytes of the old image.
        new: The bytes of the new image.
        packages: The packages that differ.
        files: The visible files that differ.
    """
    layers = [
        LayerGrowth(pair.new, 0 if pair.old is None else old.shipped_by_layer[pair.old], new.shipped_by_layer[pair.new])
        for pair in pairs
        if pair.new is not None and pair.status not in _UNCHANGED
    ]
    return Growth(_grown(layers), _grown(packages), _grown(files), _new_waste(old.wasted, new.wasted))


def _grown(parts: Iterable[_Part]) -> Sequence[_Part]:
    """Returns the parts that grew, the largest growth first."""
    return sorted((each for each in parts if each.growth > 0), key=lambda each: -each.growth)


def _new_waste(old: Iterable[Waste], new: Iterable[Waste]) -> Sequence[Waste]:
    """Returns the wasted files that are not among the old ones.

    Their layers may have other numbers.
    """
    known = Counter((waste.path, waste.bytes, waste.cause) for waste in old)
    added = []
    for waste in new:
        key = waste.path, waste.bytes, waste.cause
        if known[key]:
            known[key] -= 1
        else:
            added.append(waste)
    return added
