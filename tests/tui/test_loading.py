"""The screen while an image is being loaded: what is chosen and how it is looked at stays in force and in sight."""

from __future__ import annotations

import threading
from pathlib import Path

from explorer.model import Change, Watcher
from explorer.pipeline import Exploration
from explorer.settings import Settings, Sort
from explorer.tui.app import ExplorerApp
from explorer.tui.layer_list import LayerList
from explorer.tui.view import View
from tests.images import explored_layers, file, layer
from tests.tui.conftest import Screen, Show, loading


def in_sight(layers: LayerList) -> bool:
    """Whether the selected line is to be seen."""
    return 0 <= layers.cursor - layers.scroll_offset.y < layers.scrollable_content_region.height


async def test_the_selected_layer_is_in_sight(show: Show, tmp_path: Path) -> None:
    """While the layers are read the selected one can be seen, also when another image takes the place of the first."""
    tall = explored_layers(tmp_path, *(layer(file(f"f{number}", b"1")) for number in range(40)))
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.found(tall.image)
        go_on.wait(20)
        return tall

    async with show(load, size=(80, 24)) as screen:
        try:
            for is_again in (False, True):
                # Found, laid out, and scrolled there come one after the other.
                for _ in range(50):
                    await screen.pilot.pause()
                    if screen.explore.image is not None and screen.layers.cursor == 39 and in_sight(screen.layers):
                        break
                assert screen.layers.cursor == 39
                assert in_sight(screen.layers)
                if not is_again:
                    screen.explore.start_again()
                    screen.app.load_image("linux/amd64")
        finally:
            go_on.set()
        await screen.loaded()


async def test_another_image_is_looked_at_in_the_same_way(sample: Exploration) -> None:
    """Loading another platform keeps the order and what is left out, and drops filter and comparison."""
    app = ExplorerApp("made:1", loading(sample), Settings(sort="name", changes_only=True))
    async with app.run_test() as pilot:
        screen = Screen(app, pilot)
        await screen.loaded()
        await screen.press("m", "slash", "x", "enter")
        app._load_platform("linux/arm64")
        await screen.loaded()
        assert screen.explore.view == View(3, sort=Sort.NAME, hidden=frozenset({Change.UNCHANGED}))
