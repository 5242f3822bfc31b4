"""The rows of tables about two images, for text, Markdown and JSON; printable."""

from __future__ import annotations

from explorer.analysis.image_diff.file_changes import FileChange
from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.analysis.image_diff.package_changes import PackageChange
from explorer.model import Change
from explorer.pipeline import ImageDiff
from explorer.report import words
from explorer.text.units import signed_size, size
from explorer.text.words import layer_command

_STATUSES = {PairStatus.SAME_BUT_TIMES: "same but for times"}


def beyond_times(diff: ImageDiff) -> list[FileChange]:
    """Returns the paths that differ in more than their time, the largest change first."""
    changes = [change for change in diff.file_changes if not change.is_time_only]
    return sorted(changes, key=_largest_first)


def _largest_first(change: FileChange) -> tuple[int, int, int, str]:
    return (
        -abs(change.growth),
        -max(change.old_bytes, change.new_bytes),
        [*Change].index(change.change),
        change.path,
    )


def layer_cells(diff: ImageDiff, pair: LayerPair) -> tuple[str, ...]:
    """Returns numbers and sizes before and after, the status and the command."""
    number, image = (pair.old, diff.old.image) if pair.new is None else (pair.new, diff.new.image)
    return (
        *("" if each is None else str(each) for each in (pair.old, pair.new)),
        *("" if each is None else size(each) for each in layer_sizes(diff, pair)),
        status_words(pair.status),
        "" if number is None else layer_command(image.layers[number], words.MAX_READ_COMMAND_CHARS),
    )


def layer_sizes(diff: ImageDiff, pair: LayerPair) -> tuple[int | None, int | None]:
    """Returns the bytes of both layers of a pair."""
    return (
        None if pair.old is None else diff.old.layers[pair.old].bytes,
        None if pair.new is None else diff.new.layers[pair.new].bytes,
    )


def status_words(status: PairStatus) -> str:
    """Returns the status of two layers for people."""
    return _STATUSES.get(status, status.value)


def file_cells(change: FileChange) -> tuple[str, ...]:
    """Returns growth, sizes before and after, differing attributes, and path."""
    return signed_size(change.growth), *_sizes(change), _differences(change), words.path(change.path)


def package_cells(change: PackageChange) -> tuple[str, ...]:
    """Returns growth, sizes before and after, kind, change, name and versions."""
    name = f"{change.name} {change.versions}"
    return signed_size(change.growth), *_sizes(change), change.kind, change.change.value, name


def _differences(change: FileChange) -> str:
    """Returns in what a path differs: ``added``, or ``bytes, mode``."""
    if change.change is Change.MODIFIED:
        return ", ".join(sorted(change.differs - {"time"})) or "time"
    word: str = change.change.value
    return word


def _sizes(change: FileChange | PackageChange) -> tuple[str, str]:
    """Returns the sizes before and after; empty where an image does not have it."""
    return (
        "" if change.old is None else size(change.old_bytes),
        "" if change.new is None else size(change.new_bytes),
    )
