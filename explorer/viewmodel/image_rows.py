"""The rows of the list of images: filter, order and marks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from explorer.analysis.engine_images.removal_command import removal_command
from explorer.analysis.engine_images.storage import Removal, SharedLayers, StorageTotal
from explorer.config.cycle import Cycle
from explorer.viewmodel.grouped_rows import GroupedRow, GroupedRows
from explorer.viewmodel.image_catalog import ImageCatalog, ImageRow
from explorer.viewmodel.image_filter import row_test
from explorer.viewmodel.word_query import ALL_ROWS, WordQuery


class ImageOrder(Cycle):
    """The orders of images; the value is the name for users."""

    AGE = "age"
    """The newest first; those opened before come after those of engines."""
    SIZE = "size"
    FREED = "freed"
    WASTED = "wasted"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class ImagesView:
    """The images that are shown, their order, and those that are marked."""

    order: ImageOrder = ImageOrder.AGE
    is_reversed: bool = False
    query: WordQuery = ALL_ROWS
    marked: frozenset[str] = frozenset()
    """The references of the marked images."""

    def sorted_by(self, order: ImageOrder) -> ImagesView:
        """Returns the view in an order, or reversed if it has that order already."""
        return replace(self, order=order, is_reversed=order is self.order and not self.is_reversed)

    def with_all_toggled(self, references: Set[str]) -> ImagesView:
        """Returns the view with all marked, or without marks if all have one."""
        marked = self.marked - references if references <= self.marked else self.marked | references
        return replace(self, marked=marked)

    def with_toggled_mark(self, reference: str) -> ImagesView:
        """Returns the view with a mark more or less."""
        return replace(self, marked=self.marked ^ {reference})


@dataclass(frozen=True)
class ImageRows(GroupedRows["ImageRow"]):
    """The rows that show, in order."""

    all_rows: Sequence[ImageRow] = ()
    """Includes the rows that do not pass the filter."""

    def identity(self, item: ImageRow) -> object:
        return item.reference


def image_rows(catalog: ImageCatalog, view: ImagesView) -> ImageRows:
    """Returns the rows of a view."""
    rows = list(catalog.rows())
    passes = row_test(view.query.words, view.marked)
    shown = [row for row in rows if passes(row)]
    ordered = sorted(shown, key=_ORDERS[view.order], reverse=view.is_reversed)
    return ImageRows([GroupedRow(row, 0) for row in ordered], matches=len(shown), all_rows=rows)


def _largest_first(bytes_of: Callable[[ImageRow], int | None]) -> Callable[[ImageRow], Any]:
    """Returns a sort key; unknown figures come last."""

    def key(row: ImageRow) -> tuple[bool, int, str]:
        count = bytes_of(row)
        return count is None, -(count or 0), row.name.lower()

    return key


def _by_age(row: ImageRow) -> tuple[int, bool, float, str]:
    time = row.created or (row.before.opened if row.before is not None else None)
    place = 0 if row.image is not None else 1 if row.before is not None else 2
    return place, time is None, -time.timestamp() if time is not None else 0.0, row.name.lower()


_ORDERS: Mapping[ImageOrder, Callable[[ImageRow], Any]] = {
    ImageOrder.AGE: _by_age,
    ImageOrder.SIZE: _largest_first(lambda row: row.bytes),
    ImageOrder.FREED: _largest_first(lambda row: row.usage.freed_bytes),
    ImageOrder.WASTED: _largest_first(lambda row: row.wasted_bytes),
    ImageOrder.NAME: lambda row: (row.name.lower(), row.reference),
}


# The marked images


def marked_rows(rows: Iterable[ImageRow], marked: Set[str]) -> list[ImageRow]:
    """Returns the rows with marks."""
    return [row for row in rows if row.reference in marked]


def removal_of(catalog: ImageCatalog, marked: Iterable[ImageRow]) -> Removal:
    """Returns the effect of removing the marked images from their engines together."""
    return catalog.storage.removal([row.image for row in marked if row.image is not None])


def removal_command_of(catalog: ImageCatalog, rows: Iterable[ImageRow]) -> str:
    """Returns the command that would remove images; empty if none can be."""
    return removal_command(catalog.storage, [row.image for row in rows if row.image is not None])


def totals_of(catalog: ImageCatalog, rows: Iterable[ImageRow]) -> list[StorageTotal]:
    """Returns the sums of the images of engines, for each engine and together."""
    return catalog.storage.totals([row.image for row in rows if row.image is not None])


def most_shared(catalog: ImageCatalog, row: ImageRow) -> list[SharedLayers]:
    """Returns the images with which one shares most bytes; several if equal."""
    shared = catalog.storage.shared_layers(row.image) if row.image is not None else []
    return [each for each in shared if each.bytes == shared[0].bytes]


def compared_pair(marked: Collection[ImageRow], selected: ImageRow | None) -> tuple[ImageRow, ImageRow] | str:
    """Returns the older and the newer image to compare, or the reason against it.

    These are the two marked ones, or the marked one and the selected one. If an age is unknown, the order stays.
    """
    pair = list(marked)
    if len(pair) == 1 and selected is not None and selected != pair[0]:
        pair.append(selected)
    if len(pair) != 2:
        return "Mark two images with {images.mark}, or one and select another."
    missing = next((row for row in pair if row.is_missing), None)
    if missing is not None:
        return "A marked file is not there any more."
    old, new = pair
    if old.created is not None and new.created is not None and new.created < old.created:
        old, new = new, old
    return old, new
