"""The verdict on an image: what its fixes save, and what is disposable."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.pipeline import Exploration
from explorer.text.units import counted, size

WASTED_MARK = "▲"
DISPOSABLE_MARK = "◌"
CLEAN_MARK = "✓"
_GAP_CELLS = 2


class Subject(enum.Enum):
    """The subject of a sentence."""

    FIXES = "fixes"
    CLEAN = "clean"
    """Nothing is wasted."""
    DISPOSABLE = "disposable"
    BASE = "base"


@dataclass(frozen=True, slots=True)
class VerdictPart:
    """A sentence about one subject."""

    subject: Subject
    mark: str
    """The mark before the key; empty if the subject has none."""
    figure: str
    """The beginning of the sentence, which is its main figure; maybe empty."""
    wordings: Sequence[str]
    """The rest of the sentence, the longest wording first."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures of the verdict. Wasted and disposable bytes are never added."""

    fixes: int
    """Number of fixes of the Dockerfile; they save wasted and disposable bytes."""
    first_title: str
    """The title of the fix that saves most; empty if there is none."""
    wasted_bytes: int
    """Wasted bytes that the fixes save."""
    disposable_bytes: int
    """Disposable bytes that the fixes save."""
    kinds: Sequence[tuple[str, int]]
    """Names and bytes of the kinds of these disposable files, largest first."""
    base_wasted_bytes: int
    """Wasted bytes that only the base image can save."""
    base_disposable_bytes: int
    """Disposable bytes that only the base image can save."""

    @property
    def all_disposable_bytes(self) -> int:
        """Disposable bytes of the image, with those of the base."""
        return self.disposable_bytes + self.base_disposable_bytes


def verdict(exploration: Exploration) -> Verdict:
    """Returns the verdict on an image, which takes up to a second."""
    savings = exploration.savings
    return Verdict(
        fixes=len(savings.fixes),
        first_title=savings.fixes[0].title if savings.fixes else "",
        wasted_bytes=savings.wasted_bytes,
        disposable_bytes=savings.disposable_bytes,
        kinds=[(kind.name, kind.own_bytes) for kind in savings.kinds if kind.own_bytes],
        base_wasted_bytes=savings.base_wasted_bytes,
        base_disposable_bytes=savings.base_disposable_bytes,
    )


def verdict_parts(verdict: Verdict) -> list[VerdictPart]:
    """Returns the sentences of the verdict in the order in which they are read."""
    parts = [_about_waste(verdict)]
    if verdict.disposable_bytes:
        figure = size(verdict.disposable_bytes)
        parts.append(VerdictPart(Subject.DISPOSABLE, DISPOSABLE_MARK, figure, _about_disposables(verdict)))
    base = _base_figures(verdict)
    if base:
        joined = " + ".join(base)
        wordings = (f": {joined} only its authors can save.", f": {joined}.", f" {' '.join(base)}")
        parts.append(VerdictPart(Subject.BASE, "", "base", wordings))
    return parts


def fitting_wordings(parts: Sequence[VerdictPart], key_cells: Sequence[int], width: int) -> list[str]:
    """Returns the rest of each sentence, so that all fit into ``width`` cells.

    The first sentences get the longest wordings, and the last are left out if they do not fit. ``key_cells`` are the
    cells of the mark and key of each part.
    """
    chosen: list[int] = []
    used = -_GAP_CELLS
    for part, cells in zip(parts, key_cells, strict=True):
        least = _GAP_CELLS + cells + len(part.figure) + len(part.wordings[-1])
        if chosen and used + least > width:
            break
        used += least
        chosen.append(len(part.wordings) - 1)
    # First each part gets its second longest wording, and only then the longest.
    for target in (1, 0):
        for index, part in enumerate(parts[: len(chosen)]):
            for wording in range(target, chosen[index]):
                more = len(part.wordings[wording]) - len(part.wordings[chosen[index]])
                if used + more <= width:
                    used += more
                    chosen[index] = wording
                    break
    return [parts[index].wordings[wording] for index, wording in enumerate(chosen)]


def _about_waste(verdict: Verdict) -> VerdictPart:
    if verdict.wasted_bytes:
        words = f"{counted(verdict.fixes, 'fix', 'fixes')} {'saves' if verdict.fixes == 1 else 'save'}"
        figure = f"{words} {size(verdict.wasted_bytes)} wasted"
        return VerdictPart(Subject.FIXES, WASTED_MARK, figure, (f". Begin with: {verdict.first_title}.", ".", "."))
    if verdict.base_wasted_bytes:
        wordings: tuple[str, ...] = ("The steps after the base waste nothing.", "Your steps waste nothing.")
    elif verdict.all_disposable_bytes:
        wordings = ("Nothing is wasted.",)
    else:
        wordings = ("Nothing is wasted, and nothing looks disposable.", "Nothing is wasted.")
    return VerdictPart(Subject.CLEAN, CLEAN_MARK, "", wordings)


def _about_disposables(verdict: Verdict) -> tuple[str, ...]:
    (name, most), *others = verdict.kinds
    if not others:
        return f" that a container should not need: {name}.", f" disposable: {name}.", " disposable."
    second = f", {others[0][0]} {size(others[0][1])}"
    long = f" that a container should not need: {name} {size(most)}{second}{' and others' if others[1:] else ''}."
    return long, f" disposable, {size(most)} of it {name}.", " disposable."


def _base_figures(verdict: Verdict) -> list[str]:
    figures = ((WASTED_MARK, verdict.base_wasted_bytes), (DISPOSABLE_MARK, verdict.base_disposable_bytes))
    return [f"{mark} {size(bytes_)}" for mark, bytes_ in figures if bytes_]
