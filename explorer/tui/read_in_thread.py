"""Reads a part of the image in a thread that lets keys go first, with progress."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from textual.css.query import NoMatches

from explorer.model import Progress, Watcher
from explorer.text.printable import printable
from explorer.tui.key_pause import pause_for_keys
from explorer.tui.run_in_thread import run_in_thread


class _Reporter(Watcher):
    """Reports the progress."""

    def __init__(self, report: Callable[[Progress], None]) -> None:
        self._report = report

    def progress(self, progress: Progress) -> None:
        pause_for_keys()
        self._report(progress)


async def read_in_thread(read: Callable[[Watcher], object], on_progress: Callable[[Progress], object]) -> str:
    """Reads until it is cancelled.

    Returns the message of the error that ends it, printable; empty if all is read.
    """

    def work(report: Callable[[Progress], None]) -> None:
        read(_Reporter(report))

    def show(progress: Progress) -> None:
        # Textual removes the widgets of a screen that closes before it stops the work.
        with suppress(NoMatches):
            on_progress(progress)

    try:
        await run_in_thread(work, show)
    except Exception as error:  # noqa: BLE001 - the pane shows any error
        return printable(str(error)) or type(error).__name__
    return ""
