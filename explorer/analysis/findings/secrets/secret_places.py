"""The places of contents that have secrets: all versions of paths that ship them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from explorer.analysis.findings.secrets.same_contents import Content
from explorer.layers.tree import Tree
from explorer.model import Entry


class SecretPlace(NamedTuple):
    """A version of a path that ships a content."""

    layer: int
    path: str
    bytes: int
    hidden_in: int | None
    """The layer that hides it; None if a container sees it."""
    is_replaced: bool = False
    """True if that layer has something else at the path."""


def places_of(
    tree: Tree, contents: Iterable[Content], copies: Sequence[Mapping[int, Content]]
) -> dict[Content, list[SecretPlace]]:
    """Returns all places of contents and of their copies, by layer.

    Args:
        tree: The merged tree.
        contents: The contents.
        copies: The contents of each layer that another file has.
    """
    wanted = set(contents)
    places: dict[Content, list[SecretPlace]] = {content: [] for content in wanted}
    for layer, index in enumerate(tree.layers):
        by_inode = {inode: (layer, inode) for first, inode in wanted if first == layer}
        by_inode.update((inode, first) for inode, first in copies[layer].items() if first in wanted)
        if not by_inode:
            continue
        for entry in index.entries:
            if entry.inode in by_inode and entry.kind.has_content:
                places[by_inode[entry.inode]].append(_place(tree, layer, entry))
        for entry in index.superseded:
            if entry.inode in by_inode:
                places[by_inode[entry.inode]].append(
                    SecretPlace(layer, entry.path, entry.size, layer, is_replaced=True)
                )
    return places


def _place(tree: Tree, layer: int, entry: Entry) -> SecretPlace:
    node = tree.find(entry.path)
    after = node.version_after(layer) if node is not None else None
    if node is None or after is None:
        return SecretPlace(layer, entry.path, entry.size, None)
    is_replaced = node.entry_at(after.layer) is not None
    return SecretPlace(layer, entry.path, entry.size, after.layer, is_replaced)
