"""The waste grouped by fix, without a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.filter.query import parse
from explorer.analysis.fixes.fix import remaining_bytes
from explorer.model import Waste
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_rows import WasteRows
from explorer.viewmodel.waste_tree import WasteTree, is_base
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView
from tests.tui.waste.fixable import fixable


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> WasteFiles:
    """The files of an image with six fixes."""
    return WasteFiles.complete(fixable(tmp_path_factory.mktemp("fixable")))


def tree(files: WasteFiles, **shown: object) -> WasteTree:
    """Returns the tree of a view with these fields."""
    return WasteTree(files, WasteView(**shown))  # type: ignore[arg-type]


def names(items: Sequence[Group | int]) -> list[str]:
    """Returns the ID of each fix, and how many share the row of the small ones."""
    groups = [item for item in items if isinstance(item, Group)]
    return [f"{len(group.smaller)} smaller" if group.fix is None else group.fix.id for group in groups]


def fold_row(found: WasteTree) -> Group:
    """Returns the row of the small fixes."""
    return next(item for item in found.children(found.top) if isinstance(item, Group) and item.smaller)


def test_a_row_for_each_fix(files: WasteFiles) -> None:
    """The largest fix is first, small ones share a row, and the base's is last."""
    found = tree(files)
    assert names(found.children(found.top)) == ["apt", "leave-out-2", "attributes-3", "2 smaller", "base"]
    assert names(found.children(fold_row(found))) == ["documentation", "logs"]
    assert found.initially_open() == set()
    assert found.top.bytes == sum(fix.bytes for fix in files.fixes)


def test_wasted_and_disposable_files_are_told_apart(files: WasteFiles) -> None:
    """A fix that saves both kinds has a group for each; other fixes hold files or directories."""
    found = tree(files)
    apt, leave_out, *_ = found.children(found.top)
    assert isinstance(apt, Group)
    assert isinstance(leave_out, Group)
    parts = [part for part in found.children(apt) if isinstance(part, Group)]
    assert [(part.wasted_bytes, part.disposable_bytes) for part in parts] == [(0, 30_000), (5000, 0)]
    assert [files.all[index].path for part in parts for index in part.members] == [
        "var/cache/apt/pkgcache.bin",
        "var/lib/apt/lists/x",
    ]
    assert [group.directory for group in found.children(leave_out) if isinstance(group, Group)] == ["app/.git"]


def test_every_file_has_one_row(files: WasteFiles) -> None:
    """Each wasted and each disposable file has one row, and knows its fix."""
    found = tree(files)
    rows = WasteRows.of(found, {group.key for group in found.groups()}).rows
    shown = [row for row in rows if not isinstance(row.item, Group)]
    assert len(shown) == len(files.all)
    for row in shown:
        assert row.fix is not None
        assert row.item in (*row.fix.wasted, *row.fix.disposables)
    keys = [row.item.key for row in rows if isinstance(row.item, Group)]
    assert len(keys) == len(set(keys))


def test_running_total(files: WasteFiles) -> None:
    """Each fix has the size of the image after it and those above, in any order; the base's has none."""
    found = tree(files)
    assert files.savings is not None
    own = files.savings.fixes
    expected = list(remaining_bytes(own, files.usage.shipped_bytes))
    sizes = found.image_bytes_after
    assert [sizes[fix.id,] for fix in own] == expected
    assert sizes[fold_row(found).key] == expected[-1]
    assert ("base",) not in sizes
    by_step = tree(files, order=WasteOrder.PATH, is_reversed=True)
    last = [item for item in by_step.children(by_step.top) if not is_base(item)][-1]
    assert isinstance(last, Group)
    assert by_step.image_bytes_after[last.key] == expected[-1]


@pytest.mark.parametrize("order", list(WasteOrder))
def test_reversed_order(files: WasteFiles, order: WasteOrder) -> None:
    """The other way round, the small fixes and the base's stay at the end."""
    orders = []
    for is_reversed in (False, True):
        found = tree(files, order=order, is_reversed=is_reversed)
        orders.append(names(found.children(found.top)))
    assert orders[1][:3] == orders[0][2::-1]
    assert orders[1][3:] == orders[0][3:] == ["2 smaller", "base"]


def test_filter_and_layer(files: WasteFiles) -> None:
    """A query or a layer leaves the files that pass, folds nothing, and has no running total."""
    found = tree(files, query=parse("doc"))
    assert names(found.children(found.top)) == ["documentation", "base"]
    assert found.image_bytes_after == {}
    assert found.initially_open() == {group.key for group in found.groups()}
    found = tree(files, query=parse("is:wasted .git"))
    assert [group.bytes for group in found.children(found.top) if isinstance(group, Group)] == [4000]
    found = tree(files, layer=4)
    assert names(found.children(found.top)) == ["apt", "leave-out-2", "logs"]


@pytest.mark.parametrize("grouping", [each for each in Grouping if each is not Grouping.FIX])
def test_other_groupings_hold_waste_alone(files: WasteFiles, grouping: Grouping) -> None:
    """Disposable files and their bytes appear in no other grouping."""
    found = tree(files, grouping=grouping)
    rows = WasteRows.of(found, {group.key for group in found.groups()}).rows
    assert not any(isinstance(row.item, Disposable) for row in rows)
    assert found.top.bytes == files.usage.wasted_bytes


def test_advice_follows_the_bytes(files: WasteFiles) -> None:
    """The advice about a file that a chown shipped again names the COPY that brought it."""
    found = tree(files, grouping=Grouping.FILE)
    removed = next(each for each in files.wasted if each.path == "app/.git/pack" and each.hidden_in == 4)
    assert removed.shipped_in == 3
    (advice,) = found.advice(removed)
    assert advice.reason.shipped_in == 2
    assert "".join(span.text for span in advice.do).startswith("Leave it out of the COPY of layer 2")


def test_next_group(files: WasteFiles) -> None:
    """The next and the previous outermost row are found from any row."""
    found = tree(files)
    rows = WasteRows.of(found, {group.key for group in found.groups()})
    outermost = [number for number, row in enumerate(rows.rows) if row.depth == 0]
    assert rows.next_group(1, 1) == outermost[1]
    assert rows.next_group(outermost[1] + 1, -1) == outermost[1]
    assert rows.next_group(outermost[-1], 1) is None
    assert rows.next_group(0, -1) is None


def test_before_the_fixes_are_known(tmp_path: Path) -> None:
    """Until the fixes are found, nothing is grouped by them and there is no advice; other groupings have rows."""
    files = WasteFiles.without_fixes(fixable(tmp_path))
    by_fix = tree(files)
    assert len(by_fix.children(by_fix.top)) == 0
    by_file = tree(files, grouping=Grouping.FILE)
    assert [files.all[index] for index in by_file.children(by_file.top) if isinstance(index, int)] == list(files.wasted)
    waste = files.wasted[0]
    assert isinstance(waste, Waste)
    assert by_file.advice(waste) == ()
