"""Indexing the members of a tar: names, links, markers, and the comparison with real unpacking."""

from __future__ import annotations

import os
import random
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UnreadableLayer
from explorer.layers.merge import merge
from explorer.layers.path_resolver import normalized_path, unpacked_path
from explorer.model import Entry, Kind, LayerIndex
from tests import overlay
from tests.images import (
    Item,
    device,
    directory,
    fifo,
    file,
    hardlink,
    indexed,
    layer,
    opaque,
    symlink,
    whiteout,
)
from tests.layers.indexing import check_promises, index_of, kinds_of, names_by_inode, sizes_of

# Names.


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("etc/passwd", "etc/passwd"),
        ("./etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("//etc///passwd//", "etc/passwd"),
        ("./././a/./b/.", "a/b"),
        ("a/", "a"),
        (".a/..b/c..", ".a/..b/c.."),
        ("...", "..."),
        ("\udcff/é", "\udcff/é"),
        (".", ""),
        ("./", ""),
        ("/", ""),
        ("", None),
        ("..", None),
        ("../a", None),
        ("a/../b", None),
        ("a/..", None),
        ("/..", None),
    ],
)
def test_names_by_example(name: str, path: str | None) -> None:
    """A name loses outer slashes and empty and dot components; a name with ``..`` is not a path."""
    assert normalized_path(name) == path


@given(st.lists(st.sampled_from(["", ".", "..", "...", "a", ".b", "c.", "..d"]), min_size=1, max_size=6).map("/".join))
def test_names_at_large(name: str) -> None:
    """The plain components of a name remain; when unpacked, each ``..`` takes one away within the root."""
    expected: list[str] = []
    for part in name.split("/"):
        if part == "..":
            del expected[-1:]
        elif part not in ("", "."):
            expected.append(part)
    path = "/".join(expected) if name else None
    assert unpacked_path(name) == path
    assert normalized_path(name) == (None if ".." in name.split("/") else path)


def test_names_with_parents_are_cleaned_within_the_root() -> None:
    """A ``..`` counts in names, whiteouts and hard links as engines understand it, and is a problem."""
    index = index_of(
        file("d/../x", b"1"), file("./../ext/jar"), file("q/../d/.wh.a"), hardlink("h", "d/../x"), hardlink("i", "../x")
    )
    assert sizes_of(index) == {"x": 1, "ext/jar": 0, "h": 1, "i": 1}
    assert list(index.whiteouts) == ["d/a"]
    assert index.problems[0] == "“d/../x” contains “..”; it counts as “x”"


@pytest.mark.parametrize("name", ["x" * 5000, "a/" * 3000])
def test_names_that_are_too_long(name: str) -> None:
    """A member whose name is longer than a path is not applied, but shipped, and is a problem."""
    index = index_of(file(name, b"x"), file("ok"))
    assert list(kinds_of(index)) == ["ok"]
    assert index.shipped_bytes == 1
    assert len(index.problems) == 1
    assert "not a path inside the image" in index.problems[0]


def test_name_with_a_zero_byte() -> None:
    """A name with a zero byte is not a path."""
    made = tarfile.TarInfo("x" * 120)
    data = made.tobuf(tarfile.PAX_FORMAT).replace(b"x" * 120 + b"\n", b"x" * 60 + b"\0" + b"x" * 59 + b"\n") + bytes(
        1024
    )
    index = indexed(data)
    assert not index.entries
    assert r"\x00" in index.problems[0]


def test_problems_are_printable_and_few() -> None:
    """Problems of a hostile tar are escaped, and their number is limited."""
    index = index_of(*(file(f"../\x1b[31m{number}/..") for number in range(500)))
    assert all(text.isprintable() for text in index.problems)
    assert r"\x1b[31m0" in index.problems[0]
    assert len(index.problems) == 201
    assert index.problems[-1] == "… and more"


@pytest.mark.parametrize("name", [".", "./", "/"])
def test_root_entry(name: str) -> None:
    """A root entry has the empty path; only a directory can be the root."""
    (entry,) = index_of(directory(name, mode=0o711)).entries
    assert (entry.path, entry.kind, entry.mode) == ("", Kind.DIRECTORY, 0o711)
    index = index_of(symlink("./", "etc"), file("a"))
    assert list(kinds_of(index)) == ["a"]
    assert "in place of the root" in index.problems[0]


# The same path twice.


