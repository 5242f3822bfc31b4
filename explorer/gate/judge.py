"""The judgement of an image by its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.analysis.waste import ByteUsage
from explorer.errors import UsageError
from explorer.gate.account import Account, build_account
from explorer.gate.limits import Baseline, Case, Outcome, Status
from explorer.gate.rules import RULES, Rules
from explorer.layers.digests import claim_same_digest
from explorer.layers.tree import Tree
from explorer.model import Image, Layer
from explorer.text.printable import printable
from explorer.text.units import counted

if TYPE_CHECKING:
    from explorer.analysis.disposables.disposables import Disposable
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.packages.package_usage import PackageUsage

_BASE_HINT = "Name the image that it was built from, or set the number of base layers: base-layers."


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcomes of all rules for an image."""

    outcomes: tuple[Outcome, ...]
    """The outcomes in the order of ``RULES``."""
    case: Case

    @property
    def account(self) -> Account:
        """The bytes that most rules count."""
        return self.case.account

    @property
    def passes(self) -> bool:
        """True if no rule fails."""
        return not any(outcome.status is Status.FAIL for outcome in self.outcomes)


def judge(
    tree: Tree,
    usage: ByteUsage,
    find_disposables: Callable[[], Sequence[Disposable]],
    rules: Rules,
    base_layers: int | None,
    baseline: Baseline | None,
    find_packages: Callable[[], Sequence[PackageUsage]] = tuple,
    find_findings: Callable[[], Sequence[Finding]] = tuple,
    find_unsearched: Callable[[], Sequence[tuple[int | None, str]]] = tuple,
) -> Judgement:
    """Returns the judgement of an image.

    ``base_layers`` and ``baseline`` belong to the base and the baseline that the rules name, if they name any.
    ``find_disposables``, ``find_packages``, ``find_findings`` and ``find_unsearched`` are called only if a rule counts
    what they find.
    Raises UsageError if the base has more layers than the image.
    """
    require_layers(base_layers or 0, len(tree.layers))
    account = build_account(tree, usage, rules.ignored_paths, base_layers or 0)
    has_base = base_layers is not None
    case = Case(
        tree,
        usage,
        account,
        rules,
        has_base,
        baseline,
        find_disposables,
        find_packages,
        find_findings,
        find_unsearched,
    )
    return Judgement(tuple(_outcomes(case)), case)


def _outcomes(case: Case) -> Iterator[Outcome]:
    for rule in RULES.values():
        if rule.compare is not None and rule.key in case.rules.origins:
            value = case.rules.values.get(rule.key)
            # No patterns are no rule.
            if value is None or value == ():
                yield case.outcome(rule, Status.SKIP, reason="off")
            else:
                yield from rule.compare(case, rule, value)


def require_layers(base_layers: int, layers: int) -> None:
    """Raises UsageError if a base has more layers than the image."""
    if base_layers > layers:
        raise UsageError(
            f"base-layers is {base_layers}, but the image has only {counted(layers, 'layer')}",
            "The base is some of these layers, from the lowest on.",
        )


def count_base_layers(image: Image, base: Image) -> int:
    """Returns the number of the base's layers. Raises UsageError for another base."""
    for ours, theirs in zip(image.layers, base.layers, strict=False):
        if not claim_same_digest(ours, theirs):
            raise UsageError(
                f"{printable(image.reference)} is not built on the base {printable(base.reference)}: "
                f"its layer {ours.number} is {_identity(ours)}, expected {_identity(theirs)}",
                _BASE_HINT,
            )
    if len(base.layers) > len(image.layers):
        raise UsageError(
            f"{printable(image.reference)} has {len(image.layers)} layers, fewer than the {len(base.layers)} of the "
            f"base {printable(base.reference)}",
            _BASE_HINT,
        )
    return len(base.layers)


def _identity(layer: Layer) -> str:
    return printable(layer.diff_id or layer.digest or "of unknown digest")
