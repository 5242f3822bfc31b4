"""A time limit for patterns that would take too long."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from explorer.analysis.filter.name_terms import PatternTest
from explorer.analysis.filter.query import BadQuery, Term

_MAX_SECONDS = 1.0
"""Time that the patterns of a query may take for all names together."""


@contextmanager
def pattern_time_limit(terms: Iterable[Term]) -> Iterator[None]:
    """Limits the time of the patterns in a block. Raises BadQuery after a second.

    An expression like ``(a+)+$`` can take years for one name, and only a signal interrupts Python's ``re``.
    """
    has_pattern = any(isinstance(term.test, PatternTest) for term in terms)
    is_main_thread = threading.current_thread() is threading.main_thread()
    if not has_pattern or not is_main_thread:
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise BadQuery("this pattern takes too long: use a simpler one")

    handler = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _MAX_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
