"""The images that one engine describes, with the bytes of their layers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, NamedTuple

from explorer.errors import Cancelled, ImageError, ImageNotFound
from explorer.layers.cache import Cache
from explorer.layers.digests import chain_ids
from explorer.model import EngineImage
from explorer.sources.engines.engine import Engine
from explorer.sources.engines.inspect import diff_ids, has_diff_ids
from explorer.sources.engines.layer_bytes import LayeredImage, branches, known_bytes
from explorer.sources.engines.names import Deadline, names_in
from explorer.sources.engines.podman_store import StoredLayers, driver_directory, stored_layers

_MAX_CACHE_SECONDS = 0.5
_MAX_TIMESTAMP = 253402300799
"""The last second of the year 9999."""
_MAX_BYTES = (1 << 63) - 1
"""Engines count in numbers of 64 bits."""
_NO_NAME = "<none>"


class DescribedImages(NamedTuple):
    """The images of one engine."""

    images: tuple[EngineImage, ...]
    is_complete: bool
    """True if all that the engine knows of them is there."""
    build_cache_bytes: int | None = None
    """See EngineListing."""
    has_layer_bytes: bool = True
    """False if the engine does not tell the bytes of layers."""
    orphans: tuple[str, ...] = ()
    """The names of containers whose image was removed by force; not printable."""


def read_images(engine: Engine, scheme: str, too_late: type[Exception], cache: Cache | None) -> DescribedImages:
    """Returns the images of an engine.

    Args:
        engine: A connection to the engine.
        scheme: The scheme of the engine.
        too_late: The exception by which the engine's watcher ends the questions. Then some figures are missing, but
            no image.
        cache: Keeps the bytes of layers.

    Raises EngineError, and ``too_late`` if not even the names are known.
    """
    items = _objects(engine.ask(lambda _: engine.client.images(all=True), ""))
    containers = _names_of_containers(engine)
    images = {image.id: image for item in items for image in _image_of(item, scheme, containers)}
    is_podman = any("Digest" in item for item in items)
    described = _Described(engine, cache, counts_documents=is_podman)
    try:
        described.read(list(images.values()))
    except too_late:
        return DescribedImages(tuple(map(described.completed, images.values())), is_complete=False)
    there = tuple(described.completed(image) for image in images.values() if image.id not in described.gone)
    # Podman keeps what it built as images.
    build_cache_bytes = 0 if is_podman else _build_cache_bytes(engine)
    digits = {_digits(image_id) for image_id in images}
    orphans = tuple(name for image_id, names in containers.items() if image_id not in digits for name in names)
    return DescribedImages(there, True, build_cache_bytes, not described.is_compressed, orphans)


def _build_cache_bytes(engine: Engine) -> int | None:
    """Returns the bytes of layers of images that the engine's builder keeps, too.

    An old engine counts all files of its volumes before it answers, so it has little time.
    """
    try:
        answer = replace(engine, watcher=Deadline(_MAX_CACHE_SECONDS)).ask(lambda _: engine.client.build_cache(), "")
    except (ImageError, Cancelled):
        return None
    items = _objects(answer.get("BuildCache")) if isinstance(answer, dict) else []
    return sum(_bytes_in(item) or 0 for item in items if item.get("Shared") is True)


class _Described:
    """The engine's descriptions of images."""

    def __init__(self, engine: Engine, cache: Cache | None, *, counts_documents: bool) -> None:
        """Podman's sizes of images include their documents, and its lists have digests."""
        self._engine = engine
        self._cache = cache
        self._counts_documents = counts_documents
        self.is_compressed = False
        """True if the engine keeps compressed layers, too, of which only sums are known: containerd's image store."""
        self._images: dict[str, LayeredImage] = {}
        self._known: dict[str, int] = {}
        self.gone: set[str] = set()
        """The IDs of images that were removed in the meantime."""

    def read(self, images: Sequence[EngineImage]) -> None:
        """Asks for the layers of images, and for their histories where these are needed."""
        stored = self._stored(images)
        for image in images:
            layers = stored.get(_digits(image.id))
            if layers is not None:
                chain = chain_ids(layers.diff_ids)
                self._images[image.id] = LayeredImage(layers.diff_ids, chain, sum(layers.bytes))
                self._known.update(zip(chain, accumulate(layers.bytes), strict=True))
            else:
                self._inspect(image)
        # Histories count other bytes than the files of the storage.
        if not stored and not self.is_compressed:
            self._read_histories()

    def _stored(self, images: Sequence[EngineImage]) -> Mapping[str, StoredLayers]:
        """Returns the layers of images from the files of Podman's storage."""
        if self._counts_documents and self._engine.endpoint.is_local:
            for image in images:
                with suppress(ImageNotFound):
                    driver = driver_directory(self._engine.inspect(self._engine.client.inspect_image, image.id))
                    # An image without layers does not tell where those of others are.
                    if driver is not None:
                        return stored_layers(driver, self._cache)
        return {}

    def _inspect(self, image: EngineImage) -> None:
        try:
            inspected = self._engine.inspect(self._engine.client.inspect_image, image.id)
        except ImageNotFound:
            self.gone.add(image.id)
            return
        if not self._images and not self._counts_documents:
            self.is_compressed = self._has_containerd_store(inspected)
        if not has_diff_ids(inspected):
            return
        names = diff_ids(inspected)
        total = None if self._counts_documents or self.is_compressed else image.bytes
        self._images[image.id] = LayeredImage(names, chain_ids(names), total)

    def _has_containerd_store(self, inspected: Mapping[str, Any]) -> bool:
        """True if the engine says so. It is asked only if an image has no directories."""
        driver = inspected.get("GraphDriver")
        if isinstance(driver, dict) and driver.get("Data"):
            return False
        engine = self._engine
        answer = None
        with suppress(ImageError):
            answer = engine.ask(lambda _: engine.client.info(), "")
        status = answer.get("DriverStatus") if isinstance(answer, dict) else None
        return isinstance(status, list) and ["driver-type", "io.containerd.snapshotter.v1"] in status

    def _read_histories(self) -> None:
        """Asks for histories until the bytes are known where images part, or none is left."""
        unasked = dict(self._images)
        branching = branches(self._images.values())
        wanted: Mapping[str, LayeredImage] = self._images if self._counts_documents else {}
        while True:
            for image_id, layered in wanted.items():
                del unasked[image_id]
                layered.steps = self._steps(image_id)
                if self._counts_documents:
                    layered.bytes = sum(layered.steps)
            self._known = known_bytes(list(self._images.values()))
            missing = branching - self._known.keys()
            # One image for each layer, because most histories suffice.
            above = {chain_id: image_id for image_id, each in unasked.items() for chain_id in each.chain}
            wanted = {above[chain_id]: unasked[above[chain_id]] for chain_id in missing & above.keys()}
            if not wanted:
                return

    def _steps(self, image_id: str) -> list[int]:
        """Returns the bytes of the steps that have some, bottom first."""
        try:
            steps = _objects(self._engine.ask(self._engine.client.history, image_id))
        except ImageNotFound:
            self.gone.add(image_id)
            return []
        return [size for step in reversed(steps) if (size := _bytes_in(step))]

    def completed(self, image: EngineImage) -> EngineImage:
        """Returns an image with its layers, if they are known."""
        layered = self._images.get(image.id)
        if layered is None:
            return image
        up_to = tuple(self._known.get(chain_id) for chain_id in layered.chain)
        size = image.bytes if self.is_compressed else layered.bytes
        return replace(image, bytes=size, diff_ids=tuple(layered.diff_ids), bytes_up_to=up_to)


