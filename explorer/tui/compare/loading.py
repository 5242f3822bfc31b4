"""The worker that reads two images and compares them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from textual.message import Message

from explorer import gc_control
from explorer.analysis.changes import Changes
from explorer.layers.tree import Node
from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration, ImageDiff, compare
from explorer.pipeline.joined import joined
from explorer.text.printable import printable
from explorer.tui.loading import Failed
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

    def node_of(self, name: str) -> Node | None:
        """Returns the node of a printable path; None if no container sees it."""
        # Few names have letters that people cannot see, and only those need the search.
        changed = self.changes.by_node
        return self.files.tree.find(name[1:]) or next(
            (each for each in changed if f"/{printable(each.path)}" == name), None
        )


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


def swapped(diff: ImageDiff) -> PairLoad:
    """Returns a load of two images that are read, the other way round."""
    return lambda _, watcher: compare(diff.new, diff.old, watcher)