def test_last_one_counts() -> None:
    """If a tar has a path twice, the last member counts and the first is superseded."""
    index = index_of(file("a", b"1"), file("b"), file("./a", b"22", mode=0o600))
    assert sizes_of(index) == {"b": 0, "a": 2}
    assert [(entry.path, entry.size) for entry in index.superseded] == [("a", 1)]
    assert index.shipped_bytes == 3


def test_last_one_counts_whatever_its_type() -> None:
    """The last member of a path counts, of any type."""
    index = index_of(
        file("a", b"1"), symlink("a", "x"), symlink("b", "x"), file("b", b"22"), fifo("c"), device("c", 1, 3)
    )
    assert kinds_of(index) == {"a": Kind.SYMLINK, "b": Kind.FILE, "c": Kind.CHARACTER_DEVICE}
    assert [entry.path for entry in index.superseded] == ["a"]


def test_hard_link_keeps_a_replaced_inode() -> None:
    """An inode whose first name is replaced lives on under its hard link, and nothing is superseded."""
    index = index_of(file("a", b"12345"), hardlink("b", "a"), file("a", b"1"))
    assert kinds_of(index) == {"a": Kind.FILE, "b": Kind.FILE}
    assert sizes_of(index) == {"b": 5, "a": 1}
    assert not index.superseded


def test_inode_goes_with_its_last_name() -> None:
    """An inode is superseded once, when the last of its names is replaced."""
    index = index_of(file("a", b"12345"), hardlink("b", "a"), file("a"), file("b"))
    assert [(entry.path, entry.size) for entry in index.superseded] == [("b", 5)]
    assert index.shipped_bytes == 5


def test_hard_link_names_what_is_there_then() -> None:
    """A hard link names the inode that its target has at that point of the tar."""
    index = index_of(file("a", b"1"), hardlink("b", "a"), file("a", b"22"), hardlink("c", "a"))
    assert sizes_of(index) == {"a": 2, "b": 1, "c": 2}
    assert names_by_inode(index) == [{"a", "c"}, {"b"}]


def test_hard_link_in_place_of_its_inodes_other_name() -> None:
    """A hard link may replace another name of the same inode: the bytes stay, shipped once."""
    for items in (
        [file("a", b"123"), hardlink("b", "a"), hardlink("b", "a")],
        [file("a", b"123"), hardlink("b", "a"), hardlink("a", "b")],
    ):
        index = index_of(*items)
        assert names_by_inode(index) == [{"a", "b"}]
        assert index.shipped_bytes == 3


def test_file_then_directory() -> None:
    """A file becomes a directory if a later member is below it."""
    for items in ([file("p", b"1"), directory("p")], [file("p", b"1"), file("p/x")]):
        index = index_of(*items)
        assert "p" not in sizes_of(index)
        assert [entry.path for entry in index.superseded] == ["p"]
        assert merge([index]).find("p") is not None


def test_directory_then_file() -> None:
    """A file that replaces a directory of the same tar removes everything in it."""
    index = index_of(file("d/x/y", b"12"), directory("d"), file("d/z", b"3"), symlink("d/s", "z"), file("d", b"4444"))
    assert kinds_of(index) == {"d": Kind.FILE}
    assert sorted((entry.path, entry.size) for entry in index.superseded) == [("d/x/y", 2), ("d/z", 1)]
    assert "first a directory and then something else" in index.problems[0]


def test_directory_then_file_then_directory() -> None:
    """A directory that replaces a file has only the members that follow it."""
    index = index_of(file("d/x"), file("d"), file("d/y"), file("d", b"1"), directory("d"), file("d/x/z"))
    assert sorted(kinds_of(index)) == ["d", "d/x/z"]


def test_directory_twice() -> None:
    """A directory that is named twice keeps its content and takes the last metadata."""
    index = index_of(directory("d", mode=0o700), file("d/x"), directory("d", mode=0o711))
    assert {entry.path: entry.mode for entry in index.entries} == {"d/x": 0o644, "d": 0o711}


def test_inode_survives_its_directory() -> None:
    """A hard link outside keeps the bytes of a file whose directory is replaced."""
    index = index_of(file("d/x", b"123"), hardlink("y", "d/x"), file("d"))
    assert names_by_inode(index) == [{"d"}, {"y"}]
    assert sizes_of(index)["y"] == 3
    assert not index.superseded


