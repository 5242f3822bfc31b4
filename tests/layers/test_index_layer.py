"""One layer's tar as if it had been unpacked on its own: the rules within a tar, damage, and real unpacking."""

from __future__ import annotations

import errno
import lzma
import os
import random
import tarfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import Cancelled, UnreadableLayer
from explorer.layers import layer_builder
from explorer.layers.fingerprints import fingerprint
from explorer.layers.index_layer import index_layer
from explorer.layers.layer_builder import normalized_path
from explorer.layers.streams import FileRange
from explorer.layers.tar_layer import AbsentLayer, TarLayer
from explorer.layers.tree import merge
from explorer.model import Entry, Kind, LayerIndex
from tests import overlay
from tests.images import (
    Item,
    content_of,
    device,
    digest,
    directory,
    fifo,
    file,
    gzipped,
    hardlink,
    indexed,
    layer,
    opaque,
    ranged,
    symlink,
    whiteout,
    zstded,
)


def index_of(*items: Item) -> LayerIndex:
    """The index of a layer of these members; what every index promises is checked on the way."""
    index = indexed(layer(*items))
    check_promises(index)
    return index


def check_promises(index: LayerIndex) -> None:
    """What holds for every index, whatever was in the tar."""
    paths = Counter(entry.path for entry in index.entries)
    assert not paths or max(paths.values()) == 1
    assert not any(part.startswith(".wh.") for path in paths for part in path.split("/"))
    names: defaultdict[int, Counter[Kind]] = defaultdict(Counter)
    for entry in index.entries:
        if entry.kind.has_content and not dangles(index, entry):
            names[entry.inode][entry.kind] += 1
        if not entry.kind.has_content:
            assert entry.size == 0
        assert entry.kind not in (Kind.FILE, Kind.DIRECTORY, Kind.FIFO) or not entry.link
    assert all(kinds[Kind.FILE] == 1 for kinds in names.values())
    files = [*(entry for entry in index.entries if entry.kind is Kind.FILE), *index.superseded]
    assert len({entry.inode for entry in files}) == len(files)
    kinds = {entry.path: entry.kind for entry in index.entries}
    for path in (*kinds, *index.opaques, *index.whiteouts):
        parents = [path[:at] for at, letter in enumerate(path) if letter == "/"]
        assert all(kinds.get(parent, Kind.DIRECTORY) is Kind.DIRECTORY for parent in parents)


def dangles(index: LayerIndex, entry: Entry) -> bool:
    """Whether an entry is a hard link that names no file."""
    named = (other.inode for other in index.entries if other.kind is Kind.FILE)
    return entry.kind is Kind.HARDLINK and entry.size == 0 and entry.inode not in named


def kinds_of(index: LayerIndex) -> dict[str, Kind]:
    """What the layer brings at each path."""
    return {entry.path: entry.kind for entry in index.entries}


def sizes_of(index: LayerIndex) -> dict[str, int]:
    """The size of each of the layer's files."""
    return {entry.path: entry.size for entry in index.entries if entry.kind.has_content}


def names_by_inode(index: LayerIndex) -> list[set[str]]:
    """The names of each inode of the layer."""
    names: defaultdict[int, set[str]] = defaultdict(set)
    for entry in index.entries:
        if entry.kind.has_content:
            names[entry.inode].add(entry.path)
    return sorted(names.values(), key=sorted)


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
    """A name loses its leading and trailing slashes and its empty and dot components; ``..`` makes it no path."""
    assert normalized_path(name) == path


@given(st.lists(st.sampled_from(["", ".", "..", "...", "a", ".b", "c.", "..d"]), min_size=1, max_size=6).map("/".join))
def test_names_at_large(name: str) -> None:
    """Any name is no path when it is empty or holds ``..``, and otherwise its other components joined by slashes."""
    parts = name.split("/")
    expected = "/".join(part for part in parts if part not in ("", "."))
    assert normalized_path(name) == (None if not name or ".." in parts else expected)


@pytest.mark.parametrize("name", ["../etc/passwd", "a/../../b", "x" * 5000, "a/" * 3000])
def test_names_that_lead_elsewhere(name: str) -> None:
    """A member whose name is no path inside the image is not applied and is told as a problem."""
    index = index_of(file(name, b"x"), file("ok"))
    assert list(kinds_of(index)) == ["ok"]
    assert len(index.problems) == 1
    assert "not a path inside the image" in index.problems[0]


