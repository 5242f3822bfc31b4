"""Images with layers and a history, but without bytes, for tests of their base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.model import HistoryStep, Image, ImageConfig, KnownImage, KnownLayer, Layer


def number(digits: str) -> str:
    """Returns a digest that begins with some digits."""
    return f"sha256:{digits.ljust(64, '0')}"


def image_of(*steps: str | HistoryStep, labels: Sequence[tuple[str, str]] = (), **more: Any) -> Image:
    """Returns an image with this history, and a layer for each step that sets no metadata.

    The diff IDs of the layers are those of ``number("a0")``, ``number("a1")`` and so on.
    """
    history: list[HistoryStep] = []
    layers: list[Layer] = []
    for step in steps:
        noted = step if isinstance(step, HistoryStep) else HistoryStep(step)
        if not noted.created_by.startswith(("CMD", "ENV", "LABEL", "ENTRYPOINT", "/bin/sh -c #(nop)  CMD")):
            noted = HistoryStep(noted.created_by, noted.created, noted.comment, noted.author, len(layers))
            layers.append(Layer(len(layers), None, number(f"a{len(layers)}"), step=noted))  # type: ignore[arg-type]
        history.append(noted)
    config = ImageConfig(labels=tuple(labels))
    return Image("shop:1", "", tuple(layers), config=config, history=tuple(history), **{"tags": ("shop:1",), **more})


def known(names: str, layers: int | Sequence[str], digests: Sequence[str] = (), place: str = "here") -> KnownImage:
    """Returns an image with names and the lowest layers of ``image_of``, or with these diff IDs."""
    diff_ids = [number(f"a{index}") for index in range(layers)] if isinstance(layers, int) else layers
    return KnownImage(tuple(names.split()), tuple(map(KnownLayer, diff_ids)), tuple(digests), place)
