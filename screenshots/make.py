"""Draws the pictures of the README: ``python screenshots/make.py``.

It runs the real program on the demo image.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from argparse import ArgumentParser
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.analysis.engine_images.storage import EngineStorage
from explorer.model import EngineImage
from explorer.pipeline import Exploration, ImageDiff, compare, explore
from explorer.sources import open_image
from explorer.sources.request import Request
from explorer.tui import clock
from explorer.tui.app import ExplorerApp
from explorer.tui.compare.screen import CompareScreen
from explorer.tui.images.image_access import ImageAccess
from explorer.tui.images.screen import ImagesScreen
from explorer.tui.main.screen import MainScreen
from explorer.viewmodel.image_catalog import ImageCatalog

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.config.settings import Settings
    from explorer.model import Watcher
    from explorer.tui.content_screen import ContentScreen

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 30, tzinfo=UTC)
"""The time on the screen. Otherwise, ages would change the pictures from month to month."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its first screen, the keys that lead to it, the size of the terminal, and the theme."""

    name: str
    keys: tuple[str, ...]
    size: tuple[int, int] = (120, 36)
    theme: str = "layers"
    first: Callable[[Settings], ContentScreen] | None = None
    """Makes the first screen; None for that of the demo image."""


def load(watcher: Watcher, platform: str | None = None) -> Exploration:
    """Loads the demo image."""
    return explore(open_image(Request("demo", watcher, platform=platform)), watcher)


def load_release(watcher: Watcher) -> Exploration:
    """Loads an older release of the demo image, without some of its steps."""
    image = open_image(Request("demo", watcher))
    numbers = {
        layer.number: place for place, layer in enumerate(each for each in image.layers if each.number not in _NEW)
    }
    layers = [replace(layer, number=numbers[layer.number]) for layer in image.layers if layer.number in numbers]
    steps = [
        step if step.layer is None else replace(step, layer=numbers[step.layer])
        for step in image.history
        if step.layer is None or step.layer in numbers
    ]
    older = replace(image, reference="shop:1.4.1", layers=tuple(layers), history=tuple(steps), created=_RELEASED)
    return explore(older, watcher)


def load_pair(old: Watcher, new: Watcher) -> ImageDiff:
    """Compares the demo image with its older release."""
    return compare(load_release(old), load(new), new)


def compared(settings: Settings) -> CompareScreen:
    """Returns the screen that compares the demo image with its older release."""
    return CompareScreen("shop:1.4.1", "demo", load_pair, settings)


def listed(settings: Settings) -> ImagesScreen:
    """Returns the list of the images of an engine, as made for the picture."""
    catalog = ImageCatalog(EngineStorage(_IMAGES), waiting=(), known_waste=_WASTE)
    access = ImageAccess(lambda: catalog, lambda _: [catalog], lambda _: load, lambda *_: load_pair, lambda *_: 0)
    return ImagesScreen(access, settings)


def _image(name: str, days: int, *layers: tuple[str, int], engine: str = "docker", used_by: str = "") -> EngineImage:
    up_to = tuple(accumulate(megabytes * 1_000_000 for _, megabytes in layers))
    return EngineImage(
        engine,
        f"sha256:{hashlib.sha256(f'{name}{days}'.encode()).hexdigest()}",
        (name,) if name else (),
        created=NOW - timedelta(days=days),
        bytes=up_to[-1],
        diff_ids=tuple(layer for layer, _ in layers),
        bytes_up_to=up_to,
        containers=(used_by,) if used_by else (),
    )


_NEW = (5, 8)
"""Layers of the demo image that its older release does not have."""
_RELEASED = "2025-12-19T09:00:00Z"
_DEBIAN, _PYTHON = ("debian", 117), ("python", 42)
_IMAGES = (
    _image("shop:1.4.2", 2, _DEBIAN, _PYTHON, ("packages", 214), ("shop 2", 31), used_by="shop-web-1"),
    _image("shop:1.4.1", 16, _DEBIAN, _PYTHON, ("packages", 214), ("shop 1", 30)),
    _image("", 17, _DEBIAN, _PYTHON, ("packages", 214), ("shop 0", 30)),
    _image("report-worker:dev", 3, _DEBIAN, _PYTHON, ("tex", 1_640)),
    _image("python:3.13-slim", 20, _DEBIAN, _PYTHON),
    _image("postgres:17", 41, ("debian 2", 74), ("postgres", 358), used_by="db"),
    _image("localhost/shop:dev", 1, ("fedora", 183), ("all", 402), engine="podman"),
)
_WASTE = {_IMAGES[0].diff_ids or (): 12_400_000, _IMAGES[3].diff_ids or (): 388_000_000, _IMAGES[4].diff_ids or (): 0}

PICTURES = (
    Picture("main", ("f", "right", "right", "right", "down", "down")),
    Picture("changes", ("up", "up", "up", "c", "f", "e")),
    Picture("waste", ("w", "down", "down")),
    Picture("findings", ("F",)),
    Picture("image", ("i",), (120, 44)),
    Picture("inside", ("ctrl+f", *".env", "enter", "v", "right_square_bracket"), (110, 20)),
    Picture("compare", ("home", "down", "m", *["down"] * 4, "c", "f", "e")),
    Picture("two-images", (), first=compared),
    Picture("images", ("down", "space", "down", "space", "down"), (110, 18), first=listed),
    Picture("filter", ("slash", *".py", "enter")),
    Picture("light", ("f", "right", "right", "right"), theme="layers-light"),
    Picture("narrow", ("f", "right", "right"), (80, 24)),
    Picture("zoom", ("f", "e", "z"), (100, 30)),
)


async def draw(picture: Picture) -> str:
    """Returns the picture as SVG."""
    app = ExplorerApp(picture.first or partial(MainScreen, "demo", load))
    app.animation_level = "none"
    app.theme = picture.theme
    async with app.run_test(size=picture.size) as pilot:
        for _ in range(2):
            # The verdict is computed once the image shows.
            await app.workers.wait_for_complete()
            await pilot.pause()
        await pilot.press(*picture.keys)
        await pilot.pause()
        return app.export_screenshot()


def main() -> None:
    """Draws all pictures."""
    ArgumentParser(description="Draws the pictures of the README, beside this file, of the demo image.").parse_args()
    os.environ.pop("NO_COLOR", None)
    clock.now = lambda: NOW
    for picture in PICTURES:
        path = HERE / f"{picture.name}.svg"
        path.write_text(asyncio.run(draw(picture)), encoding="utf-8")
        print(path.relative_to(HERE.parent))


if __name__ == "__main__":
    main()
