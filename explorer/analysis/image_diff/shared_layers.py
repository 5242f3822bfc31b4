"""The layers that two images certainly share."""

from __future__ import annotations

from collections.abc import Hashable, Set

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.layers.cache import certain_key
from explorer.layers.fingerprints import has_all_fingerprints
from explorer.model import Layer
from explorer.saved.saved_layer import SavedLayer


def shared_layers(old: ComparedImage, new: ComparedImage) -> Set[tuple[int, int]]:
    """Returns the numbers of the layers that are certainly the same in two images.

    A digest that an image only claims proves nothing: both would be its own words.
    """
    new_identities = layer_identities(new)
    return {
        (old_number, new_number)
        for old_number, old_identity in enumerate(layer_identities(old))
        for new_number, new_identity in enumerate(new_identities)
        if old_identity == new_identity
    }


def layer_identities(compared: ComparedImage) -> list[Hashable]:
    """Returns a value for each layer of an image, equal only for the same layer."""
    identities: list[Hashable] = []
    for layer, index in zip(compared.image.layers, compared.tree.layers, strict=True):
        key: Hashable = certain_key(layer)
        if isinstance(layer.contents, SavedLayer):
            # Nothing proves its digests, but equal indexes with all fingerprints are of equal layers.
            key = layer.contents.index_digest if has_all_fingerprints(index) else None
        elif index.is_from_table:
            # Layers with other bytes can have the same table.
            key = (key, layer.digest) if key and layer.digest else None
        if key and not index.damage and not index.is_unread:
            # A table of contents does not prove what the rest of its layer is.
            identities.append((layer.contents.verified, index.is_from_table, key))
        else:
            identities.append(id(layer.contents))
    return identities


def has_same_diff_id(old: Layer, new: Layer) -> bool:
    """True if two layers have one diff ID, which an image may only claim."""
    return bool(old.diff_id) and old.diff_id == new.diff_id
