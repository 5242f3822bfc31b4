"""Verifies that layers which two images share by their digests have these digests."""

from __future__ import annotations

from collections.abc import Set

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.errors import DamagedBytes
from explorer.layers.cache import has_certain_bytes
from explorer.layers.progress_meter import ProgressMeter
from explorer.model import Watcher
from explorer.text.printable import shown_reference

_STEP = "Verifying layers from the cache"


def verify_shared(old: ComparedImage, new: ComparedImage, shared: Set[tuple[int, int]], watcher: Watcher) -> None:
    """Requires that shared layers have the digests by which the cache knows them.

    The cache takes the word of an archive for them, and a false one would make two layers equal.

    Raises DamagedBytes, and Cancelled from the watcher.
    """
    meter = ProgressMeter(_STEP, lambda: None, watcher)
    for name, compared, position in (("the old image", old, 0), ("the new image", new, 1)):
        for number in sorted({pair[position] for pair in shared}):
            layer, index = compared.image.layers[number], compared.tree.layers[number]
            if not has_certain_bytes(layer, index, meter.part(number)):
                raise DamagedBytes(
                    f"{name}: {shown_reference(compared.image.reference)} is damaged: layer {number} does not have the "
                    "digest that it shares with the other image, and with which the cache has it",
                    "Compare with --no-cache, which reads both images and shows the difference.",
                )
