"""The whole way from an image to its figures, as one function."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import finalize

from explorer import gc_control
from explorer.analysis.layer_stats import LayerStats, layer_stats
from explorer.analysis.waste import ByteUsage, WasteByLayer, byte_usage, waste_by_layer
from explorer.layers.cache import Cache, store_indexes, with_cache
from explorer.layers.read_budget import ReadBudget
from explorer.layers.read_layers import fingerprint_copies, read_layers, with_shared_contents
from explorer.layers.tree import Node, Tree, dismantle, merge
from explorer.model import Image, Layer, LayerIndex, Progress, Waste, Watcher
from explorer.text.units import counted
from explorer.text.words import enumerated

if TYPE_CHECKING:
    from explorer.analysis.advice.build_steps import BuildStep
    from explorer.analysis.directories import Directories
    from explorer.analysis.disposables.disposable_files import DisposableFiles
    from explorer.analysis.disposables.disposables import Disposable
    from explorer.analysis.filter.path_filter import PathFilter
    from explorer.analysis.filter.search import Search
    from explorer.analysis.fixes.fix import Fix
    from explorer.analysis.fixes.savings import Savings
    from explorer.analysis.sizes import DirectorySizes
    from explorer.preview.versions import ImageContents


_MAX_STAGE_SHARE = 0.5
"""The most of the image's bytes in a stage that follows another soon, because its tree takes memory of its own."""
_SOON_SECONDS = 5.0
_STAGE_PAUSE = 8
"""Processor time of other work between two stages, as a multiple of what the later one is expected to cost."""

_UNCOMPARED = (
    "not compared with the same paths of other layers, because --within allows too few bytes: "
    "contents that are shipped again unchanged count as overwritten"
)

_Value = TypeVar("_Value")


class computed_once(cached_property[_Value]):  # noqa: N801 - a decorator, as its base
    """A cached property that one of several threads computes; the others wait.

    Since Python 3.12 each thread would compute a value of its own.
    """

    def __init__(self, function: Callable[[Any], _Value]) -> None:
        super().__init__(function)
        self._once = RLock()

    def __get__(self, instance: object, owner: type[Any] | None = None) -> _Value:  # type: ignore[override]
        with self._once:
            return super().__get__(instance, owner)


