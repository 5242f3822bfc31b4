"""The directories that are open at first: the biggest, until the pane is full."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import takewhile

from explorer.layers.tree import Node
from explorer.viewmodel.small_entries import SMALL_BYTES, Folding, Split, is_folding
from explorer.viewmodel.visible_tree import VisibleTree

_LARGE_SHARE = 0.1
"""The share of all bytes from which an entry of the root has a row before any directory opens."""


def biggest_directories(
    tree: VisibleTree, max_rows: int, around: Sequence[Node] = (), kept: Set[Node] = frozenset()
) -> Mapping[Node, int]:
    """Returns the directories to open so that the biggest paths fill the rows.

    Each has the limit in bytes below which its entries share a row; so has the root. The large entries of the root get
    rows first. Then again and again, the biggest entry without a row gets one, wherever it is: a closed directory opens
    with its biggest entry, or an open directory shows one more.

    Args:
        tree: The tree to show.
        max_rows: The rows of the pane.
        around: Directories that are open in any case, such as those above the selected path.
        kept: Paths that have a row in any case.
    """
    opening = _Opening(tree, frozenset(around), kept)
    opening.fill(max_rows)
    return opening.round_limits()


@dataclass(slots=True)
class _Open:
    """An open directory: its limit in bytes, and the entries below the first limit."""

    limit: int
    folded: Sequence[Node]
    """The entries without a row when the directory opens, the largest first."""
    shown: int = 0
    """The number of these that have a row since then."""

    @property
    def is_whole(self) -> bool:
        """True if all entries have rows."""
        return self.shown == len(self.folded)


class _Opening:
    """Opens directories and shows their entries, one after the other."""

    def __init__(self, tree: VisibleTree, around: Set[Node], kept: Set[Node]) -> None:
        self._tree = tree
        self._size = tree.nodes.size
        self._around = around
        self._kept = kept
        self._is_folding = is_folding(tree)
        self._min_bytes = 0 if tree.view.changes_only else SMALL_BYTES
        """Smaller entries get no rows, except together."""
        self._open: dict[Node, _Open] = {}
        self._free_rows = 0
        self._waiting: list[tuple[float, bool, str, Node]] = []
        """Closed directories, and open ones with entries without rows; a heap, the largest such entry first."""

    def fill(self, max_rows: int) -> None:
        """Opens as much as fits into the rows."""
        self._free_rows = max_rows
        self._open_one(self._tree.nodes.tree.root)
        while self._waiting:
            _, is_open, _, directory = heapq.heappop(self._waiting)
            if self._free_rows <= 0 and directory not in self._around:
                break
            if is_open:
                self._show_more(directory)
            else:
                self._open_one(directory)

    def round_limits(self) -> Mapping[Node, int]:
        """Returns the limit of each open directory, a round number if possible."""
        limits = {}
        for directory, each in self._open.items():
            limits[directory] = each.limit
            if not each.is_whole:
                largest = self._size(each.folded[each.shown])
                limits[directory] = _lowest_limit(largest, each.limit, max(1, self._min_bytes))
        return limits

    def _offer(self, directory: Node, shown: Sequence[Node]) -> None:
        """Offers the largest entries of closed directories that have got rows."""
        ends = self._tree.nodes.chain_ends(directory)
        for child in shown:
            end = ends.get(child)
            if end is not None:
                bytes_ = math.inf if end in self._around else self._largest_entry(end)
                heapq.heappush(self._waiting, (-bytes_, False, end.path, end))

    def _offer_more(self, directory: Node) -> None:
        """Offers the largest entry without a row of an open directory."""
        each = self._open[directory]
        if not each.is_whole and (bytes_ := self._size(each.folded[each.shown])) >= self._min_bytes:
            is_large = directory.parent is None and bytes_ >= _LARGE_SHARE * self._size(directory)
            heapq.heappush(self._waiting, (-math.inf if is_large else -bytes_, True, directory.path, directory))

    def _largest_entry(self, directory: Node) -> int:
        """Returns the bytes of the largest entry of a directory."""
        return max(map(self._size, self._tree.nodes.children(directory)), default=0)

    def _open_one(self, directory: Node) -> None:
        """Opens a directory with its biggest entry, if that fits or it is the root."""
        children = self._tree.children(directory)
        if not children:
            return
        limit = max(self._size(children[0]), self._min_bytes)
        split = Split(children, ())
        if self._is_folding:
            split = Folding({directory: limit}, self._kept).split(self._tree, directory, self._around)
        rows = len(split.shown) + bool(split.folded)
        if rows > self._free_rows and directory not in self._around and directory.parent is not None:
            return
        self._free_rows -= rows
        self._open[directory] = _Open(limit, split.folded)
        self._offer(directory, split.shown)
        self._offer_more(directory)

    def _show_more(self, directory: Node) -> None:
        """Gives a row to the largest entry without one, and to others of its size."""
        each = self._open[directory]
        bytes_ = self._size(each.folded[each.shown])
        same = takewhile(lambda index: self._size(each.folded[index]) == bytes_, range(each.shown, len(each.folded)))
        end = each.shown + sum(1 for _ in same)
        # The last one needs no row more than the row that it shares.
        if len(each.folded) - end == 1:
            end = len(each.folded)
        rows = end - each.shown - (end == len(each.folded))
        if rows > self._free_rows:
            return
        shown = each.folded[each.shown : end]
        self._free_rows -= rows
        each.shown, each.limit = end, bytes_
        self._offer(directory, shown)
        self._offer_more(directory)


def _round_limits(largest: int, least: int) -> Iterator[int]:
    """Yields round numbers of bytes from ``largest`` down to ``least``."""
    unit = 10 ** (len(str(largest)) - 1)
    while unit >= least:
        yield from (limit for digit in range(9, 0, -1) if (limit := unit * digit) <= largest)
        unit //= 10


def _lowest_limit(small: int, limit: int, least: int) -> int:
    """Returns the lowest round number above ``small``, or ``limit`` if that is lower."""
    *_, lowest = limit, *(round_limit for round_limit in _round_limits(limit, least) if round_limit > small)
    return lowest