def test_name_with_a_zero_byte() -> None:
    """A name that holds a zero byte is no path."""
    made = tarfile.TarInfo("x" * 120)
    data = made.tobuf(tarfile.PAX_FORMAT).replace(b"x" * 120 + b"\n", b"x" * 60 + b"\0" + b"x" * 59 + b"\n") + bytes(
        1024
    )
    index = indexed(data)
    assert not index.entries
    assert r"\x00" in index.problems[0]


def test_problems_are_printable_and_few() -> None:
    """What a hostile tar makes the problems say is escaped, and there is an end to it."""
    index = index_of(*(file(f"../\x1b[31m{number}") for number in range(500)))
    assert all(text.isprintable() for text in index.problems)
    assert r"\x1b[31m0" in index.problems[0]
    assert len(index.problems) == 201
    assert index.problems[-1] == "… and more"


@pytest.mark.parametrize("name", [".", "./", "/"])
def test_root_entry(name: str) -> None:
    """A root entry is the directory with the empty path; anything but a directory cannot take its place."""
    (entry,) = index_of(directory(name, mode=0o711)).entries
    assert (entry.path, entry.kind, entry.mode) == ("", Kind.DIRECTORY, 0o711)
    index = index_of(symlink("./", "etc"), file("a"))
    assert list(kinds_of(index)) == ["a"]
    assert "in place of the root" in index.problems[0]


# The same path twice.


def test_last_one_counts() -> None:
    """The same path twice in one tar is the last one, and the bytes of the first are superseded."""
    index = index_of(file("a", b"1"), file("b"), file("./a", b"22", mode=0o600))
    assert sizes_of(index) == {"b": 0, "a": 2}
    assert [(entry.path, entry.size) for entry in index.superseded] == [("a", 1)]
    assert index.shipped_bytes == 3


def test_last_one_counts_whatever_its_type() -> None:
    """A path is what the last member of its name says, a symbolic link, a fifo and a device too."""
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
    """A hard link names the inode that its target is when the link comes, not what comes later."""
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
    """A file that a later member needs as a directory becomes one, named or only implied."""
    for items in ([file("p", b"1"), directory("p")], [file("p", b"1"), file("p/x")]):
        index = index_of(*items)
        assert "p" not in sizes_of(index)
        assert [entry.path for entry in index.superseded] == ["p"]
        assert merge([index]).find("p") is not None


def test_directory_then_file() -> None:
    """A file in place of a directory of the same tar takes away all that was in it."""
    index = index_of(file("d/x/y", b"12"), directory("d"), file("d/z", b"3"), symlink("d/s", "z"), file("d", b"4444"))
    assert kinds_of(index) == {"d": Kind.FILE}
    assert sorted((entry.path, entry.size) for entry in index.superseded) == [("d/x/y", 2), ("d/z", 1)]
    assert "first a directory and then something else" in index.problems[0]


def test_directory_then_file_then_directory() -> None:
    """A directory that comes back holds only what came after it did."""
    index = index_of(file("d/x"), file("d"), file("d/y"), file("d", b"1"), directory("d"), file("d/x/z"))
    assert sorted(kinds_of(index)) == ["d", "d/x/z"]


def test_directory_twice() -> None:
    """A directory named twice keeps what is in it and takes the last metadata."""
    index = index_of(directory("d", mode=0o700), file("d/x"), directory("d", mode=0o711))
    assert {entry.path: entry.mode for entry in index.entries} == {"d/x": 0o644, "d": 0o711}


def test_inode_survives_its_directory() -> None:
    """A hard link outside keeps the bytes of a file whose directory is replaced."""
    index = index_of(file("d/x", b"123"), hardlink("y", "d/x"), file("d"))
    assert names_by_inode(index) == [{"d"}, {"y"}]
    assert sizes_of(index)["y"] == 3
    assert not index.superseded


# Links.


def test_hard_link_has_its_inodes_metadata() -> None:
    """A hard link has size, mode, owner and time of its inode, and the target as it is spelled."""
    index = index_of(file("a", b"123", mode=0o600, uid=7, mtime=5), hardlink("b", "./a", mode=0o777, uid=1))
    first, second = index.entries
    assert second == first._replace(path="b", kind=Kind.HARDLINK, link="./a")
    assert index.shipped_bytes == 3


