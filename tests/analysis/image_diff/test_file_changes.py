"""The paths that differ between two images, and their sums: each rule by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from explorer.model import Change
from explorer.pipeline.image_diff import ImageDiff
from tests.image_pairs import compared_layers
from tests.images import (
    Item,
    device,
    directory,
    fifo,
    file,
    hardlink,
    layer,
    opaque,
    symlink,
    whiteout,
)
from tests.steps import count_steps

_DEPTH = 1_500


def _diff(tmp_path: Path, old: list[list[Item]], new: list[list[Item]]) -> ImageDiff:
    return compared_layers(tmp_path, [layer(*items) for items in old], [layer(*items) for items in new])


def _changes(diff: ImageDiff) -> Mapping[str, Change | set[str]]:
    """Returns what is found at each path: the attributes that differ, or the change."""
    return {change.path: set(change.differs) or change.change for change in diff.file_changes}


def test_layers_do_not_matter(tmp_path: Path) -> None:
    """Images whose containers see the same are equal, however their layers make it."""
    old = [[file("d/a", b"1"), file("gone", b"2")], [whiteout("gone"), file("b", b"3")]]
    new = [[file("b", b"3"), directory("d"), file("d/hidden", b"4")], [opaque("d"), file("d/a", b"1")]]
    assert _changes(_diff(tmp_path, old, new)) == {}


def test_layers_in_another_order(tmp_path: Path) -> None:
    """The same layers in another order differ where one hides the other."""
    first, second = [file("a", b"1"), file("x", b"x")], [file("a", b"2"), file("y", b"y")]
    assert _changes(_diff(tmp_path, [first, second], [second, first])) == {"a": {"bytes"}}


def test_each_attribute(tmp_path: Path) -> None:
    """The attributes that differ are named, and the time of a directory is none."""
    old = [directory("d", mtime=1), file("m", mode=0o644), file("o"), symlink("l", "a"), device("c", 1, 3), fifo("f")]
    new = [directory("d", mtime=2), file("m", mode=0o755), file("o", uid=1), symlink("l", "b"), device("c", 1, 5)]
    attributed = [file("x", xattrs={"user.a": "1"})], [file("x", xattrs={"user.a": "2"})]
    expected = {"m": {"mode"}, "o": {"owner"}, "l": {"link"}, "c": {"link"}, "f": Change.REMOVED, "x": {"attributes"}}
    assert _changes(_diff(tmp_path, [old, attributed[0]], [new, attributed[1]])) == expected


def test_a_directory_in_place_of_a_file(tmp_path: Path) -> None:
    """Another type is a modification, and what is below the directory is added or removed."""
    old, new = [file("p", b"1", mode=0o755)], [directory("p"), file("p/below", b"2")]
    assert _changes(_diff(tmp_path, [old], [new])) == {"p": {"type"}, "p/below": Change.ADDED}
    assert _changes(_diff(tmp_path, [new], [old])) == {"p": {"type"}, "p/below": Change.REMOVED}


def test_the_root(tmp_path: Path) -> None:
    """The root is modified by its own metadata, and never added."""
    assert _changes(_diff(tmp_path, [[file("a")]], [[directory("./", mode=0o700), file("a")]])) == {"": {"mode"}}
    assert _changes(_diff(tmp_path, [], [[directory("./", mode=0o700), file("a")]])) == {"a": Change.ADDED}


def test_images_without_layers(tmp_path: Path) -> None:
    """An image without layers shows nothing."""
    assert _changes(_diff(tmp_path, [], [])) == {}
    assert _changes(_diff(tmp_path, [[file("d/a", b"1")]], [])) == {"d": Change.REMOVED, "d/a": Change.REMOVED}


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """Bytes of names that are not UTF-8 are compared as they are."""
    odd = "d/\udcff\udcfe"
    assert _changes(_diff(tmp_path, [[file(odd, b"1")]], [[file(odd, b"2")]])) == {odd: {"bytes"}}


def test_parents_come_first(tmp_path: Path) -> None:
    """A directory stands before what is below it, and that before the directory's next sibling."""
    new = [file("a.b"), file("a/z"), file("a/é"), file("a0"), file("a")]
    diff = _diff(tmp_path, [[]], [[*new[:4], directory("a")]])
    assert [change.path for change in diff.file_changes] == ["a", "a/z", "a/é", "a.b", "a0"]


def test_very_deep_directories(tmp_path: Path) -> None:
    """The depth of a tree has no limit but that of paths."""
    deep = "/".join("d" * _DEPTH)
    diff = _diff(tmp_path, [[file(f"{deep}/a", b"1"), file("d/b")]], [[file(f"{deep}/a", b"2")], [whiteout("d/b")]])
    assert _changes(diff) == {f"{deep}/a": {"bytes"}, "d/b": Change.REMOVED}
    assert diff.directory_changes == []


def test_an_inode_counts_once(tmp_path: Path) -> None:
    """Each path of an inode is listed, and its bytes count once."""
    linked = [file("a", b"12345"), hardlink("b", "a"), hardlink("c", "a")]
    diff = _diff(tmp_path, [[file("x")]], [linked])
    assert [change.path for change in diff.file_changes] == ["a", "b", "c", "x"]
    totals = diff.change_totals
    assert (totals.added, totals.added_bytes, totals.removed, totals.grown_bytes) == (3, 5, 1, 0)


def test_a_link_that_becomes_a_copy_is_growth(tmp_path: Path) -> None:
    """Names of one inode that become files of their own take more bytes, though no path differs."""
    old, new = [file("a", b"12345"), hardlink("b", "a")], [file("a", b"12345"), file("b", b"12345")]
    diff = _diff(tmp_path, [old], [new])
    assert _changes(diff) == {}
    assert diff.change_totals.grown_bytes == 5


def test_times_alone_are_counted_apart(tmp_path: Path) -> None:
    """A file that differs only in its time is not counted as modified."""
    old, new = [file("t", b"1", mtime=1), file("m", b"1")], [file("t", b"1", mtime=2), file("m", b"2")]
    diff = _diff(tmp_path, [old], [new])
    assert _changes(diff) == {"t": {"time"}, "m": {"bytes"}}
    assert (diff.change_totals.time_only, diff.change_totals.modified) == (1, 1)


def test_directories_by_growth(tmp_path: Path) -> None:
    """Each directory has the bytes below it, and the largest growth comes first."""
    old = [file("a/b/c", b"1"), file("shrinks/x", b"123"), file("same/x", b"12")]
    new = [file("a/b/c", b"12"), file("a/d", b"123"), file("shrinks/x", b"1"), file("same/y", b"34")]
    diff = _diff(tmp_path, [old], [new])
    assert [tuple(each) for each in diff.directory_changes] == [
        ("a", 1, 5),
        ("", 6, 8),
        ("a/b", 1, 2),
        ("shrinks", 3, 1),
    ]


def test_the_time_grows_with_the_paths_alone(tmp_path: Path) -> None:
    """Many names in one directory cost no more than in several."""

    def steps(count: int) -> int:
        items = [file(f"d/{number}") for number in range(count)]
        (tmp_path / str(count)).mkdir()
        diff = _diff(tmp_path / str(count), [items], [[*items, file("d/new")]])
        return count_steps(lambda: diff.path_pairs and ImageDiff(diff.old, diff.new).path_pairs)

    assert steps(400) < 2.2 * steps(200)
