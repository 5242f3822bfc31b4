"""The limits: a function for each compares the figures of an image with the value.

A function gets the case, the rule and the value, and yields outcomes; most yield one.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.gate.account import divide_disposables
from explorer.model import Cause, Kind, Waste
from explorer.text.patterns import path_matcher
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.text.words import layers_named

if TYPE_CHECKING:
    from explorer.analysis.disposables.disposables import Disposable
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.image_diff.first_break import FirstBreak
    from explorer.analysis.image_diff.growth import Growth
    from explorer.analysis.image_diff.update_cost import UpdateCost
    from explorer.analysis.packages.package_usage import PackageUsage
    from explorer.analysis.waste import ByteUsage
    from explorer.gate.account import Account
    from explorer.gate.rules import Rule, Rules
    from explorer.gate.value_types import Amount, Unit
    from explorer.layers.tree import Tree

_DIRECTORY = Kind.DIRECTORY


class Status(enum.Enum):
    """The result of a rule."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    SKIP = "skip"
    """The rule is off, or it has nothing to count."""


class ForbiddenFile(NamedTuple):
    """A file that a layer ships although it must not."""

    path: str
    bytes: int
    shipped_in: int
    hidden_in: int | None
    """The layer that hides it again; None if a container sees it."""
    cause: Cause | None
    """The way in which that layer hides its bytes; None if it hides none."""


class LayerBytes(NamedTuple):
    """A layer and the bytes that it ships."""

    layer: int
    bytes: int
    """Without ignored paths; for the rule about the baseline, with them."""


class Baseline(NamedTuple):
    """The figures of another image, or of an earlier state of this one."""

    name: str
    shipped_bytes: int
    wasted_bytes: int
    find_growth: Callable[[], Growth] | None = None
    """Finds the parts of the image that grew, which takes time; None if the baseline is only a report."""
    find_update: Callable[[], UpdateCost] | None = None
    """Finds the bytes that an update from the baseline costs; None if the baseline is only a report."""
    find_break: Callable[[], FirstBreak | None] = lambda: None
    """Finds the first step that differs, which takes time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one rule."""

    rule: Rule
    status: Status
    origin: str
    """The option or file that sets the rule."""
    found: Amount | None = None
    """The figure of the image: bytes, a share or a number; None if there is none."""
    limit: Amount | None = None
    """The maximum or minimum; None if the rule is off."""
    reason: str = ""
    """An explanation beyond the two figures; printable."""
    paths: tuple[ForbiddenFile, ...] = ()
    """The forbidden files; only of the rule about them."""
    wasted: tuple[Waste, ...] = ()
    """The files that the rule counts, largest first; only of rules about waste."""
    disposables: tuple[Disposable, ...] = ()
    """The files that the rule counts, largest first; only of the rule about disposable bytes."""
    layers: tuple[LayerBytes, ...] = ()
    """The layers that the rule counts, largest first; only of rules about sizes and layers."""
    packages: tuple[PackageUsage, ...] = ()
    """The packages at fault, largest first; only of rules about packages."""
    findings: tuple[Finding, ...] = ()
    """The findings at fault, the most severe first; only of rules about findings."""
    growth: Growth | None = None
    """The parts of the image that grew; only of a rule about the baseline that fails, and unless it is a report."""
    first_break: FirstBreak | None = None
    """The first step that differs from the baseline; only of the rule about updates, if it fails."""
    severity: str = ""
    """The highest severity that is allowed; empty if the rule is not about severities."""
    figure: str = ""
    """The figure that is compared, if the rule has several."""

    @property
    def name(self) -> str:
        """The key, with the figure if there are several: ``baseline image bytes``."""
        return f"{self.rule.key} {self.figure}".rstrip()

    @property
    def counts_packages(self) -> bool:
        """True if the rule is about packages."""
        return self.rule.compare in (forbidden_packages, package_bytes)

    @property
    def unit(self) -> Unit:
        """The unit of the figure and the limit."""
        assert self.rule.unit is not None  # noqa: S101 -- only limits have outcomes
        return self.rule.unit


