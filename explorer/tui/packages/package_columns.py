"""The columns of the packages: header, widths and cell of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.packages.package_order import PackageOrder
from explorer.text.units import size
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import ARROW_CELLS, cut, layer_span, split_bar
from explorer.viewmodel.package_rows import PackageGroup, PackageItem

if TYPE_CHECKING:
    from explorer.analysis.packages.package_usage import PackageUsage


class PackageFacts(NamedTuple):
    """Facts about a package or a group that the cells of its row show."""

    item: PackageItem
    largest_bytes: int
    """The most visible and wasted bytes of a row."""
    has_colours: bool = True


def _size(facts: PackageFacts, cells: int) -> tuple[str, str]:
    bytes_ = facts.item.bytes
    return (size(bytes_) if bytes_ else "").rjust(cells), ""


def _bar(facts: PackageFacts, cells: int) -> list[tuple[str, str]]:
    item, largest = facts.item, facts.largest_bytes or 1
    bars = split_bar(item.bytes / largest, item.wasted_bytes / largest, cells, has_colours=facts.has_colours)
    return [
        (bars.kept, "package--bar"),
        (bars.joint, "package--joint"),
        (bars.wasted, "package--waste-bar"),
        (bars.blank, ""),
    ]


def _wasted(facts: PackageFacts, cells: int) -> tuple[str, str]:
    bytes_ = facts.item.wasted_bytes
    return (size(bytes_) if bytes_ else "").rjust(cells), "package--waste"


def _files(facts: PackageFacts, cells: int) -> tuple[str, str]:
    files = facts.item.files
    return cut(f"{files:,}" if files else "", cells).rjust(cells), "package--muted"


def _layer(facts: PackageFacts, cells: int) -> tuple[str, str]:
    item = facts.item
    if isinstance(item, PackageGroup) or item.package is None:
        return " " * cells, ""
    package = item.package
    return layer_span(package.installed_in, package.removed_in, cells), "package--layer"


def _kind(facts: PackageFacts, cells: int) -> tuple[str, str]:
    package = None if isinstance(facts.item, PackageGroup) else facts.item.package
    return cut("" if package is None else package.kind, cells).ljust(cells), "package--muted"


_MIN_LAYER_CELLS, _MIN_KIND_CELLS, _MAX_KIND_CELLS = 6, 4, 6
"""Cells that the headers need, and cells of the longest kind."""
_SIZE, _WASTED = PackageOrder.SIZE.value, PackageOrder.WASTED.value

PACKAGE_CELLS: CellTable[PackageFacts] = {
    Column("size", "size", ((0, 7),), right=True, key=_SIZE): _size,
    Column("bar", "", ((90, 10), (64, 6))): _bar,
    Column("wasted", "wasted", ((40, 7),), right=True, key=_WASTED): _wasted,
    Column("files", "files", ((56, 6),), right=True): _files,
    Column("layer", " layer", ((34, _MIN_LAYER_CELLS),), key=PackageOrder.LAYER.value): _layer,
    Column("kind", "kind", ((48, _MIN_KIND_CELLS),)): _kind,
}
"""The columns before the name, from the left."""
_PACKAGE = Column("package", "package", key=PackageOrder.NAME.value)
FILE_KIND_COLUMNS = (
    *[column for column in PACKAGE_CELLS if column.name not in ("layer", "kind")],
    Column("kind-of-file", "kind of file", key=PackageOrder.NAME.value),
)
"""The columns of the kinds of files, which have no package and no layer."""


def package_columns(usages: Sequence[PackageUsage], *, has_arrows: bool) -> tuple[Column, ...]:
    """Returns the columns of packages, only as wide as their layers and kinds need.

    Args:
        usages: All packages of the image.
        has_arrows: True if rows can be opened, so that the names start further right.
    """
    top = max([max(usage.package.installed_in, usage.package.removed_in or 0) for usage in usages], default=0)
    kind = max([len(usage.package.kind) for usage in usages], default=0)
    wanted = {
        "layer": max(_MIN_LAYER_CELLS, 2 * len(str(top)) + ARROW_CELLS),
        "kind": min(max(_MIN_KIND_CELLS, kind), _MAX_KIND_CELLS),
    }
    columns = [
        column._replace(cells=((column.cells[0][0], wanted[column.name]),)) if column.name in wanted else column
        for column in PACKAGE_CELLS
    ]
    return (*columns, _PACKAGE._replace(title="  package") if has_arrows else _PACKAGE)