def _image_of(item: Mapping[str, Any], scheme: str, containers: Mapping[str, tuple[str, ...]]) -> Iterator[EngineImage]:
    """Yields the image of an item of the engine's list, if it is one."""
    image_id = item.get("Id")
    if isinstance(image_id, str) and image_id:
        parent = item.get("ParentId")
        # Podman leaves out the algorithm of parents.
        algorithm = image_id[: len(image_id) - len(_digits(image_id))]
        yield EngineImage(
            scheme,
            image_id,
            tuple(names_in([item], "image")),
            _digests(item),
            _time_in(item),
            _bytes_in(item),
            parent=f"{algorithm}{_digits(parent)}" if isinstance(parent, str) and parent else "",
            containers=containers.get(_digits(image_id), ()),
        )


def _names_of_containers(engine: Engine) -> dict[str, tuple[str, ...]]:
    """Returns the names of the containers of each image, by the digits of its ID."""
    items = _objects(engine.ask(lambda _: engine.client.containers(all=True), "", "container"))
    names: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        name = next(names_in([item], "container"), str(item.get("Id") or "")[:12] or _NO_NAME)
        names[_digits(str(item.get("ImageID")))].append(name)
    return {digits: tuple(each) for digits, each in names.items()}


def _objects(answer: object) -> list[Mapping[str, Any]]:
    return [item for item in answer if isinstance(item, dict)] if isinstance(answer, list) else []


def _digits(image_id: str) -> str:
    return image_id.removeprefix("sha256:")


def _digests(item: Mapping[str, Any]) -> tuple[str, ...]:
    names = item.get("RepoDigests")
    texts = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return tuple(name for name in texts if not name.startswith(_NO_NAME))


def _bytes_in(item: Mapping[str, Any]) -> int | None:
    size = item.get("Size")
    return size if type(size) is int and 0 <= size <= _MAX_BYTES else None


def _time_in(item: Mapping[str, Any]) -> datetime | None:
    seconds = item.get("Created")
    if not isinstance(seconds, int) or not 0 < seconds <= _MAX_TIMESTAMP:
        return None
    return datetime.fromtimestamp(seconds, UTC)
