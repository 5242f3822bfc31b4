"""The gate: whether an image keeps to its rules, and if not, which files are to blame."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import starmap
from typing import Any, NamedTuple

from explorer.analysis.waste import ByteUsage
from explorer.errors import UsageError
from explorer.gate.account import Account, build_account
from explorer.gate.patterns import path_matcher
from explorer.gate.rules import RULES, Rules, Unit
from explorer.gate.values import Amount
from explorer.layers.tree import Tree
from explorer.model import Cause, Image, Kind, Layer, Waste
from explorer.text.printable import printable
from explorer.text.units import counted

_DIRECTORY = Kind.DIRECTORY


class Status(enum.Enum):
    """What became of a rule."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    SKIP = "skip"
    """It is off, or there is nothing to look at."""


class ForbiddenFile(NamedTuple):
    """A path that a layer ships and must not."""

    path: str
    bytes: int
    shipped_in: int
    hidden_in: int | None
    """The layer that hides it again; None if a container sees it."""
    cause: Cause | None
    """How that layer hides it."""


class Shipping(NamedTuple):
    """A layer and what it ships."""

    layer: int
    bytes: int
    """Of the account, or, for the baseline, of the image."""


class Baseline(NamedTuple):
    """What another image, or an earlier state of this one, is known to have."""

    name: str
    shipped_bytes: int
    wasted_bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule and what came of it."""

    key: str
    """Of the rule."""
    status: Status
    origin: str
    """Where the rule was said."""
    found: Amount | None = None
    """What the image has: bytes, a share or a number; None where it cannot be told."""
    limit: Amount | None = None
    """The most or least that is allowed; None where the rule is off."""
    reason: str = ""
    """What cannot be seen from the two, for people; printable."""
    paths: tuple[ForbiddenFile, ...] = ()
    """Those that must not be there; of the rule about them alone."""
    wasted: tuple[Waste, ...] = ()
    """The files that the rule counts, largest first; of rules about waste alone."""
    layers: tuple[Shipping, ...] = ()
    """The layers that the rule counts, largest first; of rules about sizes and layers alone."""
    figure: str = ""
    """Which of several figures is compared; empty where the rule is about one."""

    @property
    def rule(self) -> str:
        """The key, and behind it the figure of the rules that are about several: ``baseline image bytes``."""
        return f"{self.key} {self.figure}".rstrip()

    @property
    def unit(self) -> Unit:
        """Of what was found and what is allowed."""
        unit = RULES[self.key].unit
        assert unit is not None  # noqa: S101 -- only rules have outcomes
        return unit

    @property
    def is_least(self) -> bool:
        """Whether the limit is the least that is allowed and not the most."""
        return RULES[self.key].is_least


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an image keeps to its rules."""

    outcomes: tuple[Outcome, ...]
    """In the order in which rules are told."""
    account: Account

    @property
    def passes(self) -> bool:
        """Whether no rule fails."""
        return not any(outcome.status is Status.FAIL for outcome in self.outcomes)


def judge(tree: Tree, usage: ByteUsage, rules: Rules, base_layers: int | None, baseline: Baseline | None) -> Judgement:
    """Hold an image to the rules. ``base_layers`` and ``baseline`` are what the rules' references were found to be.

    Raises UsageError for more layers of the base than there are.
    """
    if base_layers is not None and base_layers > len(tree.layers):
        raise UsageError(
            f"base-layers is {base_layers}, and the image has {counted(len(tree.layers), 'layer')}",
            "The base is some of these, from the lowest on.",
        )
    account = build_account(tree, usage, rules.ignored_paths, base_layers or 0)
    case = _Case(tree, usage, account, rules, base_layers is not None, baseline)
    return Judgement(tuple(_outcomes(case)), account)


