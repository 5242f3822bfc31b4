"""Follows wasted bytes to the layer that first brought them.

A layer that changes an owner ships a file again. The step to change is the one that brought the file, and the copies
have one end: a later layer removes or overwrites the last of them, or it stays visible.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.changes import same_content
from explorer.analysis.disposables.disposables import Disposable
from explorer.layers.tree import Tree, Version
from explorer.model import Cause, Waste


def origin(tree: Tree, waste: Waste) -> Waste:
    """Returns the waste from the first shipper of its content to its end."""
    node = tree.find(waste.path)
    if node is None or waste.cause is Cause.DUPLICATE:
        return waste
    history = node.history
    shipped = next((place for place, version in enumerate(history) if _ships(version, waste)), None)
    if shipped is None:
        return waste
    first, last = _first_of_content(tree, history, shipped), shipped
    if waste.cause is not Cause.RECOPIED:
        return waste._replace(shipped_in=history[first].layer)
    while last + 1 < len(history) and same_content(tree, history[last], history[last + 1]):
        last += 1
    cause, hidden_in = _end(history, last, waste)
    return waste._replace(cause=cause, shipped_in=history[first].layer, hidden_in=hidden_in)


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


def _ships(version: Version, waste: Waste) -> bool:
    return version.layer == waste.shipped_in and version.entry is not None


def _end(history: Sequence[Version], last: int, waste: Waste) -> tuple[Cause, int]:
    """Returns the end of the copies; the last one is at a place of the history."""
    if last + 1 == len(history):
        return Cause.RECOPIED, waste.hidden_in
    after = history[last + 1]
    return (Cause.REMOVED if after.entry is None else Cause.OVERWRITTEN), after.layer
