"""An image of three layers whose steps have times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from explorer.pipeline import Exploration
from tests.images import directory, explored_layers, file, layer, whiteout

START_SECONDS = 1_800_000_000
"""Time of the first step, since 1970."""
TimedStep = tuple[str, float, bool]
"""The command, the seconds since the first step, and True for a step without a layer."""


def time_at(seconds: float) -> datetime:
    """Returns the time some seconds after the first step."""
    return datetime.fromtimestamp(START_SECONDS + seconds, UTC)


def timed_history(steps: Iterable[TimedStep]) -> list[dict[str, Any]]:
    """Returns the history of an image with these steps."""
    return [
        {"created_by": text, "created": time_at(at).isoformat().replace("+00:00", "Z"), "empty_layer": is_empty}
        for text, at, is_empty in steps
    ]


def timed_image(folder: Path, steps: Iterable[TimedStep]) -> Exploration:
    """Returns an image that ships a cache, then deletes it."""
    return explored_layers(
        folder,
        layer(file("bin/sh", b"x" * 1000)),
        layer(file("var/cache/apt/pkgcache.bin", b"x" * 300), file("etc/new", b"x" * 20)),
        layer(directory("var/cache/apt"), whiteout("var/cache/apt/pkgcache.bin"), file("log", b"xx")),
        history=timed_history(steps),
    )
