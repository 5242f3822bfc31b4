"""The merged tree of an image; each node keeps its history through the layers.

The merged tree at layer *k* is the tree that the kernel's overlayfs shows when layers 0 to *k*, each unpacked on its
own, are its lower directories. Nothing is copied per layer: the histories answer what a layer shows, what changed
between two layers, and what was wasted.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from explorer.model import Entry, Kind, LayerIndex

DEFAULT_DIRECTORY = Entry(
    path="", kind=Kind.DIRECTORY, size=0, mode=0o755, uid=0, gid=0, mtime_ns=0, link="", xattrs=(), inode=0
)
"""The entry of the root, and of directories that no layer names."""
_MAX_LINEAR_VERSIONS = 8
"""Up to this many versions, a loop is faster than bisection."""


class Version(NamedTuple):
    """The state of a path after one layer."""

    layer: int
    entry: Entry | None
    """None if the layer hid the path."""


_layer_of = attrgetter("layer")


class Node:
    """A path that a layer names, or a directory above it."""

    __slots__ = ("children", "history", "name", "parent")

    def __init__(self, name: str, parent: Node | None, version: Version) -> None:
        self.name = name
        self.parent = parent
        self.children: dict[str, Node] | None = None
        """None as long as nothing has been below the path."""
        self.history: tuple[Version, ...] = (version,)
        """Bottom layer first. A layer that hid the path and also added it appears twice."""

    @property
    def path(self) -> str:
        """The path relative to the root, without leading slash; the root is ``""``."""
        names = []
        node = self
        while node.parent is not None:
            names.append(node.name)
            node = node.parent
        return "/".join(reversed(names))

    def ancestors(self) -> Iterator[Node]:
        """Yields the directories above the path, the nearest first and the root last."""
        directory = self.parent
        while directory is not None:
            yield directory
            directory = directory.parent

    def version_at(self, layer: int) -> Version | None:
        """Returns the last version up to ``layer``; None if the path did not exist then."""
        if len(self.history) > _MAX_LINEAR_VERSIONS:
            end = bisect_right(self.history, layer, key=_layer_of)
            return self.history[end - 1] if end else None
        for version in reversed(self.history):
            if version.layer <= layer:
                return version
        return None

    def version_after(self, layer: int) -> Version | None:
        """Returns the first version above ``layer``; None if there is none."""
        return next((version for version in self.history if version.layer > layer), None)

    def entry_at(self, layer: int) -> Entry | None:
        """Returns the entry that layers 0 to ``layer`` show, if any. Layer -1 is empty."""
        if len(self.history) > _MAX_LINEAR_VERSIONS:
            version = self.version_at(layer)
            return version.entry if version else None
        for version in reversed(self.history):
            if version.layer <= layer:
                return version.entry
        return None


class InodeName(NamedTuple):
    """A name of an inode that has several names."""

    node: Node
    entry: Entry

    def position(self, layer: int) -> int:
        """Returns the index in ``node.history`` of this layer's entry."""
        # The layer's last version is the added one; an earlier one may have hidden the path.
        return bisect_right(self.node.history, layer, key=_layer_of) - 1


class Tree:
    """The merged tree, with lists of nodes that save walks over the whole tree."""

    def __init__(self) -> None:
        self.root = Node("", None, Version(0, DEFAULT_DIRECTORY))
        self.root.children = {}
        self.layers: list[LayerIndex] = []
        self.touched: list[list[Node]] = []
        """For each layer, the nodes that it added or hid; a node appears twice if the layer did both."""
        self.touched_again: list[list[Node]] = []
        """For each layer, the touched nodes that lower layers had touched before; the others are new."""
        self.revised: list[Node] = []
        """The nodes with several versions, without the root. Apart from it, only these can be modified or hidden."""
        self.linked: dict[tuple[int, int], list[InodeName]] = {}
        """(layer, inode) to the names of the inode, if it has several."""

    @property
    def top(self) -> int:
        """The number of the topmost layer; -1 for an image without layers."""
        return len(self.layers) - 1

    def find(self, path: str) -> Node | None:
        """Returns the node of a path, with or without leading slash, even if hidden."""
        node: Node | None = self.root
        for name in path.split("/"):
            if name and node is not None:
                node = node.children.get(name) if node.children else None
        return node

    def counterpart(self, node: Node) -> Node | None:
        """Returns the node of the same path as a node of another tree."""
        return self.find(node.path)

    def walk(self) -> Iterator[Node]:
        """Yields all nodes, parents first, siblings in the byte order of names."""
        stack = [self.root]
        while stack:
            node = stack.pop()
            yield node
            if node.children:
                stack.extend(sorted(node.children.values(), key=_by_name, reverse=True))

    def directories(self) -> list[Node]:
        """Returns the root and all nodes that ever had something below, parents first.

        The nodes of one directory follow each other.
        """
        directories = [self.root]
        for directory in directories:
            directories += [node for node in (directory.children or {}).values() if node.children]
        return directories

    def same_bytes(self, old_layer: int, old_inode: int, new_layer: int, new_inode: int) -> bool:
        """True if two contents are equal, by digest if both have one, or by fingerprint.

        False if one has no fingerprint, because it may not be fetched.
        """
        old, new = self.layers[old_layer], self.layers[new_layer]
        if old_inode in old.digests and new_inode in new.digests:
            return old.digests[old_inode] == new.digests[new_inode]
        known = old.fingerprints.get(old_inode)
        return known is not None and known == new.fingerprints.get(new_inode)

    def add_fingerprints(self, layer: int, fingerprints: Mapping[int, bytes]) -> None:
        """Adds fingerprints of contents of a layer, by inode."""
        index = self.layers[layer]
        self.layers[layer] = replace(index, fingerprints={**index.fingerprints, **fingerprints})


def dismantle(root: Node) -> None:
    """Cuts nodes from their children, so that no garbage collection has to find them.

    Nodes that are still used keep their paths.
    """
    stack = [root]
    while stack:
        node = stack.pop()
        stack += (node.children or {}).values()
        node.children = None


def directories_above(nodes: Iterable[Node]) -> set[Node]:
    """Returns the directories that contain any of the nodes, at any depth."""
    directories: set[Node] = set()
    for node in nodes:
        directory = node.parent
        # Most nodes have a sibling whose directories are known already.
        while directory is not None and directory not in directories:
            directories.add(directory)
            directory = directory.parent
    return directories


def _by_name(node: Node) -> bytes:
    return node.name.encode("utf-8", "surrogateescape")
