"""The verdict for people at a terminal or in a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.gate.limits import Outcome
from explorer.report.check import Check, words
from explorer.report.words import largest_waste
from explorer.text.printable import printable


def check_text(check: Check) -> str:
    """Returns figures, rules with limits and origins, largest files, and verdict."""
    image = check.exploration.image
    lines = [
        f"{printable(image.reference)}  {printable(image.platform)}".rstrip(),
        f"  {words.image_figures(check)}",
        *_section("Damage: the figures may be wrong", [*words.damage(check)]),
        "",
        "Rules",
        *_rules(check),
        *_exceptions(check),
        *_section("Wasted most", [*largest_waste(check.judgement.account.wasted, words.MAX_ITEMS)]),
        *_section("Problems: the rules may have missed these", [*words.problems(check)]),
        "",
        words.summary(check),
        "",
    ]
    return "\n".join(lines)


def _rules(check: Check) -> Iterator[str]:
    outcomes = check.judgement.outcomes
    rows = [_cells(each) for each in outcomes]
    rule, found, limit = (max((len(row[place]) for row in rows), default=0) for place in range(3))
    for outcome, (name, has, allowed, origin) in zip(outcomes, rows, strict=True):
        yield f"  {outcome.status.name}  {name:<{rule}}  {has:<{found}}  {allowed:<{limit}}  {origin}".rstrip()
        yield from (f"        {line}" for line in words.forbidden(outcome))
        yield from (f"        {line}" for line in words.disposable_kinds(outcome))
        yield from (f"        {line}" for line in words.largest_layers(check, outcome))
    if not outcomes:
        yield "  none"


def _cells(outcome: Outcome) -> tuple[str, str, str, str]:
    has = words.found(outcome)
    reason = f"{has} ({outcome.reason})" if has and outcome.reason else has or outcome.reason
    return outcome.name, reason, words.limit(outcome), f"[{printable(outcome.origin)}]"


def _exceptions(check: Check) -> Iterator[str]:
    exceptions = list(map(str, words.exceptions(check)))
    account = [f"counted: {words.account_figures(check)}"] if exceptions else []
    return _section("Not counted", [*exceptions, *account])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    """Yields a title and its lines; nothing if there are no lines."""
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)
