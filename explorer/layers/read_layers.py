"""Reads all layers in parallel, and the same contents once."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from types import MappingProxyType

from explorer.errors import exhausted
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.read_budget import ENTRIES, ReadBudget
from explorer.model import Layer, LayerContents, LayerIndex, Watcher

_KEPT_BYTES = 4 << 20
"""More than any chunk has."""


def with_shared_contents(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    """Returns the layers with one object for equal contents, which is read once."""
    first: dict[tuple[str | None, str], LayerContents] = {}
    shared = []
    for layer in layers:
        contents = first.setdefault((layer.digest, layer.diff_id), layer.contents)
        shared.append(replace(layer, contents=contents) if contents == layer.contents else layer)
    return tuple(shared)


def read_layers(
    layers: Sequence[Layer],
    watcher: Watcher,
    budget: ReadBudget,
    on_read: Callable[[dict[int, LayerIndex]], object] = lambda _: None,
    known: Mapping[int, LayerIndex] = MappingProxyType({}),
) -> list[LayerIndex]:
    """Returns the layers' indexes in order, and reads the same contents once.

    Args:
        layers: All layers of the image, bottom first.
        watcher: Receives the progress.
        budget: The bounds of the image.
        on_read: Called after each layer with the indexes so far, by layer number. It may replace an index by the same
            one with more fingerprints.
        known: The indexes of layers that are read already, by number.

    Raises UnreadableImage and Cancelled.
    """
    indexes = dict(known)
    equal_layers: dict[int, list[Layer]] = {}
    for layer in layers:
        if layer.number in known:
            continue
        equal_layers.setdefault(id(layer.contents), []).append(layer)
    distinct = [equal[0] for equal in equal_layers.values()]
    for layer in distinct:
        # Before any layer is read, because the bounds are for all of them together.
        budget.add_stored(f"layer {layer.number}", layer.contents.stored_bytes)
    # A layer whose table of contents cannot be used turns out to have more bytes to read.
    meter = ProgressMeter("Reading layers", lambda: sum(layer.contents.stored_bytes for layer in distinct), watcher)
    try:
        for first, index in chain(_in_turn(distinct, meter), _side_by_side(distinct, meter)):
            for layer in equal_layers[id(first.contents)]:
                if layer is not first:
                    budget.take(ENTRIES, len(index.entries) + len(index.superseded) + len(index.whiteouts))
                indexes[layer.number] = index
                if not index.is_unread:
                    meter.finished(layer, index)
            on_read(indexes)
    except BaseException:
        meter.stopped = True
        raise
    return [indexes[layer.number] for layer in layers]


class _Waiting:
    """The layers that are read side by side and have not started yet.

    First come the layer that the user wants and those below it, because it can be shown only on top of them. Then comes
    the bottom one, because it can be shown before all others. Then come the largest, so that no long one is left at
    the end; but while layers of a registry are shown as they arrive, the smallest, so that many are there soon.
    """

    def __init__(self, layers: Iterable[Layer], watcher: Watcher) -> None:
        self.layers = list(layers)
        self._watcher = watcher
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Layer]:
        """Yields the next layer until none is left, in several threads."""
        while True:
            with self._lock:
                if not self.layers:
                    return
                wanted = self._watcher.wanted_layer()
                layer = min(self.layers, key=lambda layer: self._rank(layer, wanted))
                self.layers.remove(layer)
            yield layer

    def _rank(self, layer: Layer, wanted: int | None) -> tuple[bool, bool, bool, int]:
        is_helpful = wanted is not None and layer.number <= wanted
        is_small_first = layer.is_remote and self._watcher.shows_layers
        size = layer.contents.stored_bytes
        return not is_helpful, layer.number != wanted, layer.number > 0, size if is_small_first else -size


def _in_turn(layers: Sequence[Layer], meter: ProgressMeter) -> Iterator[tuple[Layer, LayerIndex]]:
    """Yields layers of which only headers are read: threads would not help there."""
    for layer in layers:
        if not layer.contents.streams:
            yield layer, layer.contents.index(meter.part(layer.number))


def _side_by_side(layers: Sequence[Layer], meter: ProgressMeter) -> Iterator[tuple[Layer, LayerIndex]]:
    """Yields the layers that are read completely.

    They are read in daemon threads, because a thread that hangs must not delay the end of the program.
    """
    waiting = _Waiting((layer for layer in layers if layer.contents.streams), meter.watcher)
    count = len(waiting.layers)
    results: queue.SimpleQueue[tuple[Layer, LayerIndex | BaseException]] = queue.SimpleQueue()
    cores = os.cpu_count() or 1

    def work(number: int) -> None:
        if number >= cores - 1 > 0:
            meter.watcher.wait_for_cores()
        for layer in waiting:
            try:
                results.put((layer, layer.contents.index(meter.part(layer.number))))
            except BaseException as error:  # noqa: BLE001 -- raised again by the consumer
                # It makes room, because the consumer would wait for ever if the result could not be put.
                results.put((layer, exhausted(error) or error))
                return

    # The C library keeps freed memory up to the largest size that was ever freed. Otherwise each chunk takes new memory
    # from the system, which fills it with zeros: a twentieth of all work.
    bytes(_KEPT_BYTES)
    for number in range(min(count, cores)):
        try:
            threading.Thread(target=work, args=(number,), name="layer", daemon=True).start()
        except RuntimeError:
            # The system limits threads or memory.
            work(0)
            break
    for _ in range(count):
        layer, result = results.get()
        if isinstance(result, BaseException):
            raise result
        yield layer, result
