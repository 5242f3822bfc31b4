"""The rows of the kinds of files: order, filter and sums."""

from __future__ import annotations

from explorer.analysis.file_kinds.kind_usage import KindUsage
from explorer.analysis.packages.package_order import PackageOrder
from explorer.viewmodel.file_kind_rows import FileKindGroup, file_kind_rows
from explorer.viewmodel.package_rows import PackageGrouping, PackagesView, parse_packages

_USAGES = (
    KindUsage("documentation", 3, 40, 30, wasted_bytes=2),
    KindUsage("executables", 1, 30, wasted_bytes=9),
    KindUsage("source_maps", 1, 5),
)


def names(order: PackageOrder = PackageOrder.SIZE, text: str = "", *, is_reversed: bool = False) -> list[str]:
    """Returns the names in an order, of the kinds that match a filter."""
    view = PackagesView(PackageGrouping.FILE_KIND, order, is_reversed, parse_packages(text))
    return [row.item.name for row in file_kind_rows(_USAGES, view).rows if isinstance(row.item, FileKindGroup)]


def test_orders() -> None:
    """Kinds come by size, waste or name, and reversed."""
    assert names() == ["documentation", "executables", "source maps"]
    assert names(PackageOrder.WASTED)[0] == "executables"
    assert names(PackageOrder.NAME, is_reversed=True)[0] == "source maps"


def test_words_of_the_filter() -> None:
    """A word is a part of the name; a negated one must not be."""
    assert names(text="DOC") == ["documentation"]
    assert names(text="-doc !maps") == ["executables"]


def test_what_keeps_files_out() -> None:
    """A change stands beside kinds that are disposable or not known to be needed."""
    rows = file_kind_rows(_USAGES, PackagesView(PackageGrouping.FILE_KIND)).rows
    changes = [row.item.change for row in rows if isinstance(row.item, FileKindGroup)]
    assert changes == ["Leave documentation out", "", "Build without source maps"]