# Markers.


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_position_of_markers_does_not_matter(position: int) -> None:
    """The position of whiteouts and opaque marks in a tar does not count."""
    items = [directory("d"), file("d/x"), file("e")]
    items[position:position] = [whiteout("d/gone"), opaque("d"), whiteout("e"), whiteout("d/gone")]
    index = index_of(*items)
    assert sorted(kinds_of(index)) == ["d", "d/x", "e"]
    assert list(index.whiteouts) == ["d/gone", "e"]
    assert list(index.opaques) == ["d"]
    assert not index.problems


def test_the_root_cannot_be_opaque() -> None:
    """An opaque mark in the root hides nothing, because engines and the kernel ignore it, and is a problem."""
    for index in (index_of(opaque("")), index_of(file("./.wh..wh..opq"))):
        assert list(index.opaques) == []
        assert "the root as opaque" in index.problems[0]


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh..", "d/.wh..."])
def test_whiteout_of_nothing(name: str) -> None:
    """A whiteout without a name, or of ``.`` or ``..``, is a problem and hides nothing."""
    index = index_of(file(name), file("a"))
    assert list(kinds_of(index)) == ["a"]
    assert not index.whiteouts
    assert "a whiteout that names no file" in index.problems[0]


def test_whiteout_of_hidden_names() -> None:
    """A whiteout of a name that begins with dots is a whiteout like any other."""
    assert list(index_of(whiteout(".a"), whiteout("..a"), whiteout("....")).whiteouts) == [".a", "..a", "...."]


def test_content_below_the_names_of_aufs_is_visible() -> None:
    """Files in the directories of AUFS show and can be linked, as engines unpack them, and are a problem."""
    index = index_of(
        directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2", b"12345"), hardlink("h", ".wh..wh.plnk/1.2"), file("a")
    )
    assert sizes_of(index) == {".wh..wh.plnk/1.2": 5, "h": 5, "a": 0}
    assert "has content" in index.problems[0]


def test_content_below_a_whiteouts_name_is_visible() -> None:
    """Only the last component of a name makes a marker: a directory may have its name, and then hides nothing."""
    index = index_of(file(".wh.d/x", b"1"), directory(".wh.e"), file(".wh.e/.wh.y"), file("a/.wh.b/c/d"))
    assert sorted(kinds_of(index)) == [".wh.d/x", "a/.wh.b/c/d"]
    assert list(index.whiteouts) == ["e", ".wh.e/y"]


def test_bytes_of_markers_are_shipped() -> None:
    """The bytes of a marker are shipped although no container sees them, and are a problem."""
    index = index_of(file(".wh.a", b"12345"), file("e/.wh..wh..opq", b"123"))
    assert [(entry.path, entry.size) for entry in index.superseded] == [(".wh.a", 5), ("e/.wh..wh..opq", 3)]
    assert index.shipped_bytes == 8
    assert "which no container sees" in index.problems[0]


def test_a_whiteout_leaves_no_directory_for_markers() -> None:
    """Markers in a directory that its layer removes and does not make again leave no directory."""
    for items in ([whiteout("d"), opaque("d"), whiteout("d/e/f")], [opaque("d"), whiteout("d/e/f"), whiteout("d")]):
        index = index_of(*items)
        assert (list(index.whiteouts), list(index.opaques), list(index.problems)) == (["d"], [], [])


def test_marker_before_the_link_in_its_place() -> None:
    """A marker follows the symbolic links that come before it in the tar, and no later ones."""
    assert not index_of(file("a/.wh.x"), symlink("a", "/b")).whiteouts
    assert list(index_of(symlink("a", "/b"), file("a/.wh.x")).whiteouts) == ["b/x"]


def test_the_attribute_of_an_opaque_directory() -> None:
    """The attribute that makes a directory opaque for the kernel counts like a mark; others of engines are problems."""
    index = index_of(directory("d", xattrs={"trusted.overlay.opaque": "y", "user.a": "1"}))
    assert list(index.opaques) == ["d"]
    assert index.entries[0].xattrs == (("user.a", b"1"),)
    for name in ("trusted.overlay.redirect", "user.overlay.opaque"):
        index = index_of(directory("d", xattrs={name: "y"}))
        assert not index.opaques
        assert name in index.problems[0]


def test_the_attribute_of_an_opaque_directory_goes_with_it() -> None:
    """A directory that its own layer replaces and makes again is not opaque, unlike one that is named twice."""
    opaque_one = directory("d", xattrs={"trusted.overlay.opaque": "y"})
    assert not index_of(opaque_one, file("d"), directory("d")).opaques
    assert list(index_of(opaque_one, directory("d")).opaques) == ["d"]