class Case(NamedTuple):
    """An image and its rules: everything that a limit may depend on."""

    tree: Tree
    usage: ByteUsage
    account: Account
    rules: Rules
    has_base: bool
    """True if the user says where the base ends, even if it has no layers."""
    baseline: Baseline | None
    find_disposables: Callable[[], Sequence[Disposable]]
    """Finds the disposable files of base and layers above, which takes time."""
    find_packages: Callable[[], Sequence[PackageUsage]]
    """Finds the packages of base and layers above, largest first, which takes time."""
    find_findings: Callable[[], Sequence[Finding]] = tuple
    """Finds the findings of base and layers above, the most severe first, which takes time."""
    find_unsearched: Callable[[], Sequence[tuple[int | None, str]]] = tuple
    """Finds layers, if there is one, and reasons why secrets may be missing; printable. It takes as much time."""

    def compared(self, rule: Rule, found: Amount, limit: Amount, **more: Any) -> Outcome:
        """Returns the outcome of comparing a figure with a limit."""
        passes = found >= limit if rule.is_minimum else found <= limit
        return self.outcome(rule, Status.PASS if passes else Status.FAIL, found=found, limit=limit, **more)

    def outcome(self, rule: Rule, status: Status, **more: Any) -> Outcome:
        """Returns an outcome of a rule."""
        return Outcome(rule, status, self.rules.origins[rule.key], **more)


def efficiency(case: Case, rule: Rule, limit: Fraction) -> Iterator[Outcome]:
    """Judges the share of the shipped bytes that is not wasted."""
    yield case.compared(rule, case.account.efficiency, limit, wasted=case.account.wasted)


def wasted_bytes(case: Case, rule: Rule, limit: int) -> Iterator[Outcome]:
    """Judges the wasted bytes."""
    yield case.compared(rule, case.account.wasted_bytes, limit, wasted=case.account.wasted)


def disposable_bytes(case: Case, rule: Rule, limit: int) -> Iterator[Outcome]:
    """Judges the disposable bytes that layers above the base ship."""
    shares = divide_disposables(case.find_disposables(), case.rules.ignored_paths, case.account.base_layers)
    reason = f"without {size(shares.base_bytes)} of the base" if shares.base_bytes else ""
    yield case.compared(rule, shares.own_bytes, limit, reason=reason, disposables=shares.own)


def user_wasted_share(case: Case, rule: Rule, limit: Fraction) -> Iterator[Outcome]:
    """Judges wasted bytes relative to the bytes above the base."""
    account = case.account
    # Without a base, the lowest layer counts as the base, as in dive.
    above = account.layer_bytes[account.base_layers if case.has_base else 1 :]
    shipped, wasted = sum(above), account.wasted_bytes
    if not above:
        yield case.outcome(rule, Status.SKIP, limit=limit, reason=_no_layer_above(case))
    elif shipped or not wasted:
        share = Fraction(wasted, shipped) if shipped else Fraction(0)
        yield case.compared(rule, share, limit, wasted=account.wasted)
    else:
        reason = "the layers above the base ship nothing, but hide files below"
        yield case.outcome(rule, Status.FAIL, limit=limit, reason=reason, wasted=account.wasted)


def _no_layer_above(case: Case) -> str:
    if case.has_base:
        return "there is no layer above the base"
    return f"there is no layer above the lowest: the image has {counted(len(case.account.layer_bytes), 'layer')}"


def image_bytes(case: Case, rule: Rule, limit: int) -> Iterator[Outcome]:
    """Judges the bytes of all layers together."""
    layers = largest_first(enumerate(case.account.layer_bytes))
    yield case.compared(rule, case.account.shipped_bytes, limit, layers=layers)


