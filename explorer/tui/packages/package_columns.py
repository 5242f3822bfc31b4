"""The columns of the packages: header, widths and cell of each of them."""

from __future__ import annotations

from typing import NamedTuple

from explorer.analysis.packages.package_order import PackageOrder
from explorer.text.units import size
from explorer.tui.widgets.column_headers import Column
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import cut, split_bar
from explorer.viewmodel.package_rows import PackageGroup, PackageItem


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
    removed = "" if package.removed_in is None else f"→ {package.removed_in}"
    return cut(f"{package.installed_in:>3} {removed}", cells).ljust(cells), "package--layer"


def _kind(facts: PackageFacts, cells: int) -> tuple[str, str]:
    package = None if isinstance(facts.item, PackageGroup) else facts.item.package
    return cut("" if package is None else package.kind, cells).ljust(cells), "package--muted"


_SIZE, _WASTED = PackageOrder.SIZE.value, PackageOrder.WASTED.value

PACKAGE_CELLS: CellTable[PackageFacts] = {
    Column("size", "size", ((0, 7),), right=True, key=_SIZE): _size,
    Column("bar", "", ((90, 10), (64, 6))): _bar,
    Column("wasted", "wasted", ((40, 7),), right=True, key=_WASTED): _wasted,
    Column("files", "files", ((56, 6),), right=True): _files,
    Column("layer", " layer", ((34, 8),), key=PackageOrder.LAYER.value): _layer,
    Column("kind", "kind", ((48, 6),)): _kind,
}
"""The columns before the name, from the left."""
PACKAGE_COLUMNS = (*PACKAGE_CELLS, Column("package", "  package", key=PackageOrder.NAME.value))
FILE_KIND_COLUMNS = (
    *[column for column in PACKAGE_CELLS if column.name not in ("layer", "kind")],
    Column("kind-of-file", "kind of file", key=PackageOrder.NAME.value),
)
"""The columns of the kinds of files, which have no package and no layer."""
