"""Two images as two layers, where no content was read."""

from __future__ import annotations

from explorer.analysis.changes import changes
from explorer.analysis.image_diff.file_changes import file_changes
from explorer.analysis.image_diff.joined_layers import joined_layers
from explorer.analysis.image_diff.path_pairs import path_pairs
from explorer.analysis.waste import byte_usage
from explorer.layers.merge import merge
from explorer.layers.tree import Tree
from explorer.model import Change
from tests.images import file, hardlink, layer, merged, whiteout

LINKED = layer(file("a", b"12345"), hardlink("b", "a"))


def _joined(old: Tree, new: Tree) -> Tree:
    found = file_changes(old, new, path_pairs(old, new, {(0, 0)}))
    return merge(made.index for made in joined_layers(old, new, found))


def test_a_name_that_comes_back_to_a_shared_layer() -> None:
    """Another name of an inode in a shared layer is added, and the names that stay are not changed."""
    both = _joined(merged(LINKED, layer(whiteout("b"))), merged(LINKED))
    assert {node.path: change for node, change in changes(both, 0, 1).by_node.items()} == {"b": Change.ADDED}
    assert byte_usage(both).visible_bytes == 5


def test_a_name_that_leaves_a_shared_layer() -> None:
    """A removed name of an inode in a shared layer changes nothing else."""
    both = _joined(merged(LINKED), merged(LINKED, layer(whiteout("a"))))
    assert {node.path: change for node, change in changes(both, 0, 1).by_node.items()} == {"a": Change.REMOVED}
    assert both.layers[1].entries == []
    assert byte_usage(both).visible_bytes == 5
