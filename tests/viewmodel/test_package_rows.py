"""The rows of the packages: order, groups, filter and sums."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.analysis.filter.query import BadQuery
from explorer.analysis.packages.image_packages import ImagePackages
from explorer.analysis.packages.package_order import PackageOrder
from explorer.viewmodel.package_rows import (
    PackageGroup,
    PackageGrouping,
    PackageRows,
    PackagesView,
    package_rows,
    parse_packages,
)
from tests.analysis.packages.packaged import packaged

VIEW = PackagesView()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> ImagePackages:
    return packaged(tmp_path_factory.mktemp("packaged")).packages


def names(rows: PackageRows) -> list[str]:
    """The name of each row."""
    items = [row.item for row in rows.rows]
    return [
        item.name if isinstance(item, PackageGroup) else item.package.name if item.package else "nobody"
        for item in items
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (PackageOrder.SIZE, ["make", "nobody", "gcc"]),
        (PackageOrder.WASTED, ["gcc", "nobody", "make"]),
        (PackageOrder.NAME, ["gcc", "make", "nobody"]),
        (PackageOrder.LAYER, ["gcc", "make", "nobody"]),
    ],
)
def test_orders(packages: ImagePackages, order: PackageOrder, expected: list[str]) -> None:
    """Each order has its rows, and the reverse one has them backwards; unowned files are one of them."""
    view = replace(VIEW, order=order)
    assert names(package_rows(packages, view, set())) == expected
    backwards = names(package_rows(packages, replace(view, is_reversed=True), set()))
    assert backwards == expected[::-1]


def test_sorting_twice_reverses() -> None:
    """The present order again is the reverse one."""
    again = VIEW.sorted_by(PackageOrder.SIZE)
    assert again.is_reversed
    assert not again.sorted_by(PackageOrder.NAME).is_reversed


def test_rows_add_up(packages: ImagePackages) -> None:
    """The outermost rows of each grouping have the same sum."""
    sums = set()
    for grouping in PackageGrouping:
        rows = package_rows(packages, replace(VIEW, grouping=grouping), {"deb", 1}).rows
        outermost = [row.item for row in rows if not row.depth]
        sums.add((sum(item.bytes for item in outermost), sum(item.wasted_bytes for item in outermost)))
    assert len(sums) == 1


def test_groups_open(packages: ImagePackages) -> None:
    """An open group shows its packages below it, and these lead back to it."""
    view = replace(VIEW, grouping=PackageGrouping.LAYER)
    assert names(package_rows(packages, view, set())) == ["layer 1", "nobody"]
    rows = package_rows(packages, view, {1})
    assert names(rows) == ["layer 1", "make", "gcc", "nobody"]
    assert [rows.parent(index) for index in range(4)] == [None, 0, 0, None]
    assert rows.find(rows.rows[2].item) == 2


def test_filter(packages: ImagePackages) -> None:
    """The filter leaves packages out, and unowned files."""
    for text, expected in (
        ("gc", ["gcc"]),
        ("package:m*", ["make"]),
        ("is:removed", ["gcc"]),
        ("-gcc", ["make"]),
        ("kind:deb", ["make", "gcc"]),
    ):
        rows = package_rows(packages, replace(VIEW, query=parse_packages(text)), set())
        assert names(rows) == expected
        assert rows.matches == len(expected)
    with pytest.raises(BadQuery, match="kind: deb"):
        parse_packages("kind:exe")
