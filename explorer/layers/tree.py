"""One tree for the whole image; each node remembers its history through the layers.

The merged tree at layer *k* is what the kernel's overlayfs shows when layers 0 to *k*, each unpacked on its own, are
mounted as its lower directories. Nothing is copied per layer: what a layer shows, what changed between two of them and
what was wasted are questions to the histories.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from explorer.model import Entry, Kind, LayerIndex

# Looking these up in their enumeration a million times takes a tenth of a second.
_FILE, _HARDLINK, _DIRECTORY = Kind.FILE, Kind.HARDLINK, Kind.DIRECTORY

_DEFAULT_DIRECTORY = Entry("", _DIRECTORY, 0, 0o755, 0, 0, 0, "", (), 0)


_SHORT = 8
"""Versions up to which looking at each is faster than to bisect them."""


class Version(NamedTuple):
    """What one layer made of a path."""

    layer: int
    entry: Entry | None
    """None: the layer hid the path."""


_layer_of = attrgetter("layer")


class Node:
    """A path that some layer names, or that leads to one that does."""

    __slots__ = ("children", "history", "name", "parent")

    def __init__(self, name: str, parent: Node | None, version: Version) -> None:
        self.name = name
        self.parent = parent
        self.children: dict[str, Node] | None = None
        """None until something has been below the path."""
        self.history: tuple[Version, ...] = (version,)
        """Bottom layer first. A layer appears twice when it hid what was there and brought something new."""

    @property
    def path(self) -> str:
        """Relative to the root, without leading slash; the root is ``""``."""
        names = []
        node = self
        while node.parent is not None:
            names.append(node.name)
            node = node.parent
        return "/".join(reversed(names))

    def ancestors(self) -> Iterator[Node]:
        """The directories that the path is in, the nearest first and the root last."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def version_at(self, layer: int) -> Version | None:
        """The last version that is not above ``layer``; None when the path was never there."""
        if len(self.history) > _SHORT:
            place = bisect_right(self.history, layer, key=_layer_of)
            return self.history[place - 1] if place else None
        for version in reversed(self.history):
            if version.layer <= layer:
                return version
        return None

    def version_after(self, layer: int) -> Version | None:
        """What the next layer above ``layer`` made of the path; None where none of them touched it."""
        return next((version for version in self.history if version.layer > layer), None)

    def entry_at(self, layer: int) -> Entry | None:
        """What a container of layers 0 to ``layer`` sees here; None when it sees nothing. Layer -1 is empty."""
        if len(self.history) > _SHORT:
            version = self.version_at(layer)
            return version.entry if version else None
        for version in reversed(self.history):
            if version.layer <= layer:
                return version.entry
        return None

    def __repr__(self) -> str:
        return f"Node({self.path!r}, {len(self.history)} versions)"


class InodeName(NamedTuple):
    """One of the several names of an inode."""

    node: Node
    entry: Entry

    def position(self, layer: int) -> int:
        """Place, in the node's history, of the version that is this name, which ``layer`` brought."""
        # The last of the layer's versions is what it brought; a first one may have hidden what was there.
        return bisect_right(self.node.history, layer, key=_layer_of) - 1


class Tree:
    """The merged tree of an image, and the shortcuts that spare a walk over all of it."""

    def __init__(self) -> None:
        self.root = Node("", None, Version(0, _DEFAULT_DIRECTORY))
        self.root.children = {}
        self.layers: list[LayerIndex] = []
        self.touched: list[list[Node]] = []
        """For each layer the nodes that it brought or hid, each as often as it did so."""
        self.retouched: list[list[Node]] = []
        """Of these those that lower layers had touched; all others the layer added."""
        self.contested: list[Node] = []
        """The nodes with more than one version: nothing else can be wasted or modified."""
        self.linked: dict[tuple[int, int], list[InodeName]] = {}
        """(layer, inode) to its names, for inodes with several."""

    @property
    def top(self) -> int:
        """Number of the topmost layer; -1 for an image without layers."""
        return len(self.layers) - 1

    def find(self, path: str) -> Node | None:
        """The node of a path (with or without leading slash), whether or not anything is visible there."""
        node: Node | None = self.root
        for name in path.split("/"):
            if name and node is not None:
                node = node.children.get(name) if node.children else None
        return node

    def walk(self, start: Node | None = None) -> Iterator[Node]:
        """All nodes from ``start`` down, itself first, siblings in the order of their names' bytes."""
        stack = [start or self.root]
        while stack:
            node = stack.pop()
            yield node
            if node.children:
                stack.extend(sorted(node.children.values(), key=_by_name, reverse=True))

    def directories(self) -> list[Node]:
        """The root and all nodes that have ever had something below them, each after the one that it is in."""
        found = [self.root]
        for directory in found:
            found += [node for node in (directory.children or {}).values() if node.children]
        return found

    def add(self, index: LayerIndex) -> None:
        """Put one more layer on top."""
        _Merge(self, index).run()

    def add_fingerprints(self, layer: int, fingerprints: Mapping[int, bytes]) -> None:
        """Take in fingerprints of contents of a layer, by inode."""
        index = self.layers[layer]
        self.layers[layer] = replace(index, fingerprints={**index.fingerprints, **fingerprints})


def directories_above(nodes: Iterable[Node]) -> set[Node]:
    """The directories that any of some paths are in, at any depth."""
    found: set[Node] = set()
    for node in nodes:
        directory = node.parent
        # Most lie beside another one, and need not climb.
        while directory is not None and directory not in found:
            found.add(directory)
            directory = directory.parent
    return found


