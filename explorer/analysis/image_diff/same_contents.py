"""The equality of contents in two images."""

from __future__ import annotations

from explorer.layers.tree import Tree, Version


def same_content(old_tree: Tree, old: Version, new_tree: Tree, new: Version) -> bool | None:
    """True if the files of two images have the same bytes; None if that is unknown.

    Files of the same size need digests or fingerprints of both.
    """
    before, after = old.entry, new.entry
    if before is None or after is None or before.size != after.size:
        return False
    if not before.size:
        return True
    old_index, new_index = old_tree.layers[old.layer], new_tree.layers[new.layer]
    if old_index is new_index and before.inode == after.inode:
        return True
    for old_digests, new_digests in (
        (old_index.digests, new_index.digests),
        (old_index.fingerprints, new_index.fingerprints),
    ):
        if before.inode in old_digests and after.inode in new_digests:
            return old_digests[before.inode] == new_digests[after.inode]
    return None
