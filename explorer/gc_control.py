"""Keeps Python's garbage collector away from the millions of objects of a tree."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (10_000, 5, 100)
"""Allocations between collections. With Python's default, the screen pauses for a collection at every third key."""


@contextmanager
def paused() -> Iterator[None]:
    """Turns collection off, which would double the time in which a tree grows."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def freeze_all() -> None:
    """Excludes all current objects from collection, also when the program ends."""
    gc.freeze()


@contextmanager
def freeze_new_objects() -> Iterator[None]:
    """Excludes objects made inside the block from collection.

    To collect a million of them would make keys stutter.

    A tree lives until the program ends or until another tree is loaded. Objects frozen earlier are collected first.
    """
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
    with paused():
        try:
            yield
        finally:
            freeze_all()
            gc.set_threshold(*_THRESHOLDS)
