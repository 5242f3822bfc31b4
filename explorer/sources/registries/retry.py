"""Retries with growing pauses and a limit, which progress renews."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from explorer.errors import ExplorerError
from explorer.layers.tables.ranges import RangesRefused
from explorer.sources.interruptible import NOTICEABLE_BYTES, Transfer

MAX_ATTEMPTS = 5
"""Attempts without progress in between."""
FIRST_PAUSE = 0.5
"""Seconds before the second attempt. The pause doubles before each further attempt."""
MAX_TOTAL_PAUSE = 60.0
"""Seconds of all pauses together. A registry that asks for more is not retried."""

_Result = TypeVar("_Result")


class Retryable(Exception):
    """A failure that may be over at the next attempt."""

    def __init__(self, failure: ExplorerError | RangesRefused, pause: float | None = None) -> None:
        """Takes the error for the last attempt, and the pause that the registry wants."""
        super().__init__(str(failure))
        self.failure = failure
        self.pause = pause


class RetryBudget:
    """The attempts and the time left for one request to a registry."""

    def __init__(self, transfer: Transfer) -> None:
        self.transfer = transfer
        self.has_answered = False
        """True after the first response; later failures may be over soon."""
        self.is_renewed = False
        """True if new credentials have been tried since the last progress."""
        self._failures = 0
        self._waited = 0.0
        self._last_bytes = 0

    def run(self, attempt: Callable[[], _Result]) -> _Result:
        """Returns the first result. Raises the failure of the last attempt."""
        while True:
            try:
                return attempt()
            except Retryable as retryable:
                self._pause(retryable)

    def arrived(self, done: int) -> None:
        """Counts bytes; progress renews the budget. Raises Cancelled."""
        self.transfer.done = done
        self.has_answered = True
        if done - self._last_bytes >= NOTICEABLE_BYTES:
            self._last_bytes, self._failures, self._waited, self.is_renewed = done, 0, 0.0, False
        self.transfer.check()

    def _pause(self, retryable: Retryable) -> None:
        self._failures += 1
        pause = FIRST_PAUSE * 2 ** (self._failures - 1) if retryable.pause is None else retryable.pause
        if self._failures >= MAX_ATTEMPTS or self._waited + pause > MAX_TOTAL_PAUSE:
            raise retryable.failure from retryable.__cause__
        self._waited += pause
        self.transfer.abandoned.wait(pause)
        self.transfer.check()
