"""The rules that an image can be held to: their names, what each takes, and what was asked for by whom.

A rule is asked for by an option or in a file; both spell values alike, as text or as what TOML has for them. Only what
was asked for applies. Where nobody asked for any limit the defaults do.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from explorer.config.toml import value_words
from explorer.errors import UsageError
from explorer.gate.values import (
    Amount,
    Value,
    amount,
    count,
    first_invalid,
    is_disabled,
    patterns,
    ratio,
    reference,
    size,
)

DEFAULT = "default"
"""The origin of the rules that apply where nothing was asked for."""

_RIVALS = ("base", "base-layers")
"""Each says which layers are the base."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an image is held to; what is None or empty does not apply.

    The account is what the image ships and wastes without ignored paths and without what the base wastes by itself.
    """

    lowest_efficiency: Fraction | None = None
    """Of the account: the share of the shipped bytes that is not wasted, without those that the base wastes."""
    highest_wasted_bytes: int | None = None
    """Of the account."""
    highest_user_wasted_percent: Fraction | None = None
    """Of the account: wasted bytes over what the layers above the base ship."""
    highest_image_bytes: int | None = None
    """Of the account: shipped by all layers, the base's too."""
    highest_layer_bytes: int | None = None
    """Of the account: shipped by each layer above the base."""
    most_layers: int | None = None
    """Above the base."""
    forbidden_paths: tuple[str, ...] = ()
    """Patterns of what no layer above the base may ship, not even to be deleted later; ignored paths count too."""
    baseline: str | None = None
    """An image or a report; neither shipped nor wasted bytes of the whole image may be more, but for the allowance."""
    baseline_allowance: Amount = 0
    """Bytes, or a share of what the baseline has."""
    ignored_paths: tuple[str, ...] = ()
    """Patterns of what is left out of the account."""
    base_layers: int | None = None
    """How many of the lowest layers belong to the base; what they waste among themselves is left out."""
    base: str | None = None
    """The image that the base is, in place of their number."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each thing was said, by its key; also those that are off."""

    def value(self, key: str) -> Value | None:
        """What is in force of a key; None where it is off, or nobody said it."""
        found: Value | None = getattr(self, key.replace("-", "_"))
        return None if found == () else found


class Unit(enum.Enum):
    """What the figure of a rule counts."""

    BYTES = "byte"
    SHARE = "share"
    LAYERS = "layer"
    PATHS = "path"


class Key(NamedTuple):
    """One thing that can be said about rules."""

    takes: str
    """The values, in words."""
    read: Callable[[Any], Value | None]
    """A value out of text or of what TOML has for it; None where it is none."""
    metavar: str
    help: str
    unit: Unit | None = None
    """Of the figure that it limits; None where it is no rule but says what rules look at."""
    is_least: bool = False
    """Whether it is the least and not the most that is allowed."""

    @property
    def is_limit(self) -> bool:
        """Whether it is a rule."""
        return self.unit is not None

    @property
    def is_list(self) -> bool:
        """Whether it takes several."""
        return self.read is patterns

    @property
    def is_image(self) -> bool:
        """Whether it takes the reference of an image."""
        return self.read is reference


_SIZE_WORDS = "a size such as 500kB, 20MB or 1.5GiB"
_RATIO_WORDS = "a ratio from 0 to 1, such as 0.9 or 90%"
_COUNT_WORDS = "a whole number"
_PATTERN_WORDS = "patterns as in a .gitignore file, such as /root/.ssh, *.pem or /var/cache/**"

