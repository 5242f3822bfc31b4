"""Slow calls in a thread of their own, so that the user can stop waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from explorer.errors import Cancelled, Stalled, exhausted
from explorer.model import OnProgress

INTERVAL = 0.1
"""Seconds between two progress reports; each report is a chance to cancel."""
MAX_STALL_SECONDS = 300.0
"""Seconds without noticeable progress after which a server is given up, even if it still sends a few bytes."""
MAX_PREPARATION_SECONDS = 3600.0
"""Seconds until the first byte of a save: an engine may pack a large image completely before it sends any of it."""
NOTICEABLE_BYTES = 64 << 10

_Result = TypeVar("_Result")


@dataclass(slots=True)
class Transfer:
    """State shared by the thread that works and the thread that waits for it."""

    done: int = 0
    """Bytes that have arrived; set by the thread that works."""
    abandoned: threading.Event = field(default_factory=threading.Event)
    """Set once the result is no longer wanted."""

    def check(self) -> None:
        """Ends the work once its result is no longer wanted. Raises Cancelled."""
        if self.abandoned.is_set():
            raise Cancelled("the result is no longer wanted")


def run_interruptibly(
    work: Callable[[Transfer], _Result],
    on_progress: OnProgress,
    peer: str | None = None,
    *,
    preparation_seconds: float = 0.0,
) -> _Result:
    """Returns the result of ``work``, which runs in a thread and counts its bytes.

    ``on_progress`` is called every ``INTERVAL``, even while no bytes arrive. An exception from it ends the wait.

    Raises what ``work`` and ``on_progress`` raise, and Stalled if a ``peer`` is named and sends next to nothing for
    minutes. Until its first byte, the limit is ``preparation_seconds`` if that is more.
    """
    transfer = Transfer()
    result: Future[_Result] = Future()

    def run() -> None:
        try:
            result.set_result(work(transfer))
        except BaseException as error:  # noqa: BLE001 -- raised again in the thread that waits
            result.set_exception(exhausted(error) or error)

    # A daemon, so that a server that never answers does not keep the program from ending.
    threading.Thread(target=run, name="layer-explorer-transfer", daemon=True).start()
    last_bytes, last_time = 0, time.monotonic()
    try:
        while not wait((result,), INTERVAL).done:
            on_progress(transfer.done)
            limit = MAX_STALL_SECONDS if transfer.done else max(MAX_STALL_SECONDS, preparation_seconds)
            is_first = preparation_seconds > 0 and transfer.done > 0 and not last_bytes
            if is_first or transfer.done - last_bytes >= NOTICEABLE_BYTES:
                last_bytes, last_time = transfer.done, time.monotonic()
            elif peer and time.monotonic() - last_time > limit:
                raise Stalled(
                    f"{peer} has sent next to nothing for {limit:.0f} seconds",
                    "Check the network and try again.",
                )
    finally:
        transfer.abandoned.set()
    return result.result()


@contextmanager
def locked(lock: threading.Lock, on_progress: OnProgress) -> Iterator[None]:
    """Holds a lock, for which ``on_progress`` may stop waiting by an exception."""
    while not lock.acquire(timeout=INTERVAL):
        on_progress(0)
    try:
        yield
    finally:
        lock.release()
