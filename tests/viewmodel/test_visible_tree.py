"""The nodes that a view shows, their order and their sizes, without a terminal."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from explorer.analysis.changes import changes
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import directory_sizes
from explorer.config.settings import FILE_ORDERS, Sort
from explorer.layers.tree import Tree
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.visible_tree import VisibleTree
from tests.images import directory, explored_layers, file, hardlink, layer, opaque, whiteout
from tests.viewmodel.trees import ALL, node, open_nodes, rows_of, visible_tree


def test_biggest_first(explored: Exploration) -> None:
    """Siblings stand in order of size, the largest first, and closed directories hide what is below them."""
    assert rows_of(visible_tree(explored), []) == ["+new/deep/er", " opt", " etc"]


def test_marks(explored: Exploration) -> None:
    """Each row knows its change, removed paths too."""
    assert rows_of(visible_tree(explored)) == [
        "+new/deep/er",
        "+  file",
        " opt",
        "   a",
        " etc",
        "   kept",
        "-  gone",
        "~  changed",
    ]


def test_by_name(explored: Exploration) -> None:
    """Sorted by name, siblings come in the order of their names."""
    assert rows_of(visible_tree(explored, View(1, sort=Sort.NAME)), open_nodes(explored.tree, "etc")) == [
        " etc",
        "~  changed",
        "-  gone",
        "   kept",
        "+new/deep/er",
        " opt",
    ]


def test_by_change(explored: Exploration) -> None:
    """Sorted by change, removed comes first, then modified, added, directories that contain changes, and the rest."""
    found = visible_tree(explored, View(1, sort=Sort.CHANGE))
    assert rows_of(found, open_nodes(explored.tree, "etc")) == [
        "+new/deep/er",
        " etc",
        "-  gone",
        "~  changed",
        "   kept",
        " opt",
    ]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (Sort.SIZE, ["none", "also", "same", "least", "most"]),
        (Sort.NAME, ["same", "none", "most", "least", "also"]),
        (Sort.CHANGE, ["most", "also", "same", "least", "none"]),
    ],
)
def test_the_other_way_round(tmp_path: Path, sort: Sort, names: list[str]) -> None:
    """Reversed, the smallest, the last name or the unchanged comes first; equal siblings keep their order."""
    explored = explored_layers(
        tmp_path,
        layer(file("least", b"1"), file("none", b"1"), file("most", b"1" * 9)),
        layer(file("least", b"4444"), file("same", b"33"), file("also", b"22"), whiteout("none")),
    )
    assert [row.name for row in FileRows(visible_tree(explored, View(1, sort=sort, reversed=True)), set())] == names


def test_sorts_follow_one_another() -> None:
    """After the last order comes the first."""
    assert [order.following_in(FILE_ORDERS) for order in FILE_ORDERS] == [Sort.NAME, Sort.CHANGE, Sort.SIZE]


def test_changes_only(explored: Exploration) -> None:
    """Without unchanged paths, only changed ones and the directories above them show."""
    view = View(1).toggled(Change.UNCHANGED)
    assert view.changes_only
    assert rows_of(visible_tree(explored, view)) == ["+new/deep/er", "+  file", " etc", "-  gone", "~  changed"]


def test_size_of_changes(explored: Exploration) -> None:
    """If only changes show, a directory is as large as the changes below it."""
    etc = node(explored.tree, "etc")
    assert visible_tree(explored).nodes.size(etc) == 7
    assert visible_tree(explored, View(1).toggled(Change.UNCHANGED)).nodes.size(etc) == 5
    assert visible_tree(explored, View(1).toggled(Change.UNCHANGED)).nodes.size(node(explored.tree, "new")) == 70


def test_size_of_changes_counts_an_inode_once(tmp_path: Path) -> None:
    """Two names of one inode do not make a change twice as large."""
    explored = explored_layers(tmp_path, layer(file("d/a", b"12345"), hardlink("d/b", "d/a"), file("e", b"1")))
    found = visible_tree(explored, View(0).toggled(Change.UNCHANGED))
    assert found.nodes.size(node(explored.tree, "d")) == 5


@pytest.mark.parametrize("kind", ALL)
def test_hiding_a_kind(explored: Exploration, kind: Change) -> None:
    """No file of a hidden kind shows, and every other file does."""
    found = visible_tree(explored, View(1).toggled(kind))
    files = {row.node for row in FileRows(found, set(explored.tree.walk())) if not row.node.children}
    everything = {each for each in explored.tree.walk() if not each.children}
    assert files == {each for each in everything if found.nodes.change(each) is not kind}


def test_hidden_directory_on_the_way(tmp_path: Path) -> None:
    """A directory of a hidden kind shows if something below it is not hidden."""
    explored = explored_layers(
        tmp_path,
        layer(directory("d", mode=0o755), file("d/kept", b"1"), directory("e", mode=0o755)),
        layer(directory("d", mode=0o700), directory("e", mode=0o700)),
    )
    assert rows_of(visible_tree(explored, View(1).toggled(Change.MODIFIED))) == ["~d", "   kept"]


def test_hiding_everything(explored: Exploration) -> None:
    """With all kinds hidden, nothing shows."""
    assert rows_of(visible_tree(explored, View(1, hidden=frozenset(ALL)))) == []


def test_toggling_twice() -> None:
    """A kind that is hidden and shown again leaves the view as it was."""
    assert View(3).toggled(Change.ADDED).toggled(Change.ADDED) == View(3)


def test_lower_layer(explored: Exploration) -> None:
    """At the lowest layer everything is added, and nothing of later layers shows."""
    assert rows_of(visible_tree(explored, View(0)), []) == ["+opt", "+etc"]


def test_since_a_base(tmp_path: Path) -> None:
    """Compared with a base, the changes of all layers above it show together."""
    explored = explored_layers(tmp_path, layer(file("a", b"1")), layer(file("b", b"2")), layer(file("c", b"3")))
    assert rows_of(visible_tree(explored, View(2))) == [" a", " b", "+c"]
    assert rows_of(visible_tree(explored, View(2, base=0))) == [" a", "+b", "+c"]
    assert rows_of(visible_tree(explored, View(2, base=-1))) == ["+a", "+b", "+c"]


def test_same_base(explored: Exploration) -> None:
    """Compared with itself, a layer changes nothing."""
    assert {line[0] for line in rows_of(visible_tree(explored, View(1, base=1)))} == {" "}


def test_base_above(tmp_path: Path) -> None:
    """Compared with a later layer, its additions show as removed."""
    explored = explored_layers(tmp_path, layer(file("a", b"1")), layer(file("b", b"2")))
    assert rows_of(visible_tree(explored, View(0, base=1))) == [" a", "-b"]


def test_removed_row_keeps_its_metadata(explored: Exploration) -> None:
    """A removed path shows its last size and metadata."""
    found = visible_tree(explored)
    gone = node(explored.tree, "etc/gone")
    entry = found.nodes.entry(gone)
    assert entry is not None
    assert (found.nodes.change(gone), found.nodes.size(gone), entry.mode) == (Change.REMOVED, 3, 0o644)


def test_removed_directory(tmp_path: Path) -> None:
    """A removed directory has the size of what was below it, and can be opened."""
    explored = explored_layers(
        tmp_path, layer(file("d/a", b"123"), file("d/b", b"45"), file("z", b"")), layer(whiteout("d"))
    )
    found = visible_tree(explored)
    assert found.nodes.size(node(explored.tree, "d")) == 5
    assert rows_of(found) == ["-d", "-  a", "-  b", " z"]


def test_long_gone(tmp_path: Path) -> None:
    """A path that an earlier layer removed does not show."""
    explored = explored_layers(tmp_path, layer(file("a"), file("z")), layer(whiteout("a")), layer(file("b")))
    assert rows_of(visible_tree(explored)) == ["+b", " z"]


def test_opaque_directory(tmp_path: Path) -> None:
    """An opaque directory shows its new children as added and the hidden ones as removed."""
    explored = explored_layers(
        tmp_path, layer(file("d/old", b"1")), layer(directory("d"), opaque("d"), file("d/new", b"1"))
    )
    assert rows_of(visible_tree(explored)) == [" d", "+  new", "-  old"]


def test_file_in_place_of_a_directory(tmp_path: Path) -> None:
    """Below a file that replaced a directory, its files show as removed."""
    explored = explored_layers(tmp_path, layer(file("d/a", b"1"), file("z")), layer(file("d", b"22")))
    assert rows_of(visible_tree(explored)) == ["~d", "-  a", " z"]


def test_directory_that_contains_changes(explored: Exploration) -> None:
    """An unchanged directory knows if something below it changed."""
    found = visible_tree(explored)
    assert found.nodes.contains_changes(node(explored.tree, "etc"))
    assert not found.nodes.contains_changes(node(explored.tree, "opt"))


def test_largest_row(explored: Exploration) -> None:
    """The bars are drawn to the scale of the largest row at the top."""
    assert visible_tree(explored).nodes.largest == 70


def test_empty_image() -> None:
    """An image without layers has no rows."""
    tree = Tree()
    found = VisibleTree.unfiltered(View(0), Directories(tree), directory_sizes(tree), changes(tree, -1, -1))
    assert list(FileRows(found, set())) == []
    assert found.nodes.largest == 0


@pytest.mark.parametrize("hidden", [(), (Change.UNCHANGED,), (Change.UNCHANGED, Change.ADDED), (Change.REMOVED,)])
def test_counting_all_at_once(tmp_path: Path, hidden: tuple[Change, ...]) -> None:
    """Counting all directories at once gives the number of children that each of them shows, between any two layers."""
    explored = explored_layers(
        tmp_path,
        layer(file("a/b/c/x", b"1"), file("a/y", b"22"), file("k/z", b"3"), file("l")),
        layer(file("a/y", b"333"), whiteout("a/b"), directory("k", mode=0o700)),
        layer(whiteout("k"), file("a/b/c/x", b"1"), file("a/b/new")),
        layer(whiteout("a/b"), file("a/b/again"), file("l/m")),
        layer(file("a"), file("k/z/z")),
    )
    tree = explored.tree
    for number, base in itertools.product(range(-1, tree.top + 1), repeat=2):
        counted = visible_tree(explored, View(number, base=base, hidden=frozenset(hidden)))
        counted.nodes.count_all()
        one_by_one = visible_tree(explored, View(number, base=base, hidden=frozenset(hidden)))
        # What does not show itself is never counted.
        shows = [row.node for row in FileRows(one_by_one, set(tree.walk()))]
        for each in (tree.root, *shows):
            assert counted.nodes.child_count(each) == len(one_by_one.nodes.children(each)), (number, base, each)
