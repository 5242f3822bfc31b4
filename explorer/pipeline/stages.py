"""Explorations of the lower layers, while the others are read."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from explorer import gc_control
from explorer.analysis.findings.secrets.image_without_secrets import image_without_secrets
from explorer.layers.read_budget import ReadBudget
from explorer.model import Image, Layer, LayerIndex, Progress, Watcher
from explorer.pipeline.exploration import Exploration, dismantle_when_unused, exploration_of

_MAX_STAGE_SHARE = 0.5
"""The most of the image's bytes in a stage that follows another soon, because its tree takes memory of its own."""
_SOON_SECONDS = 5.0
_STAGE_PAUSE = 8
"""Processor time of other work between two stages, as a multiple of what the later one is expected to cost."""


class StageWatcher(Watcher):
    """A watcher that also receives stages: explorations of the lower layers.

    They arrive while the other layers are read.
    """

    shows_layers = True

    def stage_ready(self, stage: Exploration) -> None:
        """Receives the image that the lower layers make."""


class Stages(Watcher):
    """Explores the lower layers as they are read, if that costs little.

    Each stage is exact for its layers, and has a tree of its own, because the screen shows it while others grow.
    """

    def __init__(self, watcher: Watcher, is_wanted: Callable[[str], bool] | None) -> None:
        """Takes the watcher of all work, which gets the stages if it is a StageWatcher."""
        self.shows_layers = watcher.shows_layers
        self._watcher = watcher
        self._is_wanted = is_wanted
        self.budget = ReadBudget()
        """The bounds of the image, once it is open."""
        self._image: Image | None = None
        self._arrived: dict[int, LayerIndex] = {}
        self._layers = 0
        """The number of layers of the last stage."""
        self._entry_seconds = 0.0
        """Processor time of the last stage for each entry."""
        self._ended_at = 0.0
        """Processor time of the program when the last stage was complete."""
        self._shown_at = 0.0
        """Time of that moment on the clock, in seconds."""

    def image_opened(self, image: Image) -> None:
        self.opened(image)

    def opened(self, image: Image) -> Image:
        """Shows an image, and returns it with its secrets masked."""
        self._image = image_without_secrets(image)
        self._watcher.image_opened(self._image)
        return self._image

    def progress(self, progress: Progress) -> None:
        self._watcher.progress(progress)

    def layer_read(self, layer: Layer, index: LayerIndex) -> None:
        self._watcher.layer_read(layer, index)

    def wait_for_cores(self) -> None:
        self._watcher.wait_for_cores()

    def wanted_layer(self) -> int | None:
        return self._watcher.wanted_layer()

    def layer_arrived(self, layer: Layer, index: LayerIndex) -> None:
        """Explores a layer that arrived before the image, with the layers below it."""
        if self._image is None or layer.number >= len(self._image.layers):
            return
        layers = [*self._image.layers]
        layers[layer.number] = replace(layers[layer.number], contents=layer.contents)
        self._image = replace(self._image, layers=tuple(layers))
        self._arrived[layer.number] = index
        self._watcher.layer_read(layer, index)
        self.explore_lower(self._image, self._arrived)

    def explore_lower(self, image: Image, indexes: dict[int, LayerIndex]) -> None:
        """Explores the layers below the first unread one, unless it is too soon."""
        if not isinstance(self._watcher, StageWatcher):
            return
        total = len(image.layers)
        count = self._layers
        while count < total and count in indexes and not indexes[count].is_unread:
            count += 1
        if not self._layers < count < total:
            return
        entries = sum(len(indexes[number].entries) for number in range(count))
        if time.process_time() - self._ended_at < _STAGE_PAUSE * entries * self._entry_seconds:
            return
        is_soon = self._layers and time.monotonic() < self._shown_at + _SOON_SECONDS
        if is_soon and _share(image, count) > _MAX_STAGE_SHARE:
            return
        started_at = time.thread_time()
        self._explore(image, count, indexes, self._watcher)
        self._layers, self._ended_at, self._shown_at = count, time.process_time(), time.monotonic()
        self._entry_seconds = (time.thread_time() - started_at) / max(1, entries)

    def _explore(self, image: Image, count: int, indexes: dict[int, LayerIndex], watcher: StageWatcher) -> None:
        """Hands over a stage, and keeps the fingerprints that it needed."""
        image = replace(image, layers=image.layers[:count])
        with gc_control.paused():
            layers = [indexes[number] for number in range(count)]
            stage = exploration_of(image, layers, watcher, self._is_wanted, self.budget, is_stage=True)
        indexes.update(enumerate(stage.tree.layers))
        dismantle_when_unused(stage.tree)
        watcher.stage_ready(stage)


def _share(image: Image, count: int) -> float:
    """Returns the lower layers' share of the image's stored bytes; 0 if unknown."""
    sizes = [layer.contents.stored_bytes for layer in image.layers]
    return sum(sizes[:count]) / sum(sizes) if all(sizes) else 0