def test_link_to_nothing() -> None:
    """A hard link to a name that the layer does not bring is zero bytes and a problem."""
    index = index_of(hardlink("a", "nope"), hardlink("b", "../x"), hardlink("c", "/"))
    assert sizes_of(index) == {"a": 0, "b": 0, "c": 0}
    assert [text.split(" is ")[0] for text in index.problems] == ["“a”", "“b”", "“c”"]
    assert "“nope”, which the layer does not bring" in index.problems[0]


def test_forward_links() -> None:
    """Hard links that come before their file join it, links to links in any order too."""
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)):
        links = [hardlink("a", "b"), hardlink("b", "c"), hardlink("c", "z")]
        index = index_of(*(links[at] for at in order), file("z", b"123"))
        assert names_by_inode(index) == [{"a", "b", "c", "z"}]
        assert not index.problems
        assert index.shipped_bytes == 3


def test_forward_link_that_is_replaced() -> None:
    """Of two forward links of the same name the last one counts, and a file in its place undoes it."""
    index = index_of(hardlink("a", "x"), hardlink("a", "y"), file("x", b"1"), file("y", b"22"))
    assert names_by_inode(index) == [{"a", "y"}, {"x"}]
    index = index_of(hardlink("a", "x"), file("a", b"333"), file("x", b"1"))
    assert names_by_inode(index) == [{"a"}, {"x"}]


def test_links_in_a_circle() -> None:
    """Hard links that only name one another name nothing."""
    index = index_of(hardlink("a", "b"), hardlink("b", "c"), hardlink("c", "a"))
    assert sizes_of(index) == {"a": 0, "b": 0, "c": 0}
    assert len(index.problems) == 3


def test_link_to_itself() -> None:
    """A hard link to itself is not applied, and leaves what was there."""
    index = index_of(file("a", b"123"), hardlink("a", "./a"), hardlink("b", "b"))
    assert sizes_of(index) == {"a": 3}
    assert len(index.problems) == 2


def test_link_to_a_directory() -> None:
    """A hard link to a directory, which no file system makes, counts as empty."""
    index = index_of(directory("d"), file("d/x", b"123"), hardlink("a", "d"), hardlink("b", "a"))
    assert sizes_of(index) == {"d/x": 3, "a": 0, "b": 0}
    assert "hard link to the directory “d”" in index.problems[0]


@pytest.mark.parametrize("item", [symlink("s", "x"), fifo("s"), device("s", 1, 3)])
def test_link_to_something_without_bytes(item: Item) -> None:
    """A hard link to a symbolic link, fifo or device is one more of those."""
    first, second = index_of(item, hardlink("l", "s")).entries
    assert second == first._replace(path="l")


def test_link_that_replaces_the_directory_of_its_target() -> None:
    """A hard link in place of the directory that holds its target finds the target gone."""
    for items in ([file("d/x", b"123")], [directory("d"), file("d/x", b"123"), hardlink("d/y", "d/x")]):
        index = index_of(*items, hardlink("d", "d/x"))
        assert sizes_of(index) == {"d": 0}
        assert [entry.size for entry in index.superseded] == [3]


def test_link_through_a_symbolic_link() -> None:
    """A hard link's target leads through the symbolic links of its own layer."""
    index = index_of(file("usr/lib/a", b"123"), symlink("lib", "usr/lib"), hardlink("b", "lib/a"))
    assert names_by_inode(index) == [{"b", "usr/lib/a"}]


@pytest.mark.parametrize("target", ["usr/lib", "/usr/lib", "./usr/../usr/lib", "../../usr/lib", "second"])
def test_path_through_a_symbolic_link(target: str) -> None:
    """A path leads through the symbolic links that its own layer has brought before, inside the layer's root."""
    index = index_of(symlink("second", "usr/lib"), symlink("lib", target), file("lib/a", b"1"), directory("lib/d"))
    assert sorted(kinds_of(index)) == ["lib", "second", "usr/lib/a", "usr/lib/d"]


def test_path_through_a_link_that_comes_later() -> None:
    """A symbolic link in place of a directory takes away what was in it; it does not move it."""
    index = index_of(file("lib/a"), symlink("lib", "usr/lib"))
    assert sorted(kinds_of(index)) == ["lib"]


