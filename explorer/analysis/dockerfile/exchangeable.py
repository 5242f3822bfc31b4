"""Finds lines that fit the steps of each other.

Some builders record only the checksum of what COPY and ADD copy, and a variable fits any text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from explorer.analysis.dockerfile.compare import Case, fits
from explorer.text.dockerfile import Instruction
from explorer.text.words import enumerated

_KEYWORDS = ("COPY", "ADD")
_MAX_LINES = 5


def remark_on_order(matched: Mapping[int, Case], steps: Sequence[Instruction]) -> str:
    """Returns a sentence about neighbours that may be exchanged; empty without any.

    Args:
        matched: The instruction of each own step.
        steps: All steps of the image.
    """
    copies = [(step, case) for step, case in sorted(matched.items()) if case.instruction.keyword in _KEYWORDS]
    lines: dict[int, None] = {}
    for (step, case), (next_step, next_case) in pairwise(copies):
        one, other = case.instruction, next_case.instruction
        if (one.text, one.heredocs) == (other.text, other.heredocs):
            continue
        if fits(case, steps[next_step]) and fits(next_case, steps[step]):
            lines.update({one.first_line: None, other.first_line: None})
    if not lines:
        return ""
    shown = [str(line) for line in lines][:_MAX_LINES]
    if len(lines) > _MAX_LINES:
        shown.append(f"{len(lines) - _MAX_LINES:,} more")
    return f"lines {enumerated(shown, 'and')} fit in another order, too, so their bytes may be exchanged"
