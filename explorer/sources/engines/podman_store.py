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

_MAX_FILE_BYTES = 256 << 20
_MAX_LAYERS = 1000


class StoredLayers(NamedTuple):
    """The layers of one image, bottom first."""

    diff_ids: tuple[str, ...]
    bytes: tuple[int, ...]
    """The bytes of the tar of each layer."""


def stored_layers(inspected: Mapping[str, Any]) -> dict[str, StoredLayers]:
    """Returns the known layers of images, by the digits of the images' IDs.

    Args:
        inspected: The description of one image, which names the directories of its layers.
    """
    driver = inspected.get("GraphDriver")
    directories = driver.get("Data") if isinstance(driver, dict) else None
    upper = directories.get("UpperDir") if isinstance(directories, dict) else None
    if not isinstance(upper, str) or not upper.startswith("/"):
        return {}
    # ROOT/overlay/LAYER/diff
    driver_directory = Path(upper).parent.parent
    root, name = driver_directory.parent, driver_directory.name
    layers = {}
    for file_name in ("layers.json", "volatile-layers.json"):
        for item in _objects_in(root / f"{name}-layers" / file_name):
            layers[str(item.get("id"))] = item
    found = {}
    for image in _objects_in(root / f"{name}-images" / "images.json"):
        stored = _chain(image.get("layer"), layers)
        if stored is not None:
            found[str(image.get("id"))] = stored
    return found


def _chain(top: object, layers: Mapping[str, Mapping[str, Any]]) -> StoredLayers | None:
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
        sizes.append(size)
        top = item.get("parent")
    return StoredLayers(tuple(reversed(diff_ids)), tuple(reversed(sizes)))


def _objects_in(path: Path) -> list[Mapping[str, Any]]:
    """Returns the objects of a list in a file; none if it cannot be read."""
    with suppress(OSError, ValueError, RecursionError), listed_file(path) as file:
        content = file.read(_MAX_FILE_BYTES + 1)
        items = json.loads(content) if len(content) <= _MAX_FILE_BYTES else None
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return []
