"""The work behind the screen: a thread that loads the image and says what it found in messages.

The thread touches no widget. It is a daemon, so that a socket on which an engine never answers cannot keep the program
from ending, and once cancelled it is not heard of again.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from explorer import gc_control
from explorer.errors import Cancelled
from explorer.model import Image, Layer, LayerIndex, Progress, Watcher
from explorer.pipeline import Exploration

Load = Callable[[Watcher, str | None], Exploration]
"""Brings an image, of a certain platform if one is named. Raises ExplorerError."""


@dataclass
class Found(Message):
    """The image's identity, history and layers are known. May come again; the later one replaces the earlier."""

    image: Image


@dataclass
class Progressed(Message):
    """Some more of the work is done."""

    progress: Progress

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Progressed)


@dataclass
class LayerRead(Message):
    """One layer has been read."""

    number: int
    bytes: int


@dataclass
class Loaded(Message):
    """The image is read to its end; here is all that is known of it."""

    exploration: Exploration


@dataclass
class Failed(Message):
    """The image cannot be shown."""

    error: Exception


class _Reporter:
    """The watcher that turns what it hears into messages, and stops the work once cancelled."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._open = True
        self._lock = threading.Lock()

    def cancel(self) -> None:
        """Post nothing from now on."""
        with self._lock:
            self._open = False

    def post(self, message: Message) -> None:
        """Post a message. Raises Cancelled when nobody listens any more."""
        with self._lock:
            if not self._open:
                raise Cancelled("The work was stopped.")
            self._post(message)

    def finish(self, tell: Callable[[], object]) -> None:
        """Tell the end of the work, unless nobody listens any more."""
        with self._lock:
            if self._open:
                tell()

    def image_opened(self, image: Image) -> None:
        self.post(Found(image))

    def progress(self, progress: Progress) -> None:
        self.post(Progressed(progress))

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        self.post(LayerRead(layer.number, index.shipped_bytes))


async def load_in_thread(load: Load, platform: str | None, post: Callable[[Message], object]) -> None:
    """Run ``load`` in a thread of its own and post what it finds; cancelling this stops the posts at once."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    reporter = _Reporter(post)

    def work() -> None:
        try:
            try:
                with gc_control.freeze_new_objects():
                    exploration = load(reporter, platform)
                    reporter.progress(Progress("Adding up directories", 0, None))
                    # Otherwise the first key that needs them would wait.
                    _ = exploration.sizes, exploration.build_steps
                reporter.post(Loaded(exploration))
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the screen says so
                reporter.post(Failed(error))
        except Cancelled:
            return
        reporter.finish(lambda: loop.call_soon_threadsafe(done.set))

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(work,), name="load", daemon=True).start()
    try:
        await done.wait()
    finally:
        reporter.cancel()
