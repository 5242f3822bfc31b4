"""The look of the screen, as pictures; accept new ones with ``pytest --snapshot-update``."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.pilot import Pilot

from explorer.errors import ImageNotFound
from explorer.model import Progress, Watcher
from explorer.tui.app import ExplorerApp
from explorer.tui.main.screen import MainScreen
from tests.tui.driving import loading

if TYPE_CHECKING:
    from explorer.pipeline import Exploration
    from explorer.tui.loading import Load

pytestmark = pytest.mark.painted

Compare = Callable[..., bool]
RunBefore = Callable[[Pilot[None]], Awaitable[None]]


def app(load: Load, theme: str = "layers") -> ExplorerApp:
    found = ExplorerApp(partial(MainScreen, "made:1", load))
    found.animation_level = "none"
    found.theme = theme
    return found


def pressing(*keys: str) -> RunBefore:
    """Waits until the image is shown, then presses keys."""

    async def run(pilot: Pilot[None]) -> None:
        for _ in range(2):
            # The verdict is computed once the image shows.
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return run


@pytest.mark.end_to_end
def test_main(snap_compare: Compare, sample: Exploration) -> None:
    """The layers with their bars, the top layer's details, and its files with marks, biggest first."""
    assert snap_compare(app(loading(sample)), terminal_size=(120, 36), run_before=pressing("f", "e", "down"))


@pytest.mark.end_to_end
def test_light(snap_compare: Compare, sample: Exploration) -> None:
    """The same in a light theme, the layers focused."""
    assert snap_compare(app(loading(sample), "textual-light"), terminal_size=(120, 36), run_before=pressing("e"))


@pytest.mark.end_to_end
def test_narrow(snap_compare: Compare, sample: Exploration) -> None:
    """Eighty columns: layers and details side by side above the files, with a short footer."""
    assert snap_compare(app(loading(sample)), terminal_size=(80, 24), run_before=pressing("f", "e"))


@pytest.mark.end_to_end
def test_tiny(snap_compare: Compare, sample: Exploration) -> None:
    """Forty columns: no details, and the files without mode and owner."""
    assert snap_compare(app(loading(sample)), terminal_size=(40, 18), run_before=pressing("f", "e"))


@pytest.mark.end_to_end
def test_waste(snap_compare: Compare, sample: Exploration) -> None:
    """The waste by cause, with the sum above and the history of the selected file below."""
    assert snap_compare(app(loading(sample)), terminal_size=(120, 36), run_before=pressing("w", "down"))


@pytest.mark.end_to_end
def test_image(snap_compare: Compare, sample: Exploration) -> None:
    """The metadata and the history of the image, with the steps that made no layer dimmed."""
    assert snap_compare(app(loading(sample)), terminal_size=(120, 44), run_before=pressing("i"))


@pytest.mark.end_to_end
def test_compare(snap_compare: Compare, sample: Exploration) -> None:
    """Changes only since a chosen layer, which is marked in the list and named in the title."""
    keys = ("home", "m", "end", "c", "f", "e")
    assert snap_compare(app(loading(sample)), terminal_size=(120, 36), run_before=pressing(*keys))


@pytest.mark.end_to_end
def test_nothing_changed(snap_compare: Compare, sample: Exploration) -> None:
    """A layer that changed nothing says so."""
    assert snap_compare(app(loading(sample)), terminal_size=(100, 30), run_before=pressing("up", "c"))


def test_hostile(snap_compare: Compare, hostile: Exploration) -> None:
    """Hostile names are escaped, wide ones are aligned, and the columns stay straight."""
    assert snap_compare(app(loading(hostile)), terminal_size=(120, 36), run_before=pressing("f", "e"))


@pytest.mark.end_to_end
def test_loading(snap_compare: Compare, sample: Exploration) -> None:
    """While the image is read, layers and commands show, with the progress beside them."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        watcher.layer_read(sample.image.layers[0], sample.tree.layers[0])
        watcher.progress(Progress("Reading layers", 13_000_000, 24_000_000))
        go_on.wait(20)
        return sample

    async def run(pilot: Pilot[None]) -> None:
        for _ in range(5):
            await pilot.pause()

    try:
        assert snap_compare(app(load), terminal_size=(120, 36), run_before=run)
    finally:
        go_on.set()


def test_error(snap_compare: Compare) -> None:
    """An image that cannot be found: the error, its hint, and the key to leave."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        raise ImageNotFound("there is no image made:1 in the Docker Engine", "Pull it first: docker pull made:1")

    assert snap_compare(app(load), terminal_size=(100, 24), run_before=pressing())


@pytest.mark.end_to_end
def test_help(snap_compare: Compare, sample: Exploration) -> None:
    """The help beside the waste: the formula, the four causes, and the keys."""
    assert snap_compare(app(loading(sample)), terminal_size=(160, 50), run_before=pressing("w", "question_mark"))
