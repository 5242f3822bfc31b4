"""The sizes and numbers of what a filter matches, without a terminal."""

from __future__ import annotations

from pathlib import Path

from explorer.analysis.filter.query import parse
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from tests.images import explored_layers, file, hardlink, layer


def test_order_size_and_share_are_those_of_matches(tmp_path: Path) -> None:
    """The directory with the most matching bytes comes first, however much else it holds."""
    explored = explored_layers(
        tmp_path,
        layer(
            file("a/b/x.so", b"1" * 50),
            file("a/other", b"1" * 500),
            file("c/x.so", b"1" * 70),
            hardlink("c/y.so", "c/x.so"),
            file("d.so/in", b"1" * 30),
        ),
    )
    tree = ViewCache(explored).of(View(0, query=parse(".so")))
    rows = FileRows(tree, set())
    assert [(row.name, tree.nodes.size(row.node)) for row in rows] == [("c", 70), ("a/b", 50), ("d.so", 30)]
    assert (tree.nodes.total, tree.nodes.largest) == (150, 70)
    assert (tree.nodes.match_count, tree.nodes.directory_count) == (4, 1)


def test_no_match_has_no_bytes(tmp_path: Path) -> None:
    """Nothing shows for a query without a match, and each directory keeps its own size."""
    explored = explored_layers(tmp_path, layer(file("a/b", b"1")))
    tree = ViewCache(explored).of(View(0, query=parse("nowhere")))
    assert (len(FileRows(tree, set())), tree.nodes.largest) == (0, 0)


def test_sizes_at_a_point_are_those_of_matches(tmp_path: Path) -> None:
    """The bytes of a directory at an earlier layer, and its growth, are those of the matches below it."""
    explored = explored_layers(
        tmp_path,
        layer(file("a/x.so", b"1" * 50), file("a/other", b"1" * 500)),
        layer(file("a/x.so", b"1" * 70), file("a/other", b"1" * 900)),
    )
    nodes = ViewCache(explored).of(View(1, query=parse(".so"))).nodes
    directory = explored.tree.find("a")
    assert directory is not None
    assert (nodes.bytes_at(directory, 0), nodes.growth(directory)) == (50, 20)