def test_symbolic_links_have_the_mode_of_linux() -> None:
    """A symbolic link has the mode 0777, whatever its tar says."""
    assert index_of(symlink("s", "x", mode=0o755)).entries[0].mode == 0o777


@pytest.mark.parametrize("kind", [file, symlink, directory, fifo])
def test_markers_of_any_type(kind: Callable[..., Item]) -> None:
    """A marker is recognised by its name; the type of its member does not count."""
    more = ("target",) if kind is symlink else ()
    index = index_of(kind(".wh.a", *more), kind("d/.wh..wh..opq", *more))
    assert (list(index.whiteouts), list(index.opaques), list(index.entries)) == (["a"], ["d"], [])


def test_markers_through_a_symbolic_link() -> None:
    """A marker below a symbolic link of its layer applies to the link's target."""
    index = index_of(symlink("lib", "usr/lib"), whiteout("lib/a"), opaque("lib/d"))
    assert list(index.whiteouts) == ["usr/lib/a"]
    assert list(index.opaques) == ["usr/lib/d"]


@pytest.mark.parametrize("marker", [whiteout("p/x"), opaque("p"), whiteout("p/q/r/x"), opaque("p/q/r")])
def test_markers_below_a_file_of_their_layer(marker: Item) -> None:
    """A marker below a file of its own layer is a problem and hides nothing."""
    for items in ([marker, file("p")], [file("p"), marker]):
        index = index_of(*items)
        assert kinds_of(index) == {"p": Kind.FILE}
        assert not index.whiteouts
        assert not index.opaques
        assert "below a path that is not a directory" in index.problems[0]


# Entries.


def test_entries_carry_their_metadata() -> None:
    """An entry has the mode, owner, time, target and extended attributes of its member, and the offset as inode."""
    (entry,) = index_of(
        file("a", b"x", mode=0o4755, uid=1, gid=2, mtime=3.5, xattrs={"user.b": "2", "user.a": "1"})
    ).entries
    assert entry[:8] == ("a", Kind.FILE, 1, 0o4755, 1, 2, 3_500_000_000, "")
    assert entry.xattrs == (("user.a", b"1"), ("user.b", b"2"))
    data = layer(file("a", b"content"))
    assert data[indexed(data).entries[0].inode :].startswith(b"content")
    assert [entry.link for entry in index_of(symlink("s", "../t"), device("n", 5, 1)).entries] == ["../t", "5:1"]


def test_only_links_have_targets() -> None:
    """A link target in the header of a file or directory is ignored."""
    (entry,) = index_of(Item("a", b"x", link="stray")).entries
    assert entry.link == ""


def test_unknown_types_count_as_files() -> None:
    """A member of an unknown type counts as a file, and is a problem."""
    index = index_of(Item("a", b"123", type=b"Z"))
    assert sizes_of(index) == {"a": 3}
    assert "unknown tar type" in index.problems[0]


def test_the_label_of_a_tar_is_no_file() -> None:
    """A label of GNU tar is a problem and no file, and what it ships is counted."""
    index = index_of(Item("backup", b"123", type=b"V"), file("a"))
    assert sizes_of(index) == {"a": 0}
    assert [(entry.path, entry.size) for entry in index.superseded] == [("backup", 3)]
    assert index.problems == ["“backup” is the label of a GNU tar, which engines refuse; it was not applied"]


def test_directories_of_incremental_tars() -> None:
    """A directory that GNU tar stores with the list of its files is a directory."""
    index = index_of(Item("d/", b"Yf\0\0", type=b"D", mode=0o750), file("d/f", b"12"))
    assert kinds_of(index) == {"d": Kind.DIRECTORY, "d/f": Kind.FILE}
    assert [entry.size for entry in index.superseded] == [4]
    assert "has a list of its files, which engines refuse" in index.problems[0]


# Comparison with real unpacking.


