"""The advice for a rule that fails, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.analysis.advice.sentences import Spans, plain_text
from explorer.gate.limits import Outcome
from explorer.report.check import Check
from explorer.report.check.what_to_do import diff_lines, title, what_to_do
from explorer.report.dockerfile import lines_of_layers
from explorer.report.page import Page, Style
from explorer.text.units import size
from explorer.text.words import capitalized

_BELOW = " " * 10
"""The beginning of lines below a title, as wide as the size before it."""


def advice_lines(check: Check, outcome: Outcome, page: Page, shown_fixes: set[str]) -> Iterator[str]:
    """Yields what to do about a rule that fails; nothing for other rules.

    Args:
        check: The verdict.
        outcome: The result of the rule.
        page: The page to write for.
        shown_fixes: The IDs of fixes that need no details again; gets those of this rule.
    """
    advice = what_to_do(check, outcome)
    if advice is None:
        return
    if advice.same_as:
        yield from page.wrapped(f"What to do: as for {'; '.join(filter(None, (advice.same_as, advice.reached)))}")
        return
    yield "What to do:"
    for each in advice.fixes:
        is_new = each.fix.id not in shown_fixes
        shown_fixes.add(each.fix.id)
        heading = f"{title(each)}{lines_of_layers(check.exploration, each.fix.layers)}"
        yield from _titled(page, each.bytes, heading, each.fix.do if is_new else ())
        if is_new:
            yield from page.diff(diff_lines(each), _BELOW)
    if advice.more:
        yield f"{_BELOW}{advice.more}"
    if advice.reached:
        yield from page.wrapped(capitalized(advice.reached), _BELOW)
    for part in advice.base:
        yield from _titled(page, part.bytes, part.title, part.do)
    for each_finding in advice.findings:
        yield from page.wrapped(f"{each_finding.title}: {each_finding.do}", _BELOW)
    if advice.more_findings:
        yield from page.wrapped(advice.more_findings, _BELOW)
    if advice.otherwise:
        yield from page.wrapped(plain_text(advice.otherwise), _BELOW)


def _titled(page: Page, count: int, heading: str, do: Spans) -> Iterator[str]:
    start = f"{size(count):>8}  "
    lines = page.wrapped(heading, start)
    yield from (f"{line[: len(start)]}{page.styled(line[len(start) :], Style.HEADING)}" for line in lines)
    if do:
        yield from page.wrapped(plain_text(do), _BELOW)
