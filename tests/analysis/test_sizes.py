"""The visible bytes of every directory at every layer, compared with separate sums."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.sizes import directory_sizes
from explorer.analysis.waste import byte_usage
from explorer.layers.copies import comparable_inodes
from explorer.layers.fingerprints import fingerprint
from explorer.layers.tree import Node, Tree
from explorer.model import Kind
from tests import overlay
from tests.images import Item, file, hardlink, layer, merged, symlink, whiteout


def size_at(tree: Tree, path: str, number: int) -> int:
    """Returns the size of a directory at a layer."""
    node = tree.find(path)
    assert node is not None
    return directory_sizes(tree).at(node, number)


def added_up(tree: Tree, number: int) -> dict[str, int]:
    """Returns the sizes of all directories at a layer, from the files that a container sees."""
    totals: dict[str, int] = {}
    charged: set[tuple[int, int]] = set()
    files: list[tuple[str, Node]] = []
    for node in tree.walk():
        entry = node.entry_at(number)
        if entry is not None and entry.kind is Kind.DIRECTORY:
            totals[node.path] = 0
        elif entry is not None and entry.kind.has_content:
            files.append((node.path, node))
    for path, node in sorted(files, key=lambda pair: pair[0]):
        version = node.version_at(number)
        assert version is not None
        assert version.entry is not None
        inode = (version.layer, version.entry.inode)
        if inode in charged:
            continue
        charged.add(inode)
        parent = node.parent
        while parent is not None:
            totals[parent.path] += version.entry.size
            parent = parent.parent
        assert path
    return totals


def check_all(tree: Tree) -> None:
    """Compares the sizes of all directories at all layers with separate sums."""
    sizes = directory_sizes(tree)
    for number in range(-1, len(tree.layers)):
        for path, total in added_up(tree, number).items():
            node = tree.find(path)
            assert node is not None
            assert sizes.at(node, number) == total, (path, number)
        assert number >= 0 or sizes.at(tree.root, number) == 0


def test_sizes_follow_the_layers() -> None:
    """The size of a directory at a layer is that of the files that a container of the layer sees."""
    tree = merged(
        layer(file("d/a", b"12345"), file("d/e/b", b"123"), file("f", b"1")),
        layer(whiteout("d/a"), file("d/e/c", b"1234")),
        layer(file("d", b"12")),
    )
    assert [size_at(tree, "d", number) for number in (0, 1)] == [8, 7]
    assert [size_at(tree, "d/e", number) for number in range(3)] == [3, 7, 0]
    assert [size_at(tree, "", number) for number in range(-1, 3)] == [0, 9, 8, 3]


def test_hard_links_are_charged_once() -> None:
    """An inode counts for the first of its visible names in path order, so that directories add up."""
    tree = merged(
        layer(file("b/x", b"12345"), hardlink("a/y", "b/x"), hardlink("c/z", "b/x")),
        layer(whiteout("a/y")),
        layer(whiteout("b/x")),
        layer(whiteout("c/z")),
    )
    charged = [[size_at(tree, name, number) for name in ("a", "b", "c", "")] for number in range(4)]
    assert charged == [[5, 0, 0, 5], [0, 5, 0, 5], [0, 0, 5, 5], [0, 0, 0, 0]]


def test_name_that_comes_back_is_another_inode() -> None:
    """A name that a later layer brings again counts with the new bytes; the old bytes count at the other names."""
    tree = merged(layer(file("a/x", b"12345"), hardlink("b/x", "a/x")), layer(file("a/x", b"1")))
    assert [size_at(tree, "a", number) for number in (0, 1)] == [5, 1]
    assert [size_at(tree, "b", number) for number in (0, 1)] == [0, 5]


def test_nothing_to_charge() -> None:
    """Directories without regular files, and other kinds of paths, have no size."""
    tree = merged(layer(symlink("d/s", "x"), hardlink("d/l", "nope"), file("d/e")))
    assert size_at(tree, "d", 0) == size_at(tree, "d/s", 0) == size_at(tree, "", 0) == 0


@given(st.integers(0, 1 << 32))
def test_sizes_of_any_image(seed: int) -> None:
    """At every layer, the size of every directory is the sum of the visible files below it, each inode once."""
    chance = random.Random(seed)
    layers = [layer(*with_links(chance, overlay.random_layer(chance))) for _ in range(chance.randint(1, 4))]
    check_all(merged(*layers))


@given(st.integers(0, 1 << 32))
def test_root_is_what_byte_usage_calls_visible(seed: int) -> None:
    """The root's size at the top layer is the byte usage's visible bytes."""
    chance = random.Random(seed)
    layers = [layer(*with_links(chance, overlay.random_layer(chance))) for _ in range(chance.randint(1, 4))]
    tree = merged(*layers)
    for number, entries in enumerate(comparable_inodes(tree)):
        for inode, entry in entries.items():
            content = layers[number][inode : inode + entry.size]
            tree.add_fingerprints(number, {inode: fingerprint([content], entry.size)})
    assert directory_sizes(tree).at(tree.root, tree.top) == byte_usage(tree).visible_bytes


def with_links(chance: random.Random, items: list[Item]) -> list[Item]:
    """Returns the items and some hard links, to files and to missing paths."""
    links = [hardlink(overlay.random_path(chance), overlay.random_path(chance)) for _ in range(chance.randint(0, 3))]
    return [*items, *links]
