"""Symbolic links of a merged tree."""

from __future__ import annotations

import pytest

from explorer.layers.tree import Tree
from explorer.layers.tree_links import LinkEnd, follow_link
from tests.images import file, layer, merged, symlink, whiteout


@pytest.fixture
def tree() -> Tree:
    """Returns a tree whose second layer deletes ``srv/gone``."""
    links = {"bin": "usr/bin", "etc/a": "../../../bin/./x", "etc/b": "/etc/a", "etc/loop": "loop"}
    return merged(
        layer(file("usr/bin/x"), file("srv/gone"), *(symlink(path, link) for path, link in links.items())),
        layer(whiteout("srv/gone")),
    )


def end(tree: Tree, link: str, layer_number: int = 1, max_names: int = 100) -> LinkEnd:
    """Returns the end of a link in ``etc``."""
    node = tree.find("etc/b")
    assert node is not None
    return follow_link(tree, node, link, layer_number, max_names)


@pytest.mark.parametrize("link", ["a", "b", "/etc/b", "../../../bin/./x", "/usr/../bin//x"])
def test_links_lead_within_the_image(tree: Tree, link: str) -> None:
    """A link leads to its target in a container: absolute, relative, over other links, never above the root."""
    assert end(tree, link) == LinkEnd(tree.find("usr/bin/x"))


def test_the_root(tree: Tree) -> None:
    """The root is a target."""
    assert end(tree, "..") == LinkEnd(tree.root)


@pytest.mark.parametrize(
    ("link", "missing_path"),
    [("none", "etc/none"), ("../bin/y/z", "usr/bin/y/z"), ("/none", "none"), ("/srv/gone", "srv/gone")],
)
def test_nothing_there(tree: Tree, link: str, missing_path: str) -> None:
    """A link without a target has the path that is missing, with links followed."""
    assert end(tree, link) == LinkEnd(None, missing_path)


def test_a_target_that_a_later_layer_deletes(tree: Tree) -> None:
    """A container of the lower layer has it."""
    assert end(tree, "/srv/gone", 0).node is tree.find("srv/gone")


def test_circles_and_long_paths(tree: Tree) -> None:
    """They have no end, and no path is missing."""
    assert end(tree, "loop") == end(tree, "b", max_names=2) == LinkEnd(None)
