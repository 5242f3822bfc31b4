"""The verdict in a log of GitHub Actions: workflow commands that become annotations, then the text for people.

GitHub keeps ten annotations of a kind for each step, hence one for each rule and not one for each path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from explorer.gate.judges import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.as_text import check_text
from explorer.text.printable import printable

_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = {**_IN_MESSAGES, **str.maketrans({":": "%3A", ",": "%2C"})}


def check_github(check: Check) -> str:
    """An error for each rule that fails, a notice for each that is skipped and for the whole, a warning; text."""
    text = check_text(check)
    # A runner looks for commands in every line of a log, also in those that quote an image. What ends the pause cannot
    # stand in a text that it is the digest of.
    pause = hashlib.sha256(text.encode()).hexdigest()
    return "\n".join((*_annotations(check), f"::stop-commands::{pause}", f"{text}::{pause}::", ""))


def _annotations(check: Check) -> Iterator[str]:
    for outcome in check.judgement.outcomes:
        if outcome.status is Status.FAIL:
            yield _command("error", outcome.rule, "\n".join((_about(outcome), *words.to_blame(check, outcome))))
        elif outcome.status is Status.SKIP:
            yield _command("notice", outcome.rule, f"skipped: {_about(outcome)}")
    problems = list(words.problems(check))
    if problems:
        yield _command("warning", "problems", "\n".join(("What the rules may not have seen:", *problems)))
    if check.judgement.passes:
        yield _command("notice", printable(check.reference), f"{words.summary(check)}\n{words.image_figures(check)}")


def _about(outcome: Outcome) -> str:
    return f"{words.sentence(outcome)} [{printable(outcome.origin)}]"


def _command(name: str, title: str, message: str) -> str:
    """One command; the title says whose it is."""
    return f"::{name} title={f'layer-explorer: {title}'.translate(_IN_PROPERTIES)}::{message.translate(_IN_MESSAGES)}"
