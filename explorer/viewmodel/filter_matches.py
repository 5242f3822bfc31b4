"""What a filter means for the rows: which directories are open meanwhile, which match is next, what to highlight."""

from __future__ import annotations

from itertools import groupby, takewhile
from typing import TYPE_CHECKING

from explorer.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from explorer.layers.tree import Node
    from explorer.viewmodel.file_rows import Row, Rows
    from explorer.viewmodel.visible_tree import VisibleTree


class Openness:
    """The directories that were open, and the path that was selected, before a filter opened its own."""

    def __init__(self) -> None:
        self._before: tuple[set[Node], Node | None] = set(), None

    def follow(
        self, old: VisibleTree | None, new: VisibleTree, opened: set[Node], selected: Node | None
    ) -> tuple[set[Node], Node | None]:
        """Which directories are open, and which path is selected, once a listing replaces another one.

        A new query opens all that leads to its matches; without one, all is as it was before the first. In between,
        what was closed by hand stays closed and what was opened stays open.
        """
        before = old.view.query if old is not None and old.tree is new.tree else None
        query = new.view.query
        if not query:
            found = self._before if before else (opened, selected)
            self._before = set(), None
            return found
        if not before:
            self._before = opened, selected
        if old is None or query != before:
            return set(new.match_parents), selected
        return opened | (new.match_parents.keys() - old.match_parents.keys()), selected


def next_match(rows: Rows, listing: VisibleTree, start: int, direction: int) -> int | None:
    """Number of the next row that shows a match, from the end on to the beginning; None where there is none."""
    count = len(rows)
    for step in range(1, count + 1):
        index = (start + direction * step) % count
        if listing.is_match(rows[index].node):
            return index
    return None


def highlighted(row: Row, listing: VisibleTree, shown: str) -> Iterator[tuple[str, bool]]:
    """A row's name as it is shown, printable and maybe cut in its middle, in pieces that are what matches or not."""
    flags: list[bool] = []
    full = ""
    for node in reversed(row.line):
        piece, of_piece = _flagged(node.name, listing.view.query.spans(node.name) if listing.is_match(node) else [])
        full += f"/{piece}" if full else piece
        flags += [False, *of_piece] if len(flags) else of_piece
    if shown != full:
        head = _common(shown, full)
        tail = min(_common(reversed(shown), reversed(full)), len(shown) - head)
        flags = flags[:head] + [False] * (len(shown) - head - tail) + flags[len(flags) - tail :]
    for flag, group in groupby(zip(shown, flags, strict=True), key=lambda pair: pair[1]):
        yield "".join(character for character, _ in group), flag


def _common(one: Iterable[str], another: Iterable[str]) -> int:
    """Number of characters that are the same at the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, another, strict=False)))


def _flagged(name: str, spans: list[tuple[int, int]]) -> tuple[str, list[bool]]:
    """A name made printable, and for each of its characters whether it matches."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        pieces += [(printable(name[at:start]), False), (printable(name[start:end]), True)]
        at = end
    pieces.append((printable(name[at:]), False))
    return "".join(piece for piece, _ in pieces), [flag for piece, flag in pieces for _ in piece]
