"""The progress of work on several layers at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from explorer.errors import Cancelled
from explorer.model import Layer, LayerIndex, OnProgress, Progress, Watcher

_PROGRESS_SECONDS = 0.05
"""Time between two reports of progress."""


class ProgressMeter:
    """Sums the progress of several layers, and reports it at intervals."""

    def __init__(self, step: str, total: Callable[[], int | None], watcher: Watcher) -> None:
        self.stopped = False
        self._step = step
        self._total = total
        self.watcher = watcher
        self._done: dict[int, int] = {}
        self._lock = threading.Lock()
        self._next_report = 0.0

    def part(self, number: int) -> OnProgress:
        """Returns the callback for the bytes done of layer ``number``."""

        def on_progress(done: int) -> None:
            self._done[number] = done
            if self.stopped:
                raise Cancelled("stopped")
            if time.monotonic() < self._next_report:
                return
            with self._lock:
                self._next_report = time.monotonic() + _PROGRESS_SECONDS
                self.watcher.progress(Progress(self._step, sum(self._done.values()), self._total()))

        return on_progress

    def finished(self, layer: Layer, index: LayerIndex) -> None:
        """Reports a layer that was read, but never at the same time as progress."""
        with self._lock:
            self.watcher.layer_read(layer, index)
