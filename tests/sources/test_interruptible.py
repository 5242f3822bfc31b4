"""Slow calls in a thread: results, errors, cancellation and the limit on silence."""

from __future__ import annotations

import itertools
import threading
from types import SimpleNamespace

import pytest

from explorer.errors import Cancelled, Stalled
from explorer.sources import interruptible
from explorer.sources.interruptible import NOTICEABLE_BYTES, Transfer, run_interruptibly


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that shows 100 seconds more at each look, and short waits."""
    seconds = itertools.count(0, 100)
    monkeypatch.setattr(interruptible, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    monkeypatch.setattr(interruptible, "INTERVAL", 0.001)


class Call:
    """A call that ends when its progress has been reported a number of times."""

    def __init__(self, reports: int, bytes_each: int) -> None:
        self.left = reports
        self.bytes_each = bytes_each
        self.ended = threading.Event()
        self.transfer: Transfer | None = None
        self.reported: list[int] = []

    def work(self, transfer: Transfer) -> str:
        self.transfer = transfer
        assert self.ended.wait(30)
        return "done"

    def on_progress(self, done: int) -> None:
        self.reported.append(done)
        if self.transfer:
            self.transfer.done += self.bytes_each
            self.left -= 1
        if self.left <= 0:
            self.ended.set()


def test_the_result_of_the_work_is_returned() -> None:
    """The result comes from a thread of its own."""
    assert run_interruptibly(lambda _: threading.current_thread(), lambda _: None) is not threading.current_thread()


@pytest.mark.parametrize("error", [ValueError("odd"), TimeoutError("late"), KeyboardInterrupt()])
def test_an_error_of_the_work_is_raised(error: BaseException) -> None:
    """The error of the work is raised in the thread that waits, a TimeoutError too."""

    def work(_: Transfer) -> None:
        raise error

    with pytest.raises(type(error)):
        run_interruptibly(work, lambda _: None)


def test_progress_renews_the_limit_on_silence() -> None:
    """A transfer with noticeable progress now and then may take any time."""
    call = Call(20, NOTICEABLE_BYTES // 2)
    assert run_interruptibly(call.work, call.on_progress, "the registry") == "done"


@pytest.mark.parametrize("bytes_each", [0, 1])
def test_a_silent_peer_is_given_up(bytes_each: int) -> None:
    """A peer that sends next to nothing for 300 seconds is an error that names it, and the work is abandoned."""
    call = Call(1_000, bytes_each)
    with pytest.raises(Stalled, match="the registry has sent next to nothing for 300 seconds"):
        run_interruptibly(call.work, call.on_progress, "the registry")
    assert len(call.reported) == 4
    assert call.transfer is not None
    assert call.transfer.abandoned.is_set()
    call.ended.set()


def test_a_peer_may_prepare_for_longer() -> None:
    """Until the first byte the limit is longer; after it, the usual limit starts again."""
    call = Call(1_000, 0)
    with pytest.raises(Stalled, match="next to nothing for 900 seconds"):
        run_interruptibly(call.work, call.on_progress, "the engine", preparation_seconds=900)
    assert len(call.reported) == 10
    call.ended.set()

    class Preparing(Call):
        def on_progress(self, done: int) -> None:
            self.bytes_each = int(len(self.reported) == 6)
            super().on_progress(done)

    call = Preparing(1_000, 0)
    with pytest.raises(Stalled, match="next to nothing for 300 seconds"):
        run_interruptibly(call.work, call.on_progress, "the engine", preparation_seconds=900)
    assert len(call.reported) == 7 + 4
    call.ended.set()


def test_without_a_peer_silence_is_no_error() -> None:
    """A stream may be silent for any time."""
    call = Call(20, 0)
    assert run_interruptibly(call.work, call.on_progress) == "done"


def test_a_cancellation_abandons_the_work() -> None:
    """An error of the progress report ends the wait at once, and stops the work at its next check."""
    call = Call(1_000, 0)

    def cancel(_: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled, match="stopped"):
        run_interruptibly(lambda transfer: call.work(transfer), cancel)
    call.ended.set()
    transfer = Transfer()
    transfer.check()
    transfer.abandoned.set()
    with pytest.raises(Cancelled):
        transfer.check()
