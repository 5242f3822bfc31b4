"""The answer if two builds gave the same image."""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import NamedTuple

from explorer.analysis.image_diff.compared_image import ComparedImage
from explorer.analysis.image_diff.entry_changes import entry_changes, is_reordered, same_hidden_paths, same_superseded
from explorer.analysis.image_diff.file_changes import UNKNOWN, FileChange
from explorer.analysis.image_diff.layer_pair import LayerPair
from explorer.analysis.image_diff.rebuild_settings import dates, differing_settings, is_record
from explorer.analysis.image_diff.steps import image_steps
from explorer.layers.digests import claim_same_digest
from explorer.model import Image, Layer
from explorer.text.printable import printable
from explorer.text.units import counted

TIMES_ADVICE = (
    "Set SOURCE_DATE_EPOCH, and let the builder rewrite the times of files, too: "
    "`docker buildx build --build-arg SOURCE_DATE_EPOCH=… --output type=image,name=…,rewrite-timestamp=true …`, "
    "or `buildah build --timestamp …`."
)
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
    """True if it has the same names in another order, or ships other contents without a name."""
    is_unread: bool = False
    """True if one of the images does not have its bytes, or may not fetch them."""

    @property
    def is_rewritten(self) -> bool:
        """True if its archive is written in another way, maybe besides other differences."""
        return self.is_reordered or not (self.changes or self.hides_other_paths or self.is_unread)

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
    is_rebuild: bool = False
    """True if both have the same steps, so that they should be identical."""


def identical(
    old: ComparedImage, new: ComparedImage, pairs: Iterable[LayerPair], shared: Set[tuple[int, int]]
) -> Identical:
    """Compares two builds by their digests, or layer by layer.

    Args:
        old: The old image.
        new: The new image.
        pairs: The layers that belong together, whose differences are known.
        shared: Numbers of layers that are certainly the same, in the old and in the new image.
    """
    # Masked secrets look equal. Only the names of settings are shown.
    before, after = old.image.original or old.image, new.image.original or new.image
    names = [printable(name) for name in differing_settings(before, after)]
    settings = [name for name in names if not is_record(name)]
    has_other_dates, has_other_records = dates(before) != dates(after), len(settings) < len(names)
    if len(before.layers) != len(after.layers):
        counts = f"{counted(len(before.layers), 'layer')} and {counted(len(after.layers), 'layer')}"
        return Identical(
            Sameness.NO,
            f"Not identical: the images have {counts}.",
            settings=settings,
            has_other_dates=has_other_dates,
            has_other_records=has_other_records,
        )
    is_rebuild = before.platform == after.platform and _commands(before) == _commands(after)
    differing = list(_differing_layers(old, new, pairs, shared))
    value = _value(differing, settings, is_otherwise_equal=not has_other_dates and not has_other_records)
    is_named_same = bool(before.id) and before.id == after.id
    if value is Sameness.YES and before.id and after.id and not is_named_same:
        # Something differs that is neither in the layers nor among the settings that are known.
        value, settings = Sameness.NO, ["other settings"]
    elif is_named_same and (differing or before.damage or after.damage):
        value = Sameness.NO
    result = Identical(value, "", "", differing, settings, has_other_dates, has_other_records, is_rebuild)
    advice = TIMES_ADVICE if value is Sameness.EXCEPT_TIMES and (differing or has_other_dates) else ""
    return replace(result, sentence=_sentence(result, before, after), advice=advice)


def _commands(image: Image) -> list[Hashable]:
    return [step.key for step in image_steps(image)]


def _differing_layers(
    old: ComparedImage, new: ComparedImage, pairs: Iterable[LayerPair], shared: Set[tuple[int, int]]
) -> Iterator[DifferingLayer]:
    known = {pair.old: pair.changes for pair in pairs if pair.old == pair.new and pair.difference is not None}
    for number in range(len(old.image.layers)):
        layer = None if (number, number) in shared else _differing_layer(old, new, number, known.get(number))
        if layer is not None:
            yield layer


