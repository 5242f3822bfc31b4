"""The visible files that layers above the base ship, in one walk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.layers.tree import Node, Tree
from explorer.model import Entry, Kind

_FILE, _HARDLINK, _SYMLINK, _DIRECTORY = Kind.FILE, Kind.HARDLINK, Kind.SYMLINK, Kind.DIRECTORY
SET_ID_BITS = 0o6000
WORLD_WRITABLE_BIT = 0o002
_STICKY_BIT = 0o1000


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The visible files that layers above the base ship, grouped for practices."""

    by_layer: Mapping[int, Sequence[Entry]]
    """Files by the layer that ships them."""
    set_id: Sequence[Node]
    """Programs that run with the rights of their owner or group."""
    world_writable: Sequence[Node]
    """Files, and directories without sticky bit, that everybody may write."""
    links: Sequence[Node]
    """Symbolic links."""
    by_uid: Mapping[int, Sequence[Node]]
    """Files by their owner; those of root are left out."""


def own_files(tree: Tree, base_layers: int) -> OwnFiles:
    """Returns the visible files of the layers above the base.

    A right that a path already has in the base is the base's.
    """
    by_layer: defaultdict[int, list[Entry]] = defaultdict(list)
    set_id: list[Node] = []
    world_writable: list[Node] = []
    links: list[Node] = []
    by_uid: defaultdict[int, list[Node]] = defaultdict(list)
    for layer in range(base_layers, len(tree.layers)):
        # A node that a layer both hid and added is there twice.
        for node in dict.fromkeys(tree.touched[layer]):
            number, entry = node.history[-1]
            if number != layer or entry is None:
                continue
            kind, mode = entry.kind, entry.mode
            if kind is _SYMLINK:
                links.append(node)
                continue
            if kind is _FILE or kind is _HARDLINK:
                by_layer[layer].append(entry)
                if mode & SET_ID_BITS:
                    set_id.append(node)
                if entry.uid:
                    by_uid[entry.uid].append(node)
            elif kind is not _DIRECTORY or mode & _STICKY_BIT:
                continue
            if mode & WORLD_WRITABLE_BIT:
                world_writable.append(node)
    return OwnFiles(
        by_layer,
        [node for node in set_id if not _base_mode(node, base_layers) & SET_ID_BITS],
        [node for node in world_writable if not _base_mode(node, base_layers) & WORLD_WRITABLE_BIT],
        links,
        by_uid,
    )


def _base_mode(node: Node, base_layers: int) -> int:
    """Returns the mode of a path in the base; 0 if the base does not have it."""
    entry = node.entry_at(base_layers - 1)
    return entry.mode if entry is not None and entry.kind is not _SYMLINK else 0
