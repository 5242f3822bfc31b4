"""The verdict on an image in words: what its fixes save, and what is disposable.

The fixes save both wasted and disposable bytes, so each sum names its parts.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explorer.analysis.findings.finding import CREDENTIAL_FILE
from explorer.analysis.findings.finding_words import place_words
from explorer.analysis.fixes.savings import Savings
from explorer.text.units import counted, size
from explorer.text.words import DISPOSABLE_MARK, NOT_NEEDED
from explorer.viewmodel.finding_rows import first_secret, is_own_secret

if TYPE_CHECKING:
    from explorer.analysis.findings.image_findings import ImageFindings

WASTED_MARK = "▲"
CLEAN_MARK = "✓"
LEAK_MARK = "!"
_GAP_CELLS = 2


class Subject(enum.Enum):
    """The subject of a sentence."""

    FIXES = "fixes"
    CLEAN = "clean"
    """Nothing is wasted."""
    SECRETS = "secrets"
    LOGINS = "logins"
    """Files that are named like keys or logins, and whose contents cannot be searched."""
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


def verdict_parts(savings: Savings, findings: ImageFindings | None = None) -> list[VerdictPart]:
    """Returns the sentences of the verdict in the order in which they are read.

    The secrets come first; ``findings`` is None until they are known.
    """
    parts = [*about_secrets(findings), _about_waste(savings), *_about_logins(findings)]
    if savings.disposable_bytes:
        # As many as the key shows: with those of the base.
        figure = size(savings.all_disposable_bytes)
        parts.append(VerdictPart(Subject.DISPOSABLE, DISPOSABLE_MARK, figure, _about_disposables(savings)))
    base = _base_figures(savings)
    if base:
        joined = " + ".join(base)
        wordings = (f" keeps {joined}, which only its authors can save.", f" keeps {joined}.", f": {joined}.")
        parts.append(VerdictPart(Subject.BASE, "", "The base", wordings))
    return parts


def short_verdict_parts(savings: Savings, findings: ImageFindings | None = None) -> list[VerdictPart]:
    """Returns short sentences that name the base's disposable bytes, too, if they fit.

    Without them, the disposable bytes of the fixes and those of the image do not agree. Empty if they do. The parts of
    what the fixes save come first, because they explain the mark of disposable bytes.
    """
    waste = _about_waste(savings)
    if not savings.disposable_bytes or not savings.base_disposable_bytes:
        return []
    if savings.wasted_bytes:
        waste = replace(waste, wordings=(waste.wordings[1], f" ({size(savings.wasted_bytes)} wasted)."))
    else:
        waste = replace(waste, wordings=waste.wordings[-1:])
    base = f" disposable, base {size(savings.base_disposable_bytes)}"
    disposable = next(part for part in verdict_parts(savings) if part.subject is Subject.DISPOSABLE)
    return [
        *about_secrets(findings),
        waste,
        *_about_logins(findings),
        replace(disposable, wordings=(base, " disposable.")),
    ]


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


def _about_waste(savings: Savings) -> VerdictPart:
    if savings.wasted_bytes:
        words = f"{counted(len(savings.fixes), 'fix', 'fixes')} {'saves' if len(savings.fixes) == 1 else 'save'}"
        figure, wasted = f"{words} {size(savings.bytes)}", f"{size(savings.wasted_bytes)} wasted"
        first = f"Begin with: {savings.fixes[0].title}."
        if not savings.disposable_bytes:
            return VerdictPart(Subject.FIXES, WASTED_MARK, figure, (f" wasted. {first}", " wasted.", "."))
        parts = f" ({wasted} + {DISPOSABLE_MARK} {size(savings.disposable_bytes)})."
        return VerdictPart(Subject.FIXES, WASTED_MARK, figure, (f"{parts} {first}", parts, "."))
    if savings.base_wasted_bytes:
        wordings: tuple[str, ...] = ("The steps after the base waste nothing.", "Your steps waste nothing.")
    elif savings.all_disposable_bytes:
        wordings = ("Nothing is wasted.",)
    else:
        wordings = ("Nothing is wasted, and nothing looks disposable.", "Nothing is wasted.")
    return VerdictPart(Subject.CLEAN, CLEAN_MARK, "", wordings)


def about_secrets(findings: ImageFindings | None) -> list[VerdictPart]:
    """Returns a sentence about the secrets, with the layer of the first."""
    first = first_secret(findings.findings) if findings is not None else None
    if findings is None or first is None:
        return []
    others = sum(map(is_own_secret, findings.findings)) - 1
    place, fate = place_words(first), "" if first.hidden_in is None else f", deleted by {first.hidden_in}"
    at = f" in {place}" if first.layer is None else f" in layer {first.layer}"
    where = f"{at}{fate}"
    if others:
        more = f" (+{others:,})."
        wordings: tuple[str, ...] = (f"{where}, and {counted(others, 'more secret')}.", f"{where}{more}", f"{at}{more}")
    else:
        wordings = (f"{where}: {place}.", f"{where}.", f"{at}.") if first.layer is not None else (f"{where}.",)
    return [VerdictPart(Subject.SECRETS, LEAK_MARK, first.title, wordings)]


def _about_logins(findings: ImageFindings | None) -> list[VerdictPart]:
    """Returns a sentence about files that are named like a login and not searched."""
    all_findings = findings.findings if findings is not None else ()
    paths = sorted(place_words(each) for each in all_findings if each.id == CREDENTIAL_FILE and not each.is_base)
    if not paths:
        return []
    figure = "1 file is named like a login" if len(paths) == 1 else f"{len(paths):,} files are named like logins"
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    wordings = (f": {paths[0]}{more}.", f": {paths[0].rpartition('/')[2]}{more}.", ".")
    return [VerdictPart(Subject.LOGINS, LEAK_MARK, figure, wordings)]


def _about_disposables(savings: Savings) -> tuple[str, ...]:
    first, *others = savings.kinds
    name, most = first.name, first.bytes
    if not others:
        return f" {NOT_NEEDED}: {name}.", f" disposable: {name}.", " disposable."
    second = f", {others[0].name} {size(others[0].bytes)}"
    long = f" {NOT_NEEDED}: {name} {size(most)}{second}{' and others' if others[1:] else ''}."
    return long, f" disposable, {size(most)} of it {name}.", " disposable."


def _base_figures(savings: Savings) -> list[str]:
    figures = ((WASTED_MARK, savings.base_wasted_bytes), (DISPOSABLE_MARK, savings.base_disposable_bytes))
    return [f"{mark} {size(bytes_)}" for mark, bytes_ in figures if bytes_]
