"""The differences of two builds, grouped by their causes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.file_changes import UNKNOWN, FileChange
from explorer.analysis.image_diff.identical import Identical, Sameness
from explorer.analysis.image_diff.layer_pair import LayerPair
from explorer.analysis.image_diff.rebuilds.causes import CauseWords, Evidence, cause_words, with_own_logs
from explorer.analysis.image_diff.rebuilds.changed_packages import ChangedPackages
from explorer.analysis.image_diff.rebuilds.file_causes import FileCauses
from explorer.analysis.image_diff.rebuilds.known_paths import known_cause
from explorer.analysis.image_diff.rebuilds.read_pairs import read_pairs
from explorer.analysis.image_diff.rebuilds.renamed import renamed
from explorer.model import Change, Watcher
from explorer.text.printable import printable
from explorer.text.units import parsed_time


class DifferingPlace(NamedTuple):
    """A file, a layer or a setting that differs between two builds."""

    name: str
    """The path from the root, or ``layer 3``, or the name of a setting; printable."""
    detail: str = ""
    """The place of the difference in the file; printable."""
    layer: int | None = None
    """The layer of the old image that has it, or of the new one if only that has it."""


class DifferenceCause(NamedTuple):
    """A cause of differences; all texts are printable."""

    cause: str
    """A name in ``causes.toml``, for programs."""
    title: str
    why: str
    do: str
    places: Sequence[DifferingPlace]


@dataclass(frozen=True, slots=True)
class TwoBuilds:
    """Two builds, with what is known of both."""

    old: ComparedImage
    new: ComparedImage
    identical: Identical
    layer_pairs: Sequence[LayerPair]
    visible_changes: Sequence[FileChange]
    """The visible paths that differ, for layers that only one image has."""
    packages: ChangedPackages | None = None
    base_layers: tuple[int, int] = (0, 0)
    """The numbers of lowest layers that are certainly of base images; 0 if unknown."""


def build_differences(builds: TwoBuilds, watcher: Watcher) -> Sequence[DifferenceCause]:
    """Reads the files that differ, and returns the causes, the most general first.

    Modification times and records of the builder are last. Raises Cancelled from the watcher.
    """
    if builds.identical.value is Sameness.YES:
        return ()
    places: defaultdict[str, dict[DifferingPlace, None]] = defaultdict(dict)
    for cause, place in _causes_of_image(builds):
        places[cause][place] = None
    to_read: list[FileChange] = []
    for change in _paired(_changes(builds)):
        if change.is_time_only:
            places["time"][_place(change)] = None
            continue
        for cause, detail in _causes_without_reading(change, builds.packages, to_read):
            places[cause][_place(change, detail)] = None
    seconds = _build_seconds(builds)

    def on_pair(change: FileChange, before: bytes, after: bytes) -> None:
        for cause, detail in FileCauses(seconds).find(before, after):
            places[cause][_place(change, detail)] = None

    for change, reason in read_pairs(builds.old, builds.new, to_read, on_pair, watcher).items():
        places["unread"][_place(change, reason)] = None
    return [
        _cause(name, words, sorted(places[name], key=lambda each: each.name))
        for name, words in cause_words().items()
        if name in places
    ]


def _cause(name: str, words: CauseWords, places: Sequence[DifferingPlace]) -> DifferenceCause:
    if name == "log":
        words = with_own_logs(words, [place.name for place in places])
    return DifferenceCause(name, *words, places)


def _changes(builds: TwoBuilds) -> list[FileChange]:
    """Returns the entries that differ, also hidden ones, without those of base images.

    A file that is in layers that do not belong together is compared as containers see it.
    """
    changes: list[FileChange] = []
    paired = {(pair.old, pair.new) for pair in builds.layer_pairs}
    for pair in builds.layer_pairs:
        if not _is_of_bases(builds, pair):
            changes += pair.changes
    across = {
        change.path: change
        for change in builds.visible_changes
        if (change.old and change.old.layer, change.new and change.new.layer) not in paired
    }
    known = {change.path for change in changes if change.change is Change.MODIFIED or change.path not in across}
    return [
        *(change for change in changes if change.path in known),
        *(change for path, change in across.items() if path not in known),
    ]


def _is_of_bases(builds: TwoBuilds, pair: LayerPair) -> bool:
    """True if both layers of a pair are certainly of base images."""
    if pair.old is None or pair.new is None:
        return False
    return pair.old < builds.base_layers[0] and pair.new < builds.base_layers[1]


def _causes_of_image(builds: TwoBuilds) -> Iterator[tuple[str, DifferingPlace]]:
    """Yields the causes that are not about one file."""
    identical = builds.identical
    for pair in builds.layer_pairs:
        if pair.difference is not None and _is_of_bases(builds, pair):
            yield "base", _layer(pair.old, "of the base image")
        elif pair.new is None:
            yield "layer-count", _layer(pair.old, "only in the old image")
        elif pair.old is None:
            yield "layer-count", _layer(pair.new, "only in the new image")
    for name in identical.settings:
        yield "setting", DifferingPlace(name)
    for layer in identical.layers:
        if layer.is_rewritten:
            yield "layer-order", _layer(layer.number, "another order" if layer.is_reordered else "another form")
        if layer.is_unread:
            yield "unread", _layer(layer.number, "not read")
        if layer.hides_other_paths:
            yield "one-sided", _layer(layer.number, "hides other paths")
    if identical.has_other_records:
        yield "builder", DifferingPlace("configuration")
    if identical.has_other_dates:
        yield "time", DifferingPlace("configuration", "dates of the image and its steps")


def _layer(number: int | None, detail: str) -> DifferingPlace:
    return DifferingPlace(f"layer {number}", detail, number)


def _paired(changes: Sequence[FileChange]) -> Iterator[FileChange]:
    """Yields changes, with one for both random names of a file."""
    pairs = renamed(changes)
    removed = {pair.path for pair in pairs}
    added = {pair.new.entry.path for pair in pairs if pair.new and pair.new.entry}
    yield from pairs
    for change in changes:
        paired = removed if change.change is Change.REMOVED else added if change.change is Change.ADDED else ()
        if change.path not in paired:
            yield change


def _causes_without_reading(
    change: FileChange, packages: ChangedPackages | None, to_read: list[FileChange]
) -> Iterator[Evidence]:
    """Yields the causes by metadata and path; adds files to read to ``to_read``."""
    package = packages.cause(change) if packages is not None else None
    if package is not None:
        yield package
        return
    known, other_name = known_cause(change.path), _other_name(change)
    if known:
        yield Evidence(known, other_name)
    elif change.change is not Change.MODIFIED:
        yield Evidence("one-sided", f"only in the {'old' if change.old else 'new'} image")
    elif other_name:
        yield Evidence("random-name", other_name)
    metadata = sorted(change.differs & {"type", "link", "mode", "owner", "attributes"})
    if metadata:
        yield Evidence("metadata", ", ".join(metadata))
    if known or not change.differs & {"bytes", "name", UNKNOWN}:
        return
    if change.old_bytes and change.new_bytes:
        to_read.append(change)
    elif change.old_bytes or change.new_bytes:
        yield Evidence("content", "one is empty")


def _other_name(change: FileChange) -> str:
    """Returns words with the name in the new image, if it is another one.

    A file in a renamed directory mostly keeps its own name.
    """
    path = change.new.entry.path if change.new is not None and change.new.entry is not None else change.path
    if path.rpartition("/")[2] == change.path.rpartition("/")[2]:
        return ""
    return f"{printable('/' + path)} in the new image"


def _place(change: FileChange, detail: str = "") -> DifferingPlace:
    version = change.old or change.new
    return DifferingPlace(printable(f"/{change.path}"), detail, version.layer if version else None)


def _build_seconds(builds: TwoBuilds) -> tuple[float, float] | None:
    times = [parsed_time(compared.image.created) for compared in (builds.old, builds.new)]
    if times[0] is None or times[1] is None:
        return None
    return times[0].timestamp(), times[1].timestamp()
