"""Merging layers: the rules by example, and random images compared with the kernel's overlayfs."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from explorer.layers.merge import merge
from explorer.layers.tree import Node, Tree
from explorer.model import Entry, Kind, LayerIndex
from tests import overlay
from tests.conftest import Mount
from tests.images import (
    Item,
    device,
    directory,
    fifo,
    file,
    hardlink,
    indexed,
    layer,
    merged,
    opaque,
    symlink,
    visible_paths,
    whiteout,
)
from tests.steps import count_steps


def entry_at(tree: Tree, path: str, number: int | None = None) -> Entry:
    """Returns the entry that a container sees at a path."""
    node = tree.find(path)
    assert node is not None
    entry = node.entry_at(tree.top if number is None else number)
    assert entry is not None
    return entry


def top(tree: Tree) -> list[str]:
    """Returns the paths that a container of the whole image sees."""
    return list(visible_paths(tree, tree.top))


# The kernel.


def check_against_kernel(layers: Sequence[Sequence[Item]], base: Path, overlay_mount: Mount) -> None:
    """Compares the merged tree at every layer with an overlay of the layers."""
    chance = random.Random(len(layers))
    tars = [layer(*overlay.respelled(chance, items)) for items in layers]
    tree = merged(*tars)
    lower = [base / str(number) for number in range(len(layers))]
    named: list[set[str]] = []
    present: list[set[str]] = []
    for items, path in zip(layers, lower, strict=True):
        path.mkdir(parents=True)
        named.append(overlay.unpack(items, path))
        present.append({name for name, seen in overlay.walk(path).seen.items() if seen.link != "0:0"})
    for number in range(len(layers)):
        with overlay_mount(lower[: number + 1]) as root:
            kernel = overlay.walk(root)
        seen: dict[str, overlay.Seen] = {}
        inodes: dict[str, object] = {}
        for node in tree.walk():
            version = node.version_at(number)
            if node is tree.root or version is None or version.entry is None:
                continue
            name, entry = node.path, version.entry
            regular = entry.kind.has_content
            content = tars[version.layer][entry.inode : entry.inode + entry.size] if regular else b""
            seen[name] = overlay.Seen(overlay.TYPES[entry.kind], entry.size, "" if regular else entry.link, content)
            if regular:
                inodes[name] = (version.layer, entry.inode)
            highest = max((k for k in range(number + 1) if name in present[k]), default=-1)
            if highest >= 0 and name in named[highest]:
                mtime = 0 if entry.kind is Kind.DIRECTORY else entry.mtime_ns
                assert overlay.Meta(entry.mode, entry.uid, entry.gid, mtime) == kernel.meta.get(name), name
        assert seen == kernel.seen
        assert overlay.shared(inodes) == overlay.shared(kernel.inodes)


@pytest.mark.end_to_end
@pytest.mark.overlay
@pytest.mark.parametrize("seed", range(10))
def test_random_images_merge_as_the_kernel_merges_them(seed: int, tmp_path: Path, overlay_mount: Mount) -> None:
    """At every layer of a random image, the tree shows exactly what the kernel's overlayfs shows of the same layers."""
    for number in range(20):
        chance = random.Random(seed * 1000 + number)
        layers = [overlay.random_layer(chance) for _ in range(chance.randint(2, 5))]
        base = tmp_path / str(number)
        try:
            check_against_kernel(layers, base, overlay_mount)
        except AssertionError as error:
            lines = "\n".join(f"  {at}: {item}" for at, items in enumerate(layers) for item in items)
            raise AssertionError(f"image {seed}/{number}:\n{lines}\n{error}") from error
        shutil.rmtree(base)


# The rules.


def test_whiteout_hides_a_file() -> None:
    """A whiteout hides a file of a lower layer, and the layers below still show it."""
    tree = merged(layer(file("a", b"x"), file("b")), layer(whiteout("a")))
    assert visible_paths(tree, 0) == ["a", "b"]
    assert visible_paths(tree, 1) == ["b"]


def test_whiteout_hides_a_whole_directory() -> None:
    """A whiteout hides everything below its name as lower layers left it, whichever layer brought it."""
    tree = merged(layer(file("d/a")), layer(file("d/b"), file("e")), layer(whiteout("d")))
    assert top(tree) == ["e"]


