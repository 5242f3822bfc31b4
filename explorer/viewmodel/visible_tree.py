"""What each directory shows in a view, and in which order, as pure functions: tree and view in, nodes out.

Everything is worked out when it is first asked for, and kept: opening and closing directories asks the same again. The
order of siblings, their sizes and whatever else a row shows are asked only for the directories and rows in sight.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import replace
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

from explorer.analysis.changed_bytes import changed_bytes
from explorer.analysis.filter.query import Size, Type
from explorer.config.settings import Sort
from explorer.layers.tree import directories_above
from explorer.model import Change, Entry, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from explorer.analysis.changes import Changes
    from explorer.analysis.directories import Directories
    from explorer.analysis.filter.query import Query, Term
    from explorer.analysis.sizes import DirectorySizes
    from explorer.layers.tree import Node
    from explorer.viewmodel.view import View

_DIRECTORY = Kind.DIRECTORY
_UNCHANGED = Change.UNCHANGED
_REMOVED = Change.REMOVED
_BY_NAME = attrgetter("name")
_PARENT = attrgetter("parent")
_RANK = {Change.REMOVED: 0, Change.MODIFIED: 1, Change.ADDED: 2}
_NONE: Mapping[Node, Node] = {}


class VisibleTree:
    """A tree as one view shows it: which nodes, in which order, with which facts."""

    def __init__(self, directories: Directories, sizes: DirectorySizes, view: View, changes: Changes) -> None:
        self.directories = directories
        self.tree = directories.tree
        self.view = view
        self.changes = changes
        self._sizes = sizes
        self._changed = changes.by_node
        self._wanted = self._changed_and_wanted()
        self._counts: dict[Node, int] = {}
        self._is_counted = False
        self._shown: dict[Node, Sequence[Node]] = {}
        self._ends: dict[Node, Mapping[Node, Node]] = {}
        self._ordered: dict[Node, Sequence[Node]] = {}
        self._largest: int | None = None
        self._bytes_changed: Mapping[Node, int] | None = None
        self._plain: VisibleTree | None = None
        """The same without its query."""
        self.match_parents: Mapping[Node, int] = {}
        """Each directory that holds a match, at any depth, to how many of its children are matches or hold some."""
        self._inside: Mapping[Node, Sequence[Node]] = {}
        """The directories among these children."""
        self._found: Sequence[Node] = ()
        """The matches, those of one directory together."""
        self._starts: Mapping[Node, int] = {}
        """Where in these the matches of a directory start."""
        self._matching: Set[Node] = frozenset()
        """The matches that have something below them."""
        self._visible: Set[Node] | None = None
        """All that the view shows, worked out for the first query."""

    def sorted_as(self, view: View) -> VisibleTree:
        """The same for a view that differs in its order alone; what shows need not be worked out again."""
        other = copy(self)
        other.view = view
        other._ordered = {}
        return other

    def filtered(self, query: Query, nodes: Sequence[Node], everything: Sequence[Node]) -> VisibleTree:
        """The same with nothing but what a query finds, and the directories above that.

        ``nodes``, of ``everything``, pass the query's lasting terms; those of one directory stand together. A directory
        that is found though nothing in it is shows all it holds.
        """
        found: Sequence[Node] = list(filter(self.visible(everything).__contains__, nodes))
        for term in query.changing:
            found = self._passing(found, term, query.wants_directories)
        other = copy(self)
        other.view = replace(self.view, query=query)
        other._plain = self
        other._shown, other._ends, other._ordered, other._largest = {}, {}, {}, None
        matching = other._matching = {node for node in found if node.children}
        ways = Counter(map(_PARENT, found))
        other._found, other._starts = found, dict(zip(ways, accumulate(ways.values(), initial=0), strict=False))
        inside: dict[Node, list[Node]] = {}
        linked: set[Node] = set()
        for start in (*ways, *matching):
            at = start
            while at.parent is not None and at not in linked:
                linked.add(at)
                inside.setdefault(at.parent, []).append(at)
                if at not in matching:
                    ways[at.parent] += 1
                at = at.parent
        other.match_parents, other._inside = ways, inside
        other._counts, other._is_counted = dict(ways), True
        return other

    def children(self, node: Node) -> Sequence[Node]:
        """What the view shows below a node, in no order."""
        found = self._shown.get(node)
        if found is None and self._plain is not None:
            found = self._shown[node] = self._narrowed(node, self._plain)
        elif found is None:
            found = self._shown[node] = self._filtered(node.children.values()) if node.children else ()
        return found

    def child_count(self, node: Node) -> int:
        """How much the view shows below a node."""
        found = self._counts.get(node)
        if found is None:
            found = self._counts[node] = len(self.children(node))
        return found

    def count_all(self) -> None:
        """Count what shows in every directory at once, as far as that takes no look at what does.

        Where many are to be counted, this is faster than one by one.
        """
        if self._is_counted:
            return
        self._is_counted = True
        if _UNCHANGED in self.view.hidden:
            self._counts.update(Counter(map(_PARENT, self._wanted)))
        elif not self.view.hidden:
            counts = self.directories.counts(self.view.layer)
            for node, change in self._changed.items():
                if change is _REMOVED and node.parent is not None:
                    counts[node.parent] += 1
            self._counts.update(counts)

    @property
    def match_count(self) -> int:
        """How much the query found."""
        return len(self._found)

    def _narrowed(self, node: Node, plain: VisibleTree) -> Sequence[Node]:
        """What the query leaves below a node: all, where a match leads to no other one."""
        if node not in self.match_parents:
            return plain.children(node) if self._found else ()
        leading = [child for child in self._inside.get(node, ()) if child not in self._matching]
        start = self._starts.get(node, 0)
        return [*self._found[start : start + self.match_parents[node] - len(leading)], *leading]

    def sorted_children(self, node: Node) -> Sequence[Node]:
        """What the view shows below a node, in its order."""
        found = self._ordered.get(node)
        if found is None:
            found = self._ordered[node] = self._sorted(self.children(node))
        return found

    def chain_ends(self, node: Node) -> Mapping[Node, Node]:
        """The children that may have something below them, to the last of the directories that share their line."""
        found = self._ends.get(node)
        if found is None:
            lines = {child: self._end(child) for child in self._directories_in(node)}
            found = self._ends[node] = lines or _NONE
        return found

    def _directories_in(self, node: Node) -> Sequence[Node]:
        """The children that show and may have something below them."""
        if node in self.match_parents:
            return self._inside.get(node, ())
        if self._plain is not None:
            return self._plain._directories_in(node) if self._found else ()
        return self._filtered(self.directories.inside.get(node, ()))

    def change(self, node: Node) -> Change:
        """What became of a node since the base."""
        return self._changed.get(node, _UNCHANGED)

    def contains_changes(self, node: Node) -> bool:
        """Whether something below a node changed since the base."""
        return node in self.changes.above

    def entry(self, node: Node) -> Entry | None:
        """The node's metadata; for what is gone, the metadata that it had."""
        return node.entry_at(self.view.layer) or node.entry_at(self.view.since)

    def is_match(self, node: Node) -> bool:
        """Whether a node that shows is what the query asks for, and not just above it or below it."""
        return node in self._matching if node.children else node.parent in self.match_parents

    def visible(self, everything: Iterable[Node]) -> Set[Node]:
        """All that shows when everything is open."""
        if self._visible is None:
            self._visible = frozenset(self._filtered(everything))
        return self._visible

    @property
    def total(self) -> int:
        """How many paths show without the query; 0 where there is none."""
        return len(self._plain._visible or ()) if self._plain is not None else 0

    def size(self, node: Node) -> int:
        """Bytes of a file, visible bytes below a directory; for what is gone, those that it had.

        Where only changes show, a directory's bytes are those of the changes below it.
        """
        view = self.view
        point = view.layer
        entry = node.entry_at(point)
        if entry is None:
            point = view.since
            entry = node.entry_at(point)
        if entry is None:
            return 0
        if entry.kind is not _DIRECTORY:
            return entry.size
        if not view.changes_only:
            return self._sizes.at(node, point)
        if self._bytes_changed is None:
            self._bytes_changed = changed_bytes(self.changes, view.hidden)
        return self._bytes_changed.get(node, 0)

    def largest(self) -> int:
        """Size of the largest row at the top, which the bars are measured by."""
        if self._largest is None:
            self._largest = max(map(self.size, self.children(self.tree.root)), default=0)
        return self._largest

    def _filtered(self, nodes: Iterable[Node]) -> list[Node]:
        """Those of some siblings that the view does not hide."""
        hidden = self.view.hidden
        if not hidden:
            layer = self.view.layer
            changed = self._changed
            return [
                node
                for node in nodes
                if ((last := node.history[-1])[0] <= layer and last[1] is not None)
                or node.entry_at(layer) is not None
                or node in changed
            ]
        if _UNCHANGED in hidden:
            wanted = self._wanted
            return [node for node in nodes if node in wanted]
        return [node for node in nodes if self._is_shown(node)]

    def _passing(self, nodes: Sequence[Node], term: Term, with_directories: bool) -> list[Node]:
        """Those of some nodes that show which pass a term that depends on the view."""
        test, negated = term.test, term.negated
        if isinstance(test, Change):
            change = self._changed.get
            return [node for node in nodes if (change(node, _UNCHANGED) is test) is not negated]
        layer, entry_of = self.view.layer, self.entry
        # Most paths have one version: asking each of them for its entry would take twice as long.
        entries = [
            last[1] if (last := node.history[-1])[0] <= layer and last[1] is not None else entry_of(node)
            for node in nodes
        ]
        asked = zip(nodes, entries, strict=True)
        if isinstance(test, Type):
            # An enumeration's members take long to hash.
            kinds = tuple(test.kinds)
            return [node for node, entry in asked if entry is not None and (entry.kind in kinds) is not negated]
        if isinstance(test, Size) and with_directories:
            return [node for node, entry in asked if entry is not None and test.holds(self.size(node)) is not negated]
        if isinstance(test, Size):
            compare, bytes_ = test.compare, test.bytes
            return [
                node
                for node, entry in asked
                if entry is not None and entry.kind is not _DIRECTORY and compare(entry.size, bytes_) is not negated
            ]
        return list(nodes)

    def _is_shown(self, node: Node) -> bool:
        """Whether a node is of a kind that shows, or is the way to one."""
        stack = [node]
        while stack:
            at = stack.pop()
            if at in self._wanted or (at not in self._changed and at.entry_at(self.view.layer) is not None):
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
        wanted = {node for node, change in self.changes.by_node.items() if change not in hidden}
        return wanted | directories_above(wanted)

    def _sorted(self, nodes: Sequence[Node]) -> Sequence[Node]:
        if len(nodes) < 2:
            return nodes
        # What is alike in what they are sorted by keeps its order both ways round.
        sort, other_way = self.view.sort, self.view.reversed
        found = sorted(nodes, key=_BY_NAME, reverse=other_way and sort is Sort.NAME)
        if sort is not Sort.NAME:
            found.sort(key=self.size, reverse=not (other_way and sort is Sort.SIZE))
        if sort is Sort.CHANGE:
            found.sort(key=self._rank, reverse=other_way)
        return found

    def _rank(self, node: Node) -> int:
        """What is gone first, then the modified, the added, the directories that contain changes, and all the rest."""
        change = self._changed.get(node)
        return _RANK[change] if change else 3 if node in self.changes.above else 4

    def _end(self, node: Node) -> Node:
        """The end of a chain of directories that hold nothing but one another."""
        while node not in self._matching:
            if self.child_count(node) != 1:
                return node
            child = self.children(node)[0]
            if not self._is_directory(child) or self._changed.get(child) is not self._changed.get(node):
                return node
            node = child
        return node

    def _is_directory(self, node: Node) -> bool:
        entry = self.entry(node)
        return entry is not None and entry.kind is _DIRECTORY
