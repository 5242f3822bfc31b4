"""What the rules take: values as text or as TOML has them, read into numbers, shares or patterns; None for no value."""

from __future__ import annotations

import math
import re
from fractions import Fraction

from explorer.gate.patterns import are_patterns
from explorer.text.units import parse_size

OFF = ("off", "disabled", "false")
"""What switches a rule off, in small letters."""
_DIGITS = 30
"""Of a number; more would be a mistake."""
_RATIO = re.compile(r"\+?((?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d\d?)?)\s*(%?)", re.ASCII | re.IGNORECASE)

Amount = int | Fraction
"""Bytes, or a share."""
Value = int | Fraction | str | tuple[str, ...]


def size(value: object) -> int | None:
    """Bytes: a whole number, or text with a unit such as ``20MB`` or ``1.5 GiB``."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < 10**_DIGITS else None
    return parse_size(value) if isinstance(value, str) else None


def ratio(value: object) -> Fraction | None:
    """A share from 0 to 1: a number, or text such as ``0.9`` or ``90%``."""
    found = _share(value)
    return found if found is not None and 0 <= found <= 1 else None


def _share(value: object) -> Fraction | None:
    """A number, or text such as ``0.9`` or ``150%``."""
    if isinstance(value, float) and math.isfinite(value):
        # What was written, and not the binary number nearest to it.
        return Fraction(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    match = _RATIO.fullmatch(str(value).strip()) if len(str(value)) <= _DIGITS else None
    return Fraction(match[1]) / (100 if match[2] else 1) if match else None


def amount(value: object) -> Amount | None:
    """A size, or a share written with %, which may be more than all."""
    return _share(value) if isinstance(value, str) and value.strip().endswith("%") else size(value)


def count(value: object) -> int | None:
    """A whole number from 0."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def reference(value: object) -> str | None:
    """The reference of an image, or a path."""
    return value if isinstance(value, str) and value else None


def patterns(value: object) -> tuple[str, ...] | None:
    """One pattern or several, each as in a .gitignore file."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        return None
    # Where one is said to be off, whoever says another one means something else.
    return tuple(given) if are_patterns(given) and not any(map(is_disabled, given)) else None


def first_invalid(value: object) -> object:
    """Of something that is no patterns the one to blame; all of it where each is one."""
    given = value if isinstance(value, list | tuple) else [value]
    return next((each for each in given if patterns(each) is None), given[0] if len(given) == 1 else list(given))


def is_disabled(value: object) -> bool:
    """Whether a value switches its rule off."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return value is False or (isinstance(value, str) and value.strip().lower() in OFF)
