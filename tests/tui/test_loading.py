"""The screen while an image is loaded: the selection and the view stay, and stay visible."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.widget import Widget

from explorer.config.settings import Settings, Sort
from explorer.model import Change, Watcher
from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.files.file_tree import FileTree
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.main.screen import MainScreen
from explorer.tui.waste.waste_list import WasteList
from explorer.viewmodel.view import View
from explorer.viewmodel.waste_view import WasteView
from tests.images import explored_layers, file, layer, whiteout
from tests.tui.driving import Screen, Show, loading


def in_sight(layers: LayerList) -> bool:
    """True if the selected line is visible."""
    return 0 <= layers.cursor - layers.scroll_offset.y < layers.scrollable_content_region.height


async def test_a_key_before_the_screen_does_nothing(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of the screen that is pressed before the screen has its widgets does nothing."""
    async with show(loading(explored_layers(tmp_path, layer(file("f", b"1"))))) as screen:
        await screen.loaded()
        with monkeypatch.context() as patch:
            patch.setattr(MainScreen, "is_mounted", property(lambda _: False))
            await screen.press("w")
            assert screen.main.pane == "files"
        await screen.press("w")
        assert screen.main.pane == "waste"


@pytest.mark.end_to_end
async def test_the_selected_layer_is_in_sight(show: Show, tmp_path: Path) -> None:
    """While the layers are read, the selected one is visible, also when another image replaces the first."""
    tall = explored_layers(tmp_path, *(layer(file(f"f{number}", b"1")) for number in range(40)))
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(tall.image)
        go_on.wait(20)
        return tall

    async with show(load, size=(80, 24)) as screen:
        try:
            for is_again in (False, True):
                # Found, laid out, and scrolled there come one after the other.
                for _ in range(50):
                    await screen.pilot.pause()
                    if screen.main.shown.image is not None and in_sight(screen.layers):
                        break
                assert screen.layers.cursor == 0
                assert in_sight(screen.layers)
                if not is_again:
                    screen.main.start_again()
                    screen.main.load_image("linux/amd64")
        finally:
            go_on.set()
        await screen.loaded()


@pytest.mark.end_to_end
async def test_another_image_is_looked_at_in_the_same_way(sample: Exploration) -> None:
    """Another platform keeps order and hidden kinds, and drops filters, comparison and groups."""
    app = ExplorerApp(partial(MainScreen, "made:1", loading(sample)), Settings(sort="name", changes_only=True))
    async with app.run_test() as pilot:
        screen = Screen(app, pilot)
        await screen.loaded()
        await screen.press("m", "slash", "x", "enter", "w", "b", "t", "slash", "x", "enter")
        app._load_platform("linux/arm64")
        await screen.loaded()
        assert screen.main.view.waste == screen.waste.view == WasteView()
        assert screen.main.view == View(1, sort=Sort.NAME, hidden=frozenset({Change.UNCHANGED}))


@pytest.mark.end_to_end
async def test_another_image_has_its_own_waste(show: Show, tmp_path: Path) -> None:
    """After another platform is loaded, the waste pane lists its waste from the top, and nothing of the first image."""
    images = []
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        hidden = [whiteout(f"{name}/{letter}") for letter in "abc"]
        images.append(
            explored_layers(tmp_path / name, layer(*(file(f"{name}/{x}", b"1") for x in "abc")), layer(*hidden))
        )

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        exploration = images[platform is not None]
        watcher.image_opened(exploration.image)
        return exploration

    async with show(load) as screen:
        await screen.press("w", "b", "end")
        assert getattr(screen.waste.selected, "path", "") == "old/c"
        screen.app._load_platform("linux/arm64")
        await screen.loaded()
        assert screen.waste.cursor == 0
        assert "/old" not in screen.text()
        await screen.press("b", "end")
        assert getattr(screen.waste.selected, "path", "") == "new/c"


# What a key asks for meanwhile


@asynccontextmanager
async def waiting(show: Show, sample: Exploration) -> AsyncIterator[tuple[Screen, Callable[[], Awaitable[None]]]]:
    """The screen while an image is read, and a function that completes the reading."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        go_on.wait(20)
        return sample

    async with show(load) as screen:

        async def finish() -> None:
            go_on.set()
            await screen.loaded()

        try:
            while screen.main.shown.image is None:
                await screen.pilot.pause()
            yield screen, finish
        finally:
            go_on.set()


@pytest.mark.end_to_end
@pytest.mark.parametrize(("keys", "kind"), [("w", WasteList), ("f", FileTree), ("iw", WasteList), ("i", ImagePane)])
async def test_the_focus_ends_where_a_key_asked(show: Show, sample: Exploration, keys: str, kind: type[Widget]) -> None:
    """A pane that a key chose before it was ready gets the focus when it is ready."""
    async with waiting(show, sample) as (screen, finish):
        await screen.press(*keys)
        await finish()
        assert isinstance(screen.app.focused, kind)
        assert screen.app.focused.region.area


@pytest.mark.end_to_end
async def test_the_focus_stays_where_it_went_since(show: Show, sample: Exploration) -> None:
    """If the user goes back to the layers meanwhile, they keep the focus when the image is read."""
    async with waiting(show, sample) as (screen, finish):
        await screen.press("w")
        assert screen.main.query_one(LoadingPane).has_focus
        await screen.press("tab", *["down"] * 3)
        await finish()
        assert screen.layers.has_focus
        assert screen.main.view.layer == 2
        assert screen.main.pane == "waste"


@pytest.mark.end_to_end
async def test_another_image_leaves_the_focus(show: Show, sample: Exploration) -> None:
    """If the files have the focus when another platform is loaded, they have it afterwards."""
    async with show(sample) as screen:
        await screen.press("f")
        screen.app._load_platform("linux/arm64")
        await screen.loaded()
        assert screen.files.has_focus
