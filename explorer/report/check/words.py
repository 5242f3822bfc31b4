"""Printable words that verdicts share: figures, limits, paths and exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from explorer.analysis.disposables.groups import DisposableGroup, disposable_groups
from explorer.gate.limits import LayerBytes, Outcome, Status
from explorer.gate.value_types import Amount, Unit
from explorer.report.check import Check
from explorer.report.check.growth_words import growth_lines
from explorer.report.words import command, largest_waste, path, reason, without
from explorer.text.printable import printable
from explorer.text.units import counted, size, size_beside

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.packages.package import Package

MAX_ITEMS = 10
"""Paths or layers that are listed; the number of the others follows."""
_MAX_COMMAND_CHARS = 80
_MAX_DECIMALS = 9
_MAX_SHARE = 10
"""A larger share is not shown exactly."""


def found(outcome: Outcome) -> str:
    """Returns the figure, as exact as its limit needs, or an empty text: ``69 %``."""
    if outcome.found is None:
        return ""
    if isinstance(outcome.found, Fraction):
        return _share(outcome.found, 0 if outcome.limit is None else outcome.limit)
    if outcome.unit is not Unit.BYTES:
        return counted(outcome.found, outcome.unit.value)
    return size_beside(outcome.found, outcome.found if outcome.limit is None else int(outcome.limit))


def limit(outcome: Outcome) -> str:
    """Returns the limit: ``at least 90 %``, ``none``; empty if the rule is off."""
    if outcome.limit is None:
        return ""
    if outcome.severity:
        return f"none above {outcome.severity}"
    if outcome.unit in (Unit.PATHS, Unit.PACKAGES, Unit.FINDINGS):
        return "none"
    return f"{'at least' if outcome.rule.is_minimum else 'at most'} {_amount(outcome.limit, outcome)}"


def summary(check: Check) -> str:
    """Returns the result in one line, with the number of rules that fail or pass."""
    outcomes = check.judgement.outcomes
    judged = [outcome for outcome in outcomes if outcome.status is not Status.SKIP]
    failed = [outcome for outcome in judged if outcome.status is Status.FAIL]
    damage = f"{without(check.exploration)}{'; the image is damaged' if check.exploration.damage else ''}"
    if failed:
        fail = "fails" if len(failed) == 1 else "fail"
        return f"FAIL: {len(failed)} of {counted(len(judged), 'rule')} {fail}{damage}"
    passed = f"{counted(len(judged), 'rule')} passed" if judged else "no rule applies"
    return f"{'DAMAGED' if check.fails_by_damage else 'PASS'}: {passed}{damage}"


def image_figures(check: Check) -> str:
    """Returns the figures of the whole image in one line."""
    usage = check.exploration.usage
    layers = counted(len(check.exploration.layers), "layer")
    missing = without(check.exploration)
    if not usage.shipped_bytes:
        return f"{layers}, nothing shipped{missing}"
    efficiency = _share(Fraction(usage.visible_bytes, usage.shipped_bytes), Fraction(1))
    return (
        f"{layers}, {size(usage.shipped_bytes)} shipped{missing}, {size(usage.wasted_bytes)} wasted, "
        f"{efficiency} efficient"
    )


def account_figures(check: Check) -> str:
    """Returns the figures that the rules count in one line."""
    account = check.judgement.account
    efficiency = _share(account.efficiency, Fraction(1))
    shipped = account.shipped_bytes - account.base_waste_bytes
    return f"{size(shipped)} shipped, {size(account.wasted_bytes)} wasted, {efficiency} efficient"


class CountingException(NamedTuple):
    """Something that the rules do not count."""

    what: str
    which: tuple[str, ...]
    """The patterns, or the reference of the base."""
    layers: str
    """``the lowest 2 layers``; empty for paths."""
    origin: str
    """The option or file that sets it."""

    def __str__(self) -> str:
        return f"{self.what}: {', '.join(filter(None, (*self.which, self.layers)))} ({self.origin})"


def exceptions(check: Check) -> Iterator[CountingException]:
    """Yields everything that the rules do not count."""
    rules, origins = check.rules, check.rules.origins
    if rules.ignored_paths:
        yield CountingException(
            "ignored paths", tuple(map(printable, rules.ignored_paths)), "", printable(origins["ignored-paths"])
        )
    if rules.wanted_paths:
        yield CountingException(
            "wanted paths", tuple(map(printable, rules.wanted_paths)), "", printable(origins["wanted-paths"])
        )
    if rules.ignored_findings:
        patterns = tuple(map(printable, rules.ignored_findings))
        yield CountingException("ignored findings", patterns, "", printable(origins["ignored-findings"]))
    if check.judgement.case.has_base:
        yield _base(check)


def _base(check: Check) -> CountingException:
    """Returns the base, which a rule names or which is certain."""
    rules, count, found = check.rules, check.judgement.account.base_layers, check.exploration.base
    layers = "the lowest layer" if count == 1 else f"the lowest {count:,} layers"
    if rules.base is not None:
        return CountingException("the base", (printable(rules.base),), layers, printable(rules.origins["base"]))
    if rules.base_layers is not None or found is None:
        return CountingException("the base", (), layers, printable(rules.origins["base-layers"]))
    return CountingException(
        "the base", tuple(filter(None, (printable(found.name),))), layers, f"exact: {found.reason}"
    )


def sentence(outcome: Outcome) -> str:
    """Returns an outcome in words.

    Example: ``found 5.2 MB, 5,200,000 bytes; allowed at most 5.0 MB; layer 3 ships most``.
    """
    has, allowed = found(outcome), limit(outcome)
    return "; ".join(filter(None, (has and f"found {has}", allowed and f"allowed {allowed}", outcome.reason)))


def at_fault(check: Check, outcome: Outcome, *, with_waste: bool = True) -> Iterator[str]:
    """Yields a line for each of the largest files or layers that break a rule."""
    yield from forbidden(outcome)
    yield from packages(outcome)
    yield from findings(check, outcome)
    yield from disposable_kinds(outcome)
    if outcome.growth is None:
        yield from largest_layers(check, outcome)
    elif not outcome.wasted:
        yield from growth_lines(outcome.growth, check.exploration.image.layers)
    if with_waste or outcome.growth is not None:
        yield from largest_waste(outcome.wasted, MAX_ITEMS)


def headed(head: str, lines: Iterable[str]) -> Iterator[str]:
    """Yields a line before others; nothing if there are no others."""
    for number, line in enumerate(lines):
        if not number:
            yield head
        yield line


def forbidden(outcome: Outcome) -> Iterator[str]:
    """Yields a line for each of the first forbidden files, then one for the others."""
    yield from (f"{size(each.bytes):>8}  {path(each.path)}  ({reason(each)})" for each in outcome.paths[:MAX_ITEMS])
    left = len(outcome.paths) - MAX_ITEMS
    if left > 0:
        yield f"and {left:,} more"


def packages(outcome: Outcome) -> Iterator[str]:
    """Yields a line for each of the largest packages at fault, then the others."""
    for usage in outcome.packages[:MAX_ITEMS]:
        package = usage.package
        yield f"{size(usage.shipped_bytes):>8}  {package.name_and_version}  ({package_layers(package)})"
    left = outcome.packages[MAX_ITEMS:]
    if left:
        yield f"{size(sum(each.shipped_bytes for each in left)):>8}  of {counted(len(left), 'more package')}"


def findings(check: Check, outcome: Outcome) -> Iterator[str]:
    """Yields a line for each of the most severe findings at fault, then the others."""
    if not outcome.findings:
        return
    yield from (finding_line(check, finding) for finding in outcome.findings[:MAX_ITEMS])
    left = outcome.findings[MAX_ITEMS:]
    if left:
        yield f"and {counted(len(left), 'more finding')}"


def finding_line(check: Check, finding: Finding) -> str:
    """Returns severity, name and place of a finding."""
    # Imported here, because few verdicts are about findings.
    from explorer.analysis.findings.finding_words import place_words
    from explorer.report.dockerfile_place import finding_place
    from explorer.report.findings import place_details

    details = place_details(finding, finding_place(check.exploration, finding))
    return f"{finding.severity.value:>8}  {finding.id}: {place_words(finding)}{f'  ({details})' if details else ''}"


def package_layers(package: Package) -> str:
    """Returns the layers of a package: ``installed by layer 1, removed by layer 5``."""
    removed = "" if package.removed_in is None else f", removed by layer {package.removed_in}"
    if package.upgraded_to:
        removed = f", replaced by layer {package.removed_in}"
    return f"{package.kind}, installed by layer {package.installed_in}{removed}"


def disposable_kinds(outcome: Outcome) -> Iterator[str]:
    """Yields a line for each of the largest disposable kinds, then the others."""
    if outcome.status is not Status.FAIL:
        return
    groups = disposable_groups(outcome.disposables)
    for group in groups[:MAX_ITEMS]:
        yield f"{size(group.bytes):>8}  {group.name}  ({place(group)})"
    left = groups[MAX_ITEMS:]
    if left:
        yield f"{size(sum(each.bytes for each in left)):>8}  of {counted(len(left), 'more kind')}"


def place(group: DisposableGroup) -> str:
    """Returns the place of most bytes: ``31 files, most in /usr/share/doc``."""
    return f"{counted(group.files, 'file')}, most in {path(group.place)}" if group.files > 1 else path(group.place)


def largest_layers(check: Check, outcome: Outcome) -> Iterator[str]:
    """Yields a line for each of the largest layers at fault, then one for the others."""
    if outcome.status is not Status.FAIL:
        return
    layers = check.exploration.image.layers
    shown = shown_layers(outcome)
    for number, count in shown[:MAX_ITEMS]:
        yield f"{size(count):>8}  layer {number}  {command(layers[number], _MAX_COMMAND_CHARS)}"
    left = shown[MAX_ITEMS:]
    if left:
        yield f"{size(sum(each.bytes for each in left)):>8}  in {counted(len(left), 'more layer')}"


def shown_layers(outcome: Outcome) -> Sequence[LayerBytes]:
    """Returns the layers that a rule counts; empty ones only if it counts layers."""
    return [each for each in outcome.layers if each.bytes or outcome.unit is Unit.LAYERS]


def problems(check: Check) -> Iterator[str]:
    """Yields the first problems of image and layers, then the number of the others."""
    layers = (f"layer {each.layer.number}: {text}" for each in check.exploration.layers for text in each.problems)
    packages = (f"layer {layer}: {text}" for layer, text in check.package_problems)
    yield from _first([*check.exploration.image.problems, *layers, *packages, *check.finding_problems])


def damage(check: Check) -> Iterator[str]:
    """Yields the first reasons for damage, then the number of the others."""
    yield from _first(check.exploration.damage)


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:MAX_ITEMS]
    if len(lines) > MAX_ITEMS:
        yield f"and {len(lines) - MAX_ITEMS:,} more"


def _amount(limit: Amount, outcome: Outcome) -> str:
    if isinstance(limit, Fraction):
        return f"{float(limit * 100):.12g} %"
    if outcome.unit is not Unit.BYTES:
        return f"{limit:,}"
    return size_beside(limit, limit if outcome.found is None else int(outcome.found))


def _share(value: Fraction, against: Amount) -> str:
    """Returns a share, with as many decimals as it takes to tell it from another one."""
    limit = Fraction(against)
    if value > max(limit, Fraction(_MAX_SHARE)):
        # The layers above the base may ship nearly nothing, and hide much of the base.
        return f"over {_MAX_SHARE * 100:,} %"
    if value == limit:
        return f"{float(value * 100):.12g} %"
    for decimals in range(_MAX_DECIMALS):
        shown = f"{float(value * 100):.{decimals}f}"
        rounded = Fraction(shown) / 100
        is_same_side = rounded != limit and (rounded < limit) == (value < limit)
        # A small share must not look like none, and a large one not like all.
        if is_same_side and bool(rounded) == bool(value) and (rounded == 1) == (value == 1):
            return f"{float(value * 100):,.{decimals}f} %"
    return f"{float(value * 100)} %"