@pytest.mark.parametrize("marker_first", [True, False])
def test_whiteout_never_hides_its_own_layer(marker_first: bool) -> None:
    """A whiteout does not hide entries of its own layer; its position in the tar does not count."""
    own = [directory("d"), file("d/n")]
    items = [whiteout("d"), *own] if marker_first else [*own, whiteout("d")]
    tree = merged(layer(file("d/a"), file("d/deep/b")), layer(*items))
    assert top(tree) == ["d", "d/n"]


@pytest.mark.parametrize("marker_first", [True, False])
def test_whiteout_and_a_new_file_of_the_same_name(marker_first: bool) -> None:
    """A layer that hides a name and adds it again shows its own entry; the history has both."""
    items = [whiteout("a"), file("a", b"new")]
    tree = merged(layer(file("a", b"old!")), layer(*(items if marker_first else reversed(items))))
    assert entry_at(tree, "a").size == 3
    node = tree.find("a")
    assert node is not None
    assert [(layer_number, entry and entry.size) for layer_number, entry in node.history] == [(0, 4), (1, None), (1, 3)]


def test_hidden_below_a_directory_that_comes_back() -> None:
    """Hidden paths stay hidden when a later layer adds their directory again."""
    tree = merged(layer(file("t/x")), layer(whiteout("t")), layer(directory("t"), file("t/y")))
    assert top(tree) == ["t", "t/y"]


def test_whiteout_of_nothing_does_nothing() -> None:
    """A whiteout of a name that no lower layer shows only makes its directory, as unpacking does."""
    tree = merged(layer(file("a")), layer(whiteout("nope"), whiteout("gone/nope")))
    assert top(tree) == ["a", "gone"]
    assert tree.find("nope") is None


def test_whiteout_in_the_lowest_layer() -> None:
    """Markers never show as files, not even in the lowest layer."""
    tree = merged(layer(whiteout("a"), opaque("d"), file("b")))
    assert top(tree) == ["b", "d"]


def test_whiteout_reaches_lower_layers_only_once() -> None:
    """A path hidden by one layer and brought by a later one is visible from there on."""
    tree = merged(layer(file("a", b"1")), layer(whiteout("a")), layer(file("a", b"22")), layer(whiteout("a")))
    node = tree.find("a")
    assert node is not None
    assert [entry and entry.size for entry in (node.entry_at(number) for number in range(-1, 4))] == [
        None,
        1,
        None,
        2,
        None,
    ]


@pytest.mark.parametrize("position", [0, 1, 2])
def test_opaque_mark_wherever_it_lies(position: int) -> None:
    """An opaque mark hides everything that lower layers put below its directory, and nothing of its own layer."""
    items = [directory("d"), file("d/c")]
    items.insert(position, opaque("d"))
    tree = merged(layer(file("d/a"), file("d/deep/b"), file("e")), layer(*items))
    assert top(tree) == ["d", "d/c", "e"]


def test_opaque_mark_keeps_the_directory_itself() -> None:
    """An opaque directory that its layer does not name keeps the metadata that lower layers gave it."""
    tree = merged(layer(directory("d", mode=0o700), file("d/a")), layer(opaque("d")))
    assert top(tree) == ["d"]
    assert entry_at(tree, "d").mode == 0o700


def test_opaque_mark_on_the_root() -> None:
    """An opaque mark in the root hides nothing, as in a running container."""
    tree = merged(layer(file("a"), file("d/b")), layer(opaque(""), file("d/c")))
    assert top(tree) == ["a", "d", "d/b", "d/c"]


def test_opaque_mark_in_a_directory_of_a_merged_directory() -> None:
    """An opaque mark concerns its own directory, not the siblings of that."""
    tree = merged(layer(file("d/a/x"), file("d/b/x")), layer(opaque("d/a")))
    assert top(tree) == ["d", "d/a", "d/b", "d/b/x"]


