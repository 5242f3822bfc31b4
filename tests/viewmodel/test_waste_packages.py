"""The groups of wasted files by package, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.model import Waste
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_rows import WasteRows
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView
from tests.analysis.packages.packaged import packaged


@pytest.mark.parametrize("order", list(WasteOrder))
def test_each_file_has_one_row(tmp_path: Path, order: WasteOrder) -> None:
    """Each wasted file has one row, and the outermost groups add up to the waste."""
    image = packaged(tmp_path)
    _ = image.packages
    tree = WasteTree(WasteFiles.complete(image), WasteView(Grouping.PACKAGE, order))
    rows = WasteRows.of(tree, {group.key for group in tree.groups()}).rows
    paths = [row.item.path for row in rows if isinstance(row.item, Waste)]
    assert sorted(paths) == sorted(waste.path for waste in image.usage.wasted)
    groups = [row.item for row in rows if isinstance(row.item, Group)]
    assert sum(group.bytes for group in groups) == image.usage.wasted_bytes
    owners = [[package.name for package in group.packages or ()] for group in groups]
    assert sorted(owners) == [[], ["gcc"]]


def test_no_groups_before_the_packages_are_known(tmp_path: Path) -> None:
    """Without packages there is no row, and nothing reads the databases."""
    image = packaged(tmp_path)
    tree = WasteTree(WasteFiles.complete(image), WasteView(Grouping.PACKAGE))
    assert not tree.children(tree.top)
    assert image.known_packages is None
