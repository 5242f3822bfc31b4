"""An end to searches that would take too long."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from explorer.analysis.filter.query import BadQuery

if TYPE_CHECKING:
    from types import FrameType

_PATIENCE = 1.0
"""Seconds that a pattern may take, for all names together."""


@contextmanager
def limited(is_needed: bool) -> Iterator[None]:
    """Give up on what takes too long, were it in a single search: raises BadQuery.

    An expression like ``(a+)+$`` can take years for one name, and only a signal gets through to Python meanwhile.
    """
    if not is_needed or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise BadQuery("this takes too long: ask for less at once")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
