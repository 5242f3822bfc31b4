"""The whole way from an image to its figures, as one function to read aloud."""

from __future__ import annotations

from dataclasses import dataclass, replace

from explorer import gc_control
from explorer.analysis.layer_stats import LayerStats, layer_stats
from explorer.analysis.waste import ByteUsage, byte_usage
from explorer.layers.cache import Cache, store_indexes, with_cache
from explorer.layers.read_layers import fingerprint_copies, read_layers
from explorer.layers.tree import Tree, merge
from explorer.model import Image, Unwatched, Watcher


@dataclass(frozen=True, slots=True)
class Exploration:
    """Everything that is known about an image; what reports and the screen are made from."""

    image: Image
    tree: Tree
    usage: ByteUsage
    layers: tuple[LayerStats, ...]

    @property
    def download_bytes(self) -> int | None:
        """Compressed size of all layers; None unless the source knows every one."""
        sizes = [layer.download_bytes for layer in self.image.layers]
        known = [count for count in sizes if count is not None]
        return sum(known) if known and len(known) == len(sizes) else None


def explore(image: Image, watcher: Watcher | None = None, cache: Cache | None = None) -> Exploration:
    """Read the image's layers, or what a cache knows of them; merge them and account for every byte.

    Raises UnreadableLayer for damaged layers, and whatever the watcher raises to stop the work.
    """
    watcher = watcher or Unwatched()
    watcher.image_opened(image)
    if cache is not None:
        image = replace(image, layers=with_cache(image.layers, cache))
    with gc_control.paused():
        tree = merge(read_layers(image.layers, watcher))
        fingerprint_copies(tree, image.layers, watcher)
        books = byte_usage(tree)
        figures = tuple(layer_stats(image.layers, tree, books))
        store_indexes(image.layers, tree.layers)
    return Exploration(image, tree, books, figures)
