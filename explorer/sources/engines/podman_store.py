"""The layers of Podman's images, from the files of its storage.

Podman describes its images slowly, one after the other. Its files name the layers of all of them at once. A process
that cannot read them asks Podman.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from explorer.files import listed_file
from explorer.layers.cache import Cache
from explorer.sources.engines.directory_bytes import directory_bytes

_MAX_FILE_BYTES = 256 << 20
_MAX_LAYERS = 1000


class StoredLayers(NamedTuple):
    """The layers of one image, bottom first."""

    diff_ids: tuple[str, ...]
    bytes: tuple[int, ...]
    """The bytes of the files of each layer, or of its tar if the files cannot be read."""


def driver_directory(inspected: Mapping[str, Any]) -> Path | None:
    """Returns the directory of all layers that the description of one image names."""
    driver = inspected.get("GraphDriver")
    directories = driver.get("Data") if isinstance(driver, dict) else None
    upper = directories.get("UpperDir") if isinstance(directories, dict) else None
    # ROOT/overlay/LAYER/diff
    return Path(upper).parent.parent if isinstance(upper, str) and upper.startswith("/") else None


def stored_layers(driver: Path, cache: Cache | None) -> dict[str, StoredLayers]:
    """Returns the known layers of images, by the digits of the images' IDs.

    Args:
        driver: The directory of all layers.
        cache: Keeps the bytes of layers.
    """
    root, name = driver.parent, driver.name
    layers = {}
    for file_name in ("layers.json", "volatile-layers.json"):
        for item in _objects_in(root / f"{name}-layers" / file_name):
            layers[str(item.get("id"))] = item
    images = _objects_in(root / f"{name}-images" / "images.json")
    measured = directory_bytes(driver, layers, cache) if images else None
    found = {}
    for image in images:
        stored = _chain(image.get("layer"), layers, measured)
        if stored is not None:
            found[str(image.get("id"))] = stored
    return found


def _chain(
    top: object, layers: Mapping[str, Mapping[str, Any]], measured: Mapping[str, int] | None
) -> StoredLayers | None:
    """Returns a layer and those below it; None if something about them is unknown."""
    diff_ids: list[str] = []
    sizes: list[int] = []
    while isinstance(top, str) and top:
        item = layers.get(top)
        if item is None or len(sizes) == _MAX_LAYERS:
            return None
        diff_id, size = item.get("diff-digest"), item.get("diff-size")
        if not isinstance(diff_id, str) or not isinstance(size, int) or size <= 0:
            return None
        diff_ids.append(diff_id)
        sizes.append(size if measured is None else measured[top])
        top = item.get("parent")
    return StoredLayers(tuple(reversed(diff_ids)), tuple(reversed(sizes)))


def _objects_in(path: Path) -> list[Mapping[str, Any]]:
    """Returns the objects of a list in a file; none if it cannot be read."""
    with suppress(OSError, ValueError, RecursionError), listed_file(path) as file:
        content = file.read(_MAX_FILE_BYTES + 1)
        items = json.loads(content) if len(content) <= _MAX_FILE_BYTES else None
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return []