def test_directory_over_directory_merges() -> None:
    """A directory over a directory keeps the contents and takes the upper metadata."""
    tree = merged(layer(directory("d", mode=0o700), file("d/a")), layer(directory("d", mode=0o711), file("d/b")))
    assert top(tree) == ["d", "d/a", "d/b"]
    assert [entry_at(tree, "d", number).mode for number in (0, 1)] == [0o700, 0o711]


@pytest.mark.parametrize("item", [file("d"), symlink("d", "e"), fifo("d"), device("d", 1, 3), hardlink("d", "own")])
def test_non_directory_over_a_directory(item: Item) -> None:
    """Anything but a directory over a directory hides all below it."""
    tree = merged(layer(file("d/a"), file("d/deep/b")), layer(file("own"), item))
    assert top(tree) == ["d", "own"]


@pytest.mark.parametrize("item", [file("d"), symlink("d", "e"), fifo("d"), device("d", 1, 3)])
def test_directory_over_a_non_directory(item: Item) -> None:
    """A directory, named or only implied, replaces anything else, also a symbolic link."""
    for upper in (layer(directory("d"), file("d/x")), layer(file("d/x")), layer(opaque("d"), file("d/x"))):
        tree = merged(layer(item, file("e/y")), upper)
        assert top(tree) == ["d", "d/x", "e", "e/y"]
        assert entry_at(tree, "d").kind is Kind.DIRECTORY


def test_whiteout_below_a_lower_file() -> None:
    """A whiteout below a lower layer's file turns the file into a directory, as unpacking does."""
    tree = merged(layer(file("p")), layer(whiteout("p/x")))
    assert entry_at(tree, "p").kind is Kind.DIRECTORY


def test_symlink_is_not_followed_between_layers() -> None:
    """A path below a lower layer's symbolic link does not lead through it: the directory replaces the link."""
    tree = merged(layer(symlink("lib", "usr/lib"), file("usr/lib/a")), layer(file("lib/b")))
    assert top(tree) == ["lib", "lib/b", "usr", "usr/lib", "usr/lib/a"]
    assert entry_at(tree, "lib").kind is Kind.DIRECTORY


def test_parent_that_nobody_names() -> None:
    """A parent directory that no layer names exists, with default metadata."""
    entry = entry_at(merged(layer(file("a/b/c"))), "a/b")
    assert (entry.path, entry.kind, entry.mode, entry.uid, entry.gid) == ("a/b", Kind.DIRECTORY, 0o755, 0, 0)


def test_implied_parent_keeps_lower_metadata() -> None:
    """A layer with an entry below a directory that it does not name keeps the directory's metadata."""
    tree = merged(layer(directory("d", mode=0o700, uid=7)), layer(file("d/a")))
    assert (entry_at(tree, "d").mode, entry_at(tree, "d").uid) == (0o700, 7)
    node = tree.find("d")
    assert node is not None
    assert len(node.history) == 1


def test_directory_named_after_its_contents() -> None:
    """A directory that a tar names after its contents has one version, with the named metadata."""
    node = merged(layer(file("d/a"), directory("d", mode=0o700))).find("d")
    assert node is not None
    assert [(number, entry and entry.mode) for number, entry in node.history] == [(0, 0o700)]
    node = merged(layer(file("d")), layer(file("d/a"), directory("d", mode=0o700))).find("d")
    assert node is not None
    assert [(number, entry and entry.kind) for number, entry in node.history] == [
        (0, Kind.FILE),
        (1, Kind.DIRECTORY),
    ]


def test_root_entry_carries_metadata() -> None:
    """A root entry sets the root's metadata for its layer and those above, and nothing else."""
    tree = merged(layer(directory("./", mode=0o711)), layer(file("a")), layer(directory("/", mode=0o700)))
    assert [entry_at(tree, "", number).mode for number in range(3)] == [0o711, 0o711, 0o700]
    assert top(tree) == ["a"]


def test_hard_links_share_an_inode_of_their_layer() -> None:
    """The names of an inode share it, are listed in the tree, and are hidden one by one."""
    tree = merged(layer(file("x", b"12345"), hardlink("y", "x")), layer(whiteout("x")))
    assert top(tree) == ["y"]
    assert entry_at(tree, "y").size == 5
    assert entry_at(tree, "y").inode == entry_at(tree, "x", 0).inode
    assert [[name.node.path for name in names] for names in tree.linked.values()] == [["x", "y"]]


