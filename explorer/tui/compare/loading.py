"""The worker that reads two images and compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass

from textual.message import Message

from explorer import gc_control
from explorer.analysis.changes import Changes
from explorer.errors import ExplorerError
from explorer.layers.tree import Node
from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration, ImageDiff, compare
from explorer.pipeline.joined import joined
from explorer.tui.key_pause import pause_for_keys
from explorer.tui.loading import Failed, Load
from explorer.tui.run_in_thread import run_in_thread
from explorer.viewmodel.compared_views import all_changes, nodes_of_times
from explorer.viewmodel.comparison_summary import ComparisonSummary
from explorer.viewmodel.pair_rows import PairRow, pair_rows

PairLoad = Callable[[Watcher, Watcher], ImageDiff]
"""Reads both images and compares them; the first watcher is that of the old image. Raises ExplorerError."""


@dataclass(frozen=True)
class Comparison:
    """Two images, and what their screen shows of them."""

    diff: ImageDiff
    files: Exploration
    """The files of both as one exploration of two layers."""
    changes: Changes
    """The changes of these files."""
    times: Set[Node]
    """The nodes of it that differ only in their times."""
    differences: Mapping[str, Set[str]]
    """Path to the attributes that differ."""
    summary: ComparisonSummary
    pairs: Sequence[PairRow]


@dataclass
class PairProgressed(Message):
    """The reading of one of the images has progressed."""

    number: int
    """0 for the old image, 1 for the new one."""
    progress: Progress

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, PairProgressed) and message.number == self.number


@dataclass
class Compared(Message):
    """Both images are read and compared."""

    comparison: Comparison


class _Reporter(Watcher):
    """A watcher of one of the images that posts its progress."""

    def __init__(self, number: int, post: Callable[[Message], None]) -> None:
        self._number, self._post = number, post

    def progress(self, progress: Progress) -> None:
        self._post(PairProgressed(self._number, progress))


async def compare_in_thread(load: PairLoad, post: Callable[[Message], object]) -> None:
    """Compares two images in a thread and posts messages, until it is cancelled."""

    def work(report: Callable[[Message], None]) -> Comparison:
        old, new = (_Reporter(number, report) for number in (0, 1))
        with gc_control.freeze_new_objects():
            diff = load(old, new)
            new.progress(Progress("Comparing the files", 0, None))
            return _comparison(diff)

    try:
        comparison = await run_in_thread(work, post, interval=0)
    except Exception as error:  # noqa: BLE001 - the screen shows any error
        post(Failed(error))
    else:
        post(Compared(comparison))


def _comparison(diff: ImageDiff) -> Comparison:
    files = joined(diff)
    # The first key would wait for them.
    _ = files.sizes, files.directories
    differences = {change.path: change.differs for change in diff.file_changes if change.differs}
    return Comparison(
        diff,
        files,
        all_changes(files),
        nodes_of_times(diff, files),
        differences,
        ComparisonSummary.of(diff),
        pair_rows(diff),
    )


def pair_load(old: Load, new: Load) -> PairLoad:
    """Returns a load of two images that are each loaded by a function."""

    def load(old_watcher: Watcher, new_watcher: Watcher) -> ImageDiff:
        with _naming("the old image"):
            before = old(old_watcher, None)
        with _naming("the new image"):
            after = new(new_watcher, None)
        return compare(before, after, new_watcher)

    return load


def swapped(diff: ImageDiff) -> PairLoad:
    """Returns a load of two images that are read, the other way round."""
    return lambda _, watcher: compare(diff.new, diff.old, watcher)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Begins the message of an error with the image that it is about."""
    try:
        yield
    except ExplorerError as error:
        error.message = f"{name}: {error.message}"
        raise


async def read_packages_in_thread(diff: ImageDiff, on_progress: Callable[[Progress], object]) -> None:
    """Reads the packages of both images in a thread that lets keys go first."""

    def work(report: Callable[[Progress], None]) -> object:
        class Reporter(Watcher):
            def progress(self, progress: Progress) -> None:
                pause_for_keys()
                report(progress)

        for exploration in (diff.old, diff.new):
            exploration.read_packages(Reporter(), fetches=False)
        return diff.package_changes

    await run_in_thread(work, on_progress)
