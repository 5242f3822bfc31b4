"""Contents that are fingerprinted because they may be copies."""

from __future__ import annotations

from explorer.layers.copies import comparable_inodes
from tests.images import file, layer, merged, symlink


def test_comparable_inodes_are_few() -> None:
    """Only contents that share a path and a size in different versions need fingerprints; empty ones never do."""
    tree = merged(
        layer(file("same", b"123"), file("other", b"1"), file("once", b"123"), file("empty")),
        layer(file("same", b"456"), file("other", b"12"), file("empty", mode=0o600)),
        layer(symlink("other", "same")),
    )
    wanted = [[entry.path for entry in entries.values()] for entries in comparable_inodes(tree)]
    assert wanted == [["same"], ["same"], []]


def test_comparable_inodes_leave_out_the_known() -> None:
    """A content with a fingerprint from streaming needs no other one."""
    tree = merged(layer(file("a", b"1")), layer(file("a", b"2")))
    node = tree.find("a")
    assert node is not None
    entry = node.entry_at(0)
    assert entry is not None
    tree.add_fingerprints(0, {entry.inode: b"known"})
    assert [[entry.path for entry in entries.values()] for entries in comparable_inodes(tree)] == [[], ["a"]]
