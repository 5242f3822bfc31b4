"""The directories that are open at first, without a terminal."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.config.settings import Sort
from explorer.layers.tree import Node
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel.biggest_directories import biggest_directories
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.small_entries import Folding
from explorer.viewmodel.view import View
from explorer.viewmodel.visible_tree import VisibleTree
from tests.images import explored_layers, file, layer, merged, whiteout
from tests.viewmodel.trees import node, visible_part, visible_tree


@pytest.fixture
def wide(tmp_path: Path) -> Exploration:
    """A directory with one big file and many small ones in each of two directories."""
    sizes = {"a/big": 90_000, "b/big": 70_000, **{f"{name}/{n}": 2000 + n for name in "ab" for n in range(30)}}
    return explored_layers(tmp_path, layer(*(file(path, b"1" * size) for path, size in sizes.items())))


@pytest.mark.parametrize(
    ("max_rows", "names"),
    [
        (1, ["a", "b"]),
        (3, ["a", "b"]),
        (4, ["a", "big", "30 entries under 3 kB", "b"]),
        (6, ["a", "big", "30 entries under 3 kB", "b", "big", "30 entries under 3 kB"]),
        (7, ["a", "big", "29", "29 entries under 2.029 kB", "b", "big", "30 entries under 3 kB"]),
    ],
)
def test_biggest_paths_fill_the_rows(wide: Exploration, max_rows: int, names: list[str]) -> None:
    """Directories are open as far as they fit, and their other entries share a row."""
    tree = visible_tree(wide)
    limits = biggest_directories(tree, max_rows)
    rows = [row.name for row in FileRows(tree, set(limits), Folding(limits))]
    assert rows == [name.replace("2.029", "2.0").replace("2.0 kB", "2 kB") for name in names]


@pytest.mark.parametrize(
    ("max_rows", "names"),
    [
        (3, ["a", "b", "2 entries under 8 kB"]),
        (5, ["a", "first", "7 entries under 60 kB", "b", "2 entries under 8 kB"]),
        (6, ["a", "first", "second", "6 entries under 5 kB", "b", "2 entries under 8 kB"]),
        (7, ["a", "first", "second", "6 entries under 5 kB", "b", "c", "d"]),
    ],
)
def test_largest_entries_come_first_wherever_they_are(tmp_path: Path, max_rows: int, names: list[str]) -> None:
    """After large entries of the root, those of a directory have rows before smaller ones at the top and elsewhere."""
    sizes = {"a/first": 90_000, "a/second": 50_000, "b/first": 20_000, "b/second": 20_000, "c": 7000, "d": 6000}
    sizes |= {f"a/{number}": 4000 for number in range(6)}
    tree = visible_tree(explored_layers(tmp_path, layer(*(file(path, b"1" * size) for path, size in sizes.items()))))
    limits = biggest_directories(tree, max_rows)
    assert [row.name for row in FileRows(tree, set(limits), Folding(limits))] == names


def test_nothing_is_too_small_to_fit(wide: Exploration) -> None:
    """With room for all, all directories are open, without shared rows; an order by name opens as well."""
    for view in (View(0), View(0).sorted_by(Sort.NAME)):
        tree = visible_tree(wide, view)
        limits = biggest_directories(tree, 100)
        assert len(FileRows(tree, set(limits), Folding(limits))) == 64


PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)
FILES = st.dictionaries(PATHS, st.sampled_from([0, 1, 7, 999, 1000, 1500, 2000, 4000, 9000]), max_size=14)


@st.composite
def made_trees(draw: st.DrawFn) -> VisibleTree:
    """Draws a tree of two layers: all files of a layer, or only the changes."""
    lower, upper = draw(FILES), draw(FILES)
    removed = draw(st.sets(st.sampled_from(sorted(lower)))) - upper.keys() if lower else set()
    tree = merged(
        layer(*(file(f"{path}.", b"1" * size) for path, size in lower.items())),
        layer(
            *(file(f"{path}.", b"2" * size) for path, size in upper.items()),
            *(whiteout(f"{path}.") for path in removed),
        ),
    )
    view = View(draw(st.integers(0, 1)))
    view = draw(st.sampled_from([view, view.toggled(Change.UNCHANGED)]))
    return visible_part(tree, view if draw(st.integers(0, 3)) else view.sorted_by(Sort.NAME))


def row_count(tree: VisibleTree, limits: dict[Node, int]) -> int:
    """Returns the number of rows with some directories open."""
    return len(FileRows(tree, limits.keys(), Folding(limits)))


def with_open(tree: VisibleTree, limits: dict[Node, int], directory: Node) -> dict[Node, int]:
    """Returns the limits with one more directory, of which only the biggest entries have rows."""
    least = 0 if tree.view.changes_only else 1000
    return {**limits, directory: max(least, *map(tree.nodes.size, tree.children(directory)), 0)}


def largest_entry(tree: VisibleTree, directory: Node) -> int:
    """Returns the bytes of the largest entry of a directory."""
    return max(map(tree.nodes.size, tree.nodes.children(directory)), default=0)


def without_smaller(tree: VisibleTree, limits: dict[Node, int], least: int) -> dict[Node, int]:
    """Returns limits that give no row to an entry of fewer bytes, except to large ones of the root."""
    root = tree.nodes.tree.root
    least_by_root = min(least, math.ceil(tree.nodes.size(root) * 0.1))
    return {
        each: max(limit, least_by_root if each is root else least)
        for each, limit in limits.items()
        if largest_entry(tree, each) >= least
    }


def has_row(tree: VisibleTree, limits: dict[Node, int], directory: Node) -> bool:
    """Returns True if a directory has a row of its own, or is the root.

    A directory of removed files has fewer bytes than its entries, so that it can share a row where they would not.
    """
    rows = FileRows(tree, limits.keys(), Folding(limits))
    return directory.parent is None or any(row.node is directory and not row.folded for row in rows)


@given(made_trees(), st.integers(0, 30))
def test_the_rows_fit_and_bigger_directories_come_first(tree: VisibleTree, max_rows: int) -> None:
    """A closed directory fits neither into the free rows nor into those of all smaller entries."""
    limits = dict(biggest_directories(tree, max_rows))
    assert row_count(tree, limits) <= max(max_rows, row_count(tree, {}))
    rows = [row for row in FileRows(tree, limits.keys(), Folding(limits)) if not row.folded]
    for closed in (row.node for row in rows if tree.nodes.children(row.node) and row.node not in limits):
        assert row_count(tree, with_open(tree, limits, closed)) > max_rows
        others = without_smaller(tree, limits, largest_entry(tree, closed))
        if has_row(tree, others, closed):
            assert row_count(tree, with_open(tree, others, closed)) > max_rows


@given(made_trees(), st.integers(0, 30))
def test_no_smaller_entry_takes_the_row_of_one_without(tree: VisibleTree, max_rows: int) -> None:
    """The largest entry without a row does not fit, even if no smaller entry had one anywhere."""
    limits = dict(biggest_directories(tree, max_rows))
    for row in FileRows(tree, limits.keys(), Folding(limits)):
        largest, directory = max(map(tree.nodes.size, row.folded), default=0), row.node.parent
        if directory in limits and (largest >= 1000 or (row.folded and tree.view.changes_only)):
            others = without_smaller(tree, limits, largest)
            if has_row(tree, others, directory):
                assert row_count(tree, {**others, directory: largest}) > max_rows


@given(made_trees(), st.integers(0, 30))
def test_free_rows_are_used(tree: VisibleTree, max_rows: int) -> None:
    """Free rows are fewer than what the largest entries without a row need, or those are under 1 kB."""
    limits = dict(biggest_directories(tree, max_rows))
    for row in FileRows(tree, limits.keys(), Folding(limits)):
        largest = max(map(tree.nodes.size, row.folded), default=0)
        directory = row.node.parent
        if row.folded and directory in limits and (tree.view.changes_only or largest >= 1000):
            assert row_count(tree, {**limits, directory: largest}) > max_rows


@given(made_trees(), st.integers(0, 30), st.randoms())
def test_the_selected_path_keeps_its_row(tree: VisibleTree, max_rows: int, random: Random) -> None:
    """The directories above a path are open in any case, and it has a row."""
    shown = sorted(each.path for each in tree.nodes.tree.walk() if each.parent and tree.nodes.entry(each))
    if shown:
        selected = node(tree.nodes.tree, random.choice(shown))
        above = [*selected.ancestors()]
        kept = {selected, *above}
        limits = biggest_directories(tree, max_rows, above, kept)
        rows = FileRows(tree, limits.keys(), Folding(limits, kept))
        if selected in tree.nodes.children(above[0]):
            index = rows.find(selected)
            assert index is not None
            assert selected in rows[index].line
