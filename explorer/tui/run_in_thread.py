"""Work in a thread while the screen goes on: it tells how far it is, can be left, and touches no widget."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from explorer.errors import Cancelled

_INTERVAL = 0.1
"""Seconds between two words of progress."""

_Result = TypeVar("_Result")


async def run_in_thread(work: Callable[[Callable[[int], None]], _Result], heard: Callable[[int], object]) -> _Result:
    """The result of ``work``, or what it raises. It is given what hears how many bytes are done, and raises to stop it.

    ``heard`` is told them now and then, in the thread that waits. Cancelling this stops the work at its next word; the
    thread is a daemon, so that one which has none does not keep the program from ending.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[_Result] = loop.create_future()
    left = threading.Event()
    following = 0.0

    def tell(done: int) -> None:
        if not left.is_set():
            heard(done)

    def on_progress(done: int) -> None:
        nonlocal following
        if left.is_set():
            raise Cancelled("nobody waits for this any more")
        if time.monotonic() >= following:
            following = time.monotonic() + _INTERVAL
            _call(loop, lambda: tell(done))

    def finish(found: _Result | None, error: BaseException | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(found)  # type: ignore[arg-type]

    def run() -> None:
        try:
            found = work(on_progress)
        except BaseException as error:  # noqa: BLE001 -- it is raised again where somebody waits
            failure = error
            _call(loop, lambda: finish(None, failure))
        else:
            _call(loop, lambda: finish(found, None))

    threading.Thread(target=run, name="looking-inside", daemon=True).start()
    try:
        return await result
    finally:
        left.set()


def _call(loop: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
    """Have something done in the waiting thread, unless the program has ended."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell)