def count_base_layers(image: Image, base: Image) -> int:
    """How many of an image's lowest layers are the base's. Raises UsageError where it does not stand on that base."""
    for ours, theirs in zip(image.layers, base.layers, strict=False):
        if not _is_same(ours, theirs):
            raise UsageError(
                f"{printable(image.reference)} does not stand on the base {printable(base.reference)}: "
                f"its layer {ours.number} is {_identity(ours)}, expected {_identity(theirs)}",
                "Name the very image that it was built from, or say how many layers are the base: base-layers.",
            )
    if len(base.layers) > len(image.layers):
        raise UsageError(
            f"{printable(image.reference)} has {len(image.layers)} layers, fewer than the {len(base.layers)} of the "
            f"base {printable(base.reference)}",
            "Name the very image that it was built from, or say how many layers are the base: base-layers.",
        )
    return len(base.layers)


def _is_same(ours: Layer, theirs: Layer) -> bool:
    if ours.diff_id and theirs.diff_id:
        return ours.diff_id == theirs.diff_id
    return ours.digest is not None and ours.digest == theirs.digest


def _identity(layer: Layer) -> str:
    return printable(layer.diff_id or layer.digest or "of unknown digest")


class _Case(NamedTuple):
    """One image, its rules, and what these look at."""

    tree: Tree
    usage: ByteUsage
    account: Account
    rules: Rules
    has_base: bool
    """Whether somebody said where the base ends, be it below the lowest layer."""
    baseline: Baseline | None

    def compared(self, rule: str, found: Amount, limit: Amount, **rest: Any) -> Outcome:
        """What was found, held against a limit."""
        keeps = found >= limit if RULES[rule].is_least else found <= limit
        return self.outcome(rule, Status.PASS if keeps else Status.FAIL, found=found, limit=limit, **rest)

    def outcome(self, rule: str, status: Status, **rest: Any) -> Outcome:
        return Outcome(rule, status, self.rules.origins[rule], **rest)


def _outcomes(case: _Case) -> Iterator[Outcome]:
    """Of every rule that somebody spoke of."""
    for rule, judged in _RULES.items():
        if rule in case.rules.origins:
            limit = case.rules.value(rule)
            if limit is None:
                yield case.outcome(rule, Status.SKIP, reason="off")
            else:
                yield from judged(case, limit)


def _lowest_efficiency(case: _Case, limit: Fraction) -> Iterator[Outcome]:
    account = case.account
    yield case.compared("lowest-efficiency", account.efficiency, limit, wasted=account.wasted)


def _highest_wasted_bytes(case: _Case, limit: int) -> Iterator[Outcome]:
    account = case.account
    yield case.compared("highest-wasted-bytes", account.wasted_bytes, limit, wasted=account.wasted)


def _highest_user_wasted_percent(case: _Case, limit: Fraction) -> Iterator[Outcome]:
    rule, account = "highest-user-wasted-percent", case.account
    # As dive has it: whatever the lowest layer is, people did not build it.
    above = account.layer_bytes[account.base_layers if case.has_base else 1 :]
    shipped, wasted = sum(above), account.wasted_bytes
    if not above:
        yield case.outcome(rule, Status.SKIP, limit=limit, reason=_no_layer_above(case))
    elif shipped or not wasted:
        share = Fraction(wasted, shipped) if shipped else Fraction(0)
        yield case.compared(rule, share, limit, wasted=account.wasted)
    else:
        reason = "the layers above the base ship nothing and waste what is below"
        yield case.outcome(rule, Status.FAIL, limit=limit, reason=reason, wasted=account.wasted)


def _no_layer_above(case: _Case) -> str:
    if case.has_base:
        return "no layer stands above the base"
    return f"no layer stands above the lowest: the image has {counted(len(case.account.layer_bytes), 'layer')}"


def _highest_image_bytes(case: _Case, limit: int) -> Iterator[Outcome]:
    layers = _largest(enumerate(case.account.layer_bytes))
    yield case.compared("highest-image-bytes", case.account.shipped_bytes, limit, layers=layers)


