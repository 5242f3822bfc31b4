"""Background work that lets keys go first."""

from __future__ import annotations

import time

import pytest

from explorer.tui import key_pause
from explorer.tui.key_pause import note_key, pause_for_keys


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that work slept, by a clock that only sleeping moves."""
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 + sum(slept))
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(key_pause, "_last_key_at", float("-inf"))
    return slept


def test_work_goes_on_while_no_key_comes(sleeps: list[float]) -> None:
    """Work does not pause if the user presses nothing."""
    pause_for_keys()
    assert not sleeps


def test_work_pauses_after_a_key(sleeps: list[float]) -> None:
    """After a key, work waits for a tenth of a second."""
    note_key()
    pause_for_keys()
    assert sum(sleeps) == pytest.approx(0.1)
    pause_for_keys()
    assert sum(sleeps) == pytest.approx(0.1)


def test_a_key_that_is_held_does_not_stop_the_work(sleeps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """While keys come all the time, work pauses for a fifth of a second at most."""
    note_key()

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        note_key()

    monkeypatch.setattr(time, "sleep", sleep)
    pause_for_keys()
    assert sum(sleeps) == pytest.approx(0.2)