def layer_bytes(case: Case, rule: Rule, limit: int) -> Iterator[Outcome]:
    """Judges the largest layer above the base."""
    first, above = case.account.base_layers, case.account.above_base
    largest = max(above, default=0)
    over = [(number, count) for number, count in enumerate(above, first) if count > limit]
    reason = ""
    if len(over) > 1:
        reason = f"{layers_named([number for number, _ in over])} ship more"
    elif above:
        reason = f"layer {first + above.index(largest)} ships most"
    yield case.compared(rule, largest, limit, reason=reason, layers=largest_first(over))


def layer_count(case: Case, rule: Rule, limit: int) -> Iterator[Outcome]:
    """Judges the number of layers above the base."""
    account = case.account
    layers = largest_first(enumerate(account.above_base, account.base_layers))
    yield case.compared(rule, len(account.above_base), limit, layers=layers)


def largest_first(layers: Iterable[tuple[int, int]]) -> tuple[LayerBytes, ...]:
    """Returns layers with their bytes, the largest first."""
    return tuple(sorted(starmap(LayerBytes, layers), key=lambda layer: -layer.bytes))


def forbidden_paths(case: Case, rule: Rule, patterns: tuple[str, ...]) -> Iterator[Outcome]:
    """Judges the paths that layers above the base ship."""
    files = tuple(_forbidden_files(case, patterns))
    yield case.compared(rule, len(files), 0, paths=files)


def _forbidden_files(case: Case, patterns: tuple[str, ...]) -> Iterator[ForbiddenFile]:
    """Yields the matching files of the layers above the base, layer by layer."""
    is_forbidden = path_matcher(patterns)
    base_layers = case.account.base_layers
    causes: dict[tuple[str, int, int | None], Cause] = {
        (waste.path, *waste.layers): waste.cause for waste in case.usage.wasted
    }
    for number, index in enumerate(case.tree.layers[base_layers:], base_layers):
        for entry in index.entries:
            if entry.kind is not _DIRECTORY and is_forbidden(entry.path):
                hidden_in = _hiding_layer(case.tree, entry.path, number)
                cause = causes.get((entry.path, number, hidden_in))
                yield ForbiddenFile(entry.path, entry.size, number, hidden_in, cause)
        for entry in index.superseded:
            if is_forbidden(entry.path):
                yield ForbiddenFile(entry.path, entry.size, number, number, Cause.DUPLICATE)


def _hiding_layer(tree: Tree, path: str, layer: int) -> int | None:
    """Returns the layer that hides a path of ``layer``, or None."""
    node = tree.find(path)
    after = node.version_after(layer) if node is not None else None
    return after.layer if after is not None else None


def forbidden_packages(case: Case, rule: Rule, patterns: tuple[str, ...]) -> Iterator[Outcome]:
    """Judges the packages that layers above the base install."""
    # Imported here, because few projects use patterns of packages.
    from explorer.analysis.packages.package_filter import package_test
    from explorer.gate.similar_packages import similar_packages

    tests = [package_test(pattern) for pattern in patterns]
    found = tuple(usage for usage in _packages_above_base(case) if any(test(usage.package) for test in tests))
    similar = similar_packages(patterns, [usage.package for usage in case.find_packages()])
    reason = next((f"there is no {printable(name)}; did you mean {printable(other)}?" for name, other in similar), "")
    yield case.compared(rule, len(found), 0, packages=found, reason=reason)


def package_bytes(case: Case, rule: Rule, limit: int) -> Iterator[Outcome]:
    """Judges the largest package that a layer above the base installs."""
    packages = _packages_above_base(case)
    over = tuple(usage for usage in packages if usage.shipped_bytes > limit)
    largest = packages[0] if packages else None
    reason = ""
    if len(over) > 1:
        reason = f"{counted(len(over), 'package')} have more"
    elif largest is not None:
        reason = f"{largest.package.full_name} has most"
    yield case.compared(rule, largest.shipped_bytes if largest else 0, limit, reason=reason, packages=over)


def _packages_above_base(case: Case) -> Sequence[PackageUsage]:
    base_layers = case.account.base_layers
    return [usage for usage in case.find_packages() if usage.package.installed_in >= base_layers]
