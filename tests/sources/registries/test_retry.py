"""Retries: growing pauses, a limit on attempts and on time, and progress that renews both."""

from __future__ import annotations

import threading

import pytest

from explorer.errors import Cancelled, RegistryError
from explorer.sources.interruptible import NOTICEABLE_BYTES, Transfer
from explorer.sources.registries.retry import Retryable, RetryBudget

FAILURE = RegistryError("the registry fails")


class RecordedPauses(threading.Event):
    """An event that records the requested pauses, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return self.is_set()


@pytest.fixture
def pauses() -> RecordedPauses:
    """The pauses between attempts."""
    return RecordedPauses()


@pytest.fixture(autouse=True)
def _real_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real pauses, which other tests of registries shorten."""
    monkeypatch.setattr("explorer.sources.registries.retry.FIRST_PAUSE", 0.5)


@pytest.fixture
def budget(pauses: RecordedPauses) -> RetryBudget:
    """A budget that does not wait."""
    return RetryBudget(Transfer(abandoned=pauses))


def failing(pause: float | None = None) -> None:
    """An attempt that fails."""
    raise Retryable(FAILURE, pause)


def test_pauses_double(budget: RetryBudget, pauses: RecordedPauses) -> None:
    """Each pause is twice the one before, and the fifth failure is the last."""
    with pytest.raises(RegistryError, match="the registry fails"):
        budget.run(failing)
    assert pauses.seconds == [0.5, 1.0, 2.0, 4.0]


def test_a_pause_that_the_registry_asks_for(budget: RetryBudget, pauses: RecordedPauses) -> None:
    """The pause that the registry asks for replaces the usual one."""
    with pytest.raises(RegistryError):
        budget.run(lambda: failing(7.0))
    assert pauses.seconds == [7.0, 7.0, 7.0, 7.0]


def test_pauses_together_have_a_limit(budget: RetryBudget, pauses: RecordedPauses) -> None:
    """The pauses together never exceed a minute."""
    with pytest.raises(RegistryError):
        budget.run(lambda: failing(25.0))
    assert pauses.seconds == [25.0, 25.0]


def test_progress_renews_the_budget(budget: RetryBudget, pauses: RecordedPauses) -> None:
    """After progress the pauses start again, and a renewed login may be tried again."""
    budget.is_renewed = True
    outcomes = iter([0, 0, NOTICEABLE_BYTES, 0])

    def attempt() -> str:
        done = next(outcomes, None)
        if done is None:
            return "done"
        if done:
            budget.arrived(done)
        raise Retryable(FAILURE)

    assert budget.run(attempt) == "done"
    assert pauses.seconds == [0.5, 1.0, 0.5, 1.0]
    assert not budget.is_renewed


def test_a_few_bytes_are_not_progress(budget: RetryBudget, pauses: RecordedPauses) -> None:
    """Fewer bytes than are noticeable do not renew the budget."""

    def attempt() -> None:
        budget.arrived(NOTICEABLE_BYTES - 1)
        raise Retryable(FAILURE)

    with pytest.raises(RegistryError):
        budget.run(attempt)
    assert len(pauses.seconds) == 4


def test_nothing_is_tried_once_the_result_is_not_wanted(budget: RetryBudget, pauses: RecordedPauses) -> None:
    """A pause ends as soon as the work is cancelled."""
    pauses.set()
    with pytest.raises(Cancelled):
        budget.run(failing)
    assert len(pauses.seconds) == 1
