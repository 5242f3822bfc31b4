"""The places of contents that have secrets: all versions of paths that ship them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from explorer.analysis.findings.secrets.same_contents import Content
from explorer.layers.tree import Tree


class SecretPlace(NamedTuple):
    """A version of a path that ships a content."""

    layer: int
    path: str
    bytes: int
    hidden_in: int | None
    """The layer that hides it; None if a container sees it."""


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
                hidden_in = _hidden_in(tree, layer, entry.path)
                places[by_inode[entry.inode]].append(SecretPlace(layer, entry.path, entry.size, hidden_in))
        for entry in index.superseded:
            if entry.inode in by_inode:
                places[by_inode[entry.inode]].append(SecretPlace(layer, entry.path, entry.size, layer))
    return places


def _hidden_in(tree: Tree, layer: int, path: str) -> int | None:
    node = tree.find(path)
    after = node.version_after(layer) if node is not None else None
    return None if after is None else after.layer
