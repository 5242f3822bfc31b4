"""The images of an engine that another image may stand on."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from explorer.errors import Cancelled, ImageError
from explorer.layers.digests import is_digest
from explorer.model import KnownImage, KnownLayer
from explorer.sources.engines.endpoint import Endpoint
from explorer.sources.engines.engine import Engine, connect
from explorer.sources.engines.inspect import diff_ids
from explorer.sources.engines.names import Deadline, list_items, names_in
from explorer.text.image_names import repository

_MAX_SECONDS = 1.0
"""Limit for all questions together; what is known by then counts."""


class EngineImages:
    """The images whose layers are the lowest ones of an image in the same engine.

    The engine is asked at the first call, on a connection of its own.
    """

    def __init__(self, endpoint: Endpoint, inspected: Mapping[str, Any], name: str) -> None:
        """Takes the engine's description of the image, and the name that the user gave."""
        self._endpoint = endpoint
        self._id = inspected.get("Id")
        self._layers = diff_ids(inspected)
        self._repositories = {repository(each) for each in (name, *names_in([inspected], "image"))}
        driver = inspected.get("GraphDriver")
        # Other stores count compressed layers of all platforms, too.
        self._size = _size_of(inspected) if isinstance(driver, dict) and driver.get("Data") else None
        self._lock = threading.Lock()
        self._found: list[KnownImage] | None = None

    def __call__(self) -> Sequence[KnownImage]:
        """Returns the images that are found in time; none if the engine does not answer."""
        with self._lock:
            if self._found is None:
                self._found = []
                with (
                    suppress(ImageError, Cancelled, OSError, ValueError),
                    connect(self._endpoint, Deadline(_MAX_SECONDS)) as engine,
                ):
                    for image in self._lower_images(engine):
                        self._found.append(image)
        return self._found

    def _lower_images(self, engine: Engine) -> Iterator[KnownImage]:
        """Yields the images whose layers are the lowest ones, most layers first."""
        listed = engine.ask(lambda _: list_items(engine.client, "image"), "")
        items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        least = 0
        # The largest first, because the sizes of layers add up: no lower image is larger, and the longest is the first.
        for item in sorted(items, key=_size_of, reverse=True):
            names, digests, size = tuple(names_in([item], "image")), _digests(item), _size_of(item)
            if self._size is not None and not least <= size <= self._size:
                continue
            if item.get("Id") == self._id or not (names or digests):
                continue
            layers = diff_ids(engine.inspect(engine.client.inspect_image, str(item.get("Id"))))
            if layers and len(layers) < len(self._layers) and layers == self._layers[: len(layers)]:
                place = f"in {engine.endpoint.article}{engine.endpoint.engine}"
                yield KnownImage(names, tuple(map(KnownLayer, layers)), digests, place)
                if any(repository(name) not in self._repositories for name in names):
                    least = size


def _size_of(item: Mapping[str, Any]) -> int:
    size = item.get("Size")
    return size if isinstance(size, int) else 0


def _digests(item: Mapping[str, Any]) -> tuple[str, ...]:
    names = item.get("RepoDigests")
    digests = [str(name).rpartition("@")[2] for name in names] if isinstance(names, list) else []
    return tuple(filter(is_digest, digests))
