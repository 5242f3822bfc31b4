"""All layers of an image at once: index them side by side, then read the few contents that must be compared."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from explorer.errors import Cancelled
from explorer.layers.fingerprints import fingerprint
from explorer.layers.tree import Tree, comparable_inodes
from explorer.model import Entry, Layer, LayerIndex, Progress, Watcher

_INTERVAL = 0.05
"""Seconds between two words of progress."""


def read_layers(layers: Sequence[Layer], watcher: Watcher) -> list[LayerIndex]:
    """The indexes of the layers, in their order. Raises UnreadableLayer, and what the watcher raises to stop."""
    indexes: dict[int, LayerIndex] = {}
    meter = _Meter("Reading layers", sum(layer.contents.stored_bytes for layer in layers), watcher)
    try:
        for layer, index in chain(_in_turn(layers, meter), _side_by_side(layers, meter)):
            indexes[layer.number] = index
    except BaseException:
        meter.stopped = True
        raise
    return [indexes[layer.number] for layer in layers]


def _in_turn(layers: Sequence[Layer], meter: _Meter) -> Iterator[tuple[Layer, LayerIndex]]:
    """The layers of which headers alone are read: that holds the interpreter lock, threads would only wait."""
    for layer in layers:
        if not layer.contents.streams:
            index = layer.contents.index(meter.part(layer.number))
            meter.finished(layer, index)
            yield layer, index


def _side_by_side(layers: Sequence[Layer], meter: _Meter) -> Iterator[tuple[Layer, LayerIndex]]:
    """The layers that are read through, largest first, in daemon threads: one that hangs must not delay the end."""
    streams = sorted(
        (layer for layer in layers if layer.contents.streams), key=lambda layer: -layer.contents.stored_bytes
    )
    left = iter(streams)
    done: queue.SimpleQueue[tuple[Layer, LayerIndex | BaseException]] = queue.SimpleQueue()

    def work() -> None:
        # Taking from a list iterator is atomic.
        for layer in left:
            try:
                done.put((layer, layer.contents.index(meter.part(layer.number))))
            except BaseException as error:  # noqa: BLE001 -- raised again where the result is wanted
                done.put((layer, error))
                return

    for _ in range(min(len(streams), os.cpu_count() or 1)):
        threading.Thread(target=work, name="layer", daemon=True).start()
    for _ in streams:
        layer, found = done.get()
        if isinstance(found, BaseException):
            raise found
        meter.finished(layer, found)
        yield layer, found


def fingerprint_copies(tree: Tree, layers: Sequence[Layer], watcher: Watcher) -> None:
    """Take the fingerprints that are still missing to tell which files later layers ship again unchanged."""
    wanted = comparable_inodes(tree)
    meter = _Meter("Comparing copies", sum(entry.size for entries in wanted for entry in entries.values()), watcher)
    for layer, entries in zip(layers, wanted, strict=True):
        if entries:
            found = _fingerprints(layer, tree.layers[layer.number], entries, meter.part(layer.number))
            tree.add_fingerprints(layer.number, found)


def _fingerprints(
    layer: Layer, index: LayerIndex, entries: Mapping[int, Entry], on_progress: Callable[[int], None]
) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    done = 0

    def reading_on(_: int) -> None:
        on_progress(done)

    for entry, stored in layer.contents.read(index, entries.values(), reading_on):
        found[entry.inode] = fingerprint(stored, entry.size, index.sparse.get(entry.inode))
        done += entry.size
    on_progress(done)
    return found


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

        def on_progress(done: int) -> None:
            self._done[number] = done
            if self.stopped:
                raise Cancelled("stopped")
            if time.monotonic() < self._next:
                return
            with self._lock:
                self._next = time.monotonic() + _INTERVAL
                self._watcher.progress(Progress(self._step, sum(self._done.values()), self._total))

        return on_progress

    def finished(self, layer: Layer, index: LayerIndex) -> None:
        """Tell that a layer has been read; never while progress is being told."""
        with self._lock:
            self._watcher.layer_read(layer, index)
