"""Reads a part of the image in a thread, with its progress."""

from __future__ import annotations

from collections.abc import Callable

from explorer.model import Progress, Watcher
from explorer.text.printable import printable
from explorer.tui.run_in_thread import run_in_thread


class _Reporter(Watcher):
    """Reports the progress."""

    def __init__(self, report: Callable[[Progress], None]) -> None:
        self._report = report

    def progress(self, progress: Progress) -> None:
        self._report(progress)


async def read_in_thread(read: Callable[[Watcher], object], on_progress: Callable[[Progress], object]) -> str:
    """Reads until it is cancelled.

    Returns the message of the error that ends it, printable; empty if all is read.
    """

    def work(report: Callable[[Progress], None]) -> None:
        read(_Reporter(report))

    try:
        await run_in_thread(work, on_progress)
    except Exception as error:  # noqa: BLE001 - the pane shows any error
        return printable(str(error)) or type(error).__name__
    return ""
