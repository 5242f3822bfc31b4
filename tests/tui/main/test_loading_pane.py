"""The screen until the image is shown: progress, errors, and the choice of a platform."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from explorer.errors import Cancelled, ChoiceNeeded, ExplorerError, ImageNotFound
from explorer.model import Progress, Variant, Watcher
from explorer.pipeline import Exploration
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.dialogs.platform_screen import PlatformScreen
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.main.screen import MainScreen
from explorer.viewmodel.view import View
from tests.tui.driving import Show


@pytest.mark.end_to_end
async def test_found_before_loaded(show: Show, sample: Exploration) -> None:
    """The layers and their commands show as soon as they are known, then the progress of the reading."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        watcher.layer_read(sample.image.layers[0], sample.tree.layers[0])
        watcher.progress(Progress("Reading layers", 25, 100))
        go_on.wait(10)
        return sample

    async with show(load) as screen:
        while screen.main.query_one(LoadingPane).progress.total is None:
            await screen.pilot.pause()
        await screen.settled()
        text = screen.text()
        assert screen.layers.count == 5
        assert "RUN apt-get" in text
        assert "6.5 MB" in text
        assert "Reading layers" in text
        assert "25 %" in text
        await screen.press("down", "s", "s", "s", "c", "m", "2", "f", "e", "w", "i", "f")
        assert screen.main.view.layer == 2
        go_on.set()
        await screen.loaded()
        assert screen.main.view == View(2)
        assert screen.names


async def test_found_twice(show: Show, sample: Exploration, hostile: Exploration) -> None:
    """A second message about the image replaces the first, as after an engine's preview."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        watcher.image_opened(hostile.image)
        return hostile

    async with show(load) as screen:
        await screen.loaded()
        assert screen.layers.count == 2
        assert screen.main.view.layer == 0


async def test_quit_while_loading_blocks(show: Show) -> None:
    """A load that never returns does not keep the program from ending, and posts nothing later."""
    release, stopped = threading.Event(), threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        release.wait(20)
        try:
            watcher.progress(Progress("too late", 1, 2))
        except Cancelled:
            stopped.set()
        raise AssertionError("nobody hears of this")

    async with show(load) as screen:
        await screen.press("q")
        assert screen.app.return_code == 0
    release.set()
    assert stopped.wait(5)


async def test_error(show: Show) -> None:
    """An error shows its words and its hint, and decides the exit code."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        raise ImageNotFound("there is no image [/]\x1b[2J", "Try another\nname.")

    async with show(load) as screen:
        await screen.loaded()
        assert screen.shows(ErrorScreen)
        text = screen.text()
        assert "there is no image [/]\\x1b[2J" in text
        assert "Try another" in text
        await screen.press("q")
    assert screen.app.return_code == 3


async def test_bug(show: Show) -> None:
    """Any other exception shows its type, without a traceback."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        raise KeyError("surprise")

    async with show(load) as screen:
        await screen.loaded()
        assert "bug" in screen.text()
        assert "KeyError" in screen.text()
        assert "Traceback" not in screen.text()
        await screen.press("q")
    assert screen.app.return_code == ExplorerError.exit_code


async def test_error_after_found(show: Show, sample: Exploration) -> None:
    """An error replaces an image that turns out to be damaged."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        raise ImageNotFound("gone", "")

    async with show(load) as screen:
        await screen.loaded()
        assert screen.shows(ErrorScreen)


VARIANTS = (
    Variant("linux/amd64", 24_000_000, ("made:1",)),
    Variant("linux/arm64/v8", None),
    Variant("[red]\x1b/s390x"),
)


@pytest.mark.end_to_end
async def test_choosing_another_platform(show: Show, sample: Exploration, hostile: Exploration) -> None:
    """With several platforms a key lists them, the current one marked; Enter loads the chosen one."""
    asked: list[str | None] = []

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        asked.append(platform)
        found = hostile if platform else sample
        image = replace(found.image, platform=platform or "linux/amd64", variants=VARIANTS)
        watcher.image_opened(image)
        return replace(found, image=image)

    async with show(load) as screen:
        await screen.loaded()
        await screen.press("m", "w", "p")
        assert screen.shows(PlatformScreen)
        text = screen.text()
        assert "● linux/amd64" in text
        assert "24 MB" in text
        assert "[red]\\x1b/s390x" in text
        await screen.press("enter")
        assert screen.shows(MainScreen)
        await screen.press("p", "escape", "p", "j", "k", "j", "enter")
        await screen.loaded()
        assert asked == [None, "linux/arm64/v8"]
        assert screen.layers.count == 2
        assert screen.main.view == View(0)
        assert "linux/arm64/v8" in screen.text()


async def test_platform_key_needs_several(show: Show, sample: Exploration) -> None:
    """An image of one platform offers no choice."""
    async with show(sample) as screen:
        await screen.press("p")
        assert screen.shows(MainScreen)
        assert "Platform" not in screen.text()


@pytest.mark.end_to_end
async def test_choice_needed(show: Show, sample: Exploration) -> None:
    """If a platform must be chosen, the list replaces the error; without a choice the error shows."""

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        if platform == "linux/amd64":
            return sample
        raise ChoiceNeeded("choose one", "", VARIANTS) if platform is None else ImageNotFound("no such thing")

    async with show(load) as screen:
        await screen.loaded()
        await screen.press("escape")
        assert screen.shows(ErrorScreen)
        assert "choose one" in screen.text()
        await screen.press("p", "down", "enter")
        await screen.loaded()
        assert screen.shows(ErrorScreen)
        assert "no such thing" in screen.text()
        await screen.press("p", "home", "enter")
        await screen.loaded()
        assert screen.shows(MainScreen)
        assert screen.names
        await screen.press("q")
    assert screen.app.return_code == 0