def _highest_layer_bytes(case: _Case, limit: int) -> Iterator[Outcome]:
    first, above = case.account.base_layers, case.account.above_base
    largest = max(above, default=0)
    over = [(number, count) for number, count in enumerate(above, first) if count > limit]
    reason = ""
    if len(over) > 1:
        reason = f"layers {', '.join(str(number) for number, _ in over)} ship more"
    elif above:
        reason = f"layer {first + above.index(largest)} ships most"
    yield case.compared("highest-layer-bytes", largest, limit, reason=reason, layers=_largest(over))


def _most_layers(case: _Case, limit: int) -> Iterator[Outcome]:
    account = case.account
    layers = _largest(enumerate(account.above_base, account.base_layers))
    yield case.compared("most-layers", len(account.above_base), limit, layers=layers)


def _largest(layers: Iterable[tuple[int, int]]) -> tuple[Shipping, ...]:
    return tuple(sorted(starmap(Shipping, layers), key=lambda each: -each.bytes))


def _forbidden_paths(case: _Case, which: tuple[str, ...]) -> Iterator[Outcome]:
    found = tuple(_forbidden(case.tree, which, case.account.base_layers))
    yield case.compared("forbidden-paths", len(found), 0, paths=found)


def _baseline(case: _Case, name: str) -> Iterator[Outcome]:
    usage, there, allowance = case.usage, case.baseline, case.rules.baseline_allowance
    if there is None:
        raise ValueError(f"nobody has looked what the baseline {name} has")
    layers = _largest(enumerate(usage.shipped_by_layer))
    for figure, found, before, blamed in (
        ("image bytes", usage.shipped_bytes, there.shipped_bytes, {"layers": layers}),
        ("wasted bytes", usage.wasted_bytes, there.wasted_bytes, {"wasted": usage.wasted}),
    ):
        more = int(before * allowance) if isinstance(allowance, Fraction) else allowance
        reason = f"{printable(there.name)} has {before:,} bytes"
        yield case.compared("baseline", found, before + more, reason=reason, figure=figure, **blamed)


_RULES: Mapping[str, Callable[[_Case, Any], Iterator[Outcome]]] = {
    "lowest-efficiency": _lowest_efficiency,
    "highest-wasted-bytes": _highest_wasted_bytes,
    "highest-user-wasted-percent": _highest_user_wasted_percent,
    "highest-image-bytes": _highest_image_bytes,
    "highest-layer-bytes": _highest_layer_bytes,
    "most-layers": _most_layers,
    "forbidden-paths": _forbidden_paths,
    "baseline": _baseline,
}
"""Rule to what holds an image to it, given its limit; in the order in which rules are told."""


def _forbidden(tree: Tree, which: Sequence[str], base_layers: int) -> Iterator[ForbiddenFile]:
    """What the layers above the base ship of forbidden paths, layer by layer; directories count by what is in them."""
    is_forbidden = path_matcher(which)
    for number, index in enumerate(tree.layers[base_layers:], base_layers):
        named = [entry for entry in index.entries if entry.kind is not _DIRECTORY and is_forbidden(entry.path)]
        nameless = [entry for entry in index.superseded if is_forbidden(entry.path)]
        yield from (
            ForbiddenFile(entry.path, entry.size, number, *_hiding(tree, entry.path, number)) for entry in named
        )
        yield from (ForbiddenFile(entry.path, entry.size, number, number, Cause.DUPLICATE) for entry in nameless)


def _hiding(tree: Tree, path: str, layer: int) -> tuple[int, Cause] | tuple[None, None]:
    """Returns the layer that hides what ``layer`` brings to a path, and how; None twice if no layer does."""
    node = tree.find(path)
    after = node.version_after(layer) if node is not None else None
    if after is None:
        return None, None
    return after.layer, Cause.REMOVED if after.entry is None else Cause.OVERWRITTEN
