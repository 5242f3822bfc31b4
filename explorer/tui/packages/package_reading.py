"""Reads the package databases in a thread."""

from __future__ import annotations

from collections.abc import Callable

from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration
from explorer.text.printable import printable
from explorer.tui.run_in_thread import run_in_thread


class _Reporter(Watcher):
    """Reports the progress."""

    def __init__(self, report: Callable[[Progress], None]) -> None:
        self._report = report

    def progress(self, progress: Progress) -> None:
        self._report(progress)


async def read_in_thread(
    exploration: Exploration, on_progress: Callable[[Progress], object], *, fetches: bool = False
) -> str:
    """Reads the packages of an image, until it is cancelled.

    Returns why they cannot be read; empty if they are. Files are fetched from a registry only with ``fetches``.
    """

    def work(report: Callable[[Progress], None]) -> None:
        exploration.read_packages(_Reporter(report), fetches=fetches)

    try:
        await run_in_thread(work, on_progress)
    except Exception as error:  # noqa: BLE001 - the pane shows any error
        return f"The package databases cannot be read: {printable(str(error))}"
    return ""
