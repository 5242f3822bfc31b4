"""Names of the steps that findings are in: ``ENV API_TOKEN``, ``RUN make``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from explorer.analysis.findings.finding import Finding, Place, StepPlace
from explorer.model import Image
from explorer.text.dockerfile import assignments, instruction
from explorer.text.printable import cut, printable
from explorer.text.words import command

_MAX_NAME_CHARS = 50
_WITH_NAMES = ("Env", "Labels")
"""Keys of settings whose items have names."""


def with_step_names(findings: Iterable[Finding], image: Image) -> Iterator[Finding]:
    """Yields findings, those in steps with the names of these.

    Args:
        findings: The findings.
        image: The image, with its secrets masked.
    """
    names: dict[tuple[int, str], str] = {}

    def named(place: Place) -> Place:
        if not isinstance(place, StepPlace) or place.step >= len(image.history):
            return place
        key = (place.step, place.key)
        if key not in names:
            names[key] = step_name(image, place)
        return replace(place, name=names[key])

    for finding in findings:
        if any(isinstance(place, StepPlace) for place in (finding.place, *finding.other_places)):
            others = tuple(map(named, finding.other_places))
            yield replace(finding, place=named(finding.place), other_places=others)
        else:
            yield finding


def step_name(image: Image, place: StepPlace) -> str:
    """Returns the instruction with the name that it sets, or its start; printable."""
    step = image.history[place.step]
    parsed = instruction(step.created_by, step.comment)
    key, _, item = place.key.partition(".")
    set_names = [name for name, _ in assignments(parsed)] if parsed.keyword == "ARG" else []
    if key in _WITH_NAMES and item:
        words = f"{parsed.keyword} {item}"
    elif len(set_names) == 1:
        words = f"ARG {set_names[0]}"
    else:
        words = command(step.created_by, step.comment)
    return cut(printable(" ".join(words.split())), _MAX_NAME_CHARS)
