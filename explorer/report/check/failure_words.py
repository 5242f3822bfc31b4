"""Lines and places of a rule that fails, for annotations and code scanning."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.analysis.advice.sentences import plain_text
from explorer.gate.limits import Outcome
from explorer.report.check import Check, words
from explorer.report.check.what_to_do import title, what_to_do
from explorer.report.dockerfile_place import DockerfilePlace, finding_place, layer_place
from explorer.report.words import path
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.text.words import capitalized

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding


def failure_lines(check: Check, outcome: Outcome, known: Collection[Finding] = ()) -> Iterator[str]:
    """Yields figures, a line for each fix and each remedy, and files at fault.

    Args:
        check: The verdict.
        outcome: The result of the rule.
        known: Findings that lines of other rules have.
    """
    yield about(outcome)
    advice = what_to_do(check, outcome)
    if advice is not None:
        yield from (f"Fix, {size(each.bytes)}: {title(each)}" for each in advice.fixes)
        yield from filter(None, (advice.more, capitalized(advice.reached)))
        yield from (f"{size(part.bytes)}: {part.title}. {plain_text(part.do)}" for part in advice.base)
        yield from (f"{each.title}: {each.do}" for each in advice.findings)
        yield from filter(None, (advice.more_findings, plain_text(advice.otherwise)))
    new = tuple(each for each in outcome.findings if each not in known)
    yield from words.headed("At fault:", words.at_fault(check, replace(outcome, findings=new)))
    yield from _known_line(len(outcome.findings) - len(new))


def finding_lines(check: Check, outcome: Outcome, known: Collection[Finding], at_place: Sequence[str]) -> Iterator[str]:
    """Yields figures, and the findings at the first lines or without lines.

    Args:
        check: The verdict.
        outcome: The result of the rule.
        known: Findings that lines of other rules have.
        at_place: What is wrong at the first lines.
    """
    yield from (about(outcome), *at_place)
    new = [each for each in outcome.findings if each not in known]
    unplaced = tuple(each for each in new if finding_place(check.exploration, each) is None)
    yield from words.headed("Without a line:", words.findings(check, replace(outcome, findings=unplaced)))
    yield from _known_line(len(outcome.findings) - len(new))


def _known_line(count: int) -> Iterator[str]:
    if count:
        yield f"Also at fault: {counted(count, 'finding')} of the rules above"


def about(outcome: Outcome) -> str:
    """Returns an outcome in words, with its origin."""
    return f"{words.sentence(outcome)} [{printable(outcome.origin)}]"


def failure_places(
    check: Check, outcome: Outcome, known: Collection[Finding] = ()
) -> Mapping[DockerfilePlace, Sequence[str]]:
    """Returns the lines of the Dockerfile at fault, each with what is wrong there.

    They are those of the findings, or of the layers that fixes change, or of the layers at fault; the most important
    come first.

    Args:
        check: The verdict.
        outcome: The result of the rule.
        known: Findings that are left out.
    """
    places: dict[DockerfilePlace, list[str]] = {}

    def add(place: DockerfilePlace | None, text: str) -> None:
        if place is not None and text not in places.setdefault(place, []):
            places[place].append(text)

    exploration = check.exploration
    for finding in (each for each in outcome.findings if each not in known):
        line = words.finding_line(check, finding).strip()
        add(finding_place(exploration, finding), f"{line}. {finding.do}".rstrip())
    _cut(places.values())
    advice = what_to_do(check, outcome)
    if advice is not None and not advice.same_as:
        for each in advice.fixes:
            for layer in each.fix.layers:
                add(layer_place(exploration, layer), f"Fix, {size(each.bytes)}: {title(each)}")
    for file in outcome.paths[: words.MAX_ITEMS]:
        add(layer_place(exploration, file.shipped_in), f"It ships {path(file.path)}.")
    for usage in outcome.packages[: words.MAX_ITEMS]:
        add(layer_place(exploration, usage.package.installed_in), f"It installs {usage.package.name_and_version}.")
    if not places:
        for shipped in words.shown_layers(outcome)[: words.MAX_ITEMS]:
            add(layer_place(exploration, shipped.layer), f"It ships {size(shipped.bytes)}.")
    return places


def _cut(findings_at: Iterable[list[str]]) -> None:
    """Replaces all but the first findings of each place by their number."""
    for texts in findings_at:
        if len(texts) > words.MAX_ITEMS:
            texts[words.MAX_ITEMS :] = [f"and {counted(len(texts) - words.MAX_ITEMS, 'more finding')}"]