@dataclass(frozen=True)
class Exploration:
    """An image, its merged tree and its figures, for reports and for the screen.

    Most commands need none of the cached properties. These compute and import what they need on first use, which saves
    the others a quarter of their start time.
    """

    image: Image
    tree: Tree
    usage: ByteUsage
    layers: tuple[LayerStats, ...]
    is_wanted: Callable[[str], bool] | None = None
    """Tells the paths that the user wants, so that they are not disposable."""
    budget: ReadBudget = field(default_factory=ReadBudget)
    """The bounds that the layers were read within."""

    @property
    def download_bytes(self) -> int | None:
        """Compressed size of all blobs, each once; None if the source does not know all."""
        sizes = {layer.digest or layer.diff_id or layer.number: layer.download_bytes for layer in self.image.layers}
        known_sizes = [size for size in sizes.values() if size is not None]
        return sum(known_sizes) if known_sizes and len(known_sizes) == len(sizes) else None

    @property
    def missing_layers(self) -> tuple[int, ...]:
        """Numbers of the layers whose bytes the source does not have, or may not send."""
        return tuple(each.layer.number for each in self.layers if each.layer.is_missing or each.is_unread)

    @property
    def damage(self) -> tuple[str, ...]:
        """Reasons why the figures may be wrong, of the image and of its layers; printable."""
        layers = (f"layer {figures.layer.number}: {text}" for figures in self.layers for text in figures.damage)
        return (*self.image.damage, *layers)

    @cached_property
    def directories(self) -> Directories:
        """The directories of the tree."""
        from explorer.analysis.directories import Directories

        return Directories(self.tree)

    @cached_property
    def sizes(self) -> DirectorySizes:
        """The sizes of all directories at every layer."""
        from explorer.analysis.sizes import directory_sizes

        return directory_sizes(self.tree)

    @cached_property
    def path_filter(self) -> PathFilter:
        """Finds the paths that match a query."""
        from explorer.analysis.filter.path_filter import PathFilter

        return PathFilter(self.tree, self.usage.wasted, lambda: self.disposable_nodes)

    @cached_property
    def search(self) -> Search:
        """Finds the versions of paths in all layers that match a query."""
        from explorer.analysis.filter.search import Search

        return Search(self.tree, self.sizes, self.path_filter, self.usage.wasted)

    @cached_property
    def contents(self) -> ImageContents:
        """Reads the bytes of files."""
        from explorer.preview.versions import ImageContents

        return ImageContents(self.tree, self.image.layers)

    @cached_property
    def build_steps(self) -> Sequence[BuildStep]:
        """The build step of each layer, as advice needs it."""
        from explorer.analysis.advice.build_steps import build_steps

        return build_steps(self.image.layers, self.image.history)

    @computed_once
    def disposables(self) -> Sequence[Disposable]:
        """Visible files that a container is not expected to need, largest first."""
        from explorer.analysis.disposables.disposables import disposables

        return disposables(self.tree, self.is_wanted)

    @computed_once
    def disposable_nodes(self) -> Set[Node]:
        """The nodes of the disposable files, with all names of an inode."""
        from explorer.analysis.disposables.disposables import nodes_of

        return nodes_of(self.tree, self.disposables)

    @computed_once
    def disposable_files(self) -> DisposableFiles:
        """The disposable files by node, and their bytes below each directory."""
        from explorer.analysis.disposables.disposable_files import DisposableFiles

        return DisposableFiles(self.directories, self.disposables)

    @computed_once
    def file_counts(self) -> DirectorySizes:
        """The numbers of files below all directories at every layer."""
        from explorer.analysis.file_counts import file_counts

        return file_counts(self.directories)

    @computed_once
    def origins(self) -> Sequence[Waste]:
        """The wasted files from the layers that first brought them."""
        from explorer.analysis.fixes.origins import origins

        return origins(self.tree, self.usage.wasted)

    @computed_once
    def fixes(self) -> Sequence[Fix]:
        """Changes to the Dockerfile that save bytes, in the order to read them.

        The largest are first, private keys and logins before small ones, and the base's is last.
        """
        from explorer.analysis.fixes.fixes import fixes

        directory = self.image.config.working_dir
        return fixes(self.tree, self.usage.wasted, self.origins, self.disposables, self.build_steps, directory)

    @computed_once
    def savings(self) -> Savings:
        """The sums of the fixes, with the base's part apart."""
        from explorer.analysis.fixes.savings import savings

        return savings(self.fixes)

    @cached_property
    def waste_by_layer(self) -> WasteByLayer:
        """The wasted bytes by the layers that shipped and hid them."""
        return waste_by_layer(self.usage)


class StageWatcher(Watcher):
    """A watcher that also receives stages: explorations of the lower layers.

    They arrive while the other layers are read.
    """

    shows_layers = True

    def explored(self, stage: Exploration) -> None:
        """Receives the image that the lower layers make."""


def explore(
    image: Image,
    watcher: Watcher | None = None,
    cache: Cache | None = None,
    budget: ReadBudget | None = None,
    is_wanted: Callable[[str], bool] | None = None,
) -> Exploration:
    """Reads the image's layers, merges them, and accounts for every byte.

    Takes layers from a cache if possible. ``budget`` is that of the request to the source; ``is_wanted`` tells the
    paths that are not disposable. Raises UnreadableLayer if a layer is damaged, UnreadableImage if the image is beyond
    its budget, and Cancelled if the watcher stops the work.
    """
    watcher = watcher or Watcher()
    stages = watcher if isinstance(watcher, Stages) else Stages(watcher, is_wanted)
    watcher.image_opened(image)
    layers = image.layers if cache is None else with_cache(image.layers, cache)
    image = replace(image, layers=with_shared_contents(layers))
    stages.budget = budget = budget or ReadBudget()
    on_read = partial(stages.layers_read, image)
    with gc_control.paused():
        indexes = read_layers(image.layers, watcher, budget, on_read)
        if budget.fetch_limit.allow_smallest(layer for layer in image.layers if indexes[layer.number].is_unread):
            indexes = read_layers(image.layers, watcher, budget, on_read, _read_ones(indexes))
        exploration = _explored(image, indexes, watcher, is_wanted, budget)
        store_indexes(image.layers, exploration.tree.layers)
    source = image.source + _from_tables(exploration.tree.layers)
    problems = image.problems + _unread(exploration.tree.layers)
    return replace(exploration, image=replace(image, source=source, problems=problems))


