"""The table of all rules, and the rules in force for an image.

Options, the keys of rules files and their help pages are made from the table; a few rules also have a property of
``Rules``. Options and files spell values alike, as text or as TOML values. Only rules that the user sets apply. The
defaults apply if no limit is mentioned, not even as off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, cast

from explorer.config.toml import value_words
from explorer.errors import UsageError
from explorer.gate import baseline_limits, finding_limits, limits, value_types
from explorer.gate.limits import Case, Outcome
from explorer.gate.value_types import Amount, Unit, Value, ValueType, first_invalid, is_disabled
from explorer.text.words import NOT_NEEDED

DEFAULT = "default"
"""The origin of rules that apply because the user set no limit."""
_BASE_KEYS = ("base", "base-layers")
"""The two ways to set the base; only one of them can be used."""


class Rule(NamedTuple):
    """A limit for an image; or, without a unit, a setting of what the limits count."""

    key: str
    """The name in options and files."""
    type: ValueType
    help: str
    unit: Unit | None = None
    compare: Callable[[Case, Rule, Any], Iterator[Outcome]] | None = None
    """Compares an image with the value of a limit."""
    is_minimum: bool = False
    dive_name: str = ""
    """The name in ``.dive-ci`` files and among dive's options."""
    default: Value | None = None
    """The value if the user sets no limit."""

    @property
    def is_list(self) -> bool:
        """True if the rule takes several values."""
        return self.type in (value_types.PATTERNS, value_types.PACKAGES, value_types.FINDINGS)

    @property
    def is_switch(self) -> bool:
        """True if the rule takes no value, and is only on or off."""
        return self.type is value_types.SWITCH

    @property
    def is_image(self) -> bool:
        """True if the value is the reference of an image."""
        return self.type.parse is value_types.reference


_TABLE = (
    Rule(
        "lowest-efficiency",
        value_types.RATIO,
        "Minimum efficiency: the share of the shipped bytes that is not wasted.",
        Unit.SHARE,
        limits.efficiency,
        is_minimum=True,
        dive_name="lowestEfficiency",
        default=Fraction(9, 10),
    ),
    Rule(
        "highest-wasted-bytes",
        value_types.SIZE,
        "Maximum number of wasted bytes.",
        Unit.BYTES,
        limits.wasted_bytes,
        dive_name="highestWastedBytes",
    ),
    Rule(
        "highest-disposable-bytes",
        value_types.SIZE,
        f"Maximum number of disposable bytes above the base: visible bytes {NOT_NEEDED}, such as caches, documentation "
        "and bytecode.",
        Unit.BYTES,
        limits.disposable_bytes,
    ),
    Rule(
        "highest-user-wasted-percent",
        value_types.RATIO,
        "Maximum of the wasted bytes divided by the bytes that the layers above the base ship (without a base: the "
        "layers above the lowest one).",
        Unit.SHARE,
        limits.user_wasted_share,
        dive_name="highestUserWastedPercent",
        default=Fraction(1, 10),
    ),
    Rule(
        "highest-image-bytes",
        value_types.SIZE,
        "Maximum number of bytes that all layers together ship, including the base.",
        Unit.BYTES,
        limits.image_bytes,
    ),
    Rule(
        "highest-layer-bytes",
        value_types.SIZE,
        "Maximum number of bytes that one layer above the base ships.",
        Unit.BYTES,
        limits.layer_bytes,
    ),
    Rule("most-layers", value_types.COUNT, "Maximum number of layers above the base.", Unit.LAYERS, limits.layer_count),
    Rule(
        "forbidden-paths",
        value_types.PATTERNS,
        "Paths that no layer above the base may ship, even if a later layer deletes them. Ignored paths count too; a "
        "directory counts by the files in it.",
        Unit.PATHS,
        limits.forbidden_paths,
    ),
    Rule(
        "forbidden-packages",
        value_types.PACKAGES,
        "Packages that no layer above the base may install, even if a later layer removes them: names, or package URLs "
        "with or without a version.",
        Unit.PACKAGES,
        limits.forbidden_packages,
    ),
    Rule(
        "highest-package-bytes",
        value_types.SIZE,
        "Maximum number of bytes, visible and wasted, of one package that a layer above the base installs.",
        Unit.BYTES,
        limits.package_bytes,
    ),
    Rule(
        "no-secrets",
        value_types.SWITCH,
        "No layer, step or setting above the base may hold a secret, not even one that a later layer deletes. "
        "What cannot be searched fails.",
        Unit.FINDINGS,
        finding_limits.no_secrets,
    ),
    Rule(
        "highest-severity",
        value_types.SEVERITY,
        "No finding above the base may be more severe: critical, high, medium, low or info; see `lx findings`.",
        Unit.FINDINGS,
        finding_limits.highest_severity,
    ),
    Rule(
        "baseline",
        value_types.IMAGE_OR_REPORT,
        "The whole image may not ship or waste more bytes than this image, or than the image of this JSON report.",
        Unit.BYTES,
        baseline_limits.baseline,
    ),
    Rule(
        baseline_limits.GROWTH_KEY,
        value_types.AMOUNT,
        "Maximum growth of the bytes that all layers ship over those of --baseline, in bytes or percent. --baseline "
        "alone then allows any growth.",
        Unit.BYTES,
        baseline_limits.growth,
    ),
    Rule(
        baseline_limits.UPDATE_KEY,
        value_types.SIZE,
        "Maximum number of bytes that those who have --baseline must download. --baseline alone then allows any "
        "growth.",
        Unit.BYTES,
        baseline_limits.update_bytes,
    ),
    Rule("baseline-allowance", value_types.AMOUNT, "Allowed growth over the baseline."),
    Rule("ignored-paths", value_types.PATTERNS, "Paths that do not count."),
    Rule(
        "ignored-findings",
        value_types.FINDINGS,
        "Findings that do not count: names, or names with a path, a setting or a step, such as private-key:/test/**. "
        "All places of a finding must match.",
    ),
    Rule("wanted-paths", value_types.PATTERNS, "Paths that containers need, so that they are not disposable."),
    Rule("base-layers", value_types.COUNT, "The lowest N layers are the base; waste inside the base does not count."),
    Rule("base", value_types.IMAGE, "The image that the lowest layers are from; replaces --base-layers."),
)
RULES = {rule.key: rule for rule in _TABLE}
"""Key to rule, in the order of reports and help pages."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force for an image."""

    values: Mapping[str, Value]
    """Key to value; rules that are off are missing."""
    origins: Mapping[str, str]
    """Key to the option or file that sets it, also for rules that are off."""

    @property
    def ignored_paths(self) -> tuple[str, ...]:
        """The patterns of paths that do not count."""
        return cast("tuple[str, ...]", self.values.get("ignored-paths", ()))

    @property
    def ignored_findings(self) -> tuple[str, ...]:
        """The patterns of findings that do not count."""
        return cast("tuple[str, ...]", self.values.get("ignored-findings", ()))

    @property
    def wanted_paths(self) -> tuple[str, ...]:
        """The patterns of paths that are not disposable."""
        return cast("tuple[str, ...]", self.values.get("wanted-paths", ()))

    @property
    def base_layers(self) -> int | None:
        """The number of lowest layers that are the base."""
        return cast("int | None", self.values.get("base-layers"))

    @property
    def base(self) -> str | None:
        """The reference of the base image."""
        return cast("str | None", self.values.get("base"))

    @property
    def baseline(self) -> str | None:
        """The reference of the baseline, or the path of its report."""
        return cast("str | None", self.values.get("baseline"))

    @property
    def baseline_allowance(self) -> Amount:
        """The allowed growth: bytes, or a share of the baseline."""
        return cast("Amount", self.values.get("baseline-allowance", 0))


