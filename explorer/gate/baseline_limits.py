"""The limits that compare an image with its baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from explorer.errors import UsageError
from explorer.gate.limits import Baseline, Case, Outcome, Status, largest_first
from explorer.gate.value_types import Amount
from explorer.text.printable import printable
from explorer.text.units import size_beside

if TYPE_CHECKING:
    from explorer.gate.rules import Rule

BASELINE_KEY, UPDATE_KEY, GROWTH_KEY = "baseline", "highest-update-bytes", "highest-growth"
COMPARING_KEYS = frozenset({BASELINE_KEY, UPDATE_KEY, GROWTH_KEY})
"""The rules that compare the image with its baseline."""


def baseline(case: Case, rule: Rule, _: str) -> Iterator[Outcome]:
    """Judges the growth of shipped and wasted bytes over the baseline.

    If other rules limit the growth or the update, the baseline is only the image that they compare with, unless its
    allowance is set.
    """
    rules = case.rules
    if (rules.values.keys() & {UPDATE_KEY, GROWTH_KEY}) and "baseline-allowance" not in rules.values:
        return
    before, allowance = _baseline_of(case, rule), rules.baseline_allowance
    layers = largest_first(enumerate(case.usage.shipped_by_layer))
    for figure, found, bytes_before, counted_items in (
        ("image bytes", case.usage.shipped_bytes, before.shipped_bytes, {"layers": layers}),
        ("wasted bytes", case.usage.wasted_bytes, before.wasted_bytes, {"wasted": case.usage.wasted}),
    ):
        more = int(bytes_before * allowance) if isinstance(allowance, Fraction) else allowance
        reason = _has(before, bytes_before, found)
        outcome = case.compared(rule, found, bytes_before + more, reason=reason, figure=figure, **counted_items)
        yield _with_growth(outcome, before)


def growth(case: Case, rule: Rule, limit: Amount) -> Iterator[Outcome]:
    """Judges the bytes by which the image is larger than the baseline."""
    before, found = _baseline_of(case, rule), case.usage.shipped_bytes
    more = max(0, found - before.shipped_bytes)
    grown: Amount = more
    if isinstance(limit, Fraction):
        # Everything is more than any share of nothing.
        grown = Fraction(more, before.shipped_bytes) if before.shipped_bytes else Fraction(more and limit + 1)
    reason = _has(before, before.shipped_bytes, found)
    layers = largest_first(enumerate(case.usage.shipped_by_layer))
    yield _with_growth(case.compared(rule, grown, limit, reason=reason, layers=layers), before)


def update_bytes(case: Case, rule: Rule, limit: int) -> Iterator[Outcome]:
    """Judges the bytes that an update from the baseline downloads."""
    before = _baseline_of(case, rule)
    if before.find_update is None:
        raise UsageError(
            f"{rule.key} needs the layers of the baseline, and {printable(before.name)} is a report",
            "Name an image or a saved exploration as the baseline.",
        )
    update = before.find_update()
    reason = ", ".join(filter(None, (f"for those who have {printable(before.name)}", update.basis_words)))
    layers = largest_first(zip(update.layers, update.layer_bytes, strict=True))
    outcome = case.compared(rule, update.download_bytes, limit, reason=reason, layers=layers)
    broken = before.find_break() if outcome.status is Status.FAIL else None
    yield replace(outcome, first_break=broken)


def _baseline_of(case: Case, rule: Rule) -> Baseline:
    """Returns the baseline. Raises UsageError if there is none."""
    if case.baseline is None:
        raise UsageError(
            f"{rule.key} compares the image with a baseline, but none is named",
            "Name the image of the last release, or its saved exploration: --baseline IMAGE.",
        )
    return case.baseline


def _has(before: Baseline, bytes_before: int, beside: int) -> str:
    return f"{printable(before.name)} has {size_beside(bytes_before, beside)}"


def _with_growth(outcome: Outcome, before: Baseline) -> Outcome:
    """Returns the outcome of a rule that fails with what grew, and without the rest."""
    if outcome.status is not Status.FAIL or before.find_growth is None:
        return outcome
    grown = before.find_growth()
    numbers = {each.layer for each in grown.layers}
    return replace(
        outcome,
        growth=grown,
        layers=tuple(each for each in outcome.layers if each.layer in numbers),
        wasted=tuple(grown.wasted) if outcome.wasted else (),
    )
