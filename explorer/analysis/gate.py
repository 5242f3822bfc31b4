"""The gate: whether an image keeps to its rules, and if not, which files are to blame."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.analysis.waste import Ledger
from explorer.errors import UsageError
from explorer.layers.tree import Tree
from explorer.model import Entry, Image, Kind, Layer, LayerIndex, Waste
from explorer.rules import Amount, Rules
from explorer.text import printable

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_FILE, _DIRECTORY = Kind.FILE, Kind.DIRECTORY


class Status(enum.Enum):
    """What became of a rule."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    SKIP = "skip"
    """It is off, or there is nothing to look at."""


class Forbidden(NamedTuple):
    """A path that a layer ships and must not."""

    path: str
    bytes: int
    shipped_in: int
    hidden_in: int | None
    """The layer that hides it again; None where a container sees it."""


class Baseline(NamedTuple):
    """What another image, or an earlier state of this one, is known to have."""

    name: str
    shipped_bytes: int
    wasted_bytes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One rule and what came of it."""

    rule: str
    """Its key; of the rule about a baseline followed by what is compared."""
    status: Status
    origin: str
    """Where the rule was said."""
    found: Amount | None = None
    """What the image has: bytes, a share or a number; None where it cannot be told."""
    limit: Amount | None = None
    """The most or least that is allowed; None where the rule is off."""
    reason: str = ""
    """What cannot be seen from the two, for people; printable."""
    paths: tuple[Forbidden, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """The bytes that the rules look at: the ledger's, without ignored paths and without what the base wastes itself."""

    base_layers: int
    """How many of the lowest layers belong to the base."""
    layer_bytes: tuple[int, ...]
    """Shipped by each layer, the base's too."""
    wasted: tuple[Waste, ...]
    """What layers above the base wasted or hid. Largest first, then by path."""
    base_waste_bytes: int
    """What the base wastes by itself."""

    @property
    def shipped_bytes(self) -> int:
        """Of all layers."""
        return sum(self.layer_bytes)

    @property
    def wasted_bytes(self) -> int:
        """Of which the layers above the base are the cause."""
        return sum(waste.bytes for waste in self.wasted)

    @property
    def efficiency(self) -> Fraction:
        """The share of the shipped bytes that is not wasted; 1 where nothing is shipped."""
        shipped = self.shipped_bytes - self.base_waste_bytes
        return 1 - Fraction(self.wasted_bytes, shipped) if shipped else Fraction(1)


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


def judge(tree: Tree, ledger: Ledger, rules: Rules, base_layers: int | None, baseline: Baseline | None) -> Judgement:
    """Hold an image to the rules. ``base_layers`` and ``baseline`` are what the rules' references were found to be."""
    account = account_for(tree, ledger, rules.ignored_paths, base_layers or 0)
    return Judgement(tuple(_Judge(tree, ledger, rules, account, base_layers, baseline).outcomes()), account)


def account_for(tree: Tree, ledger: Ledger, ignored_paths: Sequence[str], base_layers: int) -> Account:
    """The ledger without ignored paths, and without what the lowest layers waste among themselves."""
    layer_bytes, wasted = list(ledger.shipped_by_layer), ledger.wasted
    if ignored_paths:
        spec = _spec(ignored_paths)
        for number, index in enumerate(tree.layers):
            layer_bytes[number] -= sum(entry.size for entry in _shipped(index) if spec.match_file(entry.path))
        wasted = tuple(waste for waste in wasted if not spec.match_file(waste.path))
    own = sum(waste.bytes for waste in wasted if waste.hidden_in < base_layers)
    above = tuple(waste for waste in wasted if waste.hidden_in >= base_layers)
    return Account(base_layers, tuple(layer_bytes), above, own)


def layers_of_base(image: Image, base: Image) -> int:
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


