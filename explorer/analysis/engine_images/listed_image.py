"""The images of engines in a list: their figures, their order, and the filter."""

from __future__ import annotations

import enum
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from explorer.analysis.engine_images.storage import StorageUsage
from explorer.model import EngineImage
from explorer.text.filter_words import BadWord, glob, is_glob, matches_all, one_of
from explorer.text.image_names import short_name
from explorer.text.units import parse_size


class ListedImage(NamedTuple):
    """One image with its figures."""

    image: EngineImage
    usage: StorageUsage
    wasted_bytes: int | None
    """None if the image was not explored yet."""

    @property
    def names(self) -> Sequence[str]:
        """The tags as people know them, or ``<none>`` and the short ID; not printable."""
        tags = [short_name(tag.removeprefix("localhost/")) for tag in self.image.tags]
        return tags or [f"<none> {self.image.short_id}"]


class ImageOrder(enum.Enum):
    """The orders of images. What is not known comes last."""

    CREATED = "created"
    """The newest first."""
    NAME = "name"
    SIZE = "size"
    SHARED = "shared"
    UNIQUE = "unique"
    FREED = "freed"
    WASTED = "wasted"


ImageTest = Callable[[ListedImage], bool]
_FIGURES: Mapping[str, Callable[[ListedImage], int | None]] = {
    "size": lambda each: each.image.bytes,
    "shared": lambda each: each.usage.shared_bytes,
    "unique": lambda each: each.usage.unique_bytes,
    "freed": lambda each: each.usage.freed_bytes,
    "wasted": lambda each: each.wasted_bytes,
}
_STATES: Mapping[str, ImageTest] = {
    "untagged": lambda each: each.image.is_untagged,
    "used": lambda each: bool(each.image.containers),
}
_ENGINES = ("docker", "podman")
_COMPARED = re.compile(rf"({'|'.join(_FIGURES)})(>=|<=|[<>=])(.*)", re.IGNORECASE)
_COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


def ordered(images: Iterable[ListedImage], order: ImageOrder) -> list[ListedImage]:
    """Returns images in an order, the largest first. Equal ones are sorted by name."""
    images = sorted(images, key=lambda each: (each.image.is_untagged, each.names[0].lower(), each.image.engine))
    if order is ImageOrder.NAME:
        return images
    if order is ImageOrder.CREATED:
        return sorted(images, key=lambda each: -each.image.created.timestamp() if each.image.created else 1)
    figure = _FIGURES[order.value]
    return sorted(images, key=lambda each: -1 if (count := figure(each)) is None else count, reverse=True)


def image_test(words: Sequence[str]) -> ImageTest:
    """Returns a test of images that pass all words. Raises BadWord."""
    return matches_all(words, _test)


def _test(word: str) -> ImageTest:
    compared = _COMPARED.fullmatch(word)
    if compared:
        return _compared(compared[1].lower(), compared[2], compared[3])
    key, _, value = word.partition(":")
    if key.lower() == "is":
        return _STATES[one_of("is", _STATES, value)]
    if key.lower() == "engine":
        engine = one_of("engine", _ENGINES, value)
        return lambda each: each.image.engine == engine
    # Names have colons, too, so other words with one are parts of names.
    part = word.lower()
    matches = glob(word) if is_glob(word) else lambda name: part in name.lower()
    return lambda each: any(map(matches, [*each.names, *each.image.tags, each.image.id]))


def _compared(figure: str, comparison: str, amount: str) -> ImageTest:
    limit, compare, count_of = parse_size(amount), _COMPARISONS[comparison], _FIGURES[figure]
    if limit is None:
        raise BadWord(f"{figure}: a number of bytes, as in {figure}>1G or {figure}<100MiB")
    return lambda each: (count := count_of(each)) is not None and compare(count, limit)