def test_path_through_links_in_a_circle() -> None:
    """A path below symbolic links that lead in a circle is not applied."""
    index = index_of(symlink("a", "b"), symlink("b", "a"), file("a/x"), whiteout("a/y"))
    assert sorted(kinds_of(index)) == ["a", "b"]
    assert "leads nowhere" in index.problems[0]
    assert not index.whiteouts


def test_links_that_multiply() -> None:
    """Symbolic links whose targets double with each step are given up early."""
    links = [symlink(f"l{number}", f"l{number - 1}/l{number - 1}") for number in range(1, 60)]
    index = index_of(symlink("l0", "."), *links, file("l59/x"))
    assert "x" not in kinds_of(index)


# Markers.


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_position_of_markers_does_not_matter(position: int) -> None:
    """Whiteouts and opaque marks say the same wherever in the tar they lie."""
    items = [directory("d"), file("d/x"), file("e")]
    items[position:position] = [whiteout("d/gone"), opaque("d"), whiteout("e"), whiteout("d/gone")]
    index = index_of(*items)
    assert sorted(kinds_of(index)) == ["d", "d/x", "e"]
    assert list(index.whiteouts) == ["d/gone", "e"]
    assert list(index.opaques) == ["d"]
    assert not index.problems


def test_root_can_be_opaque() -> None:
    """An opaque mark in the root concerns the root."""
    assert list(index_of(opaque("")).opaques) == [""]
    assert list(index_of(file("./.wh..wh..opq")).opaques) == [""]


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "d/.wh.", "d/.wh..", "d/.wh..."])
def test_whiteout_of_nothing(name: str) -> None:
    """A whiteout without a name, or of ``.`` or ``..``, is a problem and hides nothing."""
    index = index_of(file(name), file("a"))
    assert list(kinds_of(index)) == ["a"]
    assert not index.whiteouts
    assert "a whiteout of nothing" in index.problems[0]


def test_whiteout_of_hidden_names() -> None:
    """A whiteout of a name that begins with dots is a whiteout like any other."""
    assert list(index_of(whiteout(".a"), whiteout("..a"), whiteout("....")).whiteouts) == [".a", "..a", "...."]


def test_aufs_bookkeeping_is_ignored() -> None:
    """Other ``.wh..wh.`` names, and what lies below them, are ignored without a word."""
    index = index_of(
        directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2", b"x"), file("d/.wh..wh.aufs"), file(".wh..wh..opqx")
    )
    assert (list(index.entries), list(index.whiteouts), list(index.opaques), list(index.problems)) == ([], [], [], [])


def test_nothing_lies_below_a_whiteout() -> None:
    """A member below a whiteout's name is not applied, nor is a marker there; the whiteout itself counts."""
    index = index_of(file(".wh.d/x", b"1"), directory(".wh.d"), file(".wh.d/.wh.y"), file("a/.wh.b/c/d"))
    assert not index.entries
    assert list(index.whiteouts) == ["d"]
    assert ["lies below a whiteout" in text for text in index.problems] == [True, True]


@pytest.mark.parametrize("kind", [file, symlink, directory, fifo])
def test_markers_of_any_type(kind: Callable[..., Item]) -> None:
    """A marker is known by its name, whatever the type of its member."""
    more = ("target",) if kind is symlink else ()
    index = index_of(kind(".wh.a", *more), kind("d/.wh..wh..opq", *more))
    assert (list(index.whiteouts), list(index.opaques), list(index.entries)) == (["a"], ["d"], [])


def test_markers_through_a_symbolic_link() -> None:
    """A marker below a symbolic link of its own layer concerns the directory that the link leads to."""
    index = index_of(symlink("lib", "usr/lib"), whiteout("lib/a"), opaque("lib/d"))
    assert list(index.whiteouts) == ["usr/lib/a"]
    assert list(index.opaques) == ["usr/lib/d"]


@pytest.mark.parametrize("marker", [whiteout("p/x"), opaque("p"), whiteout("p/q/r/x"), opaque("p/q/r")])
def test_markers_below_a_file_of_their_layer(marker: Item) -> None:
    """A marker at any depth below what its own layer has as a file is a problem and hides nothing."""
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
    """A file or directory whose header holds a link target all the same has none."""
    (entry,) = index_of(Item("a", b"x", link="stray")).entries
    assert entry.link == ""


