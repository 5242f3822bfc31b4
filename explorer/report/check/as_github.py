"""The verdict in a log of GitHub Actions: annotations and the text for people.

GitHub keeps ten annotations of each kind for a step, so there is one for each rule and not one for each path. If the
lines of the Dockerfile are known, the annotation of a rule is at the first lines at fault, and the others follow. Each
finding is in those of one rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from explorer.gate.limits import Status
from explorer.report.check import Check, words
from explorer.report.check.as_text import check_text
from explorer.report.check.failure_words import about, failure_lines, failure_places, finding_lines
from explorer.report.dockerfile_place import DockerfilePlace, misfit_words
from explorer.text.printable import printable
from explorer.text.units import counted

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding

_MAX_ERRORS = 10
_MAX_REST = 50
"""Places that the last error names."""
_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = {**_IN_MESSAGES, **str.maketrans({":": "%3A", ",": "%2C"})}


def check_github(check: Check) -> str:
    """Returns annotations as workflow commands, then the text for people.

    Failed rules are errors, and problems a warning. Damage is an error, or if it is allowed a warning. Skipped rules
    and the result are notices.
    """
    text = check_text(check)
    # A runner executes commands in every line of a log, even in names that an image contains. So the text pauses them
    # with a token that cannot be in the text, because it is the text's digest.
    token = hashlib.sha256(text.encode()).hexdigest()
    return "\n".join((*_annotations(check), f"::stop-commands::{token}", f"{text}::{token}::", ""))


def _annotations(check: Check) -> Iterator[str]:
    errors: list[tuple[str, DockerfilePlace, str]] = []
    known: set[Finding] = set()
    count = int(check.fails_by_damage)
    for outcome in check.judgement.outcomes:
        if outcome.status is Status.FAIL:
            count += 1
            places = failure_places(check, outcome, known)
            first, *others = places or [None]
            errors += [(outcome.name, place, "\n".join(places[place])) for place in others if place is not None]
            if outcome.findings and first is not None:
                # The remedies of other lines are beside these.
                lines = finding_lines(check, outcome, known, places[first])
            else:
                lines = failure_lines(check, outcome, known)
            yield _command("error", outcome.name, "\n".join(lines), first)
            known.update(outcome.findings)
        elif outcome.status is Status.SKIP:
            yield _command("notice", outcome.name, f"skipped: {about(outcome)}")
    yield from _at_other_lines(errors, max(_MAX_ERRORS - count, 0))
    damage = list(words.damage(check))
    if damage:
        level = "error" if check.fails_by_damage else "warning"
        yield _command(level, "damage", "\n".join(("The figures may be wrong:", *damage)))
    misfit = misfit_words(check.exploration)
    if misfit:
        yield _command("warning", "Dockerfile", f"No line is named, because {misfit}")
    problems = list(words.problems(check))
    if problems:
        yield _command("warning", "problems", "\n".join(("The rules may have missed these:", *problems)))
    if check.judgement.passes and not check.fails_by_damage:
        yield _command(
            "notice",
            printable(check.exploration.image.reference),
            f"{words.summary(check)}\n{words.image_figures(check)}",
        )


def _at_other_lines(errors: Sequence[tuple[str, DockerfilePlace, str]], room: int) -> Iterator[str]:
    """Yields an error for each of the lines; the last one has the rest."""
    shown = len(errors) if len(errors) <= room else max(room - 1, 0)
    yield from (_command("error", rule, text, place) for rule, place, text in errors[:shown])
    rest = errors[shown:]
    if rest and room:
        lines = [f"{place}: {rule}: {text}" for rule, place, text in rest[:_MAX_REST]]
        more = [f"and {counted(len(rest) - _MAX_REST, 'more place')}"] if len(rest) > _MAX_REST else []
        yield _command("error", f"{counted(len(rest), 'more place')} in the Dockerfile", "\n".join([*lines, *more]))


def _command(name: str, title: str, message: str, place: DockerfilePlace | None = None) -> str:
    """Returns one workflow command, with the program's name in its title."""
    properties = {"title": f"layer-explorer: {title}"}
    if place is not None:
        lines = {"line": str(place.first_line), "endLine": str(place.last_line)}
        properties = {"file": printable(place.file), **lines, **properties}
    words = ",".join(f"{key}={value.translate(_IN_PROPERTIES)}" for key, value in properties.items())
    return f"::{name} {words}::{message.translate(_IN_MESSAGES)}"
