"""The bytes that an update from the old image to the new one downloads."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.layer_pair import LayerPair
from explorer.analysis.image_diff.sampled_size import sampled_sizes
from explorer.analysis.image_diff.shared_layers import has_same_diff_id
from explorer.model import Layer
from explorer.text.units import percent

_TYPICAL_RATIO = 0.4
"""Compressed bytes for each byte of a layer, if no layer of the images tells."""


class Basis(enum.Enum):
    """The source of compressed sizes that no manifest states; JSON has its value."""

    SAMPLE = "sample"
    OTHER_LAYERS = "other-layers"
    TYPICAL = "typical"


_BASIS_WORDS: Mapping[Basis, str] = {
    Basis.SAMPLE: "estimated from a compressed sample of the files",
    Basis.OTHER_LAYERS: "a rough estimate from how well the other layers compress: the files cannot be read",
    Basis.TYPICAL: f"a rough estimate, {percent(_TYPICAL_RATIO)} of the unpacked bytes: the files cannot be read",
}


class UpdateCost(NamedTuple):
    """The bytes that the new image needs in addition to those of the old one."""

    download_bytes: int
    """The compressed bytes of the layers that the old image does not have, each once."""
    is_estimated: bool
    """True if the digest or the compressed size of a layer is unknown."""
    disk_bytes: int
    """The bytes of the layers that are unpacked. Engines unpack a layer again if other layers are below it."""
    layers: Sequence[int]
    """Numbers of the new image's layers that are downloaded."""
    layer_bytes: Sequence[int]
    """The bytes of each of them."""
    basis: Basis | None = None
    """The least certain source of these bytes; None if all are known."""

    @property
    def is_rough(self) -> bool:
        """True if no contents were read for the estimate."""
        return self.basis in (Basis.OTHER_LAYERS, Basis.TYPICAL)

    @property
    def basis_words(self) -> str:
        """The source of the bytes for people; empty if all are known."""
        if self.basis is not None:
            return _BASIS_WORDS[self.basis]
        return "an estimate, because digests are unknown" if self.is_estimated else ""


def update_cost(old: ComparedImage, new: ComparedImage, pairs: Iterable[LayerPair]) -> UpdateCost:
    """Returns the cost of an update from the old image to the new one.

    Args:
        old: The old image.
        new: The new image.
        pairs: The aligned layers. Layers whose files differ are not the same, even if their digests are equal.
    """
    differing = {pair.new for pair in pairs if pair.new is not None and _is_disproved(pair, old, new)}
    knows_digests = all(_is_blob(layer) for layer in (*old.image.layers, *new.image.layers))
    known = {_key(layer, knows_digests) for layer in old.image.layers} - {""}
    downloads: list[Layer] = []
    for layer in new.image.layers:
        key = _key(layer, knows_digests)
        if key not in known or layer.number in differing:
            downloads.append(layer)
        if key:
            known.add(key)
    sizes, basis = _download_sizes(old, new, downloads)
    is_estimated = bool(downloads) and not knows_digests
    numbers = [layer.number for layer in downloads]
    return UpdateCost(sum(sizes), is_estimated, _disk_bytes(old, new, differing), numbers, sizes, basis)


def _download_sizes(
    old: ComparedImage, new: ComparedImage, downloads: Sequence[Layer]
) -> tuple[Sequence[int], Basis | None]:
    """Returns the compressed size of each layer, and the least certain source of them."""
    known = {layer.number: layer.download_bytes for layer in downloads if layer.download_bytes is not None}
    unknown = [(layer, new.tree.layers[layer.number]) for layer in downloads if layer.number not in known]
    sampled = sampled_sizes(unknown)
    others = [layer for layer, _ in unknown if layer.number not in sampled]
    ratio = _ratio((old, new)) if others else None
    guessed = {
        layer.number: round(new.usage.shipped_by_layer[layer.number] * (_TYPICAL_RATIO if ratio is None else ratio))
        for layer in others
    }
    basis = None
    if any(guessed.values()):
        basis = Basis.TYPICAL if ratio is None else Basis.OTHER_LAYERS
    elif sampled:
        basis = Basis.SAMPLE
    sizes = {**known, **sampled, **guessed}
    return [sizes[layer.number] for layer in downloads], basis


def _is_blob(layer: Layer) -> bool:
    """True if a layer has the digest and the size with which it is downloaded."""
    return layer.digest is not None and layer.download_bytes is not None


def _key(layer: Layer, knows_digests: bool) -> str:
    return (layer.digest or "") if knows_digests else layer.diff_id


def _ratio(images: Iterable[ComparedImage]) -> float | None:
    """Returns the compressed bytes of a byte in known layers; None without any."""
    compressed = shipped = 0
    for each in images:
        for layer, index in zip(each.image.layers, each.tree.layers, strict=True):
            if layer.download_bytes is not None and not index.is_unread:
                compressed += layer.download_bytes
                shipped += each.usage.shipped_by_layer[layer.number]
    return compressed / shipped if shipped and compressed < shipped else None


def _is_disproved(pair: LayerPair, old: ComparedImage, new: ComparedImage) -> bool:
    """True if two layers differ that have one digest.

    Files that were not compared tell nothing.
    """
    difference = pair.difference
    if pair.old is None or pair.new is None or difference is None:
        return False
    if not (difference.times or difference.directory_times) and len(difference.beyond_times) == len(difference.unknown):
        return False
    return has_same_diff_id(old.image.layers[pair.old], new.image.layers[pair.new])


def _disk_bytes(old: ComparedImage, new: ComparedImage, differing: Set[int]) -> int:
    """Returns the bytes of all layers above the lowest ones that both images have."""
    shared = 0
    for before, after in zip(old.image.layers, new.image.layers, strict=False):
        if not has_same_diff_id(before, after) or after.number in differing:
            break
        shared += 1
    return sum(new.usage.shipped_by_layer[shared:])