def random_items(chance: random.Random) -> Sequence[Item]:
    """Returns random members that often collide, and lead through each other's symbolic links."""
    items = []
    for _ in range(chance.randint(1, 9)):
        path, other = overlay.random_path(chance), overlay.random_path(chance)
        mine = {"uid": os.getuid(), "gid": os.getgid(), "mtime": chance.randint(0, 2_000_000_000)}
        kind = chance.random()
        if kind < 0.4:
            items.append(file(path, chance.randbytes(chance.randint(0, 5)), mode=chance.choice((0o600, 0o644)), **mine))
        elif kind < 0.55:
            items.append(directory(path, mode=chance.choice((0o700, 0o755)), **mine))
        elif kind < 0.8:
            items.append(symlink(path, other, mode=0o755, **mine))
        else:
            items.append(hardlink(path, other, mode=0o640, **mine))
    return items


@pytest.mark.end_to_end
def test_random_layers_against_unpacking(tmp_path: Path) -> None:
    """A random layer's index equals the unpacked layer: paths, types, contents, targets, modes and inodes."""
    unpacked = 0
    for seed in range(800):
        chance = random.Random(seed)
        items = random_items(chance)
        root = tmp_path / str(seed)
        root.mkdir()
        try:
            overlay.unpack(items, root)
        except (OSError, RuntimeError):
            continue  # a link to nothing, a file as a parent: no order of unpacking would have made it
        unpacked += 1
        data = layer(*overlay.respelled(chance, items))
        index = indexed(data)
        check_promises(index)
        real = overlay.walk(root)
        expected: dict[str, overlay.Seen] = {}
        for entry in index.entries:
            regular = entry.kind.has_content
            content = data[entry.inode : entry.inode + entry.size] if regular else b""
            expected[entry.path] = overlay.Seen(
                overlay.TYPES[entry.kind], entry.size, "" if regular else entry.link, content
            )
            meta = real.meta[entry.path]
            assert entry.kind is Kind.SYMLINK or entry.mode == meta.mode, items
            assert entry.kind is Kind.DIRECTORY or entry.mtime_ns == meta.mtime_ns, items
        for node in merge([index]).walk():
            expected.setdefault(node.path, overlay.Seen(overlay.TYPES[Kind.DIRECTORY], 0, "", b""))
        del expected[""]
        assert expected == real.seen, items
        assert overlay.shared({name: entry.inode for name, entry in files_of(index).items()}) == overlay.shared(
            real.inodes
        )
    assert unpacked > 200


def files_of(index: LayerIndex) -> dict[str, Entry]:
    """Returns the layer's files by path."""
    return {entry.path: entry for entry in index.entries if entry.kind.has_content}


@given(st.integers(0, 1 << 32))
def test_promises_hold_for_any_layer(seed: int) -> None:
    """For random members, entries are unique, every inode has one file, and no path leads through a file."""
    chance = random.Random(seed)
    items = [*random_items(chance), *overlay.random_layer(chance), *random_items(chance)]
    chance.shuffle(items)
    index = indexed(layer(*overlay.respelled(chance, items)))
    check_promises(index)
    assert index.shipped_bytes == sum(len(item.content) for item in items)
    merge([index])


def test_a_null_device_is_a_whiteout() -> None:
    """A character device 0:0 is a whiteout, and never an entry."""
    index = indexed(layer(file("a", b"1"), device("d/x", 0, 0), device("null", 1, 3)))
    assert [entry.path for entry in index.entries] == ["a", "null"]
    assert list(index.whiteouts) == ["d/x"]


def test_deep_directories_without_names_are_bounded() -> None:
    """The total length of unnamed directories is limited."""
    deep = "/".join(["d"] * 2000)
    with pytest.raises(UnreadableLayer, match="entries of too many directories"):
        indexed(layer(*(file(f"{number}/{deep}/f") for number in range(40))))


def test_a_long_link_target_is_cut() -> None:
    """A link target that is too long for Linux is cut, and is a problem."""
    index = indexed(layer(symlink("s", "x" * 5000)))
    assert len(index.entries[0].link) == 4096
    assert "5,000 characters" in index.problems[0]


def test_vast_attributes_are_left_out() -> None:
    """Extended attributes that are too large for Linux are left out, and are a problem."""
    index = indexed(layer(file("a", b"1", xattrs={"user.x": "y" * 70_000})))
    assert index.entries[0].xattrs == ()
    assert "extended attributes" in index.problems[0]


def test_deep_markers_are_bounded() -> None:
    """The total length of directories of whiteouts is limited, too."""
    deep = "/".join(["d"] * 2000)
    with pytest.raises(UnreadableLayer, match="entries of too many directories"):
        indexed(layer(*(whiteout(f"{number}/{deep}/f") for number in range(40))))
