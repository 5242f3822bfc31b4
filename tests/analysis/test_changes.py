"""The changes of paths between two points: each rule, and random images against a full comparison."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.changes import Changes, change, changes, count_leaves, differences
from explorer.layers.copies import comparable_inodes
from explorer.layers.fingerprints import fingerprint
from explorer.layers.merge import merge
from explorer.layers.tree import Node, Tree
from explorer.model import Change, Entry, Kind
from tests import overlay
from tests.images import (
    Item,
    device,
    directory,
    docker_archive,
    explored,
    explored_layers,
    fifo,
    file,
    gzipped,
    hardlink,
    image,
    indexed,
    layer,
    opaque,
    symlink,
    whiteout,
)


def known(*layers: bytes) -> Tree:
    """Returns the tree of layers, with every fingerprint that a comparison may need."""
    tree = merge(indexed(data) for data in layers)
    for number, entries in enumerate(comparable_inodes(tree)):
        for inode, entry in entries.items():
            content = layers[number][inode : inode + entry.size]
            tree.add_fingerprints(number, {inode: fingerprint([content], entry.size)})
    return tree


def kinds_by_path(found: Changes) -> dict[str, str]:
    """Returns the changed paths with their changes."""
    return {node.path: kind.value for node, kind in found.by_node.items()}


def what_differs(old: Item, new: Item) -> list[str]:
    """Returns the differences between two versions of a path, in an image of two layers."""
    tree = known(layer(old), layer(new))
    node = tree.find(new.name)
    assert node is not None
    before, after = node.version_at(0), node.version_at(1)
    assert before is not None
    assert after is not None
    found = list(differences(tree, before, after))
    assert change(tree, node, 0, 1) is (Change.MODIFIED if found else Change.UNCHANGED)
    assert sorted(differences(tree, after, before)) == sorted(found)
    return found


def test_added_modified_removed() -> None:
    """A path that exists at one point is added or removed; one that differs between both points is modified."""
    tree = known(
        layer(file("keep", b"1"), file("edit", b"1"), file("gone", b"1")),
        layer(file("edit", b"2"), whiteout("gone"), file("new")),
    )
    assert kinds_by_path(changes(tree, 0, 1)) == {"edit": "modified", "gone": "removed", "new": "added"}
    assert kinds_by_path(changes(tree, 1, 0)) == {"edit": "modified", "gone": "added", "new": "removed"}


def test_against_nothing() -> None:
    """Compared with the empty image everything is added, and in the other direction removed."""
    tree = known(layer(file("d/a")), layer(whiteout("d/a"), file("b")))
    assert kinds_by_path(changes(tree, -1, 0)) == {"d": "added", "d/a": "added"}
    assert kinds_by_path(changes(tree, -1, 1)) == {"d": "added", "b": "added"}
    assert kinds_by_path(changes(tree, 1, -1)) == {"d": "removed", "b": "removed"}


def test_a_point_against_itself() -> None:
    """Between a point and itself nothing changes."""
    tree = known(layer(file("a")), layer(file("a", b"x")))
    assert not changes(tree, 1, 1).by_node
    assert not changes(tree, 1, 1).above


def test_back_and_forth_is_unchanged() -> None:
    """A path that is changed and restored between the points is unchanged, and so is one that comes and goes."""
    tree = known(layer(file("a", b"1")), layer(file("a", b"22"), file("b")), layer(file("a", b"1"), whiteout("b")))
    assert kinds_by_path(changes(tree, 0, 2)) == {}
    assert kinds_by_path(changes(tree, 0, 1)) == {"a": "modified", "b": "added"}


def test_hidden_and_brought_again() -> None:
    """A path that a layer hides and brings again is compared, not removed and added."""
    tree = known(
        layer(file("a", b"1"), file("b", b"1")), layer(whiteout("a"), file("a", b"1"), whiteout("b"), file("b", b"2"))
    )
    assert kinds_by_path(changes(tree, 0, 1)) == {"b": "modified"}


@pytest.mark.parametrize(
    ("new", "differing"),
    [
        (file("a", b"1", mode=0o600), []),
        (file("a", b"22", mode=0o600), ["bytes"]),
        (file("a", b"2", mode=0o600), ["bytes"]),
        (file("a", b"1", mode=0o4600), ["mode"]),
        (file("a", b"1", mode=0o600, uid=1), ["owner"]),
        (file("a", b"1", mode=0o600, gid=1), ["owner"]),
        (file("a", b"1", mode=0o600, mtime=1), ["time"]),
        (file("a", b"1", mode=0o600, mtime=1_700_000_000.5), ["time"]),
        (file("a", b"1", mode=0o600, xattrs={"security.capability": "x"}), ["attributes"]),
        (file("a", b"22", uid=1, mtime=1, xattrs={"user.x": "y"}), ["bytes", "mode", "owner", "time", "attributes"]),
        (symlink("a", "b"), ["type", "mode"]),
        (fifo("a", mode=0o600), ["type"]),
        (directory("a", mode=0o600), ["type"]),
        (directory("a", mode=0o600, mtime=1), ["type", "time"]),
    ],
)
def test_what_differs(new: Item, differing: list[str]) -> None:
    """Type, bytes, link, mode, owner, time and extended attributes are compared one by one."""
    assert what_differs(file("a", b"1", mode=0o600), new) == differing


def test_what_differs_of_links_and_devices() -> None:
    """A link is modified if its target changes, and a device if its numbers change."""
    assert what_differs(symlink("a", "x"), symlink("a", "y")) == ["link"]
    assert what_differs(symlink("a", "x"), symlink("a", "x")) == []
    assert what_differs(device("a", 1, 3), device("a", 1, 5)) == ["link"]
    assert what_differs(device("a", 1, 3), device("a", 1, 3)) == []


def test_time_of_a_directory_does_not_count() -> None:
    """A directory is modified by its own mode, owner and attributes, but not by its modification time."""
    assert what_differs(directory("d", mtime=1), directory("d", mtime=2)) == []
    assert what_differs(directory("d"), directory("d", mode=0o700)) == ["mode"]
    assert what_differs(directory("d"), directory("d", uid=1)) == ["owner"]
    assert what_differs(directory("d"), directory("d", xattrs={"user.a": "1"})) == ["attributes"]


def test_directory_that_contains_changes_is_not_modified() -> None:
    """Changes below a directory, at any depth, are separate from its own change."""
    tree = known(layer(file("d/e/a"), file("f/b")), layer(file("d/e/a", b"x")))
    found = changes(tree, 0, 1)
    assert kinds_by_path(found) == {"d/e/a": "modified"}
    assert {node.path for node in found.above} == {"", "d", "d/e"}
    node = tree.find("d")
    assert node is not None
    assert node not in found.by_node


def test_same_size_and_time_but_other_bytes(tmp_path: Path) -> None:
    """A file of the same size, time, mode and owner is modified if and only if its bytes differ."""
    tree = explored_layers(
        tmp_path,
        layer(file("other", b"12345"), file("same", b"12345")),
        layer(file("other", b"54321"), file("same", b"12345")),
    ).tree
    assert kinds_by_path(changes(tree, 0, 1)) == {"other": "modified"}


def test_hard_link_is_no_other_type() -> None:
    """A file that becomes a hard link to the same bytes is unchanged, and to other bytes modified in its bytes."""
    first = layer(file("a", b"1"), file("b", b"1"), file("c", b"2"))
    tree = known(first, layer(file("a", b"1"), hardlink("b", "a"), hardlink("c", "a")))
    assert kinds_by_path(changes(tree, 0, 1)) == {"c": "modified"}
    node = tree.find("c")
    assert node is not None
    old, new = node.version_at(0), node.version_at(1)
    assert old is not None
    assert new is not None
    assert list(differences(tree, old, new)) == ["bytes"]


def test_differences_need_two_sides() -> None:
    """Comparing with a missing version raises an error."""
    tree = known(layer(file("a")), layer(whiteout("a")))
    node = tree.find("a")
    assert node is not None
    old, new = node.history
    with pytest.raises(ValueError, match="both versions must be visible"):
        list(differences(tree, old, new))


def test_count_leaves_directories_out() -> None:
    """Non-directories are counted; a path counts if it is one at either point."""
    tree = known(
        layer(file("d/a"), file("was"), file("p/x"), directory("mode")),
        layer(file("new/b"), directory("was"), file("p"), directory("mode", mode=0o700), opaque("d")),
    )
    found = changes(tree, 0, 1)
    assert kinds_by_path(found) == {
        "new": "added",
        "new/b": "added",
        "was": "modified",
        "p": "modified",
        "p/x": "removed",
        "mode": "modified",
        "d/a": "removed",
    }
    assert [count_leaves(found.by_node, 0, 1)[kind] for kind in (Change.ADDED, Change.MODIFIED, Change.REMOVED)] == [
        1,
        2,
        2,
    ]


# Random images.


def content_at(tree: Tree, layers: list[bytes], node: Node, number: int) -> bytes:
    """Returns the bytes that a container reads at a path."""
    version = node.version_at(number)
    assert version is not None
    assert version.entry is not None
    return layers[version.layer][version.entry.inode : version.entry.inode + version.entry.size]


def compared(tree: Tree, layers: list[bytes], base: int, number: int) -> Iterator[tuple[Node, Change]]:
    """Returns each node with its change, computed only from the files at both points."""

    def essence(node: Node, entry: Entry, at: int) -> tuple[object, ...]:
        file_like = entry.kind.has_content
        kind = Kind.FILE if file_like else entry.kind
        content = content_at(tree, layers, node, at) if file_like else entry.link
        return kind, content, entry.mode, entry.uid, entry.gid, entry.xattrs

    for node in tree.walk():
        old, new = node.entry_at(base), node.entry_at(number)
        if node is tree.root or (old is None and new is None):
            continue
        if old is None or new is None:
            yield node, Change.REMOVED if new is None else Change.ADDED
            continue
        same = essence(node, old, base) == essence(node, new, number)
        if not (old.kind is new.kind is Kind.DIRECTORY):
            same = same and old.mtime_ns == new.mtime_ns
        yield node, Change.UNCHANGED if same else Change.MODIFIED


@given(st.integers(0, 1 << 32))
def test_changes_between_any_two_points(seed: int) -> None:
    """Between any two points, in either direction, the changes equal those of a full comparison."""
    chance = random.Random(seed)
    layers = [layer(*steady(overlay.random_layer(chance))) for _ in range(chance.randint(1, 4))]
    tree = known(*layers)
    for base in range(-1, len(layers)):
        for number in range(-1, len(layers)):
            expected = {
                node: kind for node, kind in compared(tree, layers, base, number) if kind is not Change.UNCHANGED
            }
            found = changes(tree, base, number)
            assert found.by_node == expected
            above = set()
            for node in expected:
                parent = node.parent
                while parent is not None:
                    above.add(parent)
                    parent = parent.parent
            assert found.above == above
            for kind in Change:
                leaves = [
                    node
                    for node, change_found in expected.items()
                    if change_found is kind
                    and any(
                        entry and entry.kind is not Kind.DIRECTORY
                        for entry in (node.entry_at(base), node.entry_at(number))
                    )
                ]
                assert count_leaves(found.by_node, base, number)[kind] == len(leaves)


def steady(items: list[Item]) -> list[Item]:
    """Returns items with few contents and equal times, so that layers often repeat each other."""
    return [
        Item(
            item.name, item.content and b"xy"[: len(item.content) % 2 + 1], item.type, item.link, mode=item.mode & 0o700
        )
        for item in items
    ]


def test_streamed_layers_compare_like_plain_ones() -> None:
    """Fingerprints taken while a layer is streamed equal those of contents read later."""
    layers = [layer(file("a", b"1"), file("b", b"1")), layer(file("a", b"1"), file("b", b"2"))]
    tree = merge(indexed(gzipped(data)) for data in layers)
    assert not any(comparable_inodes(tree))
    assert kinds_by_path(changes(tree, 0, 1)) == kinds_by_path(changes(known(*layers), 0, 1)) == {"b": "modified"}


def sparse(name: str, size: int, at: int, content: bytes) -> bytes:
    """Returns a layer with one sparse file: a few bytes between holes."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.pax_headers = {"GNU.sparse.size": str(size), "GNU.sparse.map": f"{at},{len(content)}"}
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(content))
    return written.getvalue()


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_sparse_files_are_compared_by_what_a_reader_sees(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """A sparse file and a full one of the same bytes are the same content, stored plain or compressed."""
    full = file("a", bytes(50) + b"xyz" + bytes(47), mtime=0)
    layers = [sparse("a", 100, 50, b"xyz"), layer(full), sparse("a", 100, 51, b"xyz"), sparse("a", 100, 51, b"xyz")]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*layers), compress=compress))
    tree = explored(path).tree
    assert [kinds_by_path(changes(tree, number, number + 1)) for number in range(3)] == [{}, {"a": "modified"}, {}]


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_vast_sparse_files_are_compared_at_once(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """Sparse files of exabytes are compared without reading their holes."""
    vast = 1 << 60
    layers = [sparse("a", vast, 50, b"xyz"), sparse("a", vast, 50, b"xyz"), sparse("a", vast, 51, b"xyz")]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*layers), compress=compress))
    tree = explored(path).tree
    assert [kinds_by_path(changes(tree, number, number + 1)) for number in range(2)] == [{}, {"a": "modified"}]
