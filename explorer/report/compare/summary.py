"""Figures and sentences about two images, for text and Markdown; printable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.image_diff.config_changes import ConfigChange
from explorer.analysis.image_diff.directory_changes import DirectoryChange, largest_growth
from explorer.analysis.image_diff.layer_pair import LayerPair, PairStatus
from explorer.analysis.image_diff.package_changes import PackageChange, PackageChangeKind
from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause, DifferingPlace
from explorer.model import Cause
from explorer.pipeline import Exploration, ImageDiff
from explorer.report import words
from explorer.report.compare.rows import status_words
from explorer.text.printable import cut, printable, shortened
from explorer.text.units import counted, percent, signed_size, size
from explorer.text.words import enumerated

MAX_DIRECTORIES = 12
_MAX_NAMED = 3
_MAX_GROWTH_RATIO = 10
"""A larger growth in percent says nothing."""
_MAX_NAME_CHARS = 60
_MAX_PLACE_CHARS = 300
TIMES = "time"
"""The cause for files that differ in nothing but their modification time."""


class Figure(NamedTuple):
    """Bytes of both images."""

    name: str
    old: int
    new: int

    @property
    def growth(self) -> str:
        """The difference, with its share of the old bytes: ``+41 MB (+5 %)``."""
        difference = self.new - self.old
        if not difference or abs(difference) > self.old * _MAX_GROWTH_RATIO:
            return signed_size(difference)
        share = percent(abs(difference) / self.old)
        sign = "" if share.startswith("<") else "+" if difference > 0 else "-"
        return f"{signed_size(difference)} ({sign}{share})"


class Fact(NamedTuple):
    """A sentence about a difference."""

    name: str
    text: str


def figures(diff: ImageDiff) -> Iterator[Figure]:
    """Yields the sizes before and after."""
    old, new = diff.old.usage, diff.new.usage
    yield Figure("shipped", old.shipped_bytes, new.shipped_bytes)
    yield Figure("visible", old.visible_bytes, new.visible_bytes)
    yield Figure("wasted", old.wasted_bytes, new.wasted_bytes)
    if diff.old.download_bytes is not None and diff.new.download_bytes is not None:
        yield Figure("download", diff.old.download_bytes, diff.new.download_bytes)


def facts(diff: ImageDiff) -> Iterator[Fact]:
    """Yields the most important sentences about all differences."""
    broken = diff.first_break
    yield Fact("first break", f"{broken.reason}. {broken.consequence}." if broken else "no step differs")
    if broken and broken.advice:
        yield Fact("advice", f"{broken.advice}.")
    yield Fact("update", _update_words(diff))
    yield Fact("layers", _layer_counts(diff.layer_pairs))
    yield Fact("files", _file_counts(diff))
    yield Fact("packages", _package_counts(diff.package_changes.changes))
    yield Fact("settings", _setting_names(diff.config_changes))
    yield Fact("identical", " ".join(filter(None, (diff.identical.sentence, diff.identical.advice))))
    for name, each in (("old", diff.old), ("new", diff.new)):
        missing = words.without(each, " ")
        if missing:
            yield Fact("missing", f"the figures of the {name} image are{missing}")


def _layer_counts(pairs: Sequence[LayerPair]) -> str:
    """Counts the layers by status: ``5 same, 1 changed, 2 added``."""
    counts = Counter(pair.status for pair in pairs)
    return ", ".join(f"{counts[each]:,} {status_words(each)}" for each in PairStatus if counts[each]) or "none"


def _update_words(diff: ImageDiff) -> str:
    """Returns the cost of an update."""
    update = diff.update
    if not update.layers:
        return "nothing to download"
    about = "about " if update.is_estimated else ""
    of_all = f"{len(update.layers):,} of {counted(len(diff.new.image.layers), 'layer')}"
    text = f"{about}{size(update.download_bytes)} to download, {of_all}; {size(update.disk_bytes)} on disk"
    return f"{text} ({update.basis_words})" if update.basis_words else text


def _file_counts(diff: ImageDiff) -> str:
    """Counts the files and directories that differ, and names what grew most."""
    totals = diff.change_totals
    counts = ((totals.added, "added"), (totals.modified, "modified"), (totals.removed, "removed"))
    files = totals.added + totals.modified + totals.removed
    parts = [", ".join(f"{count:,} {word}" for count, word in counts)] if files else []
    other_directories = sum(not change.is_time_only for change in diff.file_changes) - files
    if other_directories:
        parts.append(counted(other_directories, "directory differs", "directories differ"))
    if totals.unknown:
        parts.append(f"{counted(totals.unknown, 'file')} of equal size not compared")
    if totals.time_only:
        parts.append(f"{counted(totals.time_only, 'file differs', 'files differ')} only in time")
    grown = directories(diff)[:_MAX_NAMED]
    if grown:
        parts.append(f"most in {', '.join(f'{words.path(each.path)} {signed_size(each.growth)}' for each in grown)}")
    return "; ".join(parts) or "none differs"


def directories(diff: ImageDiff) -> Sequence[DirectoryChange]:
    """Returns the directories whose sizes differ most."""
    return largest_growth(diff.file_changes, diff.directory_changes, MAX_DIRECTORIES)


def _package_counts(changes: Sequence[PackageChange]) -> str:
    """Counts the packages that differ, and names those that differ most."""
    if not changes:
        return "none differs"
    counts = Counter(change.change for change in changes)
    text = ", ".join(f"{counts[each]:,} {each.value}" for each in PackageChangeKind if counts[each])
    most = [change for change in changes if change.growth][:_MAX_NAMED]
    named = ", ".join(f"{cut(change.name, _MAX_NAME_CHARS)} {signed_size(change.growth)}" for change in most)
    return f"{text}; most {named}" if named else text


def waste_by_cause(diff: ImageDiff) -> Iterator[Figure]:
    """Yields the wasted bytes of each cause that differ, the largest difference first."""
    old, new = diff.old.usage.by_cause, diff.new.usage.by_cause
    changed = [Figure(cause.value, old[cause], new[cause]) for cause in Cause if old[cause] != new[cause]]
    yield from sorted(changed, key=lambda each: -abs(each.new - each.old))


def _setting_names(changes: Sequence[ConfigChange]) -> str:
    """Names the settings that differ."""
    if not changes:
        return "none differs"
    names = [cut(change.name, _MAX_NAME_CHARS) for change in changes[: _MAX_NAMED * 2]]
    more = len(changes) - len(names)
    named = enumerated([*names, *([f"{more:,} more"] if more else [])], "and")
    return f"{len(changes):,} {'differs' if len(changes) == 1 else 'differ'}: {named}"


def causes(diff: ImageDiff) -> Sequence[DifferenceCause]:
    """Returns the causes why two builds of the same steps differ, if known."""
    return diff.known_causes or ()


def place_words(place: DifferingPlace) -> str:
    """Returns a file, a layer or a setting that differs, and the place in it."""
    name = place.name if len(place.name) <= _MAX_PLACE_CHARS else f"{place.name[:_MAX_PLACE_CHARS]}…"
    return f"{name}: {shortened(place.detail, _MAX_PLACE_CHARS)}" if place.detail else name


def image_name(exploration: Exploration, max_chars: int = 4096) -> str:
    """Returns the name of an image."""
    return printable(shortened(exploration.image.reference, max_chars))


def damage(diff: ImageDiff) -> Iterator[str]:
    """Yields reasons why the figures may be wrong."""
    for name, each in (("old", diff.old), ("new", diff.new)):
        yield from (f"the {name} image: {reason}" for reason in each.damage)


def problems(diff: ImageDiff) -> Iterator[str]:
    """Yields reasons why differences may be missing."""
    yield from diff.problems
    found = diff.package_changes
    for name, of_image in (("old", found.old_problems), ("new", found.new_problems)):
        yield from (f"the {name} image, layer {layer}: {problem}" for layer, problem in of_image)
