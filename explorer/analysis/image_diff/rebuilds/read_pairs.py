"""Reads both versions of files that differ, with little memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.file_changes import FileChange
from explorer.errors import ImageError
from explorer.layers.progress_meter import ProgressMeter
from explorer.layers.tar_layer import whole_files
from explorer.model import Entry, OnProgress, Watcher
from explorer.text.printable import printable

MAX_FILE_BYTES = 32 << 20
_MAX_FILES = 10_000
_MAX_READ_BYTES = 1 << 30
"""For all versions together. The smallest come first."""
_MAX_WAITING_BYTES = 128 << 20
"""For the versions whose other one was not read yet; layers of two builds mostly have the same order."""
_STEP = "Reading the files that differ"

OnPair = Callable[[FileChange, bytes, bytes], None]


def read_pairs(
    old: ComparedImage, new: ComparedImage, changes: Sequence[FileChange], on_pair: OnPair, watcher: Watcher
) -> dict[FileChange, str]:
    """Reads both versions of files, and calls ``on_pair`` with each.

    Returns the files that were not read, with the reason, printable. Raises Cancelled from the watcher.
    """
    unread: dict[FileChange, str] = {}
    by_layers: defaultdict[tuple[int, int], list[FileChange]] = defaultdict(list)
    left_bytes, total = _MAX_READ_BYTES, 0
    for count, change in enumerate(sorted(changes, key=lambda each: each.old_bytes + each.new_bytes)):
        size = change.old_bytes + change.new_bytes
        if max(change.old_bytes, change.new_bytes) > MAX_FILE_BYTES:
            unread[change] = "too large"
        elif size > left_bytes or count >= _MAX_FILES:
            unread[change] = "too many files differ"
        elif change.old is not None and change.new is not None:
            left_bytes -= size
            total += size
            by_layers[change.old.layer, change.new.layer].append(change)
    meter = ProgressMeter(_STEP, lambda: total, watcher)
    for number, ((old_layer, new_layer), group) in enumerate(sorted(by_layers.items())):
        sides = [
            _Side(old, old_layer, [(each, each.old.entry) for each in group if each.old and each.old.entry]),
            _Side(new, new_layer, [(each, each.new.entry) for each in group if each.new and each.new.entry]),
        ]
        reason = _read_group(sides, on_pair, meter.part(number))
        unread.update(dict.fromkeys([each for each in group if each not in sides[0].paired], reason))
    return unread


class _Side:
    """The versions to read of one image in one layer."""

    def __init__(self, compared: ComparedImage, layer: int, files: Sequence[tuple[FileChange, Entry]]) -> None:
        self.compared = compared
        self.layer = layer
        self.changes: defaultdict[int, list[FileChange]] = defaultdict(list)
        """By inode, because several names may have one."""
        self.entries: dict[int, Entry] = {}
        for change, entry in files:
            self.changes[entry.inode].append(change)
            self.entries[entry.inode] = entry
        self.waiting: dict[FileChange, bytes] = {}
        self.waiting_bytes = 0
        self.paired: set[FileChange] = set()

    def is_allowed(self) -> bool:
        """True if the bytes may be fetched."""
        layer = self.compared.image.layers[self.layer]
        return self.compared.budget.fetch_limit.allows_files(layer, self.entries.values())

    def contents(self, on_progress: OnProgress) -> Iterator[tuple[Entry, bytes]]:
        """Yields the files with their contents, in storage order."""
        layer, index = self.compared.image.layers[self.layer], self.compared.tree.layers[self.layer]
        for entry, pieces in whole_files(layer.contents, index, self.entries.values(), on_progress):
            yield entry, b"".join(pieces)


def _read_group(sides: Sequence[_Side], on_pair: OnPair, on_progress: OnProgress) -> str:
    """Reads the files of a layer of both images; returns why some are left, if any."""
    if not all(side.is_allowed() for side in sides):
        return "--within allows too few bytes"
    done = 0

    def report(_: int) -> None:
        on_progress(done)

    streams = [side.contents(report) for side in sides]
    is_open = [True, True]
    try:
        while any(is_open):
            # The side that waits less goes on.
            number = min((0, 1), key=lambda each: (not is_open[each], sides[each].waiting_bytes))
            content = next(streams[number], None)
            if content is None:
                is_open[number] = False
                continue
            done += len(content[1])
            report(0)
            _take(sides, number, *content, on_pair)
            if sum(side.waiting_bytes for side in sides) > _MAX_WAITING_BYTES:
                return "the two layers have them in too different an order"
    except ImageError as error:
        return printable(error.message)
    return "not in the layer"


def _take(sides: Sequence[_Side], number: int, entry: Entry, content: bytes, on_pair: OnPair) -> None:
    """Hands on the pairs that a version completes, and keeps it for the others."""
    side, other = sides[number], sides[1 - number]
    for change in side.changes[entry.inode]:
        if change not in other.waiting:
            side.waiting[change] = content
            side.waiting_bytes += len(content)
            continue
        partner = other.waiting.pop(change)
        other.waiting_bytes -= len(partner)
        old, new = (content, partner) if number == 0 else (partner, content)
        on_pair(change, old, new)
        sides[0].paired.add(change)
