"""Contents that several layers, or several paths, ship: each is scanned once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.analysis.findings.secrets.scannable import is_scannable
from explorer.layers.tree import Tree
from explorer.model import Entry, Layer

Content = tuple[int, int]
"""The layer and the inode of a file."""


def first_copies(tree: Tree, layers: Sequence[Layer]) -> Sequence[Mapping[int, Content]]:
    """Returns the inodes of each layer that ship the same as an earlier one.

    Only fingerprints that are known are compared: those of compressed layers, and of paths that several layers ship.
    """
    by_content: dict[bytes, Content] = {}
    by_contents: dict[int, int] = {}
    copies: list[dict[int, Content]] = []
    for number, (layer, index) in enumerate(zip(layers, tree.layers, strict=True)):
        found: dict[int, Content] = {}
        first_layer = by_contents.setdefault(id(layer.contents), number)
        for entry in scannable_files(tree, number):
            inode = entry.inode
            if first_layer != number:
                found[inode] = copies[first_layer].get(inode, (first_layer, inode))
                continue
            known = index.fingerprints.get(inode) or index.digests.get(inode)
            if known is not None:
                first = by_content.setdefault(known, (number, inode))
                if first != (number, inode):
                    found[inode] = first
        copies.append(found)
    return copies


def scannable_files(tree: Tree, layer: int) -> list[Entry]:
    """Returns the files of a layer that may hold secrets, also those without a name."""
    index = tree.layers[layer]
    return [entry for entry in (*index.entries, *index.superseded) if is_scannable(entry)]
