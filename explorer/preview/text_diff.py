"""Unified diff of two texts, in a time that no text can make long.

Equal lines at both ends are set aside. The rest is cut at lines that occur once in both texts, and difflib compares
only the small pieces in between. Alone, difflib takes up to 11 s for two texts of 5,000 lines that repeat, and a second
for two whose every second line differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise

from explorer.analysis.common_subsequence import increasing_subsequence

MAX_DIFF_LINES = 20_000
NO_NEWLINE = "\n\\ No newline at end of file"
"""Ends the last line of a text that has no newline there. Other lines hold no newline, so none of them equals it."""
_MAX_PIECE_PAIRS = 40_000
"""Lines of one piece times lines of the other, up to which difflib compares them."""
_MAX_STEPS = 15_000_000
"""Lines and pairs of lines that a diff may look at, which takes 1.2 s at most. Pieces beyond it count as different."""


class _Work:
    """Counts the lines, and the pairs of equal lines, that a diff looks at."""

    steps = 0

    def allows(self, steps: int) -> bool:
        """Adds steps; False if there are too many now."""
        self.steps += steps
        return self.steps <= _MAX_STEPS


class _PieceMatcher(SequenceMatcher[str]):
    """Difflib's matcher, which finds nothing more after too much work."""

    b2j: dict[str, list[int]]
    """Line of the new text to its indexes."""

    def __init__(self, old: Sequence[str], new: Sequence[str], work: _Work) -> None:
        super().__init__(None, old, new, autojunk=False)
        self._old = old
        self._work = work

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        pairs = sum(len(self.b2j.get(line, ())) for line in self._old[alo:ahi])
        return super().find_longest_match(alo, ahi, blo, bhi) if self._work.allows(pairs) else Match(alo, blo, 0)


class _TextMatcher(SequenceMatcher[str]):
    """Finds matching blocks itself, and leaves opcodes and hunks to difflib."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__()
        self.a, self.b = old, new
        self._work = _Work()

    def get_matching_blocks(self) -> list[Match]:
        blocks: list[Match] = []
        for block in sorted(self._blocks()):
            last = blocks[-1] if blocks else Match(0, 0, 0)
            if (last.a + last.size, last.b + last.size) == (block.a, block.b):
                blocks[-1:] = [Match(last.a, last.b, last.size + block.size)]
            elif block.size:
                blocks.append(block)
        return [*blocks, Match(len(self.a), len(self.b), 0)]

    def _blocks(self) -> Iterator[Match]:
        """Yields the matching blocks, in no order."""
        # A list instead of recursion, because a cut can make further lines unique a thousand times.
        pieces = [(0, len(self.a), 0, len(self.b))]
        while pieces:
            old_start, old_end, new_start, new_end = pieces.pop()
            old, new = self.a[old_start:old_end], self.b[new_start:new_end]
            head = _common_lines(old, new)
            tail = _common_lines(old[head:][::-1], new[head:][::-1])
            yield Match(old_start, new_start, head)
            yield Match(old_end - tail, new_end - tail, tail)
            old, new = old[head : len(old) - tail], new[head : len(new) - tail]
            old_start, new_start = old_start + head, new_start + head
            if len(old) * len(new) <= _MAX_PIECE_PAIRS:
                for block in _PieceMatcher(old, new, self._work).get_matching_blocks():
                    yield Match(old_start + block.a, new_start + block.b, block.size)
            elif self._work.allows(len(old) + len(new)) and (anchors := _anchors(old, new)):
                for (a, b), (next_a, next_b) in pairwise(((0, 0), *anchors, (len(old), len(new)))):
                    pieces.append((old_start + a, old_start + next_a, new_start + b, new_start + next_b))


def _common_lines(old: Sequence[str], new: Sequence[str]) -> int:
    """Number of equal lines at the start."""
    shorter = min(len(old), len(new))
    return next((index for index in range(shorter) if old[index] != new[index]), shorter)


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Indexes of lines that occur once in both texts, as many as have one order."""
    old_indexes, new_indexes = _unique_lines(old), _unique_lines(new)
    pairs = [(index, new_indexes[line]) for line, index in old_indexes.items() if line in new_indexes]
    return [pairs[place] for place in increasing_subsequence([new_index for _, new_index in pairs])]


def _unique_lines(lines: Sequence[str]) -> dict[str, int]:
    """Lines that occur once, with their indexes, in order."""
    indexes: dict[str, int] = {}
    for index, line in enumerate(lines):
        indexes[line] = -1 if line in indexes else index
    return {line: index for line, index in indexes.items() if index >= 0}


def unified_diff(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Returns the lines of a unified diff, with marks; none if the texts are equal.

    The last line of a text without a newline at its end has ``NO_NEWLINE`` there; the diff shows it as a line.
    """
    lines: list[str] = []
    for hunk in _TextMatcher(old, new).get_grouped_opcodes():
        lines.append(f"@@ -{_range(hunk[0][1], hunk[-1][2])} +{_range(hunk[0][3], hunk[-1][4])} @@")
        for tag, old_start, old_end, new_start, new_end in hunk:
            if tag == "equal":
                lines += [f"  {line}" for line in old[old_start:old_end]]
            else:
                lines += [f"− {line}" for line in old[old_start:old_end]]
                lines += [f"+ {line}" for line in new[new_start:new_end]]
    return [part for line in lines for part in line.split("\n")]


def _range(start: int, end: int) -> str:
    """Range of a hunk's header; an empty range names the line before it."""
    return f"{start + 1 if end > start else start},{end - start}"