def merge(indexes: Iterable[LayerIndex]) -> Tree:
    """The tree of an image, from its layers, bottom first."""
    tree = Tree()
    for index in indexes:
        tree.add(index)
    return tree


def comparable_inodes(tree: Tree) -> list[dict[int, Entry]]:
    """For each layer the inodes whose bytes must be known to tell a copy from other content.

    Content is compared only where it can matter: two layers, same path, same size.
    """
    known = [index.fingerprints for index in tree.layers]
    wanted: list[dict[int, Entry]] = [{} for _ in tree.layers]
    for node in tree.contested:
        # Nothing but a file, by whatever name, has a size.
        files = [(layer, entry) for layer, entry in node.history if entry is not None and entry.size]
        if len(files) < 2:
            continue
        sizes = [entry.size for _, entry in files]
        for layer, entry in files:
            if sizes.count(entry.size) > 1 and entry.inode not in known[layer]:
                wanted[layer][entry.inode] = entry
    return wanted


def _by_name(node: Node) -> bytes:
    return node.name.encode("utf-8", "surrogateescape")


class _Merge:
    """One layer going on top of a tree: first it hides, then it brings."""

    def __init__(self, tree: Tree, index: LayerIndex) -> None:
        self.tree = tree
        self.index = index
        self.layer = len(tree.layers)
        self.gone = Version(self.layer, None)
        self.touched: list[Node] = []
        self.retouched: list[Node] = []
        self.directories: dict[str, Node] = {"": tree.root}
        """Paths that are directories in this layer."""

    def run(self) -> None:
        self.tree.layers.append(self.index)
        self.tree.touched.append(self.touched)
        self.tree.retouched.append(self.retouched)
        for path in self.index.opaques:
            node = self._visible(path)
            if node is not None and node.children:
                self._hide(node.children.values())
        for path in self.index.whiteouts:
            node = self._visible(path)
            if node is not None:
                self._hide([node])
        self._bring()
        for path in self.index.opaques:
            self._directory(path)
        for path in self.index.whiteouts:
            self._directory(path.rpartition("/")[0])

    def _visible(self, path: str) -> Node | None:
        node = self.tree.find(path)
        return node if node is not None and node.history[-1].entry is not None else None

    def _bring(self) -> None:
        directories, touched, linked = self.directories, self.touched, self._linked()
        layer, version_of = self.layer, tuple.__new__
        for entry in self.index.entries:
            path, kind = entry[0], entry[1]
            parent_path, _, name = path.rpartition("/")
            parent = directories.get(parent_path)
            if parent is None:
                parent = self._directory(parent_path)
            # What Version() does, in half the time.
            version = version_of(Version, (layer, entry))
            if not path:
                self._put_root(version)
                continue
            children = parent.children
            if children is None:
                children = parent.children = {}
            node = children.get(name)
            if node is None:
                node = children[name] = Node(name, parent, version)
                touched.append(node)
            elif path in directories and node.history[-1].layer == layer:
                # What is in it came first and implied it.
                node.history = (*node.history[:-1], version)
            else:
                self._put(node, version)
            if kind is _DIRECTORY:
                directories[path] = node
            elif linked and entry.inode in linked and (kind is _FILE or kind is _HARDLINK):
                self.tree.linked.setdefault((layer, entry.inode), []).append(InodeName(node, entry))

    def _linked(self) -> set[int]:
        """The inodes of the layer that have several names."""
        linked = {entry.inode for entry in self.index.entries if entry.kind is _HARDLINK}
        return linked and linked & {entry.inode for entry in self.index.entries if entry.kind is _FILE}

    def _put_root(self, version: Version) -> None:
        root = self.tree.root
        root.history = (*root.history, version) if self.layer else (version,)
        self._touch(root)

    def _touch(self, node: Node) -> None:
        self.touched.append(node)
        self.retouched.append(node)

    def _put(self, node: Node, version: Version) -> None:
        """Append a version to a node that has a history, and to all below it where that hides them."""
        before, after = node.history[-1].entry, version.entry
        if node.children and before and before.kind is _DIRECTORY and after and after.kind is not _DIRECTORY:
            self._hide(node.children.values())
        if len(node.history) == 1:
            self.tree.contested.append(node)
        node.history = (*node.history, version)
        self._touch(node)

    def _hide(self, nodes: Iterable[Node]) -> None:
        """Hide nodes with all below them. What is hidden already has nothing visible below."""
        stack: list[Node] = list(nodes)
        while stack:
            node = stack.pop()
            if node.history[-1].entry is None:
                continue
            if len(node.history) == 1:
                self.tree.contested.append(node)
            node.history = (*node.history, self.gone)
            self._touch(node)
            if node.children:
                stack.extend(node.children.values())

    def _directory(self, path: str) -> Node:
        """The node of a directory that this layer needs; made, with default metadata, where nothing names it."""
        missing: list[str] = []
        while (node := self.directories.get(path)) is None:
            missing.append(path)
            path = path.rpartition("/")[0]
        for path in reversed(missing):
            node = self._implied(node, path)
        return node

    def _implied(self, parent: Node, path: str) -> Node:
        name = path.rpartition("/")[2]
        if parent.children is None:
            parent.children = {}
        found = parent.children.get(name)
        version = Version(self.layer, _DEFAULT_DIRECTORY._replace(path=path))
        if found is None:
            found = parent.children[name] = Node(name, parent, version)
            self.touched.append(found)
        else:
            entry = found.history[-1].entry
            if entry is None or entry.kind is not _DIRECTORY:
                self._put(found, version)
        self.directories[path] = found
        return found
