"""The merged tree: paths, histories and walks."""

from __future__ import annotations

from explorer.layers.tree import Node, Tree, directories_above
from tests.images import directory, file, layer, merged, visible_paths, whiteout


def node_at(tree: Tree, path: str) -> Node:
    """Returns an existing node."""
    node = tree.find(path)
    assert node is not None
    return node


def test_find_takes_any_spelling() -> None:
    """A node, hidden or not, is found with and without outer slashes; a missing path is None."""
    tree = merged(layer(file("d/a")), layer(whiteout("d")))
    assert tree.find("/d/a/") is tree.find("d//a")
    assert tree.find("d/a") is not None
    assert tree.find("") is tree.find("/") is tree.root
    assert tree.find("d/a/x") is tree.find("nope") is None


def test_path_of_a_node() -> None:
    """A node's path is that of its entry."""
    tree = merged(layer(file("d/deep/a")))
    assert [node.path for node in tree.walk()] == ["", "d", "d/deep", "d/deep/a"]
    assert [version.entry and version.entry.path for node in tree.walk() for version in node.history] == [
        node.path for node in tree.walk()
    ]


def test_walk_goes_by_the_bytes_of_names() -> None:
    """Siblings have the byte order of their names, and a directory's contents follow it."""
    names = ["a", "a/z", "a-b", "B", "é", "z", "\udcff"]
    tree = merged(layer(*(file(name) for name in names if name != "a")))
    assert visible_paths(tree, 0) == ["B", "a", "a/z", "a-b", "z", "é", "\udcff"]


def test_the_directories_above_a_path() -> None:
    """A path's directories come from the nearest up to the root, which has none."""
    tree = merged(layer(file("a/b/c")))
    node = tree.find("a/b/c")
    assert node is not None
    assert [ancestor.path for ancestor in node.ancestors()] == ["a/b", "a", ""]
    assert list(tree.root.ancestors()) == []


def test_the_directories_of_a_tree() -> None:
    """``directories`` lists parents first, and leaves out directories that were always empty."""
    tree = merged(layer(file("a/b/c"), directory("empty"), file("d/e")), layer(whiteout("d")))
    paths = [node.path for node in tree.directories()]
    assert paths[0] == ""
    assert sorted(paths) == ["", "a", "a/b", "d"]
    assert paths.index("a") < paths.index("a/b")


def test_version_after() -> None:
    """A version lasts until the next layer that touches its path, otherwise to the top."""
    tree = merged(layer(file("a", b"1")), layer(file("b")), layer(file("a", b"22")), layer(whiteout("a"), file("b")))
    a, b = node_at(tree, "a"), node_at(tree, "b")
    assert [after and (after.layer, after.entry and after.entry.size) for after in map(a.version_after, range(4))] == [
        (2, 2),
        (2, 2),
        (3, None),
        None,
    ]
    assert b.version_after(3) is None


def test_above() -> None:
    """The directories above some paths include the root, but not the paths themselves."""
    tree = merged(layer(file("a/b/c"), file("a/d"), file("e/f")))
    assert {node.path for node in directories_above([node_at(tree, "a/b/c"), node_at(tree, "a/d")])} == {"", "a", "a/b"}
    assert directories_above([tree.root]) == set()


def test_paths_with_many_versions() -> None:
    """A path that twenty layers change or hide has the right version at each of them."""
    layers = [layer(whiteout("a") if number % 5 == 4 else file("a", b"x" * number)) for number in range(20)]
    node = merged(*layers).find("a")
    assert node is not None
    for number in range(20):
        entry = node.entry_at(number)
        assert (entry.size if entry else None) == (None if number % 5 == 4 else number)
        version = node.version_at(number)
        assert version is not None
        assert version == (number, entry)
