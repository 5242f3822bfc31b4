"""Spooled streams: complete, with progress, cancellable, and without a file left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from explorer.errors import Cancelled
from explorer.model import Progress
from explorer.sources import interruptible
from explorer.sources.spool import spool
from tests.images import Watching


class Steps(Watching):
    """A watcher that keeps each progress report, and lets the stream go on after it."""

    def __init__(self, reported: threading.Event) -> None:
        super().__init__()
        self.reports: list[Progress] = []
        self.reported = reported

    def progress(self, progress: Progress) -> None:
        self.reports.append(progress)
        if progress.done:
            self.reported.set()


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits between progress reports."""
    monkeypatch.setattr(interruptible, "INTERVAL", 0.005)


def test_all_bytes_are_in_the_file() -> None:
    """The file has the bytes of the stream, in order."""
    with spool(lambda: iter([b"ab", b"", b"cde"]), "Reading", None, Watching()) as file:
        file.seek(0)
        assert file.read() == b"abcde"


@pytest.mark.parametrize(("estimate", "total"), [(10, 50), (80, 80), (None, None), (0, None)])
def test_the_total_is_never_less_than_the_bytes_done(estimate: int | None, total: int | None) -> None:
    """A stream that is longer than the estimate raises the total; without an estimate there is none."""
    reported = threading.Event()

    def chunks() -> Iterator[bytes]:
        yield b"x" * 50
        assert reported.wait(30)

    watcher = Steps(reported)
    spool(chunks, "Reading", estimate, watcher).close()
    assert watcher.reports[0] == Progress("Reading", 0, estimate or None)
    assert watcher.reports[-1] == Progress("Reading", 50, total)


def test_an_error_of_the_stream_is_raised() -> None:
    """The error of the stream is raised as it is."""

    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError, match="gone"):
        spool(chunks, "Reading", None, Watching())


def test_a_cancelled_stream_is_closed() -> None:
    """After a cancellation the next chunk ends the work and closes the stream."""
    proceed, closed = threading.Event(), threading.Event()

    class Cancelling(Watching):
        def progress(self, progress: Progress) -> None:
            if progress.done:
                raise Cancelled("stopped")

    def chunks() -> Iterator[bytes]:
        try:
            yield b"x"
            proceed.wait(30)
            yield b"y"
        finally:
            closed.set()

    with pytest.raises(Cancelled, match="stopped"):
        spool(chunks, "Reading", None, Cancelling())
    proceed.set()
    assert closed.wait(30)
