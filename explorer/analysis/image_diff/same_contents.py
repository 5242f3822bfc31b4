"""The equality of contents in two images."""

from __future__ import annotations

from explorer.layers.tree import Tree, Version
from explorer.model import Entry, LayerIndex


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
    digest = old_index.digests.get(before.inode)
    other = new_index.digests.get(after.inode) if digest is not None else None
    if other is None:
        digest, other = old_index.fingerprints.get(before.inode), new_index.fingerprints.get(after.inode)
    return None if digest is None or other is None else digest == other


def is_same_but_time(old: LayerIndex, before: Entry, new: LayerIndex, after: Entry) -> bool:
    """True if two entries certainly differ in nothing but their modification time.

    It is a short way for the most frequent answer: most paths of another build are like that.
    """
    # Kind, size, mode and owner; link and attributes.
    if before[1:6] != after[1:6] or before[7:9] != after[7:9]:
        return False
    if not before.size:
        return True
    known = old.fingerprints.get(before.inode)
    # The digests of a table of contents take precedence, and they are rare.
    return known is not None and known == new.fingerprints.get(after.inode) and not (old.digests and new.digests)
