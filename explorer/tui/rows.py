"""The rows of the file pane, as pure functions: tree, view and open directories in, flat rows out.

A row is hardly more than a node and its depth, so that a hundred thousand of them are made in a blink. What a row shows
(change, size, bar, old metadata of what is gone) is asked only for the rows that get painted. Nothing here knows how
rows look.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from explorer.model import Change, Entry, Kind
from explorer.tui.view import Sort, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set

    from explorer.analysis.changes import Changes
    from explorer.analysis.sizes import DirectorySizes
    from explorer.layers.tree import Node, Tree

_DIRECTORY = Kind.DIRECTORY
_UNCHANGED = Change.UNCHANGED
_REMOVED = Change.REMOVED
_BY_NAME = attrgetter("name")
_ROW = tuple.__new__
_RANK = {Change.REMOVED: 0, Change.MODIFIED: 1, Change.ADDED: 2}


class Row(NamedTuple):
    """One line of the file pane."""

    node: Node
    depth: int
    joined: int
    """Number of directories above the node that share its line, because they hold nothing else."""

    @property
    def name(self) -> str:
        """The node's name, with those of the directories that share its line; not yet printable."""
        names = []
        node: Node | None = self.node
        for _ in range(self.joined + 1):
            if node is not None:
                names.append(node.name)
                node = node.parent
        return "/".join(reversed(names))


