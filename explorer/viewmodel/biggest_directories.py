"""The directories that are open at first: the biggest, until the pane is full."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

from explorer.layers.tree import Node
from explorer.viewmodel.small_entries import SMALL_BYTES, Folding
from explorer.viewmodel.visible_tree import VisibleTree


def biggest_directories(tree: VisibleTree, max_rows: int) -> Mapping[Node, int]:
    """Returns the directories to open so that the biggest paths fill the rows.

    Each has the limit in bytes below which its entries share a row. As with ``du --threshold``, all directories start
    with the same limit, the lowest one that fits. Then the biggest other paths get the rows that are left.
    """
    best: dict[Node, int] = {}
    rows = 0
    for limit in _round_limits(tree.nodes.size(tree.nodes.tree.root)):
        opened = _opened(tree, limit, max_rows)
        if opened is None:
            break
        rows = sum(opened.values())
        best = dict.fromkeys(opened, limit)
    root = tree.nodes.tree.root
    best.pop(root, None)
    _fill(tree, best, max_rows - rows)
    return best


def _round_limits(largest: int) -> Iterator[int]:
    """Yields round numbers of bytes from ``largest`` down."""
    unit = 10 ** (len(str(largest)) - 1)
    while unit >= SMALL_BYTES:
        yield from (limit for digit in range(9, 0, -1) if (limit := unit * digit) <= largest)
        unit //= 10


def _opened(tree: VisibleTree, limit: int, max_rows: int) -> dict[Node, int] | None:
    """Returns the root and the directories with a child of at least ``limit`` bytes.

    Each has its number of rows. Returns None if the rows are too many.
    """
    nodes = tree.nodes
    opened: dict[Node, int] = {}
    waiting = [nodes.tree.root]
    for directory in waiting:
        folding = Folding({directory: limit} if directory.parent is not None else {})
        split = folding.split(tree, directory, opened.keys())
        if directory.parent is not None and not any(nodes.size(child) >= limit for child in split.shown):
            continue
        opened[directory] = len(split.shown) + bool(split.folded)
        if sum(opened.values()) > max_rows:
            return None
        ends = nodes.chain_ends(directory)
        waiting += [end for child in split.shown if (end := ends.get(child)) and nodes.size(end) >= limit]
    return opened


def _fill(tree: VisibleTree, limits: dict[Node, int], rows: int) -> None:
    """Lowers limits so that the biggest entries without a row get ``rows`` rows."""
    size = tree.nodes.size
    waiting: list[tuple[int, str, Node, int]] = []
    splits = {directory: Folding(limits).split(tree, directory, frozenset()) for directory in limits}

    def offer(directory: Node, index: int) -> None:
        folded = splits[directory].folded
        # The last two share the row that one of them needs.
        if index + 2 < len(folded) and size(folded[index]) > SMALL_BYTES:
            heapq.heappush(waiting, (-size(folded[index]), folded[index].path, directory, index))

    for directory in limits:
        offer(directory, 0)
    while rows > 0 and waiting:
        _, _, directory, index = heapq.heappop(waiting)
        folded = splits[directory].folded
        limits[directory] = size(folded[index])
        offer(directory, index + 1)
        rows -= 1
    for directory, limit in limits.items():
        folded = Folding(limits).split(tree, directory, limits.keys()).folded
        if folded:
            limits[directory] = _lowest_limit(size(folded[0]), limit)


def _lowest_limit(small: int, limit: int) -> int:
    """Returns the lowest round number above ``small``, or ``limit`` if that is lower."""
    *_, lowest = limit, *(round_limit for round_limit in _round_limits(limit) if round_limit > small)
    return lowest
