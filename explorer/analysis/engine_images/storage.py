"""The bytes that images of an engine share, and that removing some of them frees.

An engine stores a layer once for all images that have it on the same layers below, so chain IDs tell what is shared. A
removed image takes along its untagged parents that no other image was built from. An image that a container uses cannot
be removed. Two engines share nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

from explorer.layers.digests import chain_ids
from explorer.model import EngineImage


class StorageUsage(NamedTuple):
    """The bytes of an image in the storage of its engine; None if unknown."""

    shared_bytes: int | None
    """Bytes of layers that another image has, too. The image's own untagged parents do not count as others."""
    unique_bytes: int | None
    """Bytes of the other layers."""
    freed_bytes: int | None
    """Bytes that its removal frees, with all its tags. 0 if a container uses it, because then it stays."""


class Removal(NamedTuple):
    """The effect of removing images, each with all its tags."""

    freed_bytes: int | None
    """None if unknown."""
    removed: tuple[EngineImage, ...]
    """The images that go, their untagged parents included. An image that one which stays was built from is not among
    them: it loses its names, and frees nothing."""
    in_use: tuple[EngineImage, ...]
    """The images that stay, because containers use them."""


class SharedLayers(NamedTuple):
    """The layers that an image has in common with another one."""

    image: EngineImage
    """The other one."""
    bytes: int


class StorageTotal(NamedTuple):
    """Images together; None if unknown."""

    engine: str
    """The scheme of their engine; empty if they are of several."""
    images: int
    bytes: int | None
    """Bytes of their layers, each once."""
    freed_bytes: int | None
    """Bytes that removing all of them frees."""


class EngineStorage:
    """The images of engines, and the layers that they share."""

    def __init__(self, images: Iterable[EngineImage]) -> None:
        """Takes all images of the engines, untagged ones included."""
        self.images = tuple(images)
        by_engine: defaultdict[str, list[EngineImage]] = defaultdict(list)
        for image in self.images:
            by_engine[image.engine].append(image)
        self._engines = {engine: _Store(each) for engine, each in by_engine.items()}

    @cached_property
    def listed(self) -> tuple[EngineImage, ...]:
        """The images that people know: without untagged ones that others were built from."""
        return tuple(each for each in self.images if not self._engines[each.engine].is_intermediate(each))

    def usage(self, image: EngineImage) -> StorageUsage:
        """Returns the figures of one image."""
        return self._engines[image.engine].usage(image)

    def removal(self, marked: Collection[EngineImage]) -> Removal:
        """Returns the effect of removing some images together."""
        parts = [
            store.removal([image for image in marked if image.engine == engine])
            for engine, store in self._engines.items()
        ]
        return Removal(
            _sum(part.freed_bytes for part in parts),
            tuple(image for part in parts for image in part.removed),
            tuple(image for part in parts for image in part.in_use),
        )

    def shared_layers(self, image: EngineImage) -> list[SharedLayers]:
        """Returns the listed images with layers of an image, most bytes first."""
        return self._engines[image.engine].shared_layers(image)

    def totals(self, images: Collection[EngineImage]) -> list[StorageTotal]:
        """Returns the sums of images of each engine, then of all if several."""
        by_engine: defaultdict[str, list[EngineImage]] = defaultdict(list)
        for image in images:
            by_engine[image.engine].append(image)
        engines = sorted(by_engine.items())
        parts = [*engines, ("", list(images))] if len(engines) > 1 else engines
        return [
            StorageTotal(engine, len(each), self.distinct_bytes(each), self.removal(each).freed_bytes)
            for engine, each in parts
        ]

    def distinct_bytes(self, images: Collection[EngineImage]) -> int | None:
        """Returns the bytes of the layers of images, each once; None if unknown."""
        return _sum(
            store.distinct_bytes([image for image in images if image.engine == engine])
            for engine, store in self._engines.items()
        )


