"""Keeps Python's garbage collector away from the millions of objects of a tree."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (10_000, 5, 100)
"""Allocations between collections. With Python's default, the screen pauses for a collection at every third key."""


class _Pauses:
    """The pauses of all threads, which share one collector."""

    def __init__(self) -> None:
        self._count = 0
        self._was_enabled = False
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            if not self._count:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if not self._count and self._was_enabled:
                gc.enable()


_pauses = _Pauses()


@contextmanager
def paused() -> Iterator[None]:
    """Turns collection off, which would double the time in which a tree grows."""
    _pauses.begin()
    try:
        yield
    finally:
        _pauses.end()


@contextmanager
def freeze_new_objects() -> Iterator[None]:
    """Excludes objects made inside the block from collection.

    Python leaves them out when the program ends, too. To collect a million of them would make keys stutter.

    A tree lives until the program ends or until ``collect_frozen``. Objects frozen earlier are collected first. If the
    block raises, it has made nothing that lives.
    """
    collect_frozen()
    with paused():
        yield
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)


def collect_frozen() -> None:
    """Collects unused objects, also those that are excluded from collection."""
    if gc.get_freeze_count():
        gc.unfreeze()
        gc.collect()