def test_link_that_leads_nowhere_is_no_inode() -> None:
    """A hard link to nothing shows with zero bytes and does not count as a name of an inode."""
    tree = merged(layer(hardlink("y", "nope")), layer(whiteout("y")))
    assert visible_paths(tree, 0) == ["y"]
    assert not tree.linked


def test_empty_image() -> None:
    """An image without layers is an empty root, and so is any image below its lowest layer."""
    assert merge([]).top == -1
    tree = merged(layer(file("a")))
    assert visible_paths(tree, -1) == []
    assert tree.root.entry_at(-1) is None


def test_deep_paths() -> None:
    """A path as deep as Linux allows merges and hides like any other."""
    path = "/".join("d" * 2000)
    tree = merged(layer(file(path)), layer(file(f"{path}x/y")), layer(whiteout("d")))
    assert tree.find(path) is not None
    assert visible_paths(tree, 0)[-1] == path
    assert top(tree) == []


def test_touched_names_each_node_a_layer_changed() -> None:
    """For each layer the tree lists the nodes that it added or hid, also implied ones, and no others."""
    tree = merged(layer(file("d/a"), file("e")), layer(whiteout("d"), file("f/g")), layer(whiteout("nope")))
    paths = [sorted({node.path for node in nodes}) for nodes in tree.touched]
    assert paths == [["d", "d/a", "e"], ["d", "d/a", "f", "f/g"], []]


def test_revised_names_each_node_once() -> None:
    """The revised nodes are those with more than one version, each once."""
    tree = merged(layer(file("a"), file("b")), layer(file("a")), layer(whiteout("a"), file("a")), layer(file("c")))
    assert [node.path for node in tree.revised] == ["a"]


def steps_to_merge(indexes: Sequence[LayerIndex]) -> int:
    """Returns the steps of merging."""
    return count_steps(lambda: merge(indexes))


def test_merging_grows_with_the_entries_alone() -> None:
    """The cost of a layer depends on its entries, not on the size of the tree."""
    base = indexed(layer(*(file(f"d/{number}") for number in range(5_000))))
    hide, replace = indexed(layer(whiteout("d"))), indexed(layer(file("d")))
    small = [indexed(layer(whiteout("nope"))), indexed(layer(file("d", mode=0o600)))] * 1_500
    assert steps_to_merge([base, hide, replace, *small]) < 10 * steps_to_merge([base, hide, replace])


def test_versions_are_shared_not_copied() -> None:
    """A node that one layer touched has one version, for any number of layers."""
    tree = merged(layer(file("a")), *(layer(file(f"b{number}")) for number in range(20)))
    node = tree.find("a")
    assert isinstance(node, Node)
    assert len(node.history) == 1
    version = node.version_at(20)
    assert version is node.history[0]
    assert node.version_at(-1) is None


def test_emptying_a_directory_again_looks_at_its_new_content_alone() -> None:
    """Many layers that empty one directory do not look again at what earlier ones hid."""
    base = indexed(layer(*(file(f"d/{number}") for number in range(2_000))))
    small = [indexed(layer(opaque("d"), file("d/new"))), indexed(layer(whiteout("d"), directory("d")))] * 100
    assert steps_to_merge([base, *small]) < 3 * steps_to_merge([base, *small[:10]])
    tree = merge([base, *small, indexed(layer(file("d/7"), file("d/new"))), indexed(layer(opaque("d"), file("d/8")))])
    assert visible_paths(tree, tree.top - 1) == ["d", "d/7", "d/new"]
    assert top(tree) == ["d", "d/8"]


def test_opaque_layers_above_many_files() -> None:
    """Merging takes twice the steps for twice the files below twice the opaque layers."""

    def steps(number: int) -> int:
        files = indexed(layer(*(file(f"d/{each}") for each in range(10 * number))))
        return steps_to_merge([files, *[indexed(layer(opaque("d"), file("d/new")))] * number])

    assert steps(200) < 2.3 * steps(100)
