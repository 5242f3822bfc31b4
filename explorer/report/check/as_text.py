"""The verdict for people at a terminal or in a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from explorer.gate.limits import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.advice_lines import advice_lines
from explorer.report.page import Page, Style
from explorer.report.words import largest_waste, path, reason
from explorer.text.printable import printable
from explorer.text.units import size

_INDENT = " " * 8
_STYLES = {Status.PASS: Style.ADDED, Status.FAIL: Style.WASTED, Status.SKIP: Style.MUTED}


def check_text(check: Check, page: Page | None = None) -> str:
    """Returns figures, rules with limits and fixes, largest files, and verdict."""
    image, page = check.exploration.image, page or Page()
    lines = [
        page.styled(f"{printable(image.reference)}  {printable(image.platform)}".rstrip(), Style.HEADING),
        f"  {words.image_figures(check)}",
        *_section(page, "Damage: the figures may be wrong", [*words.damage(check)]),
        "",
        page.styled("Rules", Style.HEADING),
        *_rules(check, page),
        *_exceptions(check, page),
        *_section(page, "Wasted most", [*_largest_waste(check, page)]),
        *_section(page, "Problems: the rules may have missed these", [*words.problems(check)]),
        "",
        _summary(check, page),
        *_how_to_look(check),
        "",
    ]
    return "\n".join(lines)


def _summary(check: Check, page: Page) -> str:
    result, rest = words.summary(check).split(":", 1)
    passes = check.judgement.passes and not check.fails_by_damage
    return f"{page.styled(f'{result}:', Style.ADDED if passes else Style.WASTED)}{rest}"


def _how_to_look(check: Check) -> Iterator[str]:
    if check.explore_command and not check.judgement.passes:
        yield f"To look at it: {check.explore_command}"


def _rules(check: Check, page: Page) -> Iterator[str]:
    outcomes = check.judgement.outcomes
    rows = [_cells(each) for each in outcomes]
    rule, found, limit = (max((len(row[place]) for row in rows), default=0) for place in range(3))
    shown_fixes: set[str] = set()
    below = replace(page, width=page.width - len(_INDENT))
    for outcome, (name, has, allowed, origin) in zip(outcomes, rows, strict=True):
        status = page.styled(outcome.status.name, _STYLES[outcome.status])
        yield f"  {status}  {name:<{rule}}  {has:<{found}}  {allowed:<{limit}}  {origin}".rstrip()
        more = (
            *words.forbidden(outcome),
            *words.disposable_kinds(outcome),
            *words.largest_layers(check, outcome),
            *advice_lines(check, outcome, below, shown_fixes),
        )
        yield from (f"{_INDENT}{line}" for line in more)
    if not outcomes:
        yield "  none"


def _largest_waste(check: Check, page: Page) -> Iterator[str]:
    wasted = check.judgement.account.wasted
    shown = wasted[: words.MAX_ITEMS] if page.is_terminal else ()
    for waste in shown:
        why = f"({reason(waste)})"
        yield f"{size(waste.bytes):>8}  {page.fitted(path(waste.path), len(why) + 14)}  {why}"
    yield from [*largest_waste(wasted, words.MAX_ITEMS)][len(shown) :]


def _cells(outcome: Outcome) -> tuple[str, str, str, str]:
    has = words.found(outcome)
    reason = f"{has} ({outcome.reason})" if has and outcome.reason else has or outcome.reason
    return outcome.name, reason, words.limit(outcome), f"[{printable(outcome.origin)}]"


def _exceptions(check: Check, page: Page) -> Iterator[str]:
    exceptions = list(map(str, words.exceptions(check)))
    account = [f"counted: {words.account_figures(check)}"] if exceptions else []
    return _section(page, "Not counted", [*exceptions, *account])


def _section(page: Page, title: str, lines: Sequence[str]) -> Iterator[str]:
    """Yields a title and its lines; nothing if there are no lines."""
    if lines:
        yield ""
        yield page.styled(title, Style.HEADING)
        yield from (f"  {line}" for line in lines)
