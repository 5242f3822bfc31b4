"""Work in a thread: leaving the program waits for work that removes files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from explorer.errors import Cancelled
from explorer.tui import run_in_thread as run_in_thread_module
from explorer.tui.run_in_thread import run_in_thread, wait_for_cleaning


async def test_wait_for_cleaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that notices its stop may take long to clean up; finished work is not waited for."""
    monkeypatch.setattr(run_in_thread_module, "_MAX_CLEANING_SECONDS", 0)
    started, noticed, may_clean = threading.Event(), threading.Event(), threading.Event()
    cleaned = []

    def work(report: Callable[[int], None]) -> None:
        try:
            while True:
                report(0)
                started.set()
        except Cancelled:
            noticed.set()
            may_clean.wait()
            cleaned.append(1)

    assert not wait_for_cleaning()
    task = asyncio.create_task(run_in_thread(work, lambda _: None, cleans_up=True))
    await asyncio.to_thread(started.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(noticed.wait)
    threading.Timer(0.05, may_clean.set).start()
    assert wait_for_cleaning()
    assert cleaned == [1]
    assert not wait_for_cleaning()