def test_unknown_types_count_as_files() -> None:
    """A member of an unknown type ships its bytes and is told as a problem."""
    index = index_of(Item("a", b"123", type=b"Z"))
    assert sizes_of(index) == {"a": 3}
    assert "unknown tar type" in index.problems[0]


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_compression_makes_no_difference(compress: Callable[[bytes], bytes]) -> None:
    """A layer has the same index plain, gzipped and as zstd, but for the fingerprints taken as it streamed past."""
    data = layer(
        file("a", b"x" * 3_000_000),
        hardlink("b", "a"),
        file("a"),
        symlink("s", "a"),
        whiteout("gone"),
        opaque("d"),
        file("../x", b"yy"),
    )
    plain, streamed = indexed(data), indexed(compress(data))
    assert streamed.fingerprints
    for field in ("entries", "superseded", "whiteouts", "opaques", "sparse", "problems"):
        assert getattr(streamed, field) == getattr(plain, field)


def test_fingerprints_tell_contents_apart() -> None:
    """The fingerprints of a streamed layer are equal exactly where the contents are."""
    index = indexed(gzipped(layer(file("a", b"same"), file("b", b"same"), file("c", b"sane"), file("e"))))
    prints = {entry.path: index.fingerprints.get(entry.inode) for entry in index.entries}
    assert prints["a"] == prints["b"] == fingerprint([b"sa", b"me"], 4)
    assert prints["a"] != prints["c"]
    assert prints["e"] is None


def test_fingerprint_of_a_sparse_file() -> None:
    """A sparse file has the fingerprint of what a reader sees, holes as zeros."""
    assert fingerprint([b"abcdef"], 100_000, ((10, 4), (90_000, 2))) == fingerprint(
        [bytes(10), b"abcd", bytes(89_986), b"ef", bytes(9_998)], 100_000
    )


def test_holes_cost_little() -> None:
    """A layer makes no work out of nothing: holes are hashed as zeros only in proportion to what is stored."""
    hole = 60 << 20
    stored = bytes(1 << 20)
    dense = fingerprint([stored, *([stored] * 60)], hole + len(stored))
    assert fingerprint([stored], hole + len(stored), ((hole, len(stored)),)) == dense
    assert fingerprint([], hole, ()) != fingerprint([stored] * 60, hole)
    assert fingerprint([], 100_000, ()) == fingerprint([bytes(100_000)], 100_000)


def test_fingerprint_of_a_vast_sparse_file() -> None:
    """A sparse file of exabytes of holes has a fingerprint at once, and another one when it differs."""
    vast = 1 << 60
    prints = {fingerprint([b"ab"], size, ((at, 2),)) for size, at in ((vast, 0), (vast, 1), (vast + 1, 0))}
    assert len(prints) == 3
    assert fingerprint([b"a", b"b"], vast, ((0, 2),)) in prints


# Digests and damage.

DATA = layer(file("a", b"x" * 10_000), file("b", random.Random(1).randbytes(5_000)))


def layer_error(data: bytes, digest: str | None = None, diff_id: str = "") -> str:
    """What is said of a layer that cannot be read."""
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: ") as caught:
        index_layer(ranged(data), "layer 5", digest=digest, diff_id=diff_id)
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_right_digests(compress: Callable[[bytes], bytes]) -> None:
    """A compressed layer whose digests are as told is indexed; those of other algorithms are not looked at."""
    stored = compress(DATA)
    index = index_layer(ranged(stored), "layer 5", digest=digest(stored), diff_id=digest(DATA))
    assert len(index.entries) == 2
    assert index_layer(ranged(stored), "layer 5", digest="sha512:0", diff_id="sha512:0") == index


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_wrong_digests(compress: Callable[[bytes], bytes]) -> None:
    """A blob whose digest or diff_id differs is an error that names what was found and what was expected."""
    stored = compress(DATA)
    wrong = "sha256:" + "0" * 64
    assert f"its digest is {digest(stored)}, expected {wrong}" in layer_error(stored, digest=wrong)
    message = layer_error(stored, digest=digest(stored), diff_id=wrong)
    assert f"its uncompressed digest (diff_id) is {digest(DATA)}, expected {wrong}" in message


def test_messages_are_printable() -> None:
    """A digest that is compared comes from the image's documents, and is shown escaped."""
    assert "expected sha256:\\x1b[2J" in layer_error(gzipped(DATA), digest="sha256:\x1b[2J")