class _Judge:
    """Holds one image to its rules, one after the other."""

    def __init__(
        self,
        tree: Tree,
        ledger: Ledger,
        rules: Rules,
        account: Account,
        base_layers: int | None,
        baseline: Baseline | None,
    ) -> None:
        self.tree = tree
        self.ledger = ledger
        self.rules = rules
        self.account = account
        self.has_base = base_layers is not None
        self.baseline = baseline

    def outcomes(self) -> Iterator[Outcome]:
        """Of every rule that somebody spoke of."""
        rules, account = self.rules, self.account
        above = account.layer_bytes[account.base_layers :]
        yield from self._at_least("lowest-efficiency", rules.lowest_efficiency, account.efficiency)
        yield from self._at_most("highest-wasted-bytes", rules.highest_wasted_bytes, account.wasted_bytes)
        yield from self._user_wasted_percent()
        yield from self._at_most("highest-image-bytes", rules.highest_image_bytes, account.shipped_bytes)
        yield from self._layer_bytes(above)
        yield from self._at_most("most-layers", rules.most_layers, len(above))
        yield from self._forbidden_paths()
        yield from self._baseline()

    def _said(self, rule: str) -> bool:
        return rule in self.rules.origins

    def _outcome(self, rule: str, status: Status, **rest: Any) -> Outcome:
        return Outcome(rule, status, self.rules.origins[rule.partition(" ")[0]], **rest)

    def _off(self, rule: str) -> Outcome:
        return self._outcome(rule, Status.SKIP, reason="off")

    def _at_least(self, rule: str, limit: Fraction | None, found: Fraction) -> Iterator[Outcome]:
        if limit is not None:
            yield self._outcome(rule, Status.PASS if found >= limit else Status.FAIL, found=found, limit=limit)
        elif self._said(rule):
            yield self._off(rule)

    def _at_most(self, rule: str, limit: Amount | None, found: Amount, reason: str = "") -> Iterator[Outcome]:
        if limit is not None:
            status = Status.PASS if found <= limit else Status.FAIL
            yield self._outcome(rule, status, found=found, limit=limit, reason=reason)
        elif self._said(rule):
            yield self._off(rule)

    def _user_wasted_percent(self) -> Iterator[Outcome]:
        rule, limit, account = "highest-user-wasted-percent", self.rules.highest_user_wasted_percent, self.account
        # As dive has it: whatever the lowest layer is, people did not build it.
        first = account.base_layers if self.has_base else 1
        shipped, wasted = sum(account.layer_bytes[first:]), account.wasted_bytes
        if limit is None:
            if self._said(rule):
                yield self._off(rule)
        elif first >= len(account.layer_bytes):
            yield self._outcome(rule, Status.SKIP, limit=limit, reason="no layer stands above the base")
        elif shipped or not wasted:
            yield from self._at_most(rule, limit, Fraction(wasted, shipped) if shipped else Fraction(0))
        else:
            reason = "the layers above the base ship nothing and waste what is below"
            yield self._outcome(rule, Status.FAIL, limit=limit, reason=reason)

    def _layer_bytes(self, above: Sequence[int]) -> Iterator[Outcome]:
        rule, limit, account = "highest-layer-bytes", self.rules.highest_layer_bytes, self.account
        largest = max(above, default=0)
        over = [
            number for number, count in enumerate(above, account.base_layers) if limit is not None and count > limit
        ]
        reason = ""
        if len(over) > 1:
            reason = f"layers {', '.join(map(str, over))} ship more"
        elif above:
            reason = f"layer {account.base_layers + above.index(largest)} ships most"
        yield from self._at_most(rule, limit, largest, reason)

    def _forbidden_paths(self) -> Iterator[Outcome]:
        rule = "forbidden-paths"
        if self.rules.forbidden_paths:
            found = tuple(_forbidden(self.tree, self.rules.forbidden_paths, self.account.base_layers))
            yield self._outcome(rule, Status.FAIL if found else Status.PASS, found=len(found), limit=0, paths=found)
        elif self._said(rule):
            yield self._off(rule)

    def _baseline(self) -> Iterator[Outcome]:
        if self.baseline is None:
            if self._said("baseline"):
                yield self._off("baseline")
            return
        allowance = self.rules.baseline_allowance
        for what, found, there in (
            ("image bytes", self.ledger.shipped_bytes, self.baseline.shipped_bytes),
            ("wasted bytes", self.ledger.wasted_bytes, self.baseline.wasted_bytes),
        ):
            more = int(there * allowance) if isinstance(allowance, Fraction) else allowance
            reason = f"{printable(self.baseline.name)} has {there:,} bytes"
            yield from self._at_most(f"baseline {what}", there + more, found, reason)


def _shipped(index: LayerIndex) -> Iterator[Entry]:
    """The files whose bytes a layer ships, each inode once."""
    yield from (entry for entry in index.entries if entry.kind is _FILE)
    yield from index.superseded


def _spec(which: Sequence[str]) -> GitIgnoreSpec:
    """What finds the paths of some patterns."""
    # It takes a while to import, and few projects ask for paths.
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(which)


def _forbidden(tree: Tree, which: Sequence[str], base_layers: int) -> Iterator[Forbidden]:
    """What the layers above the base ship of forbidden paths, layer by layer; directories count by what is in them."""
    spec = _spec(which)
    for number, index in enumerate(tree.layers[base_layers:], base_layers):
        named = [entry for entry in index.entries if entry.kind is not _DIRECTORY and spec.match_file(entry.path)]
        nameless = [entry for entry in index.superseded if spec.match_file(entry.path)]
        yield from (Forbidden(entry.path, entry.size, number, _hidden_in(tree, entry.path, number)) for entry in named)
        yield from (Forbidden(entry.path, entry.size, number, number) for entry in nameless)


def _hidden_in(tree: Tree, path: str, layer: int) -> int | None:
    """Which layer hides what a layer brought to a path."""
    node = tree.find(path)
    return None if node is None else next((version.layer for version in node.history if version.layer > layer), None)
