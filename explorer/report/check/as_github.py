"""The verdict in a log of GitHub Actions: annotations and the text for people.

GitHub keeps ten annotations of each kind for a step, so there is one for each rule and not one for each path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from explorer.analysis.advice.sentences import plain_text
from explorer.gate.limits import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.as_text import check_text
from explorer.report.check.what_to_do import title, what_to_do
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import capitalized

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
    for outcome in check.judgement.outcomes:
        if outcome.status is Status.FAIL:
            yield _command("error", outcome.name, "\n".join(_failure(check, outcome)))
        elif outcome.status is Status.SKIP:
            yield _command("notice", outcome.name, f"skipped: {_about(outcome)}")
    damage = list(words.damage(check))
    if damage:
        level = "error" if check.fails_by_damage else "warning"
        yield _command(level, "damage", "\n".join(("The figures may be wrong:", *damage)))
    problems = list(words.problems(check))
    if problems:
        yield _command("warning", "problems", "\n".join(("The rules may have missed these:", *problems)))
    if check.judgement.passes and not check.fails_by_damage:
        yield _command(
            "notice",
            printable(check.exploration.image.reference),
            f"{words.summary(check)}\n{words.image_figures(check)}",
        )


def _failure(check: Check, outcome: Outcome) -> Iterator[str]:
    """Yields the lines of an error: figures, a line for each fix, files at fault."""
    yield _about(outcome)
    advice = what_to_do(check, outcome)
    if advice is not None:
        yield from (f"Fix, {size(each.bytes)}: {title(each)}" for each in advice.fixes)
        yield from filter(None, (advice.more, capitalized(advice.reached)))
        yield from (f"{size(part.bytes)}: {part.title}. {plain_text(part.do)}" for part in advice.base)
        yield from filter(None, (plain_text(advice.otherwise),))
    yield from words.headed("At fault:", words.at_fault(check, outcome))


def _about(outcome: Outcome) -> str:
    return f"{words.sentence(outcome)} [{printable(outcome.origin)}]"


def _command(name: str, title: str, message: str) -> str:
    """Returns one workflow command, with the program's name in its title."""
    return f"::{name} title={f'layer-explorer: {title}'.translate(_IN_PROPERTIES)}::{message.translate(_IN_MESSAGES)}"