@pytest.mark.parametrize("readable", [0, 8])
@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_disks_that_fail(monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes], readable: int) -> None:
    """A file that the system cannot read is an error that names the layer and says what to do, wherever it is met."""
    contents = TarLayer("layer 5", ranged(compress(DATA)))
    index = contents.index(lambda _: None)
    pread = os.pread

    def failing(descriptor: int, size: int, offset: int) -> bytes:
        if size <= readable:
            return pread(descriptor, size, offset)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def read() -> None:
        content_of(contents, index, index.entries[0])

    monkeypatch.setattr(os, "pread", failing)
    looks = (read, lambda: contents.index(lambda _: None), lambda: index_layer(contents.part, "layer 5"))
    for look in looks:
        with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: .*Input/output error") as caught:
            look()
        assert caught.value.hint


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_files_that_lose_their_end(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """A content that is not there any more is an error, not a shorter content."""
    path = tmp_path / "layer"
    path.write_bytes(compress(DATA))
    with path.open("rb") as opened:
        contents = TarLayer("layer 5", FileRange.whole(opened))
    index = contents.index(lambda _: None)
    os.truncate(path, path.stat().st_size // 3)
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: .*cut off"):
        content_of(contents, index, index.entries[1])


def test_an_absent_layer_says_what_to_do() -> None:
    """A layer that is not there has a problem instead of entries, and an error with a remedy instead of contents."""
    absent = AbsentLayer("layer 5", "it is not included")
    index = absent.index(lambda _: None)
    assert (index.entries, index.problems) == ((), ("it is not included",))
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: it is not included") as caught:
        content_of(absent, index, Entry("a", Kind.FILE, 1, 0o644, 0, 0, 0, "", (), 0))
    assert caught.value.hint


@pytest.mark.parametrize("compress", [bytes, gzipped, zstded])
def test_a_tar_without_an_end_mark(compress: Callable[[bytes], bytes]) -> None:
    """A tar that was cut between two members is indexed, and the missing end is a problem of its layer."""
    cut = DATA[: DATA.index(b"b\0\0\0")]
    assert len(cut) % 512 == 0
    index = indexed(compress(cut))
    assert [entry.path for entry in index.entries] == ["a"]
    assert list(index.problems) == ["the layer's tar ends without an end mark; it may be cut off"]
    assert not indexed(compress(DATA)).problems


def test_foreign_compression_names_the_layer() -> None:
    """A layer in a compression that cannot be read is told by its name, however one asks."""
    contents = TarLayer("layer 5", ranged(b"\xfd7zXZ\0" + bytes(600)))
    with pytest.raises(UnreadableLayer, match=r"^layer 5 cannot be read: the data is compressed with xz"):
        _ = contents.streams


def test_bytes_behind_the_end_count_for_the_digest() -> None:
    """What lies behind the end marks of the tar belongs to the uncompressed digest."""
    longer = DATA + b"\1" * 3_000_000
    index = index_layer(ranged(gzipped(longer)), "layer 5", diff_id=digest(longer))
    assert len(index.entries) == 2
    layer_error(gzipped(longer), diff_id=digest(DATA))


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_truncated_compression(compress: Callable[[bytes], bytes]) -> None:
    """Compressed data that is cut off anywhere is an error, also behind the last member."""
    stored = compress(DATA)
    for stop in (*range(20, len(stored), 997), len(stored) - 9, len(stored) - 1):
        assert "damaged or cut off" in layer_error(stored[:stop])


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_damaged_compression(compress: Callable[[bytes], bytes]) -> None:
    """A byte changed in compressed data is an error, be it found by the format or by the digest."""
    stored = bytearray(compress(DATA))
    stored[len(stored) // 2] ^= 0xFF
    layer_error(bytes(stored), digest=digest(compress(DATA)))


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_garbage_behind_compression(compress: Callable[[bytes], bytes]) -> None:
    """Bytes behind compressed data that are not of its kind are an error."""
    assert "damaged or cut off" in layer_error(compress(DATA) + b"garbage, and some more of it")


@pytest.mark.parametrize("compress", [gzipped, zstded])
def test_compression_in_several_members(compress: Callable[[bytes], bytes]) -> None:
    """Compressed data in several members, one behind the other, is one layer."""
    stored = compress(DATA[:7_000]) + compress(DATA[7_000:7_001]) + compress(b"") + compress(DATA[7_001:])
    index = index_layer(ranged(stored), "layer 5", digest=digest(stored), diff_id=digest(DATA))
    assert index.entries == indexed(DATA).entries


def test_unsupported_compression() -> None:
    """A compression that layers do not come in is named in the error."""
    assert "compressed with xz, expected gzip, zstd or a plain tar" in layer_error(lzma.compress(DATA))


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer of more members than any real one is refused, by name."""
    monkeypatch.setattr(layer_builder, "MAX_ENTRIES", 3)
    assert len(indexed(layer(*(file(str(number)) for number in range(3)))).entries) == 3
    assert "more than 3 members" in layer_error(layer(*(file(str(number)) for number in range(4))))


@pytest.mark.parametrize("compress", [bytes, gzipped])
def test_progress_and_cancelling(compress: Callable[[bytes], bytes]) -> None:
    """Whoever listens hears of all stored bytes in the end, and stops the work by raising."""
    stored = compress(DATA)
    heard: list[int] = []
    index_layer(ranged(stored), "layer 5", on_progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == len(stored)

    def stop(_: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        index_layer(ranged(stored), "layer 5", on_progress=stop)


# The real thing.


def random_items(chance: random.Random) -> Sequence[Item]:
    """Members that collide all the time, and lead through one another's symbolic links."""
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
            items.append(symlink(path, other, **mine))
        else:
            items.append(hardlink(path, other))
    return items


def test_random_layers_against_unpacking(tmp_path: Path) -> None:
    """A random layer's index is what unpacking the layer leaves: paths, types, contents, targets, modes and inodes."""
    unpacked = 0
    for seed in range(800):
        items = random_items(random.Random(seed))
        root = tmp_path / str(seed)
        root.mkdir()
        try:
            overlay.unpack(items, root)
        except (OSError, RuntimeError):
            continue  # a link to nothing, a file as a parent: no order of unpacking would have made it
        unpacked += 1
        data = layer(*items)
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
    """The layer's files by path."""
    return {entry.path: entry for entry in index.entries if entry.kind.has_content}


@given(st.integers(0, 1 << 32))
def test_promises_hold_for_any_layer(seed: int) -> None:
    """Entries are unique, every inode has one file, and no path leads through a file, whatever members collide."""
    chance = random.Random(seed)
    items = [*random_items(chance), *overlay.random_layer(chance), *random_items(chance)]
    chance.shuffle(items)
    data = layer(*items)
    index = indexed(data)
    check_promises(index)
    shipped = sum(len(item.content) for item in items if not item.name.startswith(".wh."))
    assert index.shipped_bytes <= shipped
    merge([index])


def test_a_null_device_is_a_whiteout() -> None:
    """A character device 0:0 is how an unpacked layer hides a path, and never shows as a device."""
    found = indexed(layer(file("a", b"1"), device("d/x", 0, 0), device("null", 1, 3)))
    assert [entry.path for entry in found.entries] == ["a", "null"]
    assert list(found.whiteouts) == ["d/x"]


def test_deep_directories_without_names_are_bounded() -> None:
    """A small tar cannot ask for gigabytes of directory names."""
    deep = "/".join(["d"] * 2000)
    with pytest.raises(UnreadableLayer, match="directories that it does not name"):
        indexed(layer(*(file(f"{number}/{deep}/f") for number in range(40))))


def test_a_long_link_target_is_cut() -> None:
    """A link target longer than any kernel's is kept as far as one would be, and is a problem."""
    found = indexed(layer(symlink("s", "x" * 5000)))
    assert len(found.entries[0].link) == 4096
    assert "5,000 characters" in found.problems[0]


def test_vast_attributes_are_left_out() -> None:
    """More attributes than any kernel keeps are a problem, and not kept."""
    found = indexed(layer(file("a", b"1", xattrs={"user.x": "y" * 70_000})))
    assert found.entries[0].xattrs == ()
    assert "extended attributes" in found.problems[0]


def test_deep_markers_are_bounded() -> None:
    """The directories that whiteouts lie in count, too."""
    deep = "/".join(["d"] * 2000)
    with pytest.raises(UnreadableLayer, match="directories that it does not name"):
        indexed(layer(*(whiteout(f"{number}/{deep}/f") for number in range(40))))
