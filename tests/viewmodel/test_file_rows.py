"""The rows of the files, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.config.settings import Sort
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from tests.images import directory, explored_layers, file, layer, whiteout
from tests.viewmodel.trees import ALL, node, open_nodes, rows_of, visible_tree


def test_opening_one_directory(explored: Exploration) -> None:
    """Only the children of an open directory join the rows."""
    assert rows_of(visible_tree(explored), open_nodes(explored.tree, "opt")) == ["+new/deep/er", " opt", "   a", " etc"]


def test_joined_line(explored: Exploration) -> None:
    """Directories that hold nothing but one another share a row, and the file in the last one has its own."""
    row = FileRows(visible_tree(explored), set())[0]
    assert (row.name, row.node.path, row.joined) == ("new/deep/er", "new/deep/er", 2)


def test_no_joined_line_across_a_change(tmp_path: Path) -> None:
    """A changed directory does not share the row of an unchanged one."""
    explored = explored_layers(tmp_path, layer(directory("a"), file("a/b/c")), layer(directory("a/b", mode=0o700)))
    assert rows_of(visible_tree(explored)) == [" a", "~  b", "     c"]


def test_position(explored: Exploration) -> None:
    """A path is found in its own row, in a joined row, or in the nearest row above it."""
    found = FileRows(visible_tree(explored), open_nodes(explored.tree, "etc"))
    names = [row.name for row in found]
    assert found.find(node(explored.tree, "etc/kept")) == names.index("kept")
    assert found.find(node(explored.tree, "new/deep")) == names.index("new/deep/er")
    assert found.find(node(explored.tree, "new/deep/er/file")) == names.index("new/deep/er")
    assert found.find(node(explored.tree, "opt/a")) == names.index("opt")
    empty = FileRows(visible_tree(explored, View(1, hidden=frozenset(ALL))), set())
    assert empty.find(node(explored.tree, "opt")) is None


def test_deep_tree(tmp_path: Path) -> None:
    """A very deep tree needs no recursion."""
    path = "/".join(["d"] * 1500)
    above = (directory(path[:end]) for end in range(1, len(path), 2))
    explored = explored_layers(tmp_path, layer(*above, file(f"{path}/x", b"1"), file("d/y", b"1")))
    found = FileRows(visible_tree(explored), set(explored.tree.walk()))
    assert {row.node.name for row in found} == {"d", "x", "y"}
    assert list(FileRows(visible_tree(explored, View(0).toggled(Change.ADDED)), set())) == []
    assert visible_tree(explored, View(0).toggled(Change.UNCHANGED)).nodes.size(node(explored.tree, "d")) == 2


def test_row_above(explored: Exploration) -> None:
    """A row knows the row of its directory."""
    found = FileRows(visible_tree(explored), set(explored.tree.walk()))
    names = [row.name for row in found]
    assert found[names.index("kept")].above == names.index("etc")
    assert found[names.index("file")].above == names.index("new/deep/er")
    assert found[names.index("etc")].above is None


def test_rows_are_found_again(tmp_path: Path) -> None:
    """Whichever directories are open, each row is found by its node, and all rows are counted."""
    explored = explored_layers(
        tmp_path,
        layer(
            *(file(f"{a}/{b}/{c}", b"1" * (c + 1)) for a in "xyz" for b in "pqr" for c in range(4)), file("lone/a/b")
        ),
        layer(whiteout("x/q"), file("y/p/2/deep", b"1"), file("z/new")),
    )
    everything = list(explored.tree.walk())
    for number in range(0, len(everything), 3):
        for sort in Sort:
            found = FileRows(visible_tree(explored, View(1, sort=sort)), {explored.tree.root, *everything[number:]})
            shown_rows = list(found)
            assert len(shown_rows) == len(found)
            assert [found.find(row.node) for row in shown_rows] == list(range(len(found)))
            with pytest.raises(IndexError):
                found[len(found)]


def test_many_open_directories(tmp_path: Path) -> None:
    """The rows are the same if so many directories are open that all are counted at once."""
    explored = explored_layers(
        tmp_path,
        layer(*(file(f"{a}/{b}/{c}", b"1") for a in range(9) for b in range(70) for c in range(2))),
        layer(whiteout("1"), whiteout("2/3"), file("3/3/3"), file("4/4/4/4")),
    )
    everything = set(explored.tree.walk())
    for view in (View(1), View(1).toggled(Change.UNCHANGED), View(0, base=1)):
        rows = FileRows(visible_tree(explored, view), everything)
        seen = visible_tree(explored, view)
        below = [seen.nodes.tree.root]
        for each in below:
            below += seen.nodes.children(each)
        joined = sum(row.joined for row in rows)
        assert len(rows) + joined == len(below) - 1
        assert [rows.find(row.node) for row in rows] == list(range(len(rows)))
        assert rows.nodes._is_counted
