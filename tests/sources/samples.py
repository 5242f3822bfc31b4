"""The image that every source and format is tested with."""

from __future__ import annotations

from typing import Any

from explorer.pipeline import Exploration
from tests.images import (
    big,
    file,
    hardlink,
    image,
    layer,
    opaque,
    symlink,
    whiteout,
)

MADE = image(
    layer(big("d/a", 0.1), file("x", b"x" * 100), hardlink("y", "x"), file("same", b"same")),
    layer(whiteout("d"), file("same", b"same", mode=0o600), symlink("s", "x")),
    layer(file("n/m", b"m"), opaque("n"), file("x", b"z" * 100)),
)


def answer(exploration: Exploration) -> tuple[Any, ...]:
    """Returns the results that must not depend on the source of an image."""
    return (
        exploration.image.id,
        exploration.image.platform,
        exploration.image.config,
        exploration.image.history,
        exploration.usage,
        [
            figures.__class__ and (figures.bytes, figures.files, figures.added, figures.modified, figures.removed)
            for figures in exploration.layers
        ],
    )
