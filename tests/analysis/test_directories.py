"""The directories of a tree, and how many paths each layer shows in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.analysis.directories import Directories
from explorer.layers.tree import Node, Tree
from tests.images import explored_layers, file, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pipeline import Exploration


def node(tree: Tree, path: str) -> Node:
    found = tree.find(path)
    assert found is not None
    return found


@pytest.fixture
def explored(tmp_path: Path) -> Exploration:
    """Two layers that add, change, remove and leave alone."""
    return explored_layers(
        tmp_path,
        layer(
            file("etc/kept", b"12345"), file("etc/changed", b"1"), file("etc/gone", b"123"), file("opt/a", b"1" * 50)
        ),
        layer(file("etc/changed", b"22"), whiteout("etc/gone"), file("new/deep/er/file", b"1" * 70)),
    )


def test_what_a_layer_shows_in_each_directory(explored: Exploration) -> None:
    """Each directory knows its number of paths at each layer, and has none in the empty image."""
    directories = Directories(explored.tree)
    assert [directory.path for directory in directories.all] == ["", "etc", "opt", "new", "new/deep", "new/deep/er"]
    assert [directories.counts(number)[node(explored.tree, "etc")] for number in (-1, 0, 1)] == [0, 3, 2]
    assert [directories.counts(number)[explored.tree.root] for number in (-1, 0, 1)] == [0, 2, 3]
