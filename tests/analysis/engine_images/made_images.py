"""Images of engines with layers of known bytes."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from explorer.analysis.engine_images.listed_image import ListedImage
from explorer.analysis.engine_images.storage import EngineStorage
from explorer.model import EngineImage

_BYTES = {"base": 100, "lib": 20, "app": 3, "other": 4000, "empty": 0}


def made(
    name: str, *layers: str, tags: tuple[str, ...] | None = None, engine: str = "docker", **more: Any
) -> EngineImage:
    """Returns an image with these layers, whose bytes are known."""
    up_to = tuple(accumulate(_BYTES[layer] for layer in layers))
    names = (f"{name}:1",) if tags is None else tags
    total = up_to[-1] if up_to else 0
    return EngineImage(engine, name, names, bytes=total, diff_ids=layers, bytes_up_to=up_to, **more)


def listed(*images: EngineImage, wasted_bytes: int | None = None) -> list[ListedImage]:
    """Returns images with their figures."""
    storage = EngineStorage(images)
    return [ListedImage(each, storage.usage(each), wasted_bytes) for each in images]
