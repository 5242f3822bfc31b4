"""Reads the layers of an image, or one more of them, and accounts for every byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from explorer import gc_control
from explorer.layers.cache import Cache, store_indexes, with_cache
from explorer.layers.opened_images import known_images
from explorer.layers.read_budget import ReadBudget
from explorer.layers.read_layers import read_layers, with_shared_contents
from explorer.model import Image, LayerIndex, Watcher
from explorer.pipeline.exploration import Exploration, dismantle_when_unused, exploration_of
from explorer.pipeline.stages import Stages
from explorer.text.words import enumerated


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

    Nobody gets the secrets in the image's history and settings: they are masked first.
    """
    watcher = watcher or Watcher()
    stages = watcher if isinstance(watcher, Stages) else Stages(watcher, is_wanted)
    image = stages.opened(image)
    layers = image.layers if cache is None else with_cache(image.layers, cache)
    image = replace(image, layers=with_shared_contents(layers))
    stages.budget = budget = budget or ReadBudget()
    on_read = partial(stages.explore_lower, image)
    with gc_control.paused():
        indexes = read_layers(image.layers, watcher, budget, on_read)
        if budget.fetch_limit.allow_smallest(layer for layer in image.layers if indexes[layer.number].is_unread):
            indexes = read_layers(image.layers, watcher, budget, on_read, _known(indexes))
        exploration = exploration_of(image, indexes, watcher, is_wanted, budget)
        store_indexes(image.layers, exploration.tree.layers)
    source = image.source + from_tables(exploration.tree.layers)
    problems = image.problems + _unread(exploration.tree.layers)
    image = replace(image, source=source, problems=problems)
    remembered = tuple if cache is None else partial(known_images, cache.directory)
    return replace(exploration, image=image, remembered_images=remembered)


def fetch(exploration: Exploration, layer: int, watcher: Watcher) -> Exploration:
    """Returns the exploration with one more layer, which was not read before.

    Raises as ``explore``; then the layer stays unread.
    """
    image, budget, indexes = exploration.image, exploration.budget, exploration.tree.layers
    problems = tuple(problem for problem in image.problems if problem not in _unread(indexes))
    with gc_control.paused(), budget.fetch_limit.allowing(image.layers[layer]):
        indexes = read_layers(image.layers, watcher, budget, known=_known(indexes))
        fetched = exploration_of(image, indexes, watcher, exploration.is_wanted, budget)
        pairs = zip(image.layers, exploration.tree.layers, fetched.tree.layers, strict=True)
        changed = [(each, new) for each, old, new in pairs if new is not old]
        store_indexes(*zip(*changed, strict=True))
    dismantle_when_unused(exploration.tree)
    image = replace(image, problems=problems + _unread(fetched.tree.layers))
    return replace(
        fetched,
        image=image,
        remembered_images=exploration.remembered_images,
        find_given_base=exploration.find_given_base,
        given_dockerfile=exploration.given_dockerfile,
        scan_reports=exploration.scan_reports,
    )


def _known(indexes: Sequence[LayerIndex]) -> dict[int, LayerIndex]:
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


def from_tables(indexes: Sequence[LayerIndex]) -> str:
    """Returns the end of the image's source: the layers from tables of contents."""
    count = sum(index.is_from_table for index in indexes)
    if not count:
        return ""
    some = "" if count == len(indexes) else f"{count:,} of {len(indexes):,} layers "
    return f", {some}from the table of contents"
