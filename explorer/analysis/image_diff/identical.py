"""The answer if two builds gave the same image."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.entry_changes import entry_changes, is_reordered, same_hidden_paths
from explorer.analysis.image_diff.file_changes import UNKNOWN, FileChange
from explorer.model import Image, ImageConfig, Layer
from explorer.text.printable import printable
from explorer.text.units import counted

TIMES_ADVICE = (
    "Set SOURCE_DATE_EPOCH, and let the builder rewrite the times of files, too: "
    "`docker buildx build --build-arg SOURCE_DATE_EPOCH=… --output type=image,name=…,rewrite-timestamp=true …`, "
    "or `buildah build --timestamp …`."
)
_SETTINGS = (
    ("env", "Env"),
    ("entrypoint", "Entrypoint"),
    ("cmd", "Cmd"),
    ("user", "User"),
    ("working_dir", "WorkingDir"),
    ("ports", "ExposedPorts"),
    ("volumes", "Volumes"),
    ("labels", "Labels"),
    ("stop_signal", "StopSignal"),
    ("healthcheck", "Healthcheck"),
)
"""Fields of ``ImageConfig``, and their names in the configuration."""
_BUILDER_RECORDS = frozenset(("container", "docker_version", "id", "parent", "Image", "Hostname"))
"""Other settings that name the containers and the parent image of Docker's classic builder, or its version."""
_MAX_NAMED = 5


class Sameness(enum.Enum):
    """The result of the comparison of two builds; the values are those of the JSON."""

    YES = "yes"
    EXCEPT_TIMES = "except-times"
    """Contents, modes, owners, links, attributes and settings are equal."""
    NO = "no"


class DifferingLayer(NamedTuple):
    """A layer that differs between two builds."""

    number: int
    changes: Sequence[FileChange]
    """The entries that differ, also those that higher layers hide."""
    hides_other_paths: bool = False
    """True if it hides other paths of lower layers."""
    is_reordered: bool = False
    """True if it has the same names in another order."""

    @property
    def is_time_only(self) -> bool:
        """True if nothing but modification times differs."""
        has_times = bool(self.changes) and all(change.is_time_only for change in self.changes)
        return has_times and not self.hides_other_paths and not self.is_reordered


@dataclass(frozen=True, slots=True)
class Identical:
    """The answer if two builds gave the same image, and the reasons."""

    value: Sameness
    sentence: str
    """The answer for people; printable."""
    advice: str = ""
    """Tells how to make the builds identical; empty if they are, or if more than times differs."""
    layers: Sequence[DifferingLayer] = ()
    """The layers that differ, if both images have the same number of layers."""
    settings: Sequence[str] = ()
    """The names of the settings that differ, dates left out; printable."""
    has_other_dates: bool = False
    """True if the date of the image or of a step differs."""
    has_other_records: bool = False
    """True if what the builder records of itself differs. A container does not see it."""


def identical(old: ComparedImage, new: ComparedImage) -> Identical:
    """Compares two builds by their digests, or layer by layer."""
    # Masked secrets look equal. Only the names of settings are shown.
    before, after = old.image.original or old.image, new.image.original or new.image
    if before.id and before.id == after.id and not before.damage and not after.damage:
        sentence = f"Identical: both have the image ID {_short(before.id)}."
        return Identical(Sameness.YES, sentence + _packed(before, after))
    names = [printable(name) for name in _differing_settings(before, after)]
    settings = [name for name in names if not _is_record(name)]
    has_other_dates, has_other_records = _dates(before) != _dates(after), len(settings) < len(names)
    if len(before.layers) != len(after.layers):
        counts = f"{counted(len(before.layers), 'layer')} and {counted(len(after.layers), 'layer')}"
        return Identical(
            Sameness.NO,
            f"Not identical: the images have {counts}.",
            settings=settings,
            has_other_dates=has_other_dates,
            has_other_records=has_other_records,
        )
    layers = [
        _differing_layer(old, new, number)
        for number, (one, other) in enumerate(zip(before.layers, after.layers, strict=True))
        if not _same_layer(one, other)
    ]
    differing = [layer for layer in layers if layer is not None]
    value = _value(differing, settings, is_otherwise_equal=not has_other_dates and not has_other_records)
    if value is Sameness.YES and before.id and after.id:
        # Something differs that is neither in the layers nor among the settings that are known.
        value, settings = Sameness.NO, ["other settings"]
    result = Identical(value, "", "", differing, settings, has_other_dates, has_other_records)
    advice = TIMES_ADVICE if value is Sameness.EXCEPT_TIMES else ""
    packed = "" if differing else _packed(before, after)
    return replace(result, sentence=_sentence(result) + packed, advice=advice)


