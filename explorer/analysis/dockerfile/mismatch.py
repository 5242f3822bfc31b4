"""Says where a Dockerfile and the history of an image differ."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.analysis.dockerfile.compare import Case, fits
from explorer.analysis.dockerfile.stages import Stage
from explorer.text.dockerfile import Instruction, readable
from explorer.text.printable import printable, shortened

_MAX_SHOWN_CHARS = 60
_MAX_COMPARED_CHARS = 20_000_000
"""Bounds the time for a hostile history."""
_CALL_CHARS = 200
"""The characters that a comparison takes the time of, at least."""
_WITH_VALUES = frozenset({"ENV", "ARG", "LABEL"})
"""Instructions whose values may be secret."""


def first_mismatch(stage: Stage, cases: Sequence[Case], steps: Sequence[Instruction]) -> str:
    """Returns the first line that does not fit, and the step in its place.

    It is printable.
    """
    if not cases:
        line = stage.base_line.first_line
        return (
            f"line {line}: no instruction of its own follows {_shown('FROM', stage.base)}, so nothing can be compared"
        )
    start, count = _longest_beginning(cases, steps)
    at = start + count
    if count == len(cases) and at == len(steps):
        line, first = stage.base_line.first_line, shown_step(steps[0])
        return f"line {line}: {_shown('FROM', stage.base)}; the image begins with another step: {first}"
    if count == len(cases):
        return f"the image has a step more than the Dockerfile: {shown_step(steps[at])}"
    made = cases[count].instruction
    beginning = f"line {made.first_line}: {_shown(made.keyword, made.arguments)}"
    if not count:
        return f"{beginning}; no step of the image fits"
    if at == len(steps):
        return f"{beginning}; the image has no step for it"
    if shown_step(steps[at]) == _shown(made.keyword, made.arguments):
        return f"{beginning}; step {at + 1} of the image differs in values, or after its first words"
    return f"{beginning}; step {at + 1} of the image is {shown_step(steps[at])}"


def _longest_beginning(cases: Sequence[Case], steps: Sequence[Instruction]) -> tuple[int, int]:
    """Returns the step at which the most instructions fit, and their number."""
    best = (0, 0)
    budget = _MAX_COMPARED_CHARS
    for start in range(len(steps)):
        count = 0
        while count < min(len(cases), len(steps) - start) and budget > 0:
            budget -= _CALL_CHARS + len(steps[start + count].arguments)
            if not fits(cases[count], steps[start + count]):
                break
            count += 1
        if count and count >= best[1]:
            best = (start, count)
    return best


def _shown(keyword: str, arguments: str) -> str:
    if keyword in _WITH_VALUES:
        name, separator, _ = arguments.strip().partition(" ")[0].partition("=")
        arguments = f"{name}{separator}…"
    return printable(shortened(f"{keyword} {arguments}".strip(), _MAX_SHOWN_CHARS))


def shown_step(step: Instruction) -> str:
    """Returns the beginning of a step; printable, without values."""
    return _shown(step.keyword, readable(step))
