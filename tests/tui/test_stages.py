"""The screen while layers are read: it shows those read so far, and nothing moves when more of them come."""

from __future__ import annotations

import gc
import queue
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from explorer.config.settings import Sort
from explorer.model import Progress, Waste, Watcher
from explorer.pipeline import Exploration, StageWatcher, explore
from explorer.tui.dialogs.finder import Finder
from explorer.tui.layers.details import Details
from explorer.tui.main.verdict_bar import VerdictBar
from explorer.tui.viewer.text_screen import TextScreen
from tests.images import docker_archive, file, image, layer, opened, whiteout
from tests.tui.driving import Screen, Show

_TEXT = b"one line\n" * 100
_LAYERS = (
    layer(
        *(file(f"usr/lib/lib{number}.so", b"x" * (900 + number)) for number in range(30)),
        file("etc/motd", _TEXT),
        file("var/cache/index", b"c" * 5000),
    ),
    layer(file("etc/motd", _TEXT[:-9]), file("opt/tool", b"t" * 90_000)),
    layer(whiteout("var/cache"), file("etc/new", b"n" * 20)),
    layer(file("srv/app", b"a" * 700), whiteout("opt")),
)


class Stages(StageWatcher):
    """A watcher that keeps all stages."""

    def __init__(self) -> None:
        self.all: list[Exploration] = []

    def stage_ready(self, stage: Exploration) -> None:
        self.all.append(stage)


@pytest.fixture
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Exploration]:
    """Explorations of one layer, of two, and so on, the last of all layers."""
    monkeypatch.setattr("explorer.pipeline.stages._STAGE_PAUSE", 0)
    monkeypatch.setattr("explorer.pipeline.stages._SOON_SECONDS", 0)
    (tmp_path / "image.tar").write_bytes(docker_archive(image(*_LAYERS)))
    watcher = Stages()
    whole = explore(opened(tmp_path / "image.tar"), watcher)
    return [*watcher.all, whole]


Go = Callable[[], Awaitable[None]]
"""Reads the next layer, and waits until it is shown."""


@asynccontextmanager
async def reading(show: Show, stages: list[Exploration], **options: object) -> AsyncIterator[tuple[Screen, Go]]:
    """The screen while an image is read; it shows no layer at first."""
    whole = stages[-1]
    steps: queue.SimpleQueue[Exploration] = queue.SimpleQueue()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(whole.image)
        assert isinstance(watcher, StageWatcher)
        while (stage := steps.get(timeout=20)) is not whole:
            number = stage.tree.top
            watcher.layer_read(whole.image.layers[number], stage.tree.layers[number])
            watcher.progress(Progress("Reading layers", number + 1, len(stages)))
            watcher.stage_ready(stage)
        # As after an engine's save, whose layers arrive before its manifest.
        watcher.image_opened(whole.image)
        return whole

    waiting = iter(stages)

    async with show(load, **options) as screen:
        while screen.main.shown.image is None:
            await screen.pilot.pause()

        async def go() -> None:
            stage = next(waiting)
            steps.put(stage)
            while (views := screen.main.shown.views) is None or views.exploration is not stage:
                await screen.pilot.pause()
            await (screen.loaded() if stage is whole else screen.settled())

        try:
            yield screen, go
        finally:
            for stage in waiting:
                steps.put(stage)
            await screen.loaded()


def state(screen: Screen) -> object:
    """Returns everything on the screen that must not move."""
    files = screen.files
    return (
        screen.selected,
        screen.names,
        # Only later layers have these two.
        {node.path for node in files.opened} - {"opt", "srv"},
        files.scroll_offset.y,
        screen.layers.cursor,
        screen.main.view,
        screen.main.pane,
        screen.app.focused,
        files.has_focus,
    )


async def test_the_end_is_the_same(show: Show, stages: list[Exploration]) -> None:
    """After all stages, the screen shows the same text as after reading the image in one go, in each pane."""
    texts = []
    for shown in (stages, stages[-1:]):
        async with reading(show, shown) as (screen, go):
            for _ in shown:
                await go()
            pages = []
            for keys in ("f", "0", "2", "c", "w", "b", "i"):
                await screen.press(keys)
                pages.append(screen.text())
            texts.append(pages)
    for staged, plain in zip(*texts, strict=True):
        assert staged == plain


