"""The types of rules' values, and the parsers for text and TOML values.

A parser returns None for a value that is not of its type.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from explorer.text.patterns import are_patterns
from explorer.text.units import parse_size

OFF = ("off", "disabled", "false")
"""The words that disable a rule, in lower case."""
_MAX_DIGITS = 30
_TRUE = ("true", "on", "yes", "1")
SEVERITIES = ("critical", "high", "medium", "low", "info")
"""Severities of findings; written here, because few projects have rules about them."""
_FINDING_PATTERN = re.compile(r"[^\s:][^\s:]{0,300}(?::(.+))?", re.DOTALL)
"""A name without blanks, and a place, which may have some."""
_PACKAGE_PATTERN = re.compile(r"\S{1,300}")
"""A text without blanks, which no name has."""
_RATIO = re.compile(r"\+?((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d\d?)?)\s*(%?)", re.ASCII | re.IGNORECASE)

Amount = int | Fraction
"""Bytes, or a share."""
Value = bool | int | Fraction | str | tuple[str, ...]


class Unit(enum.Enum):
    """The unit of a rule's figure."""

    BYTES = "byte"
    SHARE = "share"
    LAYERS = "layer"
    PATHS = "path"
    PACKAGES = "package"
    FINDINGS = "finding"


class ValueType(NamedTuple):
    """A type that a rule's value can have."""

    words: str
    """The type in words, for errors."""
    metavar: str
    """The type in help pages."""
    parse: Callable[[Any], Value | None]


def size(value: object) -> int | None:
    """Returns bytes from a whole number, or from text such as ``20MB`` or ``1.5 GiB``."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**_MAX_DIGITS else None
    return parse_size(value) if isinstance(value, str) else None


def ratio(value: object) -> Fraction | None:
    """Returns a share from 0 to 1, from a number or text such as ``0.9`` or ``90%``."""
    share = _share(value)
    return share if share is not None and 0 <= share <= 1 else None


def _share(value: object) -> Fraction | None:
    if isinstance(value, float) and math.isfinite(value):
        # The digits that the user wrote, instead of the nearest binary number.
        return Fraction(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    match = _RATIO.fullmatch(str(value).strip()) if len(str(value)) <= _MAX_DIGITS else None
    return Fraction(match[1]) / (100 if match[2] else 1) if match else None


def amount(value: object) -> Amount | None:
    """Returns a size, or a share from text with %, which may exceed 100%."""
    return _share(value) if isinstance(value, str) and value.strip().endswith("%") else size(value)


def count(value: object) -> int | None:
    """Returns a whole number from 0."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def reference(value: object) -> str | None:
    """Returns the reference of an image, or a path."""
    return value if isinstance(value, str) and value and "\0" not in value else None


def patterns(value: object) -> tuple[str, ...] | None:
    """Returns one or more patterns in the syntax of .gitignore files."""
    items = _texts(value)
    return items if items is not None and are_patterns(items) else None


def package_patterns(value: object) -> tuple[str, ...] | None:
    """Returns one or more patterns of names or URLs of packages."""
    items = _texts(value)
    return items if items and all(map(_PACKAGE_PATTERN.fullmatch, items)) else None


def finding_patterns(value: object) -> tuple[str, ...] | None:
    """Returns one or more patterns of findings: ``ID``, or ``ID:PATH``."""
    items = _texts(value)
    matches = [_FINDING_PATTERN.fullmatch(item) for item in items or ()]
    if not items or not all(matches):
        return None
    return items if are_patterns([match[1] for match in matches if match and match[1]]) else None


def severity(value: object) -> str | None:
    """Returns the name of a severity."""
    word = value.strip().lower() if isinstance(value, str) else ""
    return word if word in SEVERITIES else None


def switch(value: object) -> bool | None:
    """Returns True for words that switch a rule on."""
    return True if value is True or (isinstance(value, str) and value.strip().lower() in _TRUE) else None


def _texts(value: object) -> tuple[str, ...] | None:
    """Returns a text or a list of texts as a list."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        return None
    # "off" beside other items is a mistake.
    return None if any(map(is_disabled, items)) else tuple(items)


def first_invalid(value: object, parse: Callable[[Any], Value | None]) -> object:
    """Returns the first invalid item of a list, or the whole value if each is valid."""
    items = value if isinstance(value, list | tuple) else [value]
    return next((item for item in items if parse(item) is None), items[0] if len(items) == 1 else list(items))


def is_disabled(value: object) -> bool:
    """True if a value disables its rule."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return value is False or (isinstance(value, str) and value.strip().lower() in OFF)


SIZE = ValueType("a size such as 500kB, 20MB or 1.5GiB", "SIZE", size)
RATIO = ValueType("a ratio from 0 to 1, such as 0.9 or 90%", "RATIO", ratio)
AMOUNT = ValueType("a size such as 5MB or a share such as 2%", "SIZE|N%", amount)
COUNT = ValueType("a whole number", "N", count)
IMAGE = ValueType("an image", "IMAGE", reference)
IMAGE_OR_REPORT = ValueType("an image, or the path of a report in JSON", "IMAGE|REPORT", reference)
PATTERNS = ValueType(
    "patterns as in a .gitignore file, such as /root/.ssh, *.pem or /var/cache/**", "PATTERN", patterns
)
SWITCH = ValueType("true", "", switch)
SEVERITY = ValueType("a severity: critical, high, medium, low or info", "LEVEL", severity)
FINDINGS = ValueType(
    "names of findings, such as root-user, CVE-2024-* or private-key:/test/**", "FINDING", finding_patterns
)
PACKAGES = ValueType(
    "names of packages or package URLs, such as build-essential, lib*-dev or pkg:npm/lodash@4*",
    "PACKAGE",
    package_patterns,
)
