"""The numbers of files and the disposable bytes of paths, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.filter.query import parse
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.viewmodel.file_figures import FileFigures
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from tests.images import explored_layers, file, hardlink, layer, whiteout
from tests.viewmodel.trees import node

CACHE = "var/cache/apt/archives"


@pytest.fixture
def cached(tmp_path: Path) -> Exploration:
    """An image with apt's cache beside another file; the second layer adds to both."""
    return explored_layers(
        tmp_path,
        layer(file(f"{CACHE}/a.deb", b"1" * 30), hardlink(f"{CACHE}/b.deb", f"{CACHE}/a.deb"), file("var/x", b"1" * 5)),
        layer(file(f"{CACHE}/c.deb", b"1" * 20), whiteout("var/x"), file("var/y", b"1")),
    )


def test_disposable_files_and_directories(cached: Exploration) -> None:
    """A directory is marked if all its visible bytes are disposable, and a file under each of its names."""
    figures, nodes = FileFigures(cached), ViewCache(cached).of(View(1)).nodes
    marked = [each.path for each in cached.tree.walk() if figures.is_disposable(nodes, each)]
    assert marked == ["var/cache", "var/cache/apt", CACHE, *(f"{CACHE}/{name}.deb" for name in "abc")]


def test_share_of_a_layer(cached: Exploration) -> None:
    """The disposable bytes are those at the layer of the view, and name their kind."""
    figures, views, var = FileFigures(cached), ViewCache(cached), node(cached.tree, "var")
    for number, (bytes_, total) in enumerate([(30, 35), (50, 51)]):
        share = figures.disposable_share(views.of(View(number)).nodes, var)
        assert share is not None
        assert (share.kind.name, share.bytes, share.total_bytes, share.is_all) == ("apt's cache", bytes_, total, False)
    nodes = views.of(View(0)).nodes
    assert figures.disposable_share(nodes, node(cached.tree, f"{CACHE}/c.deb")) is None
    assert figures.disposable_share(nodes, node(cached.tree, "var/x")) is None


def test_numbers_of_files(cached: Exploration) -> None:
    """A directory has the number of its files, changes or matches, or none if the view hides others."""
    figures, views, var = FileFigures(cached), ViewCache(cached), node(cached.tree, "var")
    views_and_counts = [
        (View(0), 3),
        (View(1), 4),
        (View(1).toggled(Change.UNCHANGED), 3),
        (View(1).toggled(Change.ADDED), None),
        (View(1, query=parse("b.deb")), 1),
        (View(1, query=parse("var -x -deb -y -apt -cache")), 4),
    ]
    counts = [figures.files(views.of(view).nodes, var) for view, _ in views_and_counts]
    assert counts == [count for _, count in views_and_counts]
