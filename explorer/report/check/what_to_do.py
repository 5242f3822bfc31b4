"""Words for the fixes that help where a rule fails, shared by the formats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.analysis.advice.sentences import Spans, sentence
from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.gate.helpful_fixes import HelpfulFix, HelpfulFixes
from explorer.gate.limits import Outcome, Status
from explorer.gate.reached import reached
from explorer.gate.value_types import Unit
from explorer.report.check import Check
from explorer.report.check.words import found
from explorer.report.summary import layers_of
from explorer.report.words import path
from explorer.text.shell import shell_quoted
from explorer.text.units import counted, size

_MAX_FIXES = 3
_MAX_REMEDIES = 5
_MAX_DIFF_LINES = 5
_MIN_SHARE = 0.01
"""The share of what all fixes save below which a fix is not worth a line."""
_OTHERWISE = {
    Unit.PATHS: "Name them in .dockerignore, or delete them in the RUN that makes them.",
    Unit.LAYERS: "Join steps: several commands in one RUN with `&&`, several files in one COPY.",
}
"""Advice for rules that no fix helps."""
_FOR_FORBIDDEN_PACKAGES = "Install them only in a build stage, or remove them in the RUN that installs them."
_FOR_GROWN_PACKAGE = (
    "The package `{name}` {growth}: use a smaller one in its place, or install it only in a build stage."
)
_FOR_GROWN_FILE = (
    "`{path}` {growth}: if no container needs it, name it in `.dockerignore`, or delete it in the RUN that makes it."
)
_FOR_LARGE_PACKAGES = "Use smaller packages in their place, or install them only in a build stage."


class WhatToDo(NamedTuple):
    """Advice for one rule that fails."""

    fixes: Sequence[HelpfulFix]
    """The fixes that help most."""
    more: str
    """The number of the other fixes and their bytes; empty if there are none."""
    reached: str
    """The figure that the rule finds after all fixes that help, and its result; empty without fixes."""
    base: Sequence[BaseAdvice]
    findings: Sequence[FindingAdvice]
    """The remedies of the most severe findings, without those of earlier rules."""
    more_findings: str
    """The number of the other remedies, and the command that lists them; empty if there are none."""
    otherwise: Spans
    """Advice about the first step that differs from a baseline, or if no fix helps; else empty."""
    same_as: str
    """The name of an earlier rule with the same advice; else empty."""


class FindingAdvice(NamedTuple):
    """The remedy of some findings; printable, with code in backticks."""

    title: str
    do: str


class BaseAdvice(NamedTuple):
    """Bytes that a rule counts and only the base image can save."""

    bytes: int
    title: str
    do: Spans


def what_to_do(check: Check, outcome: Outcome) -> WhatToDo | None:
    """Returns the advice for a rule; None if it does not fail, or if there is none."""
    if outcome.status is not Status.FAIL:
        return None
    helpful = check.helpful_fixes[outcome.name]
    otherwise = _break_advice(outcome) or (() if helpful.fixes else _growth_advice(outcome) or _otherwise(outcome))
    findings, more_findings, as_earlier = _finding_advice(check, outcome)
    if not (helpful.fixes or helpful.base.bytes or outcome.findings or otherwise):
        return None
    shown = _most_helpful(helpful)
    earlier = next(name for name, other in check.helpful_fixes.items() if other == helpful)
    return WhatToDo(
        shown,
        _more(helpful, len(shown)),
        _reached(check, outcome, helpful),
        list(_base_advice(helpful, check.base_layers)),
        findings,
        more_findings,
        otherwise,
        as_earlier or (earlier if earlier != outcome.name and not otherwise and not outcome.findings else ""),
    )


def _break_advice(outcome: Outcome) -> Spans:
    """Returns why all layers from one on are new, and what keeps the cache of a build."""
    broken = outcome.first_break
    if broken is None:
        return ()
    words = ". ".join(filter(None, (broken.reason, broken.consequence, broken.advice)))
    return sentence("First difference: {words}.", words=words)


def _growth_advice(outcome: Outcome) -> Spans:
    """Names the package or file that grew most, and what to do about it."""
    if outcome.growth is None or outcome.wasted:
        return ()
    package, file = next(iter(outcome.growth.packages), None), next(iter(outcome.growth.files), None)
    if package is not None and (file is None or package.growth >= file.growth):
        name = f"{package.name} {package.versions}".rstrip()
        return sentence(_FOR_GROWN_PACKAGE, name=name, growth=_growth(package.growth, package.old_bytes))
    if file is not None:
        return sentence(_FOR_GROWN_FILE, path=path(file.path), growth=_growth(file.growth, file.old_bytes))
    return ()


def _growth(growth: int, old_bytes: int) -> str:
    return f"grew by {size(growth)}" if old_bytes else f"is new, {size(growth)}"


def _otherwise(outcome: Outcome) -> Spans:
    """Returns advice for a rule that no fix helps; empty if there is none."""
    if not outcome.counts_packages:
        return sentence(_OTHERWISE.get(outcome.unit, ""))
    advice = _FOR_FORBIDDEN_PACKAGES if outcome.unit is Unit.PACKAGES else _FOR_LARGE_PACKAGES
    saved_bytes = sum([usage.shipped_bytes for usage in outcome.packages])
    return sentence(f"{advice} That saves up to {size(saved_bytes)}." if saved_bytes else advice)


def _finding_advice(check: Check, outcome: Outcome) -> tuple[Sequence[FindingAdvice], str, str]:
    """Returns remedies, words about the others, and the rule that has all of them."""
    shown = dict[FindingAdvice, str]()
    for each in check.judgement.outcomes:
        remedies = _remedies(each) if each.status is Status.FAIL else []
        new = [remedy for remedy in remedies if remedy not in shown]
        if each is outcome:
            break
        shown.update(dict.fromkeys(new[:_MAX_REMEDIES], each.name))
    earlier = shown[remedies[0]] if remedies and not new else ""
    left = len(new) - _MAX_REMEDIES
    more = f"and {counted(left, 'more remedy', 'more remedies')}; `lx findings` has all" if left > 0 else ""
    return new[:_MAX_REMEDIES], more, earlier


def _remedies(outcome: Outcome) -> Sequence[FindingAdvice]:
    return [*dict.fromkeys(FindingAdvice(each.title, each.do) for each in outcome.findings if each.do)]


def _most_helpful(helpful: HelpfulFixes) -> Sequence[HelpfulFix]:
    least = _MIN_SHARE * (sum([each.bytes for each in helpful.fixes]) + helpful.base.bytes)
    return [each for each in helpful.fixes if each.bytes >= least][:_MAX_FIXES]


def _more(helpful: HelpfulFixes, shown: int) -> str:
    others = helpful.fixes[shown:]
    if not others:
        return ""
    count = counted(len(others), "more fix" if shown else "fix", "more fixes" if shown else "fixes")
    verb = "saves" if len(others) == 1 else "save"
    return f"{count} {verb} {size(sum([each.bytes for each in others]))}"


def _reached(check: Check, outcome: Outcome, helpful: HelpfulFixes) -> str:
    if not helpful.fixes:
        return ""
    after = reached(check.judgement.case, outcome, [each.fix for each in helpful.fixes])
    result = {Status.PASS: "passes", Status.FAIL: "still fails", Status.SKIP: "nothing to count"}[after.status]
    return f"with {'this fix' if len(helpful.fixes) == 1 else 'all of these fixes'}: " + ", ".join(
        filter(None, (found(after), result))
    )


def _base_advice(helpful: HelpfulFixes, base_layers: int) -> Iterator[BaseAdvice]:
    base = helpful.base
    if base.hidden_bytes:
        do = "Use another base image."
        if base.directory:
            fixed = "apply the fixes and " if base.has_own_files else ""
            do = f"Use another base image; or {fixed}do not count most of its files: `--ignored-paths {{directory}}`."
        quoted = shell_quoted(path(base.directory))
        title = "Base files that your layers delete or replace; the image gets no smaller"
        yield BaseAdvice(base.hidden_bytes, title, sentence(do, directory=quoted))
    if base.excluded_bytes:
        do = "Do not count them: `--base-layers {layers}` or `--base IMAGE`; or use another base image."
        yield BaseAdvice(base.excluded_bytes, "Files of the base image", sentence(do, layers=base_layers))
    if base.other_bytes:
        yield BaseAdvice(base.other_bytes, "Files of the base image", sentence("Use another base image."))


def title(helpful: HelpfulFix) -> str:
    """Returns the title of a fix with its layers, and with all that it saves."""
    fix = helpful.fix
    layers = layers_of(fix)
    more = f"saves {size(fix.bytes)} in all" if fix.bytes > helpful.bytes else ""
    remarks = "; ".join(filter(None, ("" if fix.title.endswith(layers) else f"change {layers}", more)))
    return f"{fix.title} ({remarks})" if remarks else fix.title


def diff_lines(helpful: HelpfulFix) -> Sequence[DiffLine]:
    """Returns the first changes of a fix's diff, then the number of the other lines.

    A line that goes stands with the one that comes in its place, and a single line is not worth hiding.
    """
    diff = helpful.fix.diff
    ends = [end for end in range(1, len(diff)) if _is_end_of_change(diff[end - 1], diff[end])]
    shown = max((end for end in ends if end <= _MAX_DIFF_LINES), default=min(ends, default=len(diff)))
    hidden = len(diff) - shown
    if len(diff) <= _MAX_DIFF_LINES or hidden < 2:
        return diff
    return [*diff[:shown], DiffLine("#", f"and {hidden:,} more lines")]


def _is_end_of_change(line: DiffLine, after: DiffLine) -> bool:
    """True if a diff can be cut between two lines."""
    return line.sign == "+" or (line.sign == "-" and after.sign == "#")
