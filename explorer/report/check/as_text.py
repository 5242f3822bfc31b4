"""The verdict for people at a terminal or in a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from explorer.gate.limits import Outcome, Status
from explorer.report.check import Check, words
from explorer.report.check.advice_lines import advice_lines
from explorer.report.page import Page, Style, cells
from explorer.report.words import largest_waste
from explorer.text.printable import printable

_INDENT = " " * 8
_SIZE_CHARS = 10
"""The width of the size before a file or a layer."""
_STYLES = {Status.PASS: Style.ADDED, Status.FAIL: Style.WASTED, Status.SKIP: Style.MUTED}


def check_text(check: Check, page: Page | None = None) -> str:
    """Returns figures, rules with limits and fixes, largest files, and verdict."""
    image, page = check.exploration.image, page or Page()
    wasted, section = check.judgement.account.wasted, replace(page, width=page.width - 2)
    lines = [
        page.styled(f"{printable(image.reference)}  {printable(image.platform)}".rstrip(), Style.HEADING),
        f"  {words.image_figures(check)}",
        *_section(page, "Damage: the figures may be wrong", [*words.damage(check)]),
        "",
        page.styled("Rules", Style.HEADING),
        *_rules(check, page),
        *_exceptions(check, page),
        *_section(page, "Wasted most", [*_fitted(largest_waste(wasted, words.MAX_ITEMS), section, "")]),
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
        row = f"{name:<{rule}}  {has:<{found}}  {allowed:<{limit}}"
        is_wide = page.is_terminal and len(_INDENT) + len(row) + 2 + len(origin) > page.width
        yield f"  {status}  {row}{'' if is_wide else f'  {origin}'}".rstrip()
        if is_wide:
            yield f"{_INDENT}{page.styled(origin, Style.MUTED)}"
        yield from _fitted(words.at_fault(check, outcome, with_waste=False), page, _INDENT)
        yield from (f"{_INDENT}{line}" for line in advice_lines(check, outcome, below, shown_fixes))
    if not outcomes:
        yield "  none"


def _fitted(lines: Iterable[str], page: Page, indent: str) -> Iterator[str]:
    """Yields lines that begin with a size; long ones continue below."""
    for line in lines:
        if cells(line) + len(indent) <= page.width:
            yield f"{indent}{line}"
            continue
        name, gap, reason = line[_SIZE_CHARS:].rpartition("  (")
        start = f"{indent}{line[:_SIZE_CHARS]}"
        yield f"{start}{page.fitted(name or reason, len(start))}"
        if gap:
            yield from (page.styled(each, Style.MUTED) for each in page.wrapped(f"({reason}", " " * len(start)))


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