def fetch(exploration: Exploration, layer: int, watcher: Watcher) -> Exploration:
    """Returns the exploration with one more layer, which was not read before.

    Raises as ``explore``; then the layer stays unread.
    """
    image, budget, indexes = exploration.image, exploration.budget, exploration.tree.layers
    problems = tuple(problem for problem in image.problems if problem not in _unread(indexes))
    with gc_control.paused(), budget.fetch_limit.allowing(image.layers[layer]):
        indexes = read_layers(image.layers, watcher, budget, known=_read_ones(indexes))
        fetched = _explored(image, indexes, watcher, exploration.is_wanted, budget)
        pairs = zip(image.layers, exploration.tree.layers, fetched.tree.layers, strict=True)
        changed = [(layer, new) for layer, old, new in pairs if new is not old]
        store_indexes(*zip(*changed, strict=True))
    finalize(exploration.tree, _free, exploration.tree.root).atexit = False
    return replace(fetched, image=replace(image, problems=problems + _unread(fetched.tree.layers)))


def _read_ones(indexes: Sequence[LayerIndex]) -> dict[int, LayerIndex]:
    """Returns the indexes of the layers that are read, by number."""
    return {number: index for number, index in enumerate(indexes) if not index.is_unread}


def _unread(indexes: Sequence[LayerIndex]) -> tuple[str, ...]:
    """Returns the problem of an image some of whose layers were not fetched."""
    numbers = [str(number) for number, index in enumerate(indexes) if index.is_unread]
    if not numbers:
        return ()
    if len(numbers) == 1:
        return (f"layer {numbers[0]} is not read because of --within, and no figure counts it",)
    return (f"layers {enumerated(numbers, 'and')} are not read because of --within, and no figure counts them",)


def _from_tables(indexes: Sequence[LayerIndex]) -> str:
    """Returns the end of the image's source: the layers from tables of contents."""
    count = sum(index.is_from_table for index in indexes)
    if not count:
        return ""
    some = "" if count == len(indexes) else f"{count:,} of {len(indexes):,} layers "
    return f", {some}from the table of contents"


def _explored(
    image: Image,
    indexes: Iterable[LayerIndex],
    watcher: Watcher,
    is_wanted: Callable[[str], bool] | None,
    budget: ReadBudget,
) -> Exploration:
    tree = merge(indexes)
    uncompared = fingerprint_copies(tree, image.layers, watcher, budget.fetch_limit)
    usage = byte_usage(tree)
    layers = list(layer_stats(image.layers, tree, usage))
    for number, figures in enumerate(layers):
        if figures.is_unread:
            problem = budget.fetch_limit.reason_against(figures.layer)
        elif number in uncompared:
            problem = f"{counted(uncompared[number], 'file')} {_UNCOMPARED}"
        else:
            continue
        layers[number] = replace(figures, problems=(*figures.problems, problem))
    return Exploration(image, tree, usage, tuple(layers), is_wanted, budget)


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

    def image_opened(self, image: Image) -> None:
        self._image = image
        self._watcher.image_opened(image)

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
        self.layers_read(self._image, self._arrived)

    def layers_read(self, image: Image, indexes: dict[int, LayerIndex]) -> None:
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
            stage = _explored(image, layers, watcher, self._is_wanted, self.budget)
        indexes.update(enumerate(stage.tree.layers))
        # The collector never sees it, because all objects made while an image is read are excluded from collection.
        finalize(stage.tree, _free, stage.tree.root).atexit = False
        watcher.explored(stage)


def _share(image: Image, count: int) -> float:
    """Returns the lower layers' share of the image's stored bytes; 0 if unknown."""
    sizes = [layer.contents.stored_bytes for layer in image.layers]
    return sum(sizes[:count]) / sum(sizes) if all(sizes) else 0


def _free(root: Node) -> None:
    """Frees the nodes of a tree in a thread, because that takes a moment."""
    with suppress(RuntimeError):
        Thread(target=dismantle, args=(root,), name="free", daemon=True).start()
