"""The nodes that show below each directory, in no order, and their changes.

Each answer is computed at the first request and kept, because every opened or closed directory asks for it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING

from explorer.analysis.changes import Changes, changed_bytes
from explorer.analysis.directories import Directories
from explorer.analysis.sizes import DirectorySizes
from explorer.layers.tree import Node, directories_above
from explorer.model import Change, Entry, Kind

if TYPE_CHECKING:
    from explorer.analysis.packages.image_packages import ImagePackages

_DIRECTORY = Kind.DIRECTORY
_UNCHANGED = Change.UNCHANGED
_REMOVED = Change.REMOVED
DIRECTORY_SIZE = -1
"""The size of a directory among sizes of files."""
_PARENT = attrgetter("parent")
_NO_NODES: Mapping[Node, Node] = MappingProxyType({})


class VisibleNodes:
    """The nodes that show at a layer compared with a base, without hidden kinds."""

    match_count = 0
    """Number of nodes that the query matches; 0 without one."""
    match_parents: Mapping[Node, int] = MappingProxyType({})
    """Each directory with a match at any depth, to the number of its children that match or lead to a match."""
    matching_directories: Set[Node] = frozenset()
    """The directories that match themselves and may have children."""

    known_packages: ImagePackages | None = None
    """The packages of the image, for queries about them."""

    def __init__(
        self, directories: Directories, sizes: DirectorySizes, changes: Changes, hidden: Set[Change] = frozenset()
    ) -> None:
        self.directories = directories
        self.tree = directories.tree
        self.changes = changes
        self.hidden = hidden
        self.sizes = sizes
        self._change_of = changes.by_node
        self._children: dict[Node, Sequence[Node]] = {}
        self._counts: dict[Node, int] = {}
        self._is_counted = False
        self._chain_ends: dict[Node, Mapping[Node, Node]] = {}
        self._visible: Set[Node] | None = None
        self._file_sizes: Mapping[Node, int] | None = None

    @property
    def packages(self) -> ImagePackages:
        """The packages of the image. Only after ``known_packages`` is set."""
        if self.known_packages is None:
            raise RuntimeError("the packages are not read")
        return self.known_packages

    # Facts about a node

    def change(self, node: Node) -> Change:
        """Returns the change of a node since the base."""
        return self._change_of.get(node, _UNCHANGED)

    def contains_changes(self, node: Node) -> bool:
        """True if something below a node changed since the base."""
        return node in self.changes.above

    def entry(self, node: Node) -> Entry | None:
        """Returns the node's entry at the layer; for a removed node, at the base."""
        return node.entry_at(self.changes.layer) or node.entry_at(self.changes.base)

    def entries(self, nodes: Sequence[Node]) -> Sequence[Entry | None]:
        """Returns the result of ``entry`` for each of some nodes."""
        layer, entry_of = self.changes.layer, self.entry
        # Most paths have one version: calling ``entry`` for each of them would take twice as long.
        return [
            last[1] if (last := node.history[-1])[0] <= layer and last[1] is not None else entry_of(node)
            for node in nodes
        ]

    def file_sizes(self, nodes: Sequence[Node]) -> Sequence[int]:
        """Returns the bytes of some visible nodes; ``DIRECTORY_SIZE`` for directories."""
        if self._file_sizes is not None:
            return list(map(self._file_sizes.__getitem__, nodes))
        return [
            0 if entry is None else DIRECTORY_SIZE if entry[1] is _DIRECTORY else entry.size
            for entry in self.entries(nodes)
        ]

    def prepare(self, everything: Iterable[Node]) -> None:
        """Computes what makes each query fast; ``everything`` is all nodes of the tree."""
        if self._file_sizes is None:
            nodes = list(self.visible(everything))
            self._file_sizes = dict(zip(nodes, self.file_sizes(nodes), strict=True))

    def size(self, node: Node) -> int:
        """Returns the bytes of a file, or the visible bytes below a directory.

        A removed node has those at the base. If only changes show, a directory has those of the changes below it.
        """
        point = self.changes.layer
        entry = node.entry_at(point)
        if entry is None:
            point = self.changes.base
            entry = node.entry_at(point)
        if entry is None:
            return 0
        if entry.kind is not _DIRECTORY:
            return entry.size
        if _UNCHANGED in self.hidden:
            return self._changed_bytes.get(node, 0)
        return self.sizes.at(node, point)

    def bytes_at(self, node: Node, point: int) -> int:
        """Returns the bytes of a path at a point, with all that is visible below it."""
        entry = node.entry_at(point)
        if entry is None:
            return 0
        return self.sizes.at(node, point) if entry.kind is _DIRECTORY else entry.size

    def growth(self, node: Node) -> int:
        """Returns the bytes that a path has more at the layer than at the base."""
        return self.bytes_at(node, self.changes.layer) - self.bytes_at(node, self.changes.base)

    @cached_property
    def _changed_bytes(self) -> Mapping[Node, int]:
        return changed_bytes(self.changes, self.hidden)

    def removed_bytes(self, node: Node) -> int:
        """Returns the bytes of a removed path, or of the removed files below a directory."""
        return self.size(node) if self.change(node) is _REMOVED else self._removed_bytes.get(node, 0)

    @cached_property
    def _removed_bytes(self) -> Mapping[Node, int]:
        removed = {node: change for node, change in self._change_of.items() if change is _REMOVED}
        return changed_bytes(replace(self.changes, by_node=removed), self.hidden)

    def file_count(self, node: Node, counts: DirectorySizes) -> int | None:
        """Returns the number of files that show below a directory; None if unknown.

        ``counts`` are those of all visible files.
        """
        if not self.hidden:
            return counts.at(node, self.changes.layer if node.entry_at(self.changes.layer) else self.changes.base)
        return self._changed_files.get(node, 0) if self.hidden == {_UNCHANGED} else None

    @cached_property
    def _changed_files(self) -> Mapping[Node, int]:
        nodes = list(self._change_of)
        return counts_below(
            [
                node
                for node, entry in zip(nodes, self.entries(nodes), strict=True)
                if entry and entry[1] is not _DIRECTORY
            ]
        )

    @cached_property
    def inodes_of_links(self) -> Mapping[Node, tuple[int, int]]:
        """The visible names of inodes with several names, each with layer and inode."""
        inodes: dict[Node, tuple[int, int]] = {}
        for inode, names in self.tree.linked.items():
            for node, entry in names:
                if self.entry(node) is entry:
                    inodes[node] = inode
        return inodes

    @cached_property
    def largest(self) -> int:
        """Bytes of the largest row at the top; the bars are drawn to its scale."""
        return max(map(self.size, self.children(self.tree.root)), default=0)

    @cached_property
    def total(self) -> int:
        """Bytes of all files that show."""
        return self.size(self.tree.root)

    @property
    def directory_count(self) -> int:
        """Number of matches that are directories."""
        return 0

    def is_match(self, node: Node) -> bool:
        """True if the query matches a visible node itself, not only one above or below it."""
        return node in self.matching_directories if node.children else node.parent in self.match_parents

    # Nodes that show

    def children(self, node: Node) -> Sequence[Node]:
        """Returns the visible children of a node, in no order."""
        children = self._children.get(node)
        if children is None:
            children = self._children[node] = self._find_children(node)
        return children

    def child_count(self, node: Node) -> int:
        """Returns the number of visible children of a node."""
        count = self._counts.get(node)
        if count is None:
            count = self._counts[node] = len(self.children(node))
        return count

    def count_all(self) -> None:
        """Counts the children of all directories at once, if that is possible."""
        if self._is_counted:
            return
        self._is_counted = True
        if _UNCHANGED in self.hidden:
            self._counts.update(Counter(map(_PARENT, self._wanted)))
        elif not self.hidden:
            counts = self.directories.counts(self.changes.layer)
            for node, change in self._change_of.items():
                if change is _REMOVED and node.parent is not None:
                    counts[node.parent] += 1
            self._counts.update(counts)

    def chain_ends(self, node: Node) -> Mapping[Node, Node]:
        """Maps each child that may have children to the last directory in its row."""
        ends = self._chain_ends.get(node)
        if ends is None:
            ends = {child: self._chain_end(child) for child in self.directories_in(node)} or _NO_NODES
            self._chain_ends[node] = ends
        return ends

    def directories_in(self, node: Node) -> Sequence[Node]:
        """Returns the visible children that may have children."""
        return self._without_hidden(self.directories.inside.get(node, ()))

    def visible(self, everything: Iterable[Node]) -> Set[Node]:
        """Returns all nodes that show if every directory is open."""
        if self._visible is None:
            self._visible = frozenset(self._without_hidden(everything))
        return self._visible

    def _find_children(self, node: Node) -> Sequence[Node]:
        return self._without_hidden(node.children.values()) if node.children else ()

    def _without_hidden(self, nodes: Iterable[Node]) -> list[Node]:
        if not self.hidden:
            layer = self.changes.layer
            changed = self._change_of
            return [
                node
                for node in nodes
                if ((last := node.history[-1])[0] <= layer and last[1] is not None)
                or node.entry_at(layer) is not None
                or node in changed
            ]
        if _UNCHANGED in self.hidden:
            wanted = self._wanted
            return [node for node in nodes if node in wanted]
        return [node for node in nodes if self._is_shown(node)]

    def _is_shown(self, node: Node) -> bool:
        """True if a node is of a kind that shows, or leads to a node of such a kind."""
        stack = [node]
        while stack:
            node = stack.pop()
            if node in self._wanted or (node not in self._change_of and node.entry_at(self.changes.layer) is not None):
                return True
            if node in self._change_of and node.children:
                stack.extend(node.children.values())
        return False

    @cached_property
    def _wanted(self) -> Set[Node]:
        """The changed nodes that are not hidden, and the directories above them."""
        if self.hidden == {_UNCHANGED}:
            return self._change_of.keys() | self.changes.above
        wanted = {node for node, change in self._change_of.items() if change not in self.hidden}
        return wanted | directories_above(wanted)

    def _chain_end(self, node: Node) -> Node:
        """Returns the end of a chain of directories that hold nothing but one another."""
        while node not in self.matching_directories and self.child_count(node) == 1:
            child = self.children(node)[0]
            if not self._is_directory(child) or self._change_of.get(child) is not self._change_of.get(node):
                return node
            node = child
        return node

    def _is_directory(self, node: Node) -> bool:
        entry = self.entry(node)
        return entry is not None and entry.kind is _DIRECTORY


def counts_below(nodes: Iterable[Node]) -> Mapping[Node, int]:
    """Returns the number of some nodes below each directory."""
    own = Counter(map(_PARENT, nodes))
    totals = own.copy()
    for directory, count in own.items():
        for above in directory.ancestors():
            totals[above] += count
    return totals
