"""All layers of an image at once: index them side by side, then read the few contents that must be compared."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from explorer.errors import Cancelled
from explorer.layers.index import fingerprint
from explorer.layers.streams import CHUNK
from explorer.layers.tree import Tree, comparable_inodes
from explorer.model import Layer, LayerIndex, Progress, Watcher

_INTERVAL = 0.05
"""Seconds between two words of progress."""


def read_layers(layers: Sequence[Layer], watcher: Watcher) -> list[LayerIndex]:
    """The indexes of the layers, in their order. Raises UnreadableLayer, and what the watcher raises to stop."""
    indexes: dict[int, LayerIndex] = {}
    meter = _Meter("Reading layers", sum(layer.contents.stored_bytes for layer in layers), watcher)
    streams = [layer for layer in layers if layer.contents.streams]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        largest_first = sorted(streams, key=lambda layer: -layer.contents.stored_bytes)
        running: dict[Future[LayerIndex], Layer] = {}
        for layer in largest_first:
            running[pool.submit(layer.contents.index, meter.part(layer.number))] = layer
        try:
            for layer in layers:
                # Reading headers holds the interpreter lock: a thread each would only make them wait for one another.
                if not layer.contents.streams:
                    indexes[layer.number] = layer.contents.index(meter.part(layer.number))
                    meter.finished(layer, indexes[layer.number])
            for future in as_completed(running):
                layer = running[future]
                indexes[layer.number] = future.result()
                meter.finished(layer, indexes[layer.number])
        except BaseException:
            meter.stopped = True
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [indexes[layer.number] for layer in layers]


def fingerprint_copies(tree: Tree, layers: Sequence[Layer], watcher: Watcher) -> None:
    """Take the fingerprints that are still missing to tell which files later layers ship again unchanged."""
    wanted = comparable_inodes(tree)
    meter = _Meter("Comparing copies", sum(entry.size for entries in wanted for entry in entries.values()), watcher)
    for layer, entries in zip(layers, wanted, strict=True):
        index = tree.layers[layer.number]
        passed = meter.part(layer.number)
        done = 0
        for inode in sorted(entries):
            entry = entries[inode]
            with layer.contents.open(index, entry) as content:
                tree.fingerprints[layer.number][inode] = fingerprint(iter(lambda: content.read(CHUNK), b""), entry.size)
            done += entry.size
            passed(done)


class _Meter:
    """Adds up the progress of several layers, and tells it now and then."""

    def __init__(self, step: str, total: int, watcher: Watcher) -> None:
        self.stopped = False
        self._step = step
        self._total = total
        self._watcher = watcher
        self._done: dict[int, int] = {}
        self._lock = threading.Lock()
        self._next = 0.0

    def part(self, number: int) -> Callable[[int], None]:
        """What hears how many bytes of layer ``number`` are done."""

        def passed(done: int) -> None:
            self._done[number] = done
            if self.stopped:
                raise Cancelled("stopped")
            if time.monotonic() < self._next:
                return
            with self._lock:
                self._next = time.monotonic() + _INTERVAL
                self._watcher.progress(Progress(self._step, sum(self._done.values()), self._total))

        return passed

    def finished(self, layer: Layer, index: LayerIndex) -> None:
        """Tell that a layer has been read; never while progress is being told."""
        with self._lock:
            self._watcher.layer_read(layer, index)
