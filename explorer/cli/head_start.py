"""Begins to load an image, or to ask engines, while the screen is still loaded.

The modules of the screen take longer to load than most images take to open. Both together take little more than the
longer one, because reading and unpacking need no Python.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from explorer.errors import Cancelled, exhausted
from explorer.model import Image, Layer, LayerIndex, Progress, Watcher
from explorer.pipeline import Exploration, StageWatcher

_WAIT_SECONDS = 0.05
_Answer = TypeVar("_Answer")
_Load = Callable[[Watcher, str | None], Exploration]


class HeadStart:
    """A function that loads an image; the work begins before its first call."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._begun: _BegunLoad | None = _BegunLoad(load)

    def __call__(self, watcher: Watcher, platform: str | None) -> Exploration:
        """Loads an image of a platform, or else of the default one."""
        begun, self._begun = self._begun, None
        if begun is None or platform is not None:
            return self._load(watcher, platform)
        return begun.finish(watcher)


class _BegunLoad:
    """A load in a daemon thread. The watcher joins later and gets all that it missed."""

    def __init__(self, load: _Load) -> None:
        self._relay = _Relay()
        self._load = load
        self._exploration: Exploration | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._exploration = self._load(self._relay, None)
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self._error = exhausted(error) or error

    def finish(self, watcher: Watcher) -> Exploration:
        """Returns the exploration, or raises the error of the load."""
        self._relay.join(watcher)
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._exploration is not None  # noqa: S101 - for the type checker
        return self._exploration


class _Relay(StageWatcher):
    """Keeps what is reported until the watcher joins, then passes everything on.

    The first stage waits for the watcher, because more work would delay the screen.
    """

    def __init__(self) -> None:
        self._watcher: Watcher | None = None
        self._missed: list[Callable[[Watcher], None]] = []
        self._lock = threading.Lock()
        self._has_joined = threading.Event()

    def join(self, watcher: Watcher) -> None:
        """Reports to a watcher from now on."""
        with self._lock:
            for report in self._missed:
                report(watcher)
            self._missed.clear()
            self._watcher = watcher
        self._has_joined.set()

    def _report(self, report: Callable[[Watcher], None]) -> None:
        with self._lock:
            if self._watcher is None:
                self._missed.append(report)
                return
        report(self._watcher)

    def image_opened(self, image: Image) -> None:
        self._report(lambda watcher: watcher.image_opened(image))

    def wanted_layer(self) -> int | None:
        return None if self._watcher is None else self._watcher.wanted_layer()

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        self._report(lambda watcher: watcher.layer_read(layer, index))

    def stage_ready(self, stage: Exploration) -> None:
        self._report(lambda watcher: watcher.stage_ready(stage) if isinstance(watcher, StageWatcher) else None)
        self._has_joined.wait()

    def wait_for_cores(self) -> None:
        self._has_joined.wait()

    def progress(self, progress: Progress) -> None:
        # The next report replaces it.
        if self._watcher is not None:
            self._watcher.progress(progress)


class EarlyAnswers(Generic[_Answer]):
    """A function that yields answers; the first asking begins before the first call."""

    def __init__(self, ask: Callable[[Watcher], Iterator[_Answer]]) -> None:
        self._ask = ask
        self._begun: _BegunAsking[_Answer] | None = _BegunAsking(ask)

    def __call__(self, watcher: Watcher) -> Iterator[_Answer]:
        """Yields the answers, and raises the error that ends them."""
        begun, self._begun = self._begun, None
        return self._ask(watcher) if begun is None else begun.answers(watcher)


class _BegunAsking(Watcher, Generic[_Answer]):
    """An asking in a daemon thread, which ends with its watcher's work."""

    def __init__(self, ask: Callable[[Watcher], Iterator[_Answer]]) -> None:
        self._ask = ask
        self._is_stopped = threading.Event()
        self._answers: SimpleQueue[_Answer | None] = SimpleQueue()
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="ask", daemon=True).start()

    def _run(self) -> None:
        try:
            for answer in self._ask(self):
                self._answers.put(answer)
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self._error = exhausted(error) or error
        self._answers.put(None)

    def progress(self, progress: Progress) -> None:  # noqa: ARG002 - of the base
        if self._is_stopped.is_set():
            raise Cancelled("The work was stopped.")

    def answers(self, watcher: Watcher) -> Iterator[_Answer]:
        """Yields the answers until the watcher stops them."""
        try:
            while (answer := self._next(watcher)) is not None:
                yield answer
        finally:
            self._is_stopped.set()
        if self._error is not None:
            raise self._error

    def _next(self, watcher: Watcher) -> _Answer | None:
        while True:
            watcher.progress(Progress("Asking the engines", 0, None))
            try:
                return self._answers.get(timeout=_WAIT_SECONDS)
            except Empty:
                continue
