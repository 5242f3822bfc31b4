"""Indexing links: hard links, and paths through symbolic links."""

from __future__ import annotations

import pytest

from explorer.layers.index_format import decode_index, encode_index
from explorer.model import Kind
from tests.images import (
    Item,
    device,
    directory,
    fifo,
    file,
    hardlink,
    indexed,
    layer,
    symlink,
    whiteout,
)
from tests.layers.indexing import index_of, kinds_of, names_by_inode, sizes_of


def test_hard_link_has_its_inodes_metadata() -> None:
    """The names of an inode share the mode, owner and time of the last hard link's own header, as unpacked."""
    index = index_of(file("a", b"123", mode=0o600, uid=7, mtime=5), hardlink("b", "./a", mode=0o777, uid=1, mtime=9))
    first, second = index.entries
    assert (first.mode, first.uid, first.mtime_ns) == (0o777, 1, 9_000_000_000)
    assert second == first._replace(path="b", kind=Kind.HARDLINK, link="./a")
    assert index.shipped_bytes == 3


def test_link_to_nothing() -> None:
    """A hard link to a name that the layer does not bring is zero bytes and a problem."""
    index = index_of(hardlink("a", "nope"), hardlink("b", "../x"), hardlink("c", "/"))
    assert sizes_of(index) == {"a": 0, "b": 0, "c": 0}
    assert [text.split(" is ")[0] for text in index.problems] == ["“a”", "“b”", "“c”"]
    assert "“nope”, which the layer does not bring" in index.problems[0]


def test_forward_links() -> None:
    """Hard links in front of their file join its inode, also links to links in any order."""
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)):
        links = [hardlink("a", "b"), hardlink("b", "c"), hardlink("c", "z")]
        index = index_of(*(links[at] for at in order), file("z", b"123"))
        assert names_by_inode(index) == [{"a", "b", "c", "z"}]
        assert not index.problems
        assert index.shipped_bytes == 3


def test_forward_link_that_is_replaced() -> None:
    """The last of two forward links of the same name counts, and a later file replaces it."""
    index = index_of(hardlink("a", "x"), hardlink("a", "y"), file("x", b"1"), file("y", b"22"))
    assert names_by_inode(index) == [{"a", "y"}, {"x"}]
    index = index_of(hardlink("a", "x"), file("a", b"333"), file("x", b"1"))
    assert names_by_inode(index) == [{"a"}, {"x"}]


def test_links_in_a_circle() -> None:
    """Hard links that only name each other name no file."""
    index = index_of(hardlink("a", "b"), hardlink("b", "c"), hardlink("c", "a"))
    assert sizes_of(index) == {"a": 0, "b": 0, "c": 0}
    assert len(index.problems) == 3


def test_link_to_itself() -> None:
    """A hard link to itself is not applied, and changes nothing."""
    index = index_of(file("a", b"123"), hardlink("a", "./a"), hardlink("b", "b"))
    assert sizes_of(index) == {"a": 3}
    assert len(index.problems) == 2


def test_link_to_a_directory() -> None:
    """A hard link to a directory counts as empty."""
    index = index_of(directory("d"), file("d/x", b"123"), hardlink("a", "d"), hardlink("b", "a"))
    assert sizes_of(index) == {"d/x": 3, "a": 0, "b": 0}
    assert "hard link to the directory “d”" in index.problems[0]


@pytest.mark.parametrize("item", [symlink("s", "x"), fifo("s"), device("s", 1, 3)])
def test_link_to_something_without_bytes(item: Item) -> None:
    """A hard link to a symbolic link, fifo or device becomes another entry of that kind."""
    first, second = index_of(item, hardlink("l", "s")).entries
    assert second == first._replace(path="l")


def test_link_that_replaces_the_directory_of_its_target() -> None:
    """A hard link that replaces the directory of its target has no target."""
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
    """A path leads through earlier symbolic links of its own layer, inside the layer's root."""
    index = index_of(symlink("second", "usr/lib"), symlink("lib", target), file("lib/a", b"1"), directory("lib/d"))
    assert sorted(kinds_of(index)) == ["lib", "second", "usr/lib/a", "usr/lib/d"]


def test_path_through_a_link_that_comes_later() -> None:
    """A symbolic link that replaces a directory removes its content."""
    index = index_of(file("lib/a"), symlink("lib", "usr/lib"))
    assert sorted(kinds_of(index)) == ["lib"]


def test_path_through_links_in_a_circle() -> None:
    """A path below symbolic links that lead in a circle is not applied."""
    index = index_of(symlink("a", "b"), symlink("b", "a"), file("a/x"), whiteout("a/y"))
    assert sorted(kinds_of(index)) == ["a", "b"]
    assert "leads nowhere" in index.problems[0]
    assert not index.whiteouts


def test_links_that_multiply() -> None:
    """Symbolic links whose targets double with each step are refused early."""
    links = [symlink(f"l{number}", f"l{number - 1}/l{number - 1}") for number in range(1, 60)]
    index = index_of(symlink("l0", "."), *links, file("l59/x"))
    assert "x" not in kinds_of(index)


def test_a_nul_ends_a_link_target() -> None:
    """A link target with a NUL is cut there and noted, so that the index can be cached and read again."""
    content = layer(symlink("a", "b" * 150 + "?c"), hardlink("h", "b" * 150 + "?c"))
    index = indexed(content.replace(b"b?c", b"b\0c"))
    assert [entry.link for entry in index.entries] == ["b" * 150] * 2
    assert [problem for problem in index.problems if "NUL" in problem] == [
        f"“{path}” has a link target with a NUL; it was cut there" for path in "ah"
    ]
    assert decode_index(encode_index(index)).entries == index.entries