class _Store:
    """The images of one engine."""

    def __init__(self, images: Sequence[EngineImage]) -> None:
        self._images = {image.id: image for image in images}
        self._chains = {image.id: chain_ids(image.diff_ids or ()) for image in images}
        # Layers that are not known may be those of any other image.
        self._is_known = all(image.diff_ids is not None for image in images)
        self._users = Counter(chain_id for chain in self._chains.values() for chain_id in chain)
        self._children: defaultdict[str, set[str]] = defaultdict(set)
        self._below: dict[str, str] = {}
        self._bytes: dict[str, int | None] = {}
        for image in images:
            if image.parent in self._images:
                self._children[image.parent].add(image.id)
            below, up_to = "", dict(enumerate(image.bytes_up_to))
            for position, chain_id in enumerate(self._chains[image.id]):
                self._below[chain_id] = below
                if self._bytes.get(chain_id) is None:
                    self._bytes[chain_id] = up_to.get(position)
                below = chain_id

    def is_intermediate(self, image: EngineImage) -> bool:
        return image.is_untagged and bool(self._children.get(image.id))

    def usage(self, image: EngineImage) -> StorageUsage:
        unique = self._freed_bytes(self._with_parents([image]))
        # An untagged parent of which the image lacks a layer is a contradiction of the engine.
        shared = None if unique is None or image.bytes is None or unique > image.bytes else image.bytes - unique
        return StorageUsage(shared, unique, 0 if image.containers else unique)

    def removal(self, marked: Sequence[EngineImage]) -> Removal:
        removed = self._with_parents([image for image in marked if not image.containers])
        in_use = tuple(image for image in marked if image.containers)
        return Removal(self._freed_bytes(removed), tuple(removed), in_use)

    def shared_layers(self, image: EngineImage) -> list[SharedLayers]:
        own, same = set(self._chains[image.id]), {each.id for each in self._with_parents([image])}
        others = [each for each in self._images.values() if each.id not in same and not self.is_intermediate(each)]
        shared = [
            SharedLayers(each, self._bytes_of(own.intersection(self._chains[each.id])) or 0)
            for each in others
            if each.id != image.id
        ]
        shared = [each for each in shared if each.bytes]
        return sorted(shared, key=lambda each: (-each.bytes, each.image.is_untagged, each.image.tags))

    def _with_parents(self, marked: Sequence[EngineImage]) -> list[EngineImage]:
        """Returns those of the images that go, and the parents that go with them."""
        removed = {image.id: image for image in marked}
        for image in marked:
            parent = self._images.get(image.parent)
            while parent is not None and parent.id not in removed and parent.is_untagged and not parent.containers:
                if not self._children[parent.id] <= removed.keys():
                    break
                removed[parent.id] = parent
                parent = self._images.get(parent.parent)
        # An image that one which stays was built from loses only its names.
        while kept := [each for each in removed if not self._children.get(each, set()) <= removed.keys()]:
            for image_id in kept:
                del removed[image_id]
        return list(removed.values())

    def _freed_bytes(self, removed: Sequence[EngineImage]) -> int | None:
        """Returns the bytes of the layers that no image has but these."""
        if not self._is_known:
            return None if removed else 0
        users = Counter(chain_id for image in removed for chain_id in self._chains[image.id])
        return self._bytes_of({chain_id for chain_id, count in users.items() if count == self._users[chain_id]})

    def distinct_bytes(self, images: Sequence[EngineImage]) -> int | None:
        if any(image.diff_ids is None for image in images):
            return None
        return self._bytes_of({chain_id for image in images for chain_id in self._chains[image.id]})

    def _bytes_of(self, layers: Collection[str]) -> int | None:
        """Returns the bytes of layers, by their chain IDs."""
        # A layer has the bytes up to it without those up to the layer below. Most of both cancel each other out, so
        # that only the bytes at the ends of runs of layers must be known.
        factors = Counter(layers)
        factors.subtract(self._below[chain_id] for chain_id in layers)
        total = _sum(
            None if (count := self._bytes[chain_id]) is None else count * factor
            for chain_id, factor in factors.items()
            if factor and chain_id
        )
        # Fewer bytes than none are a contradiction of the engine.
        return None if total is None or total < 0 else total


def _sum(counts: Iterable[int | None]) -> int | None:
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total
