"""Follows wasted bytes to the layer that first brought them.

A layer that changes an owner ships a file again. The step to change is the one that brought the file, and the copies
have one end: a later layer removes or overwrites the last of them, or it stays visible.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter

from explorer.analysis.changes import same_content
from explorer.analysis.disposables.disposables import Disposable
from explorer.layers.tree import InodeName, Tree, Version
from explorer.model import Cause, Waste

_layer_of = attrgetter("layer")
_MAX_WALKED_VERSIONS = 8
"""Versions of a path that are compared for each of its wasted files; those of a longer history are compared once."""


def origins(tree: Tree, wasted: Sequence[Waste]) -> list[Waste]:
    """Returns each waste from the first shipper of its content to its end."""
    # In one table, because a walk from the root for each of many files takes longer than all the rest. Of two versions,
    # the first is wasted, and its origin is itself.
    histories = {
        entry.path: node.history
        for node in tree.revised
        if len(node.history) > 2
        for _, entry in node.history
        if entry is not None
    }
    starts_by_path: dict[str, list[int]] = {}
    names = linked_names(tree)
    return [
        _origin_of_names(tree, waste, names[waste.shipped_in, waste.path], starts_by_path)
        if names and (waste.shipped_in, waste.path) in names
        else _origin(tree, waste, histories[waste.path], starts_by_path)
        if waste.path in histories
        else waste
        for waste in wasted
    ]


def linked_names(tree: Tree) -> dict[tuple[int, str], Sequence[InodeName]]:
    """Returns all names of an inode by its layer and each of them, if it has several."""
    return {(layer, name.entry.path): names for (layer, _), names in tree.linked.items() for name in names}


def ends_of_names(tree: Tree, waste: Waste, names: Sequence[InodeName]) -> list[Waste]:
    """Returns the origin of each name of a wasted inode; empty if a name is visible."""
    return list(_origins_of_names(tree, waste, names, {}))


def _origin_of_names(
    tree: Tree, waste: Waste, names: Sequence[InodeName], starts_by_path: dict[str, list[int]]
) -> Waste:
    """Returns the origin of the name to which the bytes of an inode belong.

    The bytes are wasted when a name is first copied again, or else when the last name goes.
    """
    ends = list(_origins_of_names(tree, waste, names, starts_by_path))
    copied = [each for each in ends if each.cause is Cause.RECOPIED]
    if copied:
        return min(copied, key=lambda each: (each.hidden_in, each.path != waste.path))
    return max(ends, key=lambda each: (each.hidden_in, each.path == waste.path), default=waste)


def _origins_of_names(
    tree: Tree, waste: Waste, names: Sequence[InodeName], starts_by_path: dict[str, list[int]]
) -> Iterator[Waste]:
    number = waste.shipped_in
    if waste.cause is Cause.DUPLICATE or any(name.position(number) + 1 == len(name.node.history) for name in names):
        return
    for name in names:
        position = name.position(number)
        old, new = name.node.history[position : position + 2]
        cause = Cause.REMOVED if new.entry is None else Cause.OVERWRITTEN
        if new.entry is not None and same_content(tree, old, new):
            cause = Cause.RECOPIED
        hidden = Waste(name.entry.path, waste.bytes, cause, number, new.layer)
        yield _origin(tree, hidden, name.node.history, starts_by_path)


def _origin(tree: Tree, waste: Waste, history: Sequence[Version], starts_by_path: dict[str, list[int]]) -> Waste:
    if waste.cause is Cause.DUPLICATE:
        return waste
    shipped = bisect_left(history, waste.shipped_in, key=_layer_of)
    if shipped == len(history) or history[shipped].layer != waste.shipped_in or history[shipped].entry is None:
        return waste
    if len(history) <= _MAX_WALKED_VERSIONS:
        first, after = _first_of_content(tree, history, shipped), shipped + 1
        while after < len(history) and same_content(tree, history[after - 1], history[after]):
            after += 1
    else:
        starts = starts_by_path.get(waste.path)
        if starts is None:
            starts = starts_by_path[waste.path] = _starts_of_contents(tree, history)
        place = bisect_right(starts, shipped)
        first, after = starts[place - 1], starts[place] if place < len(starts) else len(history)
    cause, hidden_in = _end(history, after, waste) if waste.cause is Cause.RECOPIED else (waste.cause, waste.hidden_in)
    return Waste(waste.path, waste.bytes, cause, history[first].layer, hidden_in)


def _starts_of_contents(tree: Tree, history: Sequence[Version]) -> list[int]:
    """Returns the places of the versions that differ from the ones before them."""
    return [0, *(place + 1 for place, pair in enumerate(pairwise(history)) if not same_content(tree, *pair))]


def first_shipper(tree: Tree, disposable: Disposable) -> int:
    """Returns the layer that first brought the visible content of a path."""
    node = tree.find(disposable.path)
    if node is None:
        return disposable.shipped_in
    return node.history[_first_of_content(tree, node.history, len(node.history) - 1)].layer


def _first_of_content(tree: Tree, history: Sequence[Version], place: int) -> int:
    """Returns the place of the first version in a row with the content of a version."""
    while place and same_content(tree, history[place - 1], history[place]):
        place -= 1
    return place


def _end(history: Sequence[Version], after: int, waste: Waste) -> tuple[Cause, int]:
    """Returns the end of the copies, with the place of the version after the last one."""
    if after == len(history):
        return Cause.RECOPIED, waste.hidden_in
    version = history[after]
    return (Cause.REMOVED if version.entry is None else Cause.OVERWRITTEN), version.layer
