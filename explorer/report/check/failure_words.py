"""Lines and places of a rule that fails, for annotations and code scanning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from explorer.analysis.advice.sentences import plain_text
from explorer.gate.limits import Outcome
from explorer.report.check import Check, words
from explorer.report.check.what_to_do import title, what_to_do
from explorer.report.dockerfile_place import DockerfilePlace, finding_place, layer_place
from explorer.report.words import path
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import capitalized


def failure_lines(check: Check, outcome: Outcome) -> Iterator[str]:
    """Yields figures, a line for each fix and each remedy, and files at fault."""
    yield about(outcome)
    advice = what_to_do(check, outcome)
    if advice is not None:
        yield from (f"Fix, {size(each.bytes)}: {title(each)}" for each in advice.fixes)
        yield from filter(None, (advice.more, capitalized(advice.reached)))
        yield from (f"{size(part.bytes)}: {part.title}. {plain_text(part.do)}" for part in advice.base)
        yield from (f"{each.title}: {each.do}" for each in advice.findings)
        yield from filter(None, (plain_text(advice.otherwise),))
    yield from words.headed("At fault:", words.at_fault(check, outcome))


def about(outcome: Outcome) -> str:
    """Returns an outcome in words, with its origin."""
    return f"{words.sentence(outcome)} [{printable(outcome.origin)}]"


def failure_places(check: Check, outcome: Outcome) -> Mapping[DockerfilePlace, Sequence[str]]:
    """Returns the lines of the Dockerfile at fault, each with what is wrong there.

    They are those of the findings, or of the layers that fixes change, or of the layers at fault; the most important
    come first.
    """
    places: dict[DockerfilePlace, list[str]] = {}

    def add(place: DockerfilePlace | None, text: str) -> None:
        if place is not None and text not in places.setdefault(place, []):
            places[place].append(text)

    exploration = check.exploration
    for finding, line in zip(outcome.findings, words.findings(check, outcome), strict=False):
        add(finding_place(exploration, finding), f"{line.strip()}. {finding.do}".rstrip())
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
