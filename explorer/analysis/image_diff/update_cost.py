"""The bytes that somebody who has the old image must download for the new one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.align_layers import layer_identity
from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.model import Layer

_TYPICAL_RATIO = 0.4
"""Compressed bytes for each byte of a layer, if no layer of the images tells."""


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


def update_cost(old: ComparedImage, new: ComparedImage) -> UpdateCost:
    """Returns the cost of an update from the old image to the new one."""
    knows_digests = all(_is_blob(layer) for layer in (*old.image.layers, *new.image.layers))
    known = {_key(layer, knows_digests) for layer in old.image.layers} - {""}
    downloads: list[Layer] = []
    for layer in new.image.layers:
        key = _key(layer, knows_digests)
        if key not in known:
            downloads.append(layer)
        if key:
            known.add(key)
    ratio = _ratio((old, new))
    sizes = [
        layer.download_bytes
        if layer.download_bytes is not None
        else round(new.tree.layers[layer.number].shipped_bytes * ratio)
        for layer in downloads
    ]
    is_estimated = bool(downloads) and not knows_digests
    numbers = [layer.number for layer in downloads]
    return UpdateCost(sum(sizes), is_estimated, _disk_bytes(old, new), numbers, sizes)


def _is_blob(layer: Layer) -> bool:
    """True if a layer has the digest and the size with which it is downloaded."""
    return layer.digest is not None and layer.download_bytes is not None


def _key(layer: Layer, knows_digests: bool) -> str:
    return (layer.digest or "") if knows_digests else layer_identity(layer)


def _ratio(images: Iterable[ComparedImage]) -> float:
    """Returns the compressed size of a byte, as the known layers have it."""
    compressed = shipped = 0
    for each in images:
        for layer, index in zip(each.image.layers, each.tree.layers, strict=True):
            if layer.download_bytes is not None and not index.is_unread:
                compressed += layer.download_bytes
                shipped += index.shipped_bytes
    return compressed / shipped if shipped and compressed < shipped else _TYPICAL_RATIO


def _disk_bytes(old: ComparedImage, new: ComparedImage) -> int:
    """Returns the bytes of all layers above the lowest ones that both images have."""
    shared = 0
    for before, after in zip(old.image.layers, new.image.layers, strict=False):
        if not layer_identity(before) or layer_identity(before) != layer_identity(after):
            break
        shared += 1
    return sum(index.shipped_bytes for index in new.tree.layers[shared:])
