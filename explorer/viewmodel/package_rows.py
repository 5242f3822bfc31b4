"""The rows of the packages: in groups or not, in an order, and filtered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.analysis.packages.package_order import PackageOrder
from explorer.config.cycle import Cycle
from explorer.viewmodel.grouped_rows import GroupedRow, GroupedRows
from explorer.viewmodel.word_query import ALL_ROWS, WordQuery, parse_words

if TYPE_CHECKING:
    from explorer.analysis.packages.image_packages import ImagePackages
    from explorer.analysis.packages.package_usage import FileUsage, PackageUsage

GroupKey: TypeAlias = "str | int"
"""The kind or the layer of a group."""


class PackageGrouping(Cycle):
    """The grouping of packages; the value is the name on the screen."""

    PACKAGE = "package"
    """No groups."""
    KIND = "kind"
    LAYER = "layer"
    """The layer that installed them."""
    FILE_KIND = "kind of file"
    """The files of the image by what they are, in place of the packages."""


def parse_packages(text: str) -> WordQuery:
    """Parses the filter of the packages. Raises BadQuery."""
    # Not at the top, because the screen would start later.
    from explorer.analysis.packages.package_filter import usage_test

    return parse_words(text, usage_test)


@dataclass(frozen=True, slots=True)
class PackagesView:
    """The packages that are shown, and how they are shown."""

    grouping: PackageGrouping = PackageGrouping.PACKAGE
    order: PackageOrder = PackageOrder.SIZE
    is_reversed: bool = False
    query: WordQuery = ALL_ROWS
    waiting_query: WordQuery = ALL_ROWS
    """The filter of the packages while the kinds of files show, and the reverse."""

    def grouped_by_next(self) -> PackagesView:
        """Returns the view in the next grouping; kinds of files have their own filter."""
        grouping = self.grouping.following
        if PackageGrouping.FILE_KIND not in (self.grouping, grouping):
            return replace(self, grouping=grouping)
        return replace(self, grouping=grouping, query=self.waiting_query, waiting_query=self.query)

    def sorted_by(self, order: PackageOrder) -> PackagesView:
        """Returns the view in an order, or reversed if it has that order already."""
        return replace(self, order=order, is_reversed=order is self.order and not self.is_reversed)


@dataclass(frozen=True, slots=True)
class PackageGroup:
    """The packages of one kind, or that one layer installed."""

    key: GroupKey
    usages: Sequence[PackageUsage]
    files: int
    bytes: int
    wasted_bytes: int

    @property
    def name(self) -> str:
        """The kind, or the layer in words."""
        return f"layer {self.key}" if isinstance(self.key, int) else self.key


PackageItem: TypeAlias = "FileUsage | PackageGroup"


PackageRow = GroupedRow[PackageItem]
"""One line: a group, a package, or the files that no package owns."""


@dataclass(frozen=True)
class PackageRows(GroupedRows["PackageItem"]):
    """The lines that show, and their figures."""

    match_bytes: int = 0
    """The visible bytes of the packages that pass the filter."""
    match_wasted_bytes: int = 0
    largest_bytes: int = 0
    """The most visible and wasted bytes of a line."""
    noun: str = "package"
    """The noun of a row that passes the filter."""

    def identity(self, item: PackageItem) -> object:
        return item.key if isinstance(item, PackageGroup) else item.package


def package_rows(packages: ImagePackages, view: PackagesView, opened: Set[Hashable]) -> PackageRows:
    """Returns the lines of a view.

    Args:
        packages: The packages of the image.
        view: The filter, the grouping and the order.
        opened: The groups that are open.
    """
    from explorer.analysis.packages.package_filter import usage_test

    passes = usage_test(view.query.words)
    if packages.needs_fetch and not packages.usages:
        # All files would seem to be unowned.
        return PackageRows()
    usages = [usage for usage in packages.usages if passes(usage)] if view.query else list(packages.usages)
    groups = _groups(usages, view.grouping)
    items: list[PackageItem] = [*(groups or usages)]
    if not view.query:
        items.append(packages.unowned)
    key = PACKAGE_ORDERS[view.order]
    rows: list[PackageRow] = []
    for item in sorted(items, key=key, reverse=view.is_reversed):
        if not isinstance(item, PackageGroup):
            rows.append(PackageRow(item, 0))
            continue
        is_open = item.key in opened
        rows.append(PackageRow(item, 0, is_open))
        if is_open:
            inside = sorted(item.usages, key=key, reverse=view.is_reversed)
            rows += [PackageRow(usage, 1) for usage in inside]
    largest = max((item.bytes + item.wasted_bytes for item in items), default=0)
    visible, wasted = sum([usage.bytes for usage in usages]), sum([usage.wasted_bytes for usage in usages])
    return PackageRows(rows, groups, len(usages), visible, wasted, largest)


def _groups(usages: Sequence[PackageUsage], grouping: PackageGrouping) -> Sequence[PackageGroup]:
    if grouping is PackageGrouping.PACKAGE:
        return ()
    by_key: dict[GroupKey, list[PackageUsage]] = {}
    for usage in usages:
        package = usage.package
        key = package.kind if grouping is PackageGrouping.KIND else package.installed_in
        by_key.setdefault(key, []).append(usage)
    return [
        PackageGroup(
            key,
            members,
            sum([usage.files for usage in members]),
            sum([usage.bytes for usage in members]),
            sum([usage.wasted_bytes for usage in members]),
        )
        for key, members in by_key.items()
    ]


def _by_name(item: PackageItem) -> tuple[bool, str, str]:
    if isinstance(item, PackageGroup):
        return False, f"{item.key:>9}" if isinstance(item.key, int) else item.name.lower(), ""
    package = item.package
    return (True, "", "") if package is None else (False, package.full_name.lower(), package.version)


def _by_layer(item: PackageItem) -> tuple[bool, int, str]:
    if isinstance(item, PackageGroup):
        return (False, item.key, "") if isinstance(item.key, int) else (False, 0, item.key)
    package = item.package
    return (True, 0, "") if package is None else (False, package.installed_in, package.full_name.lower())


PACKAGE_ORDERS: dict[PackageOrder, Callable[[PackageItem], Any]] = {
    PackageOrder.SIZE: lambda item: (-item.bytes, -item.wasted_bytes),
    PackageOrder.WASTED: lambda item: (-item.wasted_bytes, -item.bytes),
    PackageOrder.NAME: _by_name,
    PackageOrder.LAYER: _by_layer,
}
