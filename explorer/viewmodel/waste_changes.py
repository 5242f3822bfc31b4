"""The waste of two images, by cause and by path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from explorer.analysis.waste import ByteUsage
from explorer.model import Cause


class WasteChange(NamedTuple):
    """The wasted bytes of a path in two images."""

    path: str
    """Not printable."""
    old_bytes: int
    new_bytes: int


def waste_by_cause(old: ByteUsage, new: ByteUsage) -> Sequence[tuple[Cause, int, int]]:
    """Returns the wasted bytes of both images by cause, without causes of none."""
    before, after = old.by_cause, new.by_cause
    return [(cause, before[cause], after[cause]) for cause in Cause if before[cause] or after[cause]]


def waste_changes(old: ByteUsage, new: ByteUsage) -> Sequence[WasteChange]:
    """Returns the paths whose wasted bytes differ, the largest difference first."""
    before, after = _by_path(old), _by_path(new)
    paths = {*before, *after}
    changes = [WasteChange(path, before[path], after[path]) for path in paths if before[path] != after[path]]
    return sorted(changes, key=lambda each: (-abs(each.new_bytes - each.old_bytes), each.path))


def _by_path(usage: ByteUsage) -> Counter[str]:
    totals: Counter[str] = Counter()
    for waste in usage.wasted:
        totals[waste.path] += waste.bytes
    return totals
