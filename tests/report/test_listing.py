"""The listing with a filter, in an order, and with its marks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.analysis.filter.query import EVERYTHING, Query, parse
from explorer.report.listing import Order, as_text, listing, ordered, owner_chars
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from tests.images import big, directory, explored_layers, file, hardlink, layer, symlink, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """Two layers with disposable, linked, removed and modified files."""
    return explored_layers(
        tmp_path_factory.mktemp("image"),
        layer(
            big("usr/lib/big.so", 3),
            hardlink("usr/lib/same.so", "usr/lib/big.so"),
            big("usr/share/doc/a", 1),
            big("gone/old.so", 2),
            file("etc/app", b"1" * 500, uid=123456, gid=654321),
        ),
        layer(whiteout("gone/old.so"), big("usr/share/doc/a", 2), directory("new")),
    )


def paths(shop: Exploration, text: str, number: int = 1, **options: bool) -> list[str]:
    return [line.path for line in listing(shop, number, query=parse(text), **options)]


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("*.so", ["gone/old.so", "usr/lib/big.so", "usr/lib/same.so"]),
        ("*.so -is:removed", ["usr/lib/big.so", "usr/lib/same.so"]),
        ("size>1500k", ["gone/old.so", "usr/lib/big.so", "usr/lib/same.so", "usr/share/doc/a"]),
        ("type:dir size>4M", ["usr"]),
        ("is:disposable", ["usr/share/doc/a"]),
        ("is:wasted", ["gone/old.so", "usr/share/doc/a"]),
        ("is:added", ["new"]),
        ("-is:unchanged", ["gone/old.so", "new", "usr/share/doc/a"]),
        ("layer:1 -type:dir", ["gone/old.so", "usr/share/doc/a"]),
        ("nothing", []),
    ],
)
def test_a_filter_selects_paths(shop: Exploration, text: str, matches: list[str]) -> None:
    """A listing has the paths that match, those that the layer removed included."""
    assert paths(shop, text) == matches


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    "text", ["*.so", "is:wasted", "-is:added", "size<1M", "type:dir size>1M", "is:unchanged", "is:disposable", "-lib"]
)
def test_a_filter_means_the_same_as_on_the_screen(shop: Exploration, text: str, number: int) -> None:
    """The listing and the files pane find the same paths with the same query."""
    tree = ViewCache(shop).of(View(number, query=parse(text)))
    rows = FileRows(tree, set(tree.nodes.match_parents))
    matches = {node.path for row in rows for node in row.line if tree.nodes.is_match(node)}
    assert set(paths(shop, text, number)) == matches


def test_a_directory_has_the_size_of_what_is_below(shop: Exploration) -> None:
    """An inode counts once, and a removed directory has the bytes of the layer below."""
    totals = {line.path: line.total_bytes for line in listing(shop, 1)}
    assert totals["usr"] == 5_000_000
    assert totals["usr/lib"] == totals["usr/lib/big.so"] == totals["usr/lib/same.so"] == 3_000_000
    assert totals["gone"] == 0
    assert {line.path: line.total_bytes for line in listing(shop, 0)}["gone"] == 2_000_000


def test_only_the_last_version_of_a_file_is_disposable(shop: Exploration) -> None:
    """A version that a later layer replaces is waste, and has no mark of disposable files."""
    assert [line.is_disposable for line in listing(shop, 1, query=parse("doc/a"))] == [True]
    assert [line.is_disposable for line in listing(shop, 0, query=parse("doc/a"))] == [False]


def sorted_paths(shop: Exploration, order: Order, top: int | None = None, query: Query = EVERYTHING) -> list[str]:
    lines = listing(shop, 1, query=query)
    return [line.path for line in ordered(lines, order, top, directories_last=not query.wants_directories)]


def test_orders(shop: Exploration) -> None:
    """Lines that are equal in an order stay in path order; directories come last by size."""
    assert sorted_paths(shop, Order.PATH, 2) == ["etc", "etc/app"]
    assert sorted_paths(shop, Order.SIZE, 4) == ["usr/lib/big.so", "usr/lib/same.so", "gone/old.so", "usr/share/doc/a"]
    assert sorted_paths(shop, Order.SIZE)[5:7] == ["usr", "usr/lib"]
    assert sorted_paths(shop, Order.SIZE, 2, parse("type:dir")) == ["usr", "usr/lib"]
    assert sorted_paths(shop, Order.CHANGE, 3) == ["gone/old.so", "usr/share/doc/a", "new"]
    assert sorted_paths(shop, Order.PATH, 10**30) == sorted_paths(shop, Order.PATH)
    assert sorted_paths(shop, Order.LAYER)[-2:] == ["new", "usr/share/doc/a"]


def test_links_come_after_files_by_size(tmp_path: Path) -> None:
    """A link has no size, so it comes after the empty files, and before the directories."""
    items = directory("a"), symlink("b", "z"), file("c"), file("d", b"1")
    lines = listing(explored_layers(tmp_path, layer(*items)), 0)
    assert [line.path for line in ordered(lines, Order.SIZE)] == ["d", "c", "b", "a"]


def test_columns_line_up(shop: Exploration) -> None:
    """The paths stand in one column, however long the owners are."""
    lines = [as_text(line, owner_chars(shop)) for line in listing(shop, 1)]
    assert len({line.index("/") for line in lines}) == 1
    assert "   -rw-r--r-- 123456:654321    500 B /etc/app" in lines
    assert "~◌ -rw-r--r--           0:0   2.0 MB /usr/share/doc/a" in lines
