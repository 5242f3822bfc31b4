"""Work in a thread, with progress and cancelling; it touches no widget."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from explorer.errors import Cancelled, exhausted

_INTERVAL_SECONDS = 0.1

_MAX_CLEANING_SECONDS = 20
"""Time for work to notice that it is stopped. A layer that never answers keeps the thread waiting longer."""
_MAX_REMOVAL_SECONDS = 300
"""Time for work that has noticed it to remove its files: a busy disk removes thousands in a minute."""

_cleaning_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()

_stopped_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
"""Threads that have noticed that they are stopped."""

_Progress = TypeVar("_Progress")
_Result = TypeVar("_Result")


async def run_in_thread(
    work: Callable[[Callable[[_Progress], None]], _Result],
    on_progress: Callable[[_Progress], object],
    *,
    interval: float = _INTERVAL_SECONDS,
    cleans_up: bool = False,
) -> _Result:
    """Returns the result of some work, or raises its exception.

    The work reports its progress to its argument, which raises Cancelled to stop it. Reports that come within
    ``interval`` seconds of the last one are dropped. The thread is a daemon: work that waits for an engine that never
    answers must not keep the program from ending. With ``cleans_up``, ``wait_for_cleaning`` waits for it.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[_Result] = loop.create_future()
    context = contextvars.copy_context()
    is_cancelled = threading.Event()
    next_report = 0.0

    def deliver(progress: _Progress) -> None:
        if not is_cancelled.is_set():
            on_progress(progress)

    def report(progress: _Progress) -> None:
        nonlocal next_report
        if is_cancelled.is_set():
            _stopped_threads.add(threading.current_thread())
            raise Cancelled("The work was stopped.")
        now = time.monotonic()
        if now >= next_report:
            next_report = now + interval
            _call(loop, context, lambda: deliver(progress))

    def run() -> None:
        settle: Callable[[], None]
        try:
            settle = partial(result.set_result, work(report))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the caller's thread
            settle = partial(result.set_exception, exhausted(error) or error)
        _call(loop, context, lambda: None if result.done() else settle())

    thread = threading.Thread(target=run, name="work", daemon=True)
    if cleans_up:
        _cleaning_threads.add(thread)
    thread.start()
    try:
        return await result
    finally:
        is_cancelled.set()


def wait_for_cleaning() -> bool:
    """Waits until stopped work has removed its files; False if there is none."""
    threads = [thread for thread in _cleaning_threads if thread.is_alive()]
    for thread in threads:
        thread.join(_MAX_CLEANING_SECONDS)
        if thread in _stopped_threads:
            thread.join(_MAX_REMOVAL_SECONDS)
    return bool(threads)


def _call(loop: asyncio.AbstractEventLoop, context: contextvars.Context, function: Callable[[], None]) -> None:
    """Calls a function in the loop's thread, unless the program has ended."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(function, context=context)
