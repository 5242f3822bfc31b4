"""The items that two lists have in the same order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence

_MAX_TABLE_CELLS = 1_000_000
"""Longer lists are matched in linear time, and not always as well."""


def common_subsequence(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    """Yields the positions of a longest common subsequence, the common start first."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        yield start, start
        start += 1
    old_end, new_end = len(old), len(new)
    while old_end > start and new_end > start and old[old_end - 1] == new[new_end - 1]:
        old_end, new_end = old_end - 1, new_end - 1
    for before, after in _middle(old[start:old_end], new[start:new_end]):
        yield start + before, start + after
    yield from zip(range(old_end, len(old)), range(new_end, len(new)), strict=True)


def _middle(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    if len(old) * len(new) > _MAX_TABLE_CELLS:
        first = {item: position for position, item in reversed(list(enumerate(old)))}
        pairs = [(first[item], position) for position, item in enumerate(new) if item in first]
        yield from (pairs[place] for place in increasing_subsequence([before for before, _ in pairs]))
        return
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for before in reversed(range(len(old))):
        row, below = lengths[before], lengths[before + 1]
        for after in reversed(range(len(new))):
            row[after] = below[after + 1] + 1 if old[before] == new[after] else max(below[after], row[after + 1])
    before = after = 0
    while before < len(old) and after < len(new):
        if old[before] == new[after]:
            yield before, after
            before, after = before + 1, after + 1
        elif lengths[before + 1][after] >= lengths[before][after + 1]:
            before += 1
        else:
            after += 1


def increasing_subsequence(numbers: Sequence[int]) -> Sequence[int]:
    """Returns the positions of a longest strictly ascending subsequence."""
    ends: list[int] = []
    positions: list[int] = []
    before: list[int] = []
    for position, number in enumerate(numbers):
        place = bisect_left(ends, number)
        before.append(positions[place - 1] if place else -1)
        ends[place : place + 1] = [number]
        positions[place : place + 1] = [position]
    ascent = []
    position = positions[-1] if positions else -1
    while position >= 0:
        ascent.append(position)
        position = before[position]
    return ascent[::-1]
