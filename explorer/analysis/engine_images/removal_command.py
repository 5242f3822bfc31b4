"""The command that would remove images of engines. This program only shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from explorer.analysis.engine_images.storage import EngineStorage
from explorer.model import EngineImage
from explorer.text.shell import shell_quoted

_NAME_OR_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@+-]*")
"""A name that an engine takes; nothing else gets into a command."""


def removal_command(storage: EngineStorage, images: Iterable[EngineImage]) -> str:
    """Returns a command for each engine, separated by ``;``; may be empty.

    An image that a container uses is left out. The others are removed with all their names, because an engine keeps an
    image until the last name is gone; an image without one is named by its ID.
    """
    names: dict[str, list[str]] = {}
    for image in images:
        if not image.containers:
            names.setdefault(image.engine, []).extend(_names(storage, image))
    return "; ".join(f"{engine} rmi {' '.join(map(shell_quoted, each))}" for engine, each in names.items() if each)


def _names(storage: EngineStorage, image: EngineImage) -> Iterator[str]:
    # The name with a digest goes with the last tag of its repository.
    tagged = {tag.rpartition(":")[0] for tag in image.tags}
    names = [*image.tags, *(each for each in image.digests if each.partition("@")[0] not in tagged)]
    wanted = names or [_short_id(storage, image)]
    yield from (name for name in wanted if _NAME_OR_ID.fullmatch(name))


def _short_id(storage: EngineStorage, image: EngineImage) -> str:
    """Returns the first digits of the ID, or all if those are not enough."""
    alike = [each for each in storage.images if each.engine == image.engine and each.short_id == image.short_id]
    return image.short_id if len(alike) <= 1 else image.id.removeprefix("sha256:")
