"""The trees of the views that were looked at."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from explorer.analysis.changes import changes
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import directory_sizes
from explorer.config.settings import Sort
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel import view_cache
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.visible_tree import VisibleTree
from tests.images import directory, explored_layers, file, hardlink, layer, whiteout
from tests.viewmodel.trees import ALL


@pytest.mark.end_to_end
def test_trees_made_from_others(tmp_path: Path) -> None:
    """A tree made from those of earlier views shows the same as a new one, even if an inode changes its name."""
    explored = explored_layers(
        tmp_path,
        layer(file("a/b/c/x", b"1" * 9), file("k/y", b"22"), hardlink("l/m/y", "k/y"), file("z/z/z", b"3")),
        layer(file("a/b/new", b"1")),
        layer(whiteout("k/y"), file("q", b"1")),
        layer(whiteout("a/b/c"), directory("z", mode=0o700)),
        layer(file("l", b"4")),
    )
    tree, sizes = explored.tree, directory_sizes(explored.tree)
    everything = set(tree.walk())
    directories = Directories(tree)
    for orders in itertools.permutations(range(-1, tree.top + 1), 3):
        known = ViewCache(explored)
        for layer_number in orders:
            for base in (None, 2, -1):
                for sort in (Sort.SIZE, Sort.CHANGE):
                    view = View(layer_number, base=base, sort=sort)
                    found = known.of(view)
                    fresh = VisibleTree.unfiltered(view, directories, sizes, changes(tree, view.since, view.layer))
                    assert list(FileRows(found, everything)) == list(FileRows(fresh, everything))
                    assert [found.nodes.size(row.node) for row in FileRows(found, everything)] == [
                        fresh.nodes.size(row.node) for row in FileRows(fresh, everything)
                    ]


def test_large_trees_are_forgotten(explored: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large trees are forgotten after a few views."""
    monkeypatch.setattr(view_cache, "_MAX_COST", 1)
    known = ViewCache(explored)
    first = known.of(View(0))
    assert known.of(View(0)) is first
    for base in range(-1, 30):
        known.of(View(1, base=min(base, 1), hidden=frozenset(ALL[: base % 4])))
    assert known.of(View(0)) is not first


def test_small_trees_are_kept(tmp_path: Path) -> None:
    """The trees of a dozen layers of a small image are all kept."""
    explored = explored_layers(tmp_path, *(layer(file(f"f{number}")) for number in range(12)))
    known = ViewCache(explored)
    seen = [known.of(View(number)) for number in range(12)]
    assert all(known.of(View(number)) is seen[number] for number in reversed(range(12)))


def test_views_of_the_same_layers_share_their_changes(tmp_path: Path) -> None:
    """The changes between two layers are computed once for all orders and all kinds that are hidden."""
    cache = ViewCache(explored_layers(tmp_path, layer(file("a", b"1")), layer(file("b", b"1"))))
    shared = cache.of(View(1)).nodes.changes
    assert cache.of(View(1, sort=Sort.NAME)).nodes.changes is shared
    assert cache.of(View(1, hidden=frozenset({Change.UNCHANGED}))).nodes.changes is shared
    assert cache.of(View(1, base=0)).nodes.changes is shared