@pytest.mark.end_to_end
async def test_the_first_layer_can_be_walked(show: Show, stages: list[Exploration]) -> None:
    """The files of the bottom layer show while the others are read, and the screen says how far that is."""
    async with reading(show, stages) as (screen, go):
        await go()
        assert "lib" in screen.names[0]
        text = screen.text()
        assert "1 of 4 layers ready" in text
        assert "Reading layers: 25 %" in text
        assert "wasted" not in text.splitlines()[0]
        await screen.press("f", "end", "left")
        assert screen.selected == "etc"
        assert "upper layers are not ready yet" in screen.text()


@pytest.mark.end_to_end
async def test_nothing_moves(show: Show, stages: list[Exploration]) -> None:
    """Cursor, open directories, scroll position, order and focus stay while layers come, and at the end."""
    async with reading(show, stages, size=(100, 16)) as (screen, go):
        await go()
        await screen.press("f", "s", "e", *["down"] * 20, "up", "up")
        assert screen.main.view.sort is not Sort.SIZE
        before = state(screen)
        assert screen.files.scroll_offset.y
        for _ in stages[1:]:
            await go()
            assert state(screen) == before
        await screen.press("3")
        assert "srv" in screen.names


@pytest.mark.end_to_end
async def test_the_details_stay_scrolled(show: Show, stages: list[Exploration]) -> None:
    """The details of a layer stay scrolled while layers come."""
    async with reading(show, stages, size=(120, 20)) as (screen, go):
        await go()
        details = screen.main.query_one(Details)
        details.scroll_end(animate=False)
        await screen.press("f")
        assert details.scroll_offset.y
        for _ in stages[1:]:
            await go()
            assert details.scroll_offset.y


@pytest.mark.end_to_end
async def test_the_largest_layer_is_selected_at_the_end(show: Show, stages: list[Exploration]) -> None:
    """If the user pressed no key since the first files, the end selects the largest layer; otherwise nothing moves."""
    for keys, layer_number in (((), 1), (("f",), 0)):
        async with reading(show, stages) as (screen, go):
            await go()
            await screen.press(*keys)
            for _ in stages[1:]:
                await go()
            assert screen.main.view.layer == layer_number


@pytest.mark.end_to_end
async def test_all_directories_stay_open(show: Show, stages: list[Exploration]) -> None:
    """If all directories are open, those of later layers open, too; those that the user closed stay closed."""
    async with reading(show, stages) as (screen, go):
        await go()
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("etc")
        await screen.press("space", "slash", *"lib3", "enter")
        for _ in stages[1:-1]:
            await go()
        await screen.press("escape")
        await go()
        assert {node.path for node in screen.files.opened} == {"", "usr", "usr/lib", "var", "var/cache", "opt", "srv"}


@pytest.mark.end_to_end
async def test_a_layer_that_is_not_read_says_so(show: Show, stages: list[Exploration]) -> None:
    """The files of an unread layer are missing with a reason, and show as soon as the layer is read."""
    async with reading(show, stages) as (screen, go):
        await go()
        await screen.press("2")
        assert screen.main.view.layer == 2
        assert "Layer 2 is not ready yet: 1 of 4 layers so far." in screen.text()
        await screen.press("f", "down", "enter", "v")
        await go()
        assert "Layer 2 is not ready yet: 2 of 4 layers so far." in screen.text()
        await go()
        assert "is not ready yet" not in screen.text()
        assert "etc" in screen.names
        assert screen.main.view.layer == 2


@pytest.mark.end_to_end
async def test_what_is_open_outlasts_an_unread_layer(show: Show, stages: list[Exploration]) -> None:
    """After a look at an unread layer, the same directories are open and the same path is selected."""
    async with reading(show, stages) as (screen, go):
        await go()
        await screen.press("f", "E", "end", "enter", "down")
        before = state(screen)
        await screen.press("3")
        await go()
        await screen.press("0")
        assert state(screen) == before


@pytest.mark.end_to_end
async def test_a_filter_stays(show: Show, stages: list[Exploration]) -> None:
    """A filter goes on while layers come, also while it is typed, and finds what they bring."""
    async with reading(show, stages) as (screen, go):
        await go()
        await screen.press("slash", "o", "t")
        await go()
        await screen.press("d", "enter")
        assert screen.selected == "etc/motd"
        assert screen.main.view.query.text == "otd"
        await go()
        await screen.press("escape")
        assert not screen.main.view.query


