"""Images that open above a first screen, and the way back from them."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Label

from explorer.config.settings import Settings
from explorer.errors import Cancelled, ChoiceNeeded, ImageNotFound
from explorer.model import Progress, Variant, Watcher
from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.content_screen import ContentScreen
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.dialogs.platform_screen import PlatformScreen
from explorer.tui.loading import Load
from explorer.tui.main.screen import MainScreen
from tests.images import explored_layers, file, layer
from tests.tui.driving import Screen, loading


class First(ContentScreen):
    """A first screen that is no image."""

    BINDINGS = [Binding("w", "wait", "Wait", tooltip="Wait", id="first.wait")]  # noqa: RUF012 - so does Textual declare it

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings

    def compose(self) -> ComposeResult:
        yield Label("The first screen")


@asynccontextmanager
async def first_screen(*images: Load) -> AsyncIterator[Screen]:
    """Runs the screen with images above a first one."""
    app = ExplorerApp(First)
    app.animation_level = "none"
    async with app.run_test(size=(120, 36)) as pilot:
        screen = Screen(app, pilot)
        for each in images:
            app.open_image("made:1", each)
            await screen.loaded()
        yield screen


@pytest.mark.end_to_end
async def test_back_from_an_image(tmp_path: Path) -> None:
    """Esc leads back from an image, the next one shows as the first did, and Esc on the first screen does nothing."""
    explorations = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        explorations.append(explored_layers(tmp_path / name, layer(file(f"name-{name}", b"1"))))
    async with first_screen() as screen:
        for _ in range(2):
            for exploration, name in zip(explorations, ("a", "b"), strict=True):
                screen.app.open_image("made:1", loading(exploration))
                await screen.loaded()
                assert f"name-{name}" in screen.text()
                await screen.press("escape")
                assert screen.shows(First)
        await screen.press("escape", "w")
        assert screen.shows(First)
        assert not screen.app.failure_code


@pytest.mark.end_to_end
async def test_escape_closes_what_is_open_first(sample: Exploration) -> None:
    """Esc clears a filter, ends a comparison and closes a file before it leads back."""
    async with first_screen(loading(sample)) as screen:
        await screen.press("f", "slash", "t", "enter", "m")
        for _ in range(2):
            await screen.press("escape")
            assert screen.shows(MainScreen)
        await screen.press("question_mark", "escape")
        assert screen.shows(MainScreen)
        await screen.press("escape")
        assert screen.shows(First)


async def test_no_way_back_from_the_first_screen(sample: Exploration) -> None:
    """Esc has nothing to do in an image that is the first screen."""
    app = ExplorerApp(lambda settings: MainScreen("made:1", loading(sample), settings))
    async with app.run_test(size=(120, 36)) as pilot:
        screen = Screen(app, pilot)
        await screen.loaded()
        await screen.press("escape")
        assert screen.shows(MainScreen)
        assert app.check_action("leave", ()) is False


@pytest.mark.end_to_end
async def test_a_left_image_is_freed(tmp_path: Path) -> None:
    """An image that is left keeps no memory, also what the collector ignores while it shows."""
    made: list[weakref.ref[Exploration]] = []

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        exploration = explored_layers(tmp_path, layer(file("f", b"1")))
        made.append(weakref.ref(exploration))
        watcher.image_opened(exploration.image)
        return exploration

    async with first_screen(load) as screen:
        shown = weakref.ref(screen.app.screen)
        assert made[0]() is not None
        await screen.press("w", "f", "escape")
        gc.collect()
        assert made[0]() is None
        assert shown() is None


async def test_the_tree_of_a_left_image_is_freed(sample: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nodes of an image that is left are freed at once, without a search for garbage."""
    freed: list[object] = []
    monkeypatch.setattr("explorer.tui.content_app.dismantle_in_thread", freed.append)
    async with first_screen(loading(sample)) as screen:
        assert freed == []
        await screen.press("escape")
        assert freed == [sample.tree]


async def test_leaving_stops_the_loading(sample: Exploration) -> None:
    """The work of an image that is left ends at its next step, and nothing is shown of it."""
    go_on, ended = threading.Event(), threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        go_on.wait(20)
        try:
            watcher.progress(Progress("Reading", 0, None))
        except Cancelled:
            ended.set()
            raise
        return sample

    async with first_screen() as screen:
        screen.app.open_image("made:1", load)
        await screen.settled()
        await screen.press("escape")
        go_on.set()
        assert ended.wait(20)
        await screen.settled()
        assert screen.shows(First)
        assert screen.app.failure is None


def failing(watcher: Watcher, platform: str | None = None) -> Exploration:
    raise ImageNotFound("no such image", "Check the name.")


async def test_back_from_an_error() -> None:
    """Esc leads back from an image that cannot be shown, which then decides no exit code."""
    async with first_screen(failing) as screen:
        assert screen.shows(ErrorScreen)
        assert screen.app.failure_code == ImageNotFound.exit_code
        await screen.press("escape")
        assert screen.shows(First)
        assert screen.app.failure_code == 0


@pytest.mark.end_to_end
async def test_back_from_the_choice_of_a_platform(sample: Exploration) -> None:
    """Esc on the choice of a platform shows why one is needed, and Esc again leads back; a choice shows the image."""
    variants = (Variant("linux/amd64", None), Variant("linux/arm64", None))

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        if platform is None:
            raise ChoiceNeeded("there are two", variants=variants)
        return loading(sample)(watcher, platform)

    async with first_screen(load) as screen:
        assert screen.shows(PlatformScreen)
        await screen.press("escape")
        assert screen.shows(ErrorScreen)
        await screen.press("escape")
        assert screen.shows(First)
        screen.app.open_image("made:1", load)
        await screen.loaded()
        await screen.press("enter")
        await screen.loaded()
        assert screen.shows(MainScreen)
        assert screen.app.failure is None
        await screen.press("escape")
        assert screen.shows(First)


@pytest.mark.end_to_end
async def test_the_place_of_the_border_is_that_of_the_last_image(sample: Exploration) -> None:
    """An image opens with the border where the user moved it in the image before."""
    async with first_screen(loading(sample)) as screen:
        await screen.press("greater_than_sign", "escape")
        screen.app.open_image("made:1", loading(sample))
        await screen.loaded()
        opened = screen.app.screen
        assert isinstance(opened, MainScreen)
        assert opened._settings.left_percent == screen.app.remembered.left_percent is not None


@pytest.mark.end_to_end
async def test_leaving_at_any_moment(sample: Exploration) -> None:
    """Leaving an image while it is loaded or judged is no error."""
    async with first_screen() as screen:
        for pauses in range(0, 24, 2):
            screen.app.open_image("made:1", loading(sample))
            for _ in range(pauses):
                await screen.pilot._wait_for_screen()
            await screen.pilot.press("escape")
        await screen.loaded()
        assert screen.shows(First)
        assert screen.app.fault is None