class Listing:
    """A tree as one view shows it: which nodes, in which order, with which facts.

    Everything is worked out when it is first asked for, and kept: opening and closing directories asks the same again.
    """

    def __init__(self, tree: Tree, sizes: DirectorySizes, view: View, changes: Changes) -> None:
        self.tree = tree
        self.view = view
        self.changes = changes
        self._sizes = sizes
        self._children: dict[Node, Sequence[Node]] = {}
        self._lines: dict[Node, Sequence[Row]] = {}
        self._wanted = self._changed_and_wanted()
        self._changed = changes.by_node
        self._unsorted: dict[Node, list[Node]] = {}
        self._known_sizes: dict[Node, int] = {}
        self._largest: int | None = None
        self._bytes_changed: dict[Node, int] | None = None

    def resorted(self, sort: Sort) -> Listing:
        """The same in another order; what shows and how large it is need not be worked out again."""
        other = Listing(self.tree, self._sizes, replace(self.view, sort=sort), self.changes)
        other._unsorted = self._unsorted
        other._known_sizes = self._known_sizes
        other._bytes_changed = self._bytes_changed
        return other

    def moved(self, view: View, changed: Changes) -> Listing:
        """The same between other layers; both views show everything in one order.

        Directories below which nothing differs keep what was worked out for them.
        """
        other = Listing(self.tree, self._sizes, view, changed)
        stale = self._stale(changed)
        for mine, others in (
            (self._children, other._children),
            (self._lines, other._lines),
            (self._unsorted, other._unsorted),
        ):
            others.update(mine)  # type: ignore[arg-type]
            for node in stale.intersection(others):
                del others[node]
        other._known_sizes = self._known_sizes.copy()
        return other

    def _stale(self, changed: Changes) -> set[Node]:
        """The nodes whose children or their sizes are not sure to be the same where other changes show."""
        low, high = sorted((self.view.layer, changed.layer))
        differing: set[Node] = set()
        for comparison in (self.changes, changed):
            differing.update(comparison.by_node, comparison.above)
        for nodes in self.tree.touched[low + 1 : high + 1]:
            differing.update(nodes)
        for names in self.tree.linked.values():
            # When one name of an inode goes, another directory is charged with its bytes.
            if any(name.node in differing for name in names):
                differing.update(name.node for name in names)
        above: set[Node] = set()
        for node in differing:
            at: Node | None = node.parent
            while at is not None and at not in above:
                above.add(at)
                at = at.parent
        return differing | above

    def children(self, node: Node) -> Sequence[Node]:
        """What the view shows below a node, in its order."""
        found = self._children.get(node)
        if found is None:
            found = self._children[node] = self._sorted(node) if node.children else ()
        return found

    def lines(self, node: Node, depth: int) -> Sequence[Row]:
        """The rows directly below a node, last first; kept as long as the node is as deep as it was."""
        found = self._lines.get(node)
        if found is None or (found and found[0][1] != depth):
            made = []
            for child in reversed(self.children(node)):
                if child.children:
                    end, joined = self._chain(child)
                    made.append(_ROW(Row, (end, depth, joined)))
                else:
                    made.append(_ROW(Row, (child, depth, 0)))
            found = self._lines[node] = made
        return found

    def change(self, node: Node) -> Change:
        """What became of a node since the base."""
        return self._changed.get(node, _UNCHANGED)

    def contains_changes(self, node: Node) -> bool:
        """Whether something below a node changed since the base."""
        return node in self.changes.above

    def entry(self, node: Node) -> Entry | None:
        """The node's metadata; for what is gone, the metadata that it had."""
        return node.at(self.view.layer) or node.at(self.view.since)

    def size(self, node: Node) -> int:
        """Bytes of a file, visible bytes below a directory; for what is gone, those that it had.

        Where only changes show, a directory's bytes are those of the changes below it.
        """
        view = self.view
        point = view.layer
        entry = node.at(point)
        if entry is None:
            point = view.since
            entry = node.at(point)
        if entry is None:
            return 0
        if entry.kind is not _DIRECTORY:
            return entry.size
        return self._changed_bytes().get(node, 0) if view.changes_only else self._sizes.at(node, point)

    def largest(self) -> int:
        """Size of the largest row at the top, which the bars are measured by."""
        if self._largest is None:
            self._largest = max(map(self.size, self.children(self.tree.root)), default=0)
        return self._largest

    def _changed_bytes(self) -> dict[Node, int]:
        """Bytes of the changed files below each directory, each inode once."""
        if self._bytes_changed is not None:
            return self._bytes_changed
        found: defaultdict[Node, int] = defaultdict(int)
        inodes: set[tuple[int, int]] = set()
        for node, change in self._changed.items():
            version = node.version_at(self.view.since if change is _REMOVED else self.view.layer)
            if change in self.view.hidden or version is None or version.entry is None or not version.entry.size:
                continue
            inode = (version.layer, version.entry.inode)
            if node.parent is not None and inode not in inodes:
                found[node.parent] += version.entry.size
                inodes.add(inode)
        for node in _deepest_first(found):
            if node.parent is not None:
                found[node.parent] += found[node]
        self._bytes_changed = found
        return found

    def _shown(self, node: Node) -> list[Node]:
        """The children that the view does not hide, in no order."""
        children = (node.children or {}).values()
        hidden = self.view.hidden
        wanted = self._wanted
        if _UNCHANGED in hidden:
            return [child for child in children if child in wanted]
        layer = self.view.layer
        changed = self._changed
        if not hidden:
            return [
                child
                for child in children
                if ((last := child.history[-1])[0] <= layer and last[1] is not None)
                or child.at(layer) is not None
                or child in changed
            ]
        return [child for child in children if self._is_shown(child)]

    def _is_shown(self, node: Node) -> bool:
        """Whether a node is of a kind that shows, or is the way to one."""
        stack = [node]
        while stack:
            at = stack.pop()
            if at in self._wanted or (at not in self._changed and at.at(self.view.layer) is not None):
                return True
            if at in self._changed and at.children:
                stack.extend(at.children.values())
        return False

    def _changed_and_wanted(self) -> Set[Node]:
        """The changed nodes that the view does not hide, and the directories above them."""
        hidden = self.view.hidden
        if not hidden:
            return frozenset()
        if hidden == {_UNCHANGED}:
            return self.changes.by_node.keys() | self.changes.above
        wanted: set[Node] = set()
        for node, change in self.changes.by_node.items():
            if change not in hidden:
                at: Node | None = node
                while at is not None and at not in wanted:
                    wanted.add(at)
                    at = at.parent
        return wanted

    def _sorted(self, node: Node) -> list[Node]:
        nodes = self._unsorted.get(node)
        if nodes is None:
            nodes = self._unsorted[node] = self._shown(node)
            if len(nodes) > 1:
                nodes.sort(key=_BY_NAME)
            self._note_sizes(nodes)
        size_of = self._known_sizes.__getitem__
        if len(nodes) < 2 or self.view.sort is Sort.NAME:
            return nodes
        if self.view.sort is Sort.SIZE:
            return sorted(nodes, key=size_of, reverse=True)
        return sorted(nodes, key=lambda node: (self._rank(node), -size_of(node)))

    def _note_sizes(self, nodes: Iterable[Node]) -> None:
        """Note the sizes of some nodes, in a fraction of the time where the last version is the one that shows."""
        layer = self.view.layer
        directory_bytes = None if self.view.changes_only else self._sizes.at
        known = self._known_sizes
        for node in nodes:
            number, entry = node.history[-1]
            if entry is None or number > layer:
                known[node] = self.size(node)
            elif node.children is None and entry.kind is not _DIRECTORY:
                known[node] = entry.size
            elif directory_bytes is not None and entry.kind is _DIRECTORY:
                known[node] = directory_bytes(node, layer)
            else:
                known[node] = self.size(node)

    def _rank(self, node: Node) -> int:
        """What is gone first, then the modified, the added, the directories that contain changes, and all the rest."""
        change = self._changed.get(node)
        return _RANK[change] if change else 3 if node in self.changes.above else 4

    def _chain(self, node: Node) -> tuple[Node, int]:
        """The end of a chain of directories that hold nothing but one another, and the number of links before it."""
        joined = 0
        while True:
            children = self.children(node)
            if len(children) != 1:
                return node, joined
            child = children[0]
            if not self._is_directory(child) or self._changed.get(child) is not self._changed.get(node):
                return node, joined
            node = child
            joined += 1

    def _is_directory(self, node: Node) -> bool:
        entry = self.entry(node)
        return entry is not None and entry.kind is _DIRECTORY


