"""The words that all formats for people have in common: figures, limits, paths, and what is left out. All printable."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from explorer.gate.judges import Outcome, Status
from explorer.gate.values import Amount, Unit
from explorer.report.check import Check
from explorer.report.words import command, largest_waste, path, reason
from explorer.text.printable import printable
from explorer.text.units import counted, size

WORST = 10
"""Paths that are named at most; how many more there are is told."""
LONGEST_COMMAND = 80
"""Characters of what made a layer."""
_MOST_DECIMALS = 9


def found(outcome: Outcome) -> str:
    """What the image has: ``68.90 %``, ``267 MB, 267,123,456 bytes``, ``12 layers``; empty where nobody can tell."""
    if outcome.found is None:
        return ""
    if isinstance(outcome.found, Fraction):
        return _share(outcome.found, outcome.limit)
    if outcome.unit is not Unit.BYTES:
        return counted(outcome.found, outcome.unit.value)
    return f"{size(outcome.found)}, {outcome.found:,} bytes" if outcome.found >= 1000 else size(outcome.found)


def limit(outcome: Outcome) -> str:
    """What the rule allows: ``at least 90 %``, ``at most 20 MB``, ``none``; empty where it is off."""
    if outcome.limit is None:
        return ""
    if outcome.unit is Unit.PATHS:
        return "none"
    return f"{'at least' if outcome.setting.is_minimum else 'at most'} {_amount(outcome.limit, outcome)}"


def summary(check: Check) -> str:
    """One line: how many rules fail, or pass."""
    outcomes = check.judgement.outcomes
    held = [outcome for outcome in outcomes if outcome.status is not Status.SKIP]
    failed = [outcome for outcome in held if outcome.status is Status.FAIL]
    if failed:
        return f"FAIL: {len(failed)} of {_rules(len(held))} {'fails' if len(failed) == 1 else 'fail'}"
    return f"PASS: {_rules(len(held))} held" if held else "PASS: no rule applies"


def image_figures(check: Check) -> str:
    """One line about the whole image."""
    usage = check.exploration.usage
    layers = counted(len(check.exploration.layers), "layer")
    if not usage.shipped_bytes:
        return f"{layers}, nothing shipped"
    efficiency = _share(Fraction(usage.visible_bytes, usage.shipped_bytes), Fraction(1))
    return f"{layers}, {size(usage.shipped_bytes)} shipped, {size(usage.wasted_bytes)} wasted, {efficiency} efficient"


def account_figures(check: Check) -> str:
    """One line about what the rules look at."""
    account = check.judgement.account
    efficiency = _share(account.efficiency, Fraction(1))
    shipped = account.shipped_bytes - account.base_waste_bytes
    return f"{size(shipped)} shipped, {size(account.wasted_bytes)} wasted, {efficiency} efficient"


class LeftOut(NamedTuple):
    """Something that the rules do not look at."""

    what: str
    which: tuple[str, ...]
    """Patterns, or the reference of the base."""
    layers: str
    """``the lowest 2 layers``; empty where it is not about layers."""
    origin: str
    """Who said so."""

    def __str__(self) -> str:
        return f"{self.what}: {', '.join(filter(None, (*self.which, self.layers)))} ({self.origin})"


def left_out(check: Check) -> Iterator[LeftOut]:
    """What the rules do not look at, and who said so."""
    rules, origins = check.rules, check.rules.origins
    if rules.ignored_paths:
        yield LeftOut("paths", tuple(map(printable, rules.ignored_paths)), "", printable(origins["ignored-paths"]))
    layers = _layers(check.judgement.account.base_layers)
    if rules.base is not None:
        yield LeftOut("the base", (printable(rules.base),), layers, printable(origins["base"]))
    elif rules.base_layers is not None:
        yield LeftOut("the base", (), layers, printable(origins["base-layers"]))


def sentence(outcome: Outcome) -> str:
    """What became of a rule: ``found 5.2 MB, 5,200,000 bytes; allowed at most 5.0 MB; layer 3 ships most``."""
    has, allowed = found(outcome), limit(outcome)
    return "; ".join(filter(None, (has and f"found {has}", allowed and f"allowed {allowed}", outcome.reason)))


def to_blame(check: Check, outcome: Outcome) -> Iterator[str]:
    """A line for each of the worst paths, or the largest layers, that a rule fails for."""
    yield from forbidden(outcome)
    yield from largest_layers(check, outcome)
    yield from largest_waste(outcome.wasted, WORST)


def forbidden(outcome: Outcome) -> Iterator[str]:
    """A line for each of the first forbidden paths, and one for all the others."""
    yield from (f"{size(each.bytes):>8}  {path(each.path)}  ({reason(each)})" for each in outcome.paths[:WORST])
    left = len(outcome.paths) - WORST
    if left > 0:
        yield f"and {left:,} more"


def largest_layers(check: Check, outcome: Outcome) -> Iterator[str]:
    """A line for each of the largest layers that a rule fails for, and one for all the others."""
    if outcome.status is not Status.FAIL:
        return
    layers = check.exploration.image.layers
    for number, count in outcome.layers[:WORST]:
        yield f"{size(count):>8}  layer {number}  {command(layers[number], LONGEST_COMMAND)}"
    left = outcome.layers[WORST:]
    if left:
        yield f"{size(sum(each.bytes for each in left)):>8}  in {counted(len(left), 'more layer')}"


def problems(check: Check) -> Iterator[str]:
    """A line for each of the first things in layers that could not be read as they are meant, one for the others."""
    found = [f"layer {each.layer.number}: {text}" for each in check.exploration.layers for text in each.problems]
    yield from found[:WORST]
    if len(found) > WORST:
        yield f"and {len(found) - WORST:,} more"


def _rules(count: int) -> str:
    return counted(count, "rule")


def _layers(count: int) -> str:
    return "the lowest layer" if count == 1 else f"the lowest {count:,} layers"


def _amount(limit: Amount, outcome: Outcome) -> str:
    if isinstance(limit, Fraction):
        return _plain_share(limit)
    return _limit_size(limit, outcome.found) if outcome.unit is Unit.BYTES else f"{limit:,}"


def _limit_size(limit: int, found: Amount | None) -> str:
    """A limit in bytes; exactly, where rounding would make it look like what was found."""
    rounded = size(limit)
    is_same = isinstance(found, int) and size(found) == rounded
    return f"{limit:,} bytes" if is_same and limit >= 1000 else rounded


def _share(value: Fraction, against: Amount | None = None) -> str:
    """A share with two decimals; with more, where it would look like the limit that it is not."""
    for decimals in range(2, _MOST_DECIMALS):
        shown = f"{float(value * 100):,.{decimals}f} %"
        if against is None or value == against or shown != f"{float(against * 100):,.{decimals}f} %":
            return shown
    return f"{float(value * 100)} %"


def _plain_share(value: Fraction) -> str:
    return f"{float(value * 100):.12g} %"