def _differing_settings(old: Image, new: Image) -> Iterator[str]:
    """Yields the names of what differs in the configuration, dates left out."""
    if old.platform != new.platform:
        yield "platform"
    if old.author != new.author:
        yield "author"
    for field, name in _SETTINGS:
        if getattr(old.config, field) != getattr(new.config, field):
            yield name
    yield from _other_names(old.config, new.config)
    if [replace(step, created=None) for step in old.history] != [replace(step, created=None) for step in new.history]:
        yield "history"


def _other_names(old: ImageConfig, new: ImageConfig) -> list[str]:
    before, after = dict(old.others), dict(new.others)
    return [key for key in {**before, **after} if before.get(key) != after.get(key)]


def _is_record(name: str) -> bool:
    return name in _BUILDER_RECORDS or name.startswith(("container_config.", "moby.buildkit."))


def _dates(image: Image) -> tuple[str | None, ...]:
    return (image.created, *(step.created for step in image.history))


def _same_layer(old: Layer, new: Layer) -> bool:
    """True if digests prove that two layers have the same bytes."""
    if old.diff_id and new.diff_id:
        return old.diff_id == new.diff_id
    return old.digest is not None and old.digest == new.digest


def _differing_layer(old: ComparedImage, new: ComparedImage, number: int) -> DifferingLayer | None:
    """Returns the differences of a layer; None if it has none and no digests either."""
    changes = entry_changes(old.tree, number, new.tree, number)
    hides_other_paths = not same_hidden_paths(old.tree, number, new.tree, number)
    has_other_names = any(change.old is None or change.new is None for change in changes)
    before, after = old.image.layers[number], new.image.layers[number]
    reordered = not has_other_names and is_reordered(before, old.tree.layers[number], after, new.tree.layers[number])
    has_digests = bool(before.diff_id and after.diff_id)
    if not changes and not hides_other_paths and not reordered and not has_digests:
        return None
    return DifferingLayer(number, changes, hides_other_paths, reordered)


def _value(layers: Sequence[DifferingLayer], settings: Sequence[str], *, is_otherwise_equal: bool) -> Sameness:
    if settings or not all(layer.is_time_only for layer in layers):
        return Sameness.NO
    return Sameness.YES if is_otherwise_equal and not layers else Sameness.EXCEPT_TIMES


def _sentence(result: Identical) -> str:
    if result.value is Sameness.YES:
        return "Identical: all layers have the same contents, and the settings are equal."
    if result.value is Sameness.EXCEPT_TIMES:
        parts = [f"the times of files in {counted(len(result.layers), 'layer')}"] if result.layers else []
        parts += ["the dates in the configuration"] if result.has_other_dates else []
        parts += ["the records of the builder"] if result.has_other_records else []
        *first, last = parts
        return f"Identical but for times: only {', '.join(first)}{' and ' if first else ''}{last} differ."
    parts = list(_parts_that_differ(result))
    return f"Not identical: {', '.join(parts)}."


def _parts_that_differ(result: Identical) -> Iterator[str]:
    changes = [change for layer in result.layers for change in layer.changes]
    unknown = sum(change.differs == {UNKNOWN} for change in changes)
    times = sum(change.is_time_only for change in changes)
    more = len(changes) - unknown - times
    if more:
        yield f"{counted(more, 'file differs', 'files differ')} in more than times"
    if unknown:
        yield f"{counted(unknown, 'file was', 'files were')} not compared"
    if times:
        yield f"{counted(times, 'file differs', 'files differ')} only in times"
    hiding = sum(layer.hides_other_paths for layer in result.layers)
    if hiding:
        yield f"{counted(hiding, 'layer hides', 'layers hide')} other paths"
    unseen = sum(layer.is_reordered or not (layer.changes or layer.hides_other_paths) for layer in result.layers)
    if unseen:
        yield f"the archive of {counted(unseen, 'layer is', 'layers is')} written in another way"
    if result.settings:
        more_names = len(result.settings) - _MAX_NAMED
        names = [*result.settings[:_MAX_NAMED], *([f"{more_names} more"] if more_names > 0 else [])]
        yield f"the configuration differs ({', '.join(names)})"


def _packed(old: Image, new: Image) -> str:
    """Returns a sentence about layers that differ only in their compression."""
    count = sum(
        _is_packed(one) and _is_packed(other) and one.digest != other.digest
        for one, other in zip(old.layers, new.layers, strict=False)
    )
    return f" But {counted(count, 'layer is', 'layers are')} compressed in another way." if count else ""


def _is_packed(layer: Layer) -> bool:
    return bool(layer.digest) and layer.digest != layer.diff_id


def _short(digest: str) -> str:
    algorithm, _, hexadecimal = digest.partition(":")
    return printable(f"{algorithm}:{hexadecimal[:12]}" if hexadecimal else algorithm[:12])