RULES: Mapping[str, Key] = {
    "lowest-efficiency": Key(
        _RATIO_WORDS,
        ratio,
        "RATIO",
        "Of the shipped bytes in the account at least this share must not be wasted.",
        Unit.SHARE,
        is_least=True,
    ),
    "highest-wasted-bytes": Key(
        _SIZE_WORDS, size, "SIZE", "At most so many bytes of the account may be wasted.", Unit.BYTES
    ),
    "highest-user-wasted-percent": Key(
        _RATIO_WORDS,
        ratio,
        "RATIO",
        "The wasted bytes may be at most this share of what the layers above the base ship (without a base: above the "
        "lowest layer); both of the account.",
        Unit.SHARE,
    ),
    "highest-image-bytes": Key(
        _SIZE_WORDS, size, "SIZE", "All layers together, the base's too, may ship at most so many bytes.", Unit.BYTES
    ),
    "highest-layer-bytes": Key(_SIZE_WORDS, size, "SIZE", "No layer above the base may ship more bytes.", Unit.BYTES),
    "most-layers": Key(_COUNT_WORDS, count, "N", "At most so many layers may stand above the base.", Unit.LAYERS),
    "forbidden-paths": Key(
        _PATTERN_WORDS,
        patterns,
        "PATTERN",
        "No layer above the base may ship such a path; deleted and ignored ones count, directories by what is in them.",
        Unit.PATHS,
    ),
    "baseline": Key(
        "an image, or the path of a report in JSON",
        reference,
        "IMAGE|REPORT",
        "Neither shipped nor wasted bytes of the whole image may be more than those of another image, or of an earlier "
        "report in JSON.",
        Unit.BYTES,
    ),
    "baseline-allowance": Key(
        "a size such as 5MB or a share such as 2%",
        amount,
        "SIZE|N%",
        "By so much the figures may be more than the baseline's.",
    ),
    "ignored-paths": Key(_PATTERN_WORDS, patterns, "PATTERN", "Leave such paths out of the account."),
    "base-layers": Key(_COUNT_WORDS, count, "N", "The N lowest layers are the base: what they waste is left out."),
    "base": Key("an image", reference, "IMAGE", "The image that the lowest layers are from."),
}
"""Key to what it takes, in the order in which rules are told."""

DEFAULTS: Mapping[str, Value] = {
    "lowest-efficiency": Fraction(9, 10),
    "highest-user-wasted-percent": Fraction(1, 10),
}


@dataclass(frozen=True, slots=True)
class RawSetting:
    """A value as somebody wrote it, before anybody has looked whether it is one."""

    value: object
    origin: str
    """Who said it: an option or a file."""
    wrong: Callable[[str], UsageError] = UsageError
    """The error about it, out of words that follow its key."""


def resolve_rules(*sayings: Mapping[str, RawSetting]) -> Rules:
    """The rules in force, from what was said, by key; who speaks first wins. Raises UsageError for a wrong value."""
    said: dict[str, RawSetting] = {}
    for each in reversed(sayings):
        if any(key in each and not is_disabled(each[key].value) for key in _RIVALS):
            for key in _RIVALS:
                said.pop(key, None)
        said.update(each)
    values: dict[str, Value] = {}
    for key, one in said.items():
        if not is_disabled(one.value):
            value = RULES[key].read(one.value)
            if value is None:
                culprit, alone = (first_invalid(one.value), " alone") if RULES[key].is_list else (one.value, "")
                raise one.wrong(f"takes {RULES[key].takes}, or off{alone}, not {value_words(culprit)}")
            values[key] = value
    if {*_RIVALS} <= {*values}:
        raise said["base"].wrong("cannot go with base-layers: either says which layers are the base")
    origins = {key: one.origin for key, one in said.items()}
    if not any(RULES[key].is_limit for key in said):
        values.update(DEFAULTS)
        origins.update(dict.fromkeys(DEFAULTS, DEFAULT))
    return Rules(**{key.replace("-", "_"): value for key, value in values.items()}, origins=origins)  # type: ignore[arg-type]


def rule_key(name: str) -> str | None:
    """The key that somebody means: ``lowest-efficiency``, ``lowest_efficiency`` or ``lowestEfficiency``."""
    found = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower().replace("_", "-")
    return found if found in RULES else None


def key_list() -> str:
    """The keys, for people."""
    return ", ".join(RULES)
