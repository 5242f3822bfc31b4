"""What differs between two texts, as a unified diff: in a time that no text can make long.

Lines that are the same at both ends are set aside; what is left is cut at the lines that are there once in both texts,
and only the small pieces between those are compared line by line.
"""

from __future__ import annotations

from bisect import bisect_left
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_DIFF_LINES = 20_000
NO_NEWLINE = "\n\\ No newline at end of file"
"""What ends a last line that has no newline. Lines that are shown hold no newline, so that none ends like this."""
_CONTEXT = 3
_SMALL = 40_000
"""Lines of one piece times lines of the other, up to which they are compared one by one."""


class Step(NamedTuple):
    """Lines of the old text, and what stands in their place in the new one."""

    same: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def steps(old: Sequence[str], new: Sequence[str]) -> list[Step]:
    """The way from one text to the other, without gaps; the same and the different by turns."""
    found: list[Step] = []
    for step in _steps(old, new, 0, 0):
        if step.old_start == step.old_end and step.new_start == step.new_end:
            continue
        if found and found[-1].same is step.same:
            last = found.pop()
            step = Step(step.same, last.old_start, step.old_end, last.new_start, step.new_end)
        found.append(step)
    return found


def _steps(old: Sequence[str], new: Sequence[str], at_old: int, at_new: int) -> Iterator[Step]:
    """The steps of two pieces that start at these lines of the texts."""
    head = 0
    most = min(len(old), len(new))
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_end, new_end = len(old) - tail, len(new) - tail
    yield Step(True, at_old, at_old + head, at_new, at_new + head)
    inner = _different(old[head:old_end], new[head:new_end], at_old + head, at_new + head)
    yield from inner
    yield Step(True, at_old + old_end, at_old + len(old), at_new + new_end, at_new + len(new))


def _different(old: Sequence[str], new: Sequence[str], at_old: int, at_new: int) -> Iterator[Step]:
    if not old or not new:
        yield Step(False, at_old, at_old + len(old), at_new, at_new + len(new))
    elif len(old) * len(new) <= _SMALL:
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield Step(tag == "equal", at_old + a, at_old + b, at_new + c, at_new + d)
    elif anchors := _anchors(old, new):
        a = c = 0
        for x, y in (*anchors, (len(old), len(new))):
            yield from _steps(old[a:x], new[c:y], at_old + a, at_new + c)
            a, c = x, y
    else:
        yield Step(False, at_old, at_old + len(old), at_new, at_new + len(new))


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of lines that are there once in both texts, the most of them that come in the same order in both."""
    places = {line: place for line, place in _once(old).items() if place >= 0}
    pairs = sorted((places[line], place) for line, place in _once(new).items() if place >= 0 and line in places)
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place)
        before.append(last[at - 1] if at else -1)
        if at == len(ends):
            ends.append(place)
            last.append(number)
        else:
            ends[at], last[at] = place, number
    found = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _once(lines: Sequence[str]) -> dict[str, int]:
    """Line to its place; -1 where it comes again."""
    found: dict[str, int] = {}
    for place, line in enumerate(lines):
        found[line] = -1 if line in found else place
    return found


def unified_diff(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The lines of a unified diff, each with its mark in front; none where the texts are the same.

    A last line without a newline at its end has ``UNFINISHED`` there instead, which is told in a line of its own.
    """
    found: list[str] = []
    for hunk in _hunks(steps(old, new)):
        first, last = hunk[0], hunk[-1]
        old_count, new_count = last.old_end - first.old_start, last.new_end - first.new_start
        old_at = first.old_start + (1 if old_count else 0)
        new_at = first.new_start + (1 if new_count else 0)
        found.append(f"@@ -{old_at},{old_count} +{new_at},{new_count} @@")
        for step in hunk:
            if step.same:
                found += [f"  {line}" for line in old[step.old_start : step.old_end]]
            else:
                found += [f"− {line}" for line in old[step.old_start : step.old_end]]
                found += [f"+ {line}" for line in new[step.new_start : step.new_end]]
    return [part for line in found for part in line.split("\n")]


def _hunks(all_steps: list[Step]) -> Iterator[list[Step]]:
    """What is different with three lines around it; two that are close together are one."""
    hunk: list[Step] = []
    for number, step in enumerate(all_steps):
        if not step.same:
            hunk.append(step)
            continue
        length = step.old_end - step.old_start
        is_last = number == len(all_steps) - 1
        if hunk and (is_last or length > 2 * _CONTEXT):
            kept = min(_CONTEXT, length)
            yield [*hunk, Step(True, step.old_start, step.old_start + kept, step.new_start, step.new_start + kept)]
            hunk = []
        elif hunk:
            hunk.append(step)
        if not hunk and not is_last:
            kept = min(_CONTEXT, length)
            hunk = [Step(True, step.old_end - kept, step.old_end, step.new_end - kept, step.new_end)]
    if hunk and any(not step.same for step in hunk):
        yield hunk
