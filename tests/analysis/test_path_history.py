"""The history of a path through the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.analysis.directories import Directories
from explorer.analysis.path_history import history
from explorer.analysis.sizes import directory_sizes
from explorer.layers.tree import Node, Tree
from explorer.model import Change
from tests.images import explored_layers, file, layer, whiteout

if TYPE_CHECKING:
    from pathlib import Path


def node(tree: Tree, path: str) -> Node:
    found = tree.find(path)
    assert found is not None
    return found


def test_history_of_a_file(tmp_path: Path) -> None:
    """The history of a file has each layer that touched it, and what that layer changed."""
    explored = explored_layers(
        tmp_path,
        layer(file("a", b"1")),
        layer(file("b", b"1")),
        layer(file("a", b"22")),
        layer(file("a", b"22", mode=0o600)),
        layer(whiteout("a")),
        layer(file("a", b"3")),
    )
    history_ = list(history(Directories(explored.tree), directory_sizes(explored.tree), node(explored.tree, "a")))
    assert [change[:4] for change in history_] == [
        (0, Change.ADDED, 1, ()),
        (2, Change.MODIFIED, 2, ("bytes",)),
        (3, Change.MODIFIED, 2, ("mode",)),
        (4, Change.REMOVED, 0, ()),
        (5, Change.ADDED, 1, ()),
    ]
    assert [change.before and change.before.mode for change in history_] == [None, 0o644, 0o644, None, None]
    assert [change.after and change.after.mode for change in history_] == [None, 0o644, 0o600, None, None]


def test_history_of_the_same_again(tmp_path: Path) -> None:
    """A layer that ships the same file again is in the history, as unchanged."""
    explored = explored_layers(tmp_path, layer(file("a", b"1")), layer(file("a", b"1")))
    history_ = list(history(Directories(explored.tree), directory_sizes(explored.tree), node(explored.tree, "a")))
    assert history_[1][:4] == (1, Change.UNCHANGED, 1, ())


def test_history_of_a_directory(tmp_path: Path) -> None:
    """The history of a directory also has the layers that touched something below it, even if its size stays."""
    explored = explored_layers(
        tmp_path, layer(file("d/a", b"1")), layer(file("e")), layer(file("d/b", b"22")), layer(file("d/a", b"3"))
    )
    history_ = list(history(Directories(explored.tree), directory_sizes(explored.tree), node(explored.tree, "d")))
    assert [change[:4] for change in history_] == [
        (0, Change.ADDED, 1, ()),
        (2, Change.UNCHANGED, 3, ()),
        (3, Change.UNCHANGED, 3, ()),
    ]
