"""Waiting for a network without hanging on it: work in a thread that can be left, and attempts that come to an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from explorer.errors import Cancelled, ExplorerError, Stalled

INTERVAL = 0.1
"""Seconds between two looks at whether the user still waits."""
STALLED = 300.0
"""Seconds without noticeable progress after which an answer is given up, however much it drips."""
_NOTICEABLE = 64 << 10
ATTEMPTS = 5
"""At one thing, unless there was progress in between."""
PAUSE = 0.5
"""Seconds before the second attempt; twice as many before each further one."""
LONGEST = 60.0
"""Seconds of all pauses together. A registry that asks for more is not waited for."""

_Result = TypeVar("_Result")


class Retryable(Exception):
    """Trouble that may be over at the next attempt."""

    def __init__(self, failure: ExplorerError, pause: float | None = None) -> None:
        """``failure`` is what to tell when it is not; ``pause`` the seconds that the other side asks for."""
        super().__init__(failure.message)
        self.failure = failure
        self.pause = pause


class RetryBudget:
    """How often, and how long, one thing may still be tried; shared by who waits and who works."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        """Nobody waits any more."""
        self.done = 0
        """Bytes that have arrived."""
        self.begun = False
        """Whether the other side has answered once, so that its silence is an accident."""
        self.renewed = False
        """Whether fresh credentials have been tried already."""
        self._failures = 0
        self._waited = 0.0
        self._mark = 0

    def tried(self, attempt: Callable[[], _Result]) -> _Result:
        """The result of the first attempt that has one. Raises the last failure."""
        while True:
            try:
                return attempt()
            except Retryable as trouble:
                self._spend(trouble)

    def arrived(self, done: int) -> None:
        """So many bytes are there; progress is worth new patience. Raises Cancelled once nobody waits."""
        self.done = done
        self.begun = True
        if done - self._mark >= _NOTICEABLE:
            self._mark, self._failures, self._waited, self.renewed = done, 0, 0.0, False
        if self.stopped.is_set():
            raise Cancelled("nobody waits for the registry any more")

    def restarted(self) -> None:
        """What had arrived is of no use: it does not count as progress again."""
        self.done = 0

    def _spend(self, trouble: Retryable) -> None:
        self._failures += 1
        pause = PAUSE * 2 ** (self._failures - 1) if trouble.pause is None else trouble.pause
        if self._failures >= ATTEMPTS or self._waited + pause > LONGEST:
            raise trouble.failure from trouble.__cause__
        self._waited += pause
        if self.stopped.wait(pause):
            raise Cancelled("nobody waits for the registry any more")


def run_interruptibly(work: Callable[[RetryBudget], _Result], tell: Callable[[int], None], whom: str) -> _Result:
    """The result of ``work``, done in a thread of its own.

    ``tell`` hears the bytes that have arrived, several times a second even while none do; what it raises ends the wait
    at once. Raises Stalled when ``whom`` sends next to nothing for minutes.
    """
    patience = RetryBudget()
    result: Future[_Result] = Future()

    def run() -> None:
        try:
            result.set_result(work(patience))
        except BaseException as error:  # noqa: BLE001 -- it is raised again where somebody waits
            result.set_exception(error)

    # A daemon, so that one who never answers does not keep the program from ending.
    threading.Thread(target=run, name="layer-explorer-asking", daemon=True).start()
    mark, since = 0, time.monotonic()
    try:
        while not _ended(result):
            tell(patience.done)
            if patience.done - mark >= _NOTICEABLE:
                mark, since = patience.done, time.monotonic()
            elif time.monotonic() - since > STALLED:
                raise Stalled(
                    f"{whom} has sent next to nothing for {STALLED:.0f} seconds", "Try again; look at the network."
                )
    finally:
        patience.stopped.set()
    return result.result()


def _ended(result: Future[_Result]) -> bool:
    try:
        result.exception(INTERVAL)
    except TimeoutError:
        return result.done()
    return True