def _differing_layer(
    old: ComparedImage, new: ComparedImage, number: int, changes: Sequence[FileChange] | None
) -> DifferingLayer | None:
    """Returns the differences of a layer; None if it has none.

    ``changes`` are the entries that differ, if known.
    """
    before, after = old.image.layers[number], new.image.layers[number]
    old_index, new_index = old.tree.layers[number], new.tree.layers[number]
    is_named_same = claim_same_digest(before, after)
    if old_index.is_unread or new_index.is_unread or before.is_missing or after.is_missing:
        return None if is_named_same else DifferingLayer(number, (), is_unread=True)
    if changes is None:
        changes = entry_changes(old.tree, number, new.tree, number)
    if is_named_same and after.is_remote:
        # A download verifies the digest.
        changes = [change for change in changes if change.differs != {UNKNOWN}]
    hides_other_paths = not same_hidden_paths(old.tree, number, new.tree, number)
    has_other_names = any(change.old is None or change.new is None for change in changes)
    reordered = not has_other_names and is_reordered(before, old_index, after, new_index)
    has_digests = bool(before.diff_id and after.diff_id) and not is_named_same
    ships_the_same = same_superseded(old.tree, number, new.tree, number, if_unknown=is_named_same)
    is_equal = not changes and not hides_other_paths and ships_the_same
    if is_equal and not has_digests and (not reordered or is_named_same):
        return None
    return DifferingLayer(number, changes, hides_other_paths, reordered or not ships_the_same)


def _value(layers: Sequence[DifferingLayer], settings: Sequence[str], *, is_otherwise_equal: bool) -> Sameness:
    if settings or not all(layer.is_time_only for layer in layers):
        return Sameness.NO
    return Sameness.YES if is_otherwise_equal and not layers else Sameness.EXCEPT_TIMES


def _sentence(result: Identical, old: Image, new: Image) -> str:
    packed = "" if result.layers else _packed(old, new)
    if result.value is Sameness.YES:
        reason = "all layers have the same contents, and the settings are equal"
        return f"Identical: {f'both have the image ID {_short(old.id)}' if old.id == new.id != '' else reason}.{packed}"
    if result.value is Sameness.EXCEPT_TIMES:
        parts = [f"the times of files in {counted(len(result.layers), 'layer')}"] if result.layers else []
        parts += ["the dates in the configuration"] if result.has_other_dates else []
        parts += ["the records of the builder"] if result.has_other_records else []
        if parts == ["the records of the builder"]:
            return f"Identical but for the records of the builder, such as the IDs of its containers.{packed}"
        *first, last = parts
        return f"Identical but for times: only {', '.join(first)}{' and ' if first else ''}{last} differ.{packed}"
    parts = [*_parts_that_differ(result), *(["the bytes are damaged"] if old.damage or new.damage else [])]
    claim = f"both claim the image ID {_short(old.id)}, but " if old.id == new.id != "" else ""
    return f"Not identical: {claim}{', '.join(parts)}.{packed}"


def _parts_that_differ(result: Identical) -> Iterator[str]:
    changes = [change for layer in result.layers for change in layer.changes]
    unknown = sum(change.differs == {UNKNOWN} for change in changes)
    times = sum(change.is_time_only for change in changes)
    more = len(changes) - unknown - times
    included = " (directories and hidden files included)"
    counts = (
        (more, "path differs", "paths differ", f"in more than times{'' if times else included}"),
        (times, "path differs", "paths differ", f"only in times{included}"),
        (unknown, "file was", "files were", "not compared"),
        (sum(layer.hides_other_paths for layer in result.layers), "layer hides", "layers hide", "other paths"),
        (sum(layer.is_unread for layer in result.layers), "layer was", "layers were", "not read"),
        (sum(layer.is_rewritten for layer in result.layers), "layer is", "layers are", "archived in another way"),
    )
    yield from (f"{counted(count, one, many)} {words}" for count, one, many, words in counts if count)
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
