"""Loading that begins before the screen is there: the screen misses nothing, and waits for nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from explorer.cli.head_start import EarlyAnswers, HeadStart
from explorer.errors import Cancelled, ImageNotFound
from explorer.model import Image, Layer, LayerIndex, Progress, Watcher
from explorer.pipeline import Exploration, StageWatcher
from tests.images import explored_layers, file, layer


class Screen(StageWatcher):
    """A watcher that records its calls."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def image_opened(self, image: Image) -> None:
        self.calls.append(image)

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        self.calls.append(layer.number)

    def stage_ready(self, stage: Exploration) -> None:
        self.calls.append(stage)

    def progress(self, progress: Progress) -> None:
        self.calls.append(progress.done)


@pytest.fixture
def exploration(tmp_path: Path) -> Exploration:
    """A small image."""
    return explored_layers(tmp_path, layer(file("a")))


def test_the_screen_misses_nothing(exploration: Exploration) -> None:
    """The screen gets what was found before it joined, in order, and after it all that follows."""
    is_staged, threads = threading.Event(), []

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        threads.append((threading.current_thread(), platform))
        assert isinstance(watcher, StageWatcher)
        watcher.image_opened(exploration.image)
        watcher.progress(Progress("Reading", 1, 3))
        watcher.layer_read(exploration.image.layers[0], exploration.tree.layers[0])
        is_staged.set()
        watcher.stage_ready(exploration)
        watcher.progress(Progress("Reading", 2, 3))
        return exploration

    begun, screen = HeadStart(load), Screen()
    assert is_staged.wait(20)
    assert begun(screen, None) is exploration
    assert screen.calls == [exploration.image, 0, exploration, 2]
    # Another platform is loaded in the caller's thread, and so is the same one again.
    assert begun(screen, "linux/arm64") is exploration
    assert begun(screen, None) is exploration
    assert [platform for _, platform in threads] == [None, "linux/arm64", None]
    assert threads[0][0] is not threads[1][0] is threading.current_thread()


def test_work_waits_after_the_first_stage(exploration: Exploration) -> None:
    """Layers above the first stage are not read before the screen is there."""
    order: list[str] = []

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        assert isinstance(watcher, StageWatcher)
        watcher.stage_ready(exploration)
        order.append("read")
        return exploration

    begun = HeadStart(load)
    order.append("screen")
    begun(Screen(), None)
    assert order == ["screen", "read"]


def test_errors_reach_the_screen() -> None:
    """An error of the load is raised where the screen asks for the image."""

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        raise ImageNotFound("there is no such image")

    with pytest.raises(ImageNotFound, match="no such image"):
        HeadStart(load)(Screen(), None)


def test_the_screen_can_stop_the_load(exploration: Exploration) -> None:
    """A load that began early stops at its next progress after the screen was left."""

    class Left(Screen):
        """A screen that the user left."""

        def progress(self, progress: Progress) -> None:
            raise Cancelled("stopped")

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        while True:
            watcher.progress(Progress("Reading", 1, 3))

    with pytest.raises(Cancelled):
        HeadStart(load)(Left(), None)


def test_answers_that_were_asked_for_early() -> None:
    """The answers come once from the early asking, and from a new one after that; its error comes last."""
    askings: list[threading.Thread] = []

    def ask(watcher: Watcher) -> Iterator[str]:
        askings.append(threading.current_thread())
        yield from ("docker", "podman")
        raise ImageNotFound("no more")

    early = EarlyAnswers(ask)
    for _ in range(2):
        answers = early(Watcher())
        assert [next(answers), next(answers)] == ["docker", "podman"]
        with pytest.raises(ImageNotFound, match="no more"):
            next(answers)
    assert askings[0] is not askings[1] is threading.current_thread()


def test_the_screen_can_stop_the_asking() -> None:
    """An asking that began early stops at its next progress after the screen was left."""
    is_left, is_stopped = threading.Event(), threading.Event()

    def ask(watcher: Watcher) -> Iterator[str]:
        yield "docker"
        is_left.wait(20)
        with suppress(Cancelled):
            while True:
                watcher.progress(Progress("Asking", 0, None))
        is_stopped.set()

    class Leaving(Watcher):
        """A screen that is left after the first answer."""

        def progress(self, progress: Progress) -> None:
            if is_left.is_set():
                raise Cancelled("left")

    answers = EarlyAnswers(ask)(Leaving())
    assert next(answers) == "docker"
    is_left.set()
    with pytest.raises(Cancelled, match="left"):
        next(answers)
    assert is_stopped.wait(20)