def _deepest_first(nodes: Iterable[Node]) -> list[Node]:
    """The nodes and all that are above them, children before their parents."""
    depths: dict[Node, int] = {}
    for node in nodes:
        line: list[Node] = []
        at: Node | None = node
        while at is not None and at not in depths:
            line.append(at)
            at = at.parent
        depth = depths[at] if at is not None else -1
        for above in reversed(line):
            depth += 1
            depths[above] = depth
    return sorted(depths, key=depths.__getitem__, reverse=True)


def rows(listing: Listing, opened: Set[Node]) -> list[Row]:
    """The rows of a listing, from the children of the root down, with what is below the opened directories."""
    found: list[Row] = []
    stack = list(listing.lines(listing.tree.root, 0))
    while stack:
        row = stack.pop()
        found.append(row)
        if row[0] in opened:
            stack.extend(listing.lines(row[0], row[1] + 1))
    return found


def position(found: Sequence[Row], node: Node) -> int | None:
    """Index of the row that shows a node, be it as a part of a joined line, or else of the nearest one above it."""
    above: dict[Node, int] = {}
    at = node.parent
    while at is not None:
        above[at] = len(above)
        at = at.parent
    nearest, best = len(above), None
    for index, row in enumerate(found):
        shown = row[0]
        if shown is node or (row[2] and _shares_line(row, node)):
            return index
        if shown in above and above[shown] < nearest:
            nearest, best = above[shown], index
    return best


def _shares_line(row: Row, node: Node) -> bool:
    at = row.node.parent
    for _ in range(row.joined):
        if at is node:
            return True
        at = at.parent if at else None
    return False
