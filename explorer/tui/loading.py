"""The worker that loads the image: it reports what it finds in messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from explorer import gc_control
from explorer.model import Image, Layer, LayerIndex, Progress, Watcher
from explorer.pipeline import Exploration, StageWatcher, fetch
from explorer.tui.run_in_thread import run_in_thread

Load = Callable[[Watcher, str | None], Exploration]
"""Loads an image, of the platform that is named, or else of the default one. Raises ExplorerError."""


@dataclass
class Found(Message):
    """The image, its history and layers are known. A later message replaces it."""

    image: Image


@dataclass
class Progressed(Message):
    """The work has progressed."""

    progress: Progress

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Progressed)


@dataclass
class LayerRead(Message):
    """One layer has been read."""

    number: int
    bytes: int


@dataclass
class StageReady(Message):
    """The lower layers are read; a later stage, or the whole image, replaces it."""

    stage: Exploration

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, StageReady)


@dataclass
class Loaded(Message):
    """The image is read completely."""

    exploration: Exploration


@dataclass
class Failed(Message):
    """The image cannot be shown."""

    error: Exception


class _Reporter(StageWatcher):
    """A watcher that posts the progress as messages."""

    def __init__(self, post: Callable[[Message], None], wanted: Callable[[], int | None] = lambda: None) -> None:
        self._post = post
        self._wanted = wanted

    def wanted_layer(self) -> int | None:
        return self._wanted()

    def image_opened(self, image: Image) -> None:
        self._post(Found(image))

    def progress(self, progress: Progress) -> None:
        self._post(Progressed(progress))

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        self._post(LayerRead(layer.number, index.shipped_bytes))

    def stage_ready(self, stage: Exploration) -> None:
        _prepare(stage)
        self._post(StageReady(stage))


def _prepare(exploration: Exploration) -> None:
    """Computes what the first key would wait for."""
    _ = exploration.sizes, exploration.early_build_steps


async def load_in_thread(
    load: Load, platform: str | None, post: Callable[[Message], object], wanted: Callable[[], int | None]
) -> None:
    """Loads an image in a thread and posts messages, until it is cancelled.

    ``wanted`` returns the layer to read before the others, if the user opened one.
    """

    def work(report: Callable[[Message], None]) -> Exploration:
        reporter = _Reporter(report, wanted)
        with gc_control.freeze_new_objects():
            exploration = load(reporter, platform)
            reporter.progress(Progress("Computing directory sizes", 0, None))
            _prepare(exploration)
        return exploration

    try:
        exploration = await run_in_thread(work, post, interval=0)
    except Exception as error:  # noqa: BLE001 - the screen shows any error
        post(Failed(error))
    else:
        post(Loaded(exploration))


class _Fetching(_Reporter):
    """A reporter of the fetching of one layer."""

    def __init__(self, post: Callable[[Message], None], layer: int) -> None:
        super().__init__(post)
        self._layer = layer

    def progress(self, progress: Progress) -> None:
        super().progress(progress._replace(step=f"Fetching layer {self._layer}"))


async def fetch_in_thread(exploration: Exploration, layer: int, post: Callable[[Message], object]) -> None:
    """Fetches a layer that is not read in a thread, and posts the image with it.

    Raises ExplorerError.
    """

    def work(report: Callable[[Message], None]) -> Exploration:
        with gc_control.freeze_new_objects():
            fetched = fetch(exploration, layer, _Fetching(report, layer))
            _prepare(fetched)
        return fetched

    post(Loaded(await run_in_thread(work, post, interval=0)))