@dataclass(frozen=True, slots=True)
class RawSetting:
    """A value as the user wrote it, not yet parsed."""

    value: object
    origin: str
    """The option or file that sets it."""
    error: Callable[[str], UsageError] = UsageError
    """Makes the error about the value, from the words that come after its key."""


def resolve_rules(*sources: Mapping[str, RawSetting]) -> Rules:
    """Returns the rules of all sources, the first winning. Raises UsageError."""
    settings: dict[str, RawSetting] = {}
    for source in reversed(sources):
        if any(key in source and not is_disabled(source[key].value) for key in _BASE_KEYS):
            # Because the two exclude each other: ``--base`` on the command line replaces ``base-layers`` of a file.
            for key in _BASE_KEYS:
                settings.pop(key, None)
        settings.update(source)
    parsed = {key: _parsed(RULES[key], setting) for key, setting in settings.items() if not is_disabled(setting.value)}
    if {*_BASE_KEYS} <= {*parsed}:
        raise settings["base"].error("cannot be used together with base-layers")
    origins = {key: setting.origin for key, setting in settings.items()}
    if not any(RULES[key].unit for key in settings):
        defaults = {rule.key: rule.default for rule in _TABLE if rule.default is not None}
        parsed.update(defaults)
        origins.update(dict.fromkeys(defaults, DEFAULT))
    return Rules(parsed, origins)


def _parsed(rule: Rule, setting: RawSetting) -> Value:
    value = rule.type.parse(setting.value)
    if value is None:
        invalid, off_hint = (
            (first_invalid(setting.value, rule.type.parse), " alone") if rule.is_list else (setting.value, "")
        )
        raise setting.error(f"takes {rule.type.words}, or off{off_hint}, not {value_words(invalid)}")
    return value


def rule_key(name: str) -> str | None:
    """Returns the key for any spelling, like ``lowestEfficiency``; None if unknown."""
    key = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower().replace("_", "-")
    return key if key in RULES else None
