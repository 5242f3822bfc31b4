"""Draws the pictures of the README: ``python screenshots/make.py``.

It runs the real program on the demo image.
"""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.pipeline import Exploration, explore
from explorer.sources import open_image
from explorer.sources.request import Request
from explorer.tui import clock
from explorer.tui.app import ExplorerApp
from explorer.tui.main.screen import MainScreen

if TYPE_CHECKING:
    from explorer.model import Watcher

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 30, tzinfo=UTC)
"""The time on the screen. Otherwise, ages would change the pictures from month to month."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: the keys that lead to it, the size of the terminal, and the theme."""

    name: str
    keys: tuple[str, ...]
    size: tuple[int, int] = (120, 36)
    theme: str = "layers"


PICTURES = (
    Picture("main", ("f", "right", "right", "right", "down", "down")),
    Picture("changes", ("up", "up", "up", "c", "f", "e")),
    Picture("waste", ("w", "down", "down")),
    Picture("findings", ("F",)),
    Picture("image", ("i",), (120, 44)),
    Picture("inside", ("ctrl+f", *".env", "enter", "v", "right_square_bracket"), (110, 20)),
    Picture("compare", ("home", "down", "m", *["down"] * 4, "c", "f", "e")),
    Picture("filter", ("slash", *".py", "enter")),
    Picture("light", ("f", "right", "right", "right"), theme="layers-light"),
    Picture("narrow", ("f", "right", "right"), (80, 24)),
    Picture("zoom", ("f", "e", "z"), (100, 30)),
)


def load(watcher: Watcher, platform: str | None) -> Exploration:
    """Loads the demo image."""
    return explore(open_image(Request("demo", watcher, platform=platform)), watcher)


async def draw(picture: Picture) -> str:
    """Returns the picture as SVG."""
    app = ExplorerApp(partial(MainScreen, "demo", load))
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
