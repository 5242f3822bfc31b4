"""The effect of a filter on rows: open directories, next match, highlighting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from itertools import groupby, takewhile

from explorer.layers.tree import Node
from explorer.text.printable import printable
from explorer.viewmodel.file_rows import FileRow, FileRows
from explorer.viewmodel.visible_tree import VisibleTree


class FoldingMemory:
    """The open directories and the selected path from before a filter."""

    def __init__(self) -> None:
        self._unfiltered: tuple[Set[Node], Node | None] = set(), None

    def replaced(
        self, old: VisibleTree | None, new: VisibleTree, opened: Set[Node], selected: Node | None
    ) -> tuple[Set[Node], Node | None]:
        """Returns the open directories and the selected path after a change of the tree.

        A new query opens everything that leads to its matches. After the last query, the directories and the path are
        those from before the first. While the query stays the same, so do directories opened or closed by hand.
        """
        is_same_image = old is not None and old.nodes.tree is new.nodes.tree
        query_before = old.view.query if old is not None and is_same_image else None
        query = new.view.query
        if not query:
            restored = self._unfiltered if query_before else (opened, selected)
            self._unfiltered = set(), None
            return restored
        if not query_before:
            self._unfiltered = opened, selected
        if old is None or query != query_before:
            return set(new.nodes.match_parents), selected
        return opened | (new.nodes.match_parents.keys() - old.nodes.match_parents.keys()), selected

    def move(self, moved: Callable[[Node], Node | None], brought: Set[Node]) -> None:
        """Replaces all nodes by those of a newer tree, and opens what only that tree has."""
        opened, selected = self._unfiltered
        self._unfiltered = moved_nodes(opened, moved) | brought, moved(selected) if selected is not None else None


def moved_nodes(nodes: Iterable[Node], moved: Callable[[Node], Node | None]) -> set[Node]:
    """Returns the same nodes in a newer tree."""
    return {node for node in map(moved, nodes) if node is not None}


def next_match(rows: FileRows, start: int, direction: int) -> int | None:
    """Returns the number of the next row that shows a match; None without any.

    ``direction`` -1 means the previous row. After the last match comes the first.
    """
    count = len(rows)
    for step in range(1, count + 1):
        index = (start + direction * step) % count
        if rows.nodes.is_match(rows[index].node):
            return index
    return None


def highlighted(row: FileRow, tree: VisibleTree, shown: str) -> Iterator[tuple[str, bool]]:
    """Yields the pieces of a row's shown name, each with True if it matches.

    ``shown`` is the printable name, which may be cut in its middle.
    """
    flags: list[bool] = []
    full = ""
    for node in reversed(row.line):
        spans = tree.view.query.matched_spans(node.name) if tree.nodes.is_match(node) else []
        piece, piece_flags = _flagged(node.name, spans)
        full += f"/{piece}" if full else piece
        flags += [False, *piece_flags] if len(flags) else piece_flags
    if shown != full:
        head = _common_length(shown, full)
        tail = min(_common_length(reversed(shown), reversed(full)), len(shown) - head)
        flags = flags[:head] + [False] * (len(shown) - head - tail) + flags[len(flags) - tail :]
    for flag, group in groupby(zip(shown, flags, strict=True), key=lambda pair: pair[1]):
        yield "".join(character for character, _ in group), flag


def _common_length(one: Iterable[str], other: Iterable[str]) -> int:
    """Returns the number of characters that are the same at the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _flagged(name: str, spans: list[tuple[int, int]]) -> tuple[str, list[bool]]:
    """Returns a printable name, and for each of its characters True if it matches."""
    pieces: list[tuple[str, bool]] = []
    end_before = 0
    for start, end in spans:
        pieces += [(printable(name[end_before:start]), False), (printable(name[start:end]), True)]
        end_before = end
    pieces.append((printable(name[end_before:]), False))
    return "".join(piece for piece, _ in pieces), [flag for piece, flag in pieces for _ in piece]