@pytest.mark.end_to_end
async def test_some_filters_need_all_layers(show: Show, stages: list[Exploration]) -> None:
    """Filters for wasted and disposable files say that they wait; those for layers know all layers."""
    async with reading(show, stages) as (screen, go):
        await go()
        await screen.press("slash", *"is:wasted")
        assert "Not before the image is read: 1 of 4 layers ready." in screen.text()
        await screen.press("escape", "slash", *"layer:3")
        assert "from 0 to" not in screen.text()
        await screen.press("escape")


@pytest.mark.end_to_end
async def test_keys_that_need_all_layers_say_so(show: Show, stages: list[Exploration]) -> None:
    """Search, disposable files and orders of the waste wait for the whole image, and the waste shows the progress."""
    async with reading(show, stages) as (screen, go):
        await go()
        await go()
        await screen.press("ctrl+f")
        assert not screen.shows(Finder)
        assert screen.said == ["Not before the image is read: 2 of 4 layers ready."]
        await screen.press("w")
        assert "Reading layers" in screen.text()
        await screen.press("b")
        assert screen.said[-1] == "Not before the image is read: 2 of 4 layers ready."
        assert screen.main.query_one(VerdictBar).verdict is None
        await go()
        await go()
        assert "overwritten" in screen.text() or "Fix" in screen.text()


@pytest.mark.end_to_end
async def test_the_waste_so_far_shows(show: Show, stages: list[Exploration]) -> None:
    """While layers are read, the waste pane shows what the ready ones waste, and of which layers that is."""
    async with reading(show, stages) as (screen, go):
        await go()
        await screen.press("w")
        assert "Layer 0 of 4: nothing is wasted so far" in screen.text()
        await go()
        assert "Layers 0 to 1 of 4: " in screen.text()
        await screen.press("enter")
        await screen.press("down")
        selected = screen.waste.selected
        assert isinstance(selected, Waste)
        await go()
        assert "Layers 0 to 2 of 4: " in screen.text()
        assert screen.waste.selected == selected
        await screen.press("enter")
        assert screen.selected == selected.path
        await screen.press("w")
        await go()
        assert "Layers 0 to" not in screen.text()


@pytest.mark.end_to_end
async def test_layers_that_are_read_can_be_compared(show: Show, stages: list[Exploration]) -> None:
    """Two layers that are read can be compared; an unread one says that it is not read yet."""
    async with reading(show, stages) as (screen, go):
        await go()
        await go()
        await screen.press("0", "m", "1", "c")
        assert set(screen.names) >= {"opt"}
        await screen.press("3")
        assert "Layer 3 is not ready yet" in screen.text()
        await go()
        await go()
        assert screen.main.view.base == 0
        assert "is not ready yet" not in screen.text()


@pytest.mark.end_to_end
async def test_a_viewer_stays_open(show: Show, stages: list[Exploration]) -> None:
    """A file that is viewed stays in view while layers come, and so does the way back."""
    async with reading(show, stages) as (screen, go):
        await go()
        await screen.press("f", "E", "end", "home", "e")
        index = screen.names.index("motd")
        screen.files.cursor = index
        await screen.press("v")
        while not screen.shows(TextScreen):
            await screen.pilot.pause()
        for _ in stages[1:]:
            await go()
        assert screen.shows(TextScreen)
        assert "one line" in screen.text()
        await screen.press("escape")
        assert screen.selected == "etc/motd"


@pytest.mark.end_to_end
@pytest.mark.parametrize("keys", ["v", "d", "x", "?", "ctrl+p", "slash"])
async def test_a_stage_is_freed(show: Show, stages: list[Exploration], keys: str) -> None:
    """A screen that opens while layers are read lets go of their tree once it closes, without the collector."""
    trees = [weakref.ref(stage.tree) for stage in stages[:2]]
    async with reading(show, stages) as (screen, go):
        await go()
        await go()
        await screen.press("1", "f", "E", "end", "home", "e")
        screen.files.cursor = screen.names.index("motd")
        opened_on = screen.app.screen
        await screen.press(keys)
        assert keys == "slash" or screen.app.screen is not opened_on
        if keys == "slash":
            await screen.press("m", "o")
        stages[:2] = stages[-1:] * 2
        # Like the end of loading, after which the collector leaves out all that exists.
        gc.freeze()
        gc.disable()
        try:
            await go()
            await go()
            await screen.press("escape", "escape")
            assert screen.app.screen is opened_on
            await screen.settled()
            assert [tree() for tree in trees] == [None] * len(trees)
        finally:
            gc.enable()
            gc.unfreeze()
