"""Python's garbage collector, kept away from the millions of small objects of a tree: none of them is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (10_000, 5, 100)
"""Between two looks for garbage: with Python's own the screen would stop for one at every third key."""


@contextmanager
def paused() -> Iterator[None]:
    """Nothing is looked for meanwhile: while a tree grows that would double the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def freeze_all() -> None:
    """Never look at what there is now, not even when the program ends."""
    gc.freeze()


@contextmanager
def freeze_new_objects() -> Iterator[None]:
    """What is made meanwhile is never looked at: with a million objects that makes keys stutter.

    A tree lives as long as the program, or until another one is loaded: then what was set aside may be garbage.
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
