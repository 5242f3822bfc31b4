"""Parses the octal, base-256 and decimal numbers of tar. Raises ValueError."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

_MAX_DECIMAL_DIGITS = 32
"""A 64-bit number has 20."""
_DECIMAL_SECONDS = re.compile(rb"([+-]?)(?=\.?\d)(\d{0,20})(?:\.(\d*))?")
_MAX_CACHED_FIELDS = 50_000
"""Size of a cache; real layers have far fewer different fields."""

_Numbers = TypeVar("_Numbers")


class FieldCache(dict[bytes, _Numbers]):
    """A cache from fields of headers to their numbers: nearly all of them repeat."""

    def __init__(self, parse: Callable[[bytes], _Numbers]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, field: bytes) -> _Numbers:
        numbers = self._parse(field)
        if len(self) < _MAX_CACHED_FIELDS:
            self[field] = numbers
        return numbers


def header_number(field: bytes) -> int:
    """Parses a header field: octal digits, or base-256 as written by GNU tar."""
    if field[0] < 0x80:
        digits = field.lstrip(b" \0").partition(b"\0")[0]
        try:
            return int(digits, 8)
        except ValueError:
            if digits.strip():
                raise
            return 0
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    if field[0] == 0xFF:
        return int.from_bytes(field, "big", signed=True)
    raise ValueError("neither octal nor base-256")


def decimal(value: bytes) -> int:
    """Parses a whole number of a pax record or a sparse map."""
    if len(value) > _MAX_DECIMAL_DIGITS:
        raise ValueError("too many digits")
    return int(value)


def nanoseconds(value: bytes) -> int:
    """Parses decimal seconds of a pax record exactly, which a float could not."""
    match = _DECIMAL_SECONDS.fullmatch(value)
    if match:
        sign, whole, fraction = match.groups(b"")
        count = int(whole or b"0") * 1_000_000_000 + int(fraction[:9].ljust(9, b"0"))
        return -count if sign == b"-" else count
    # Because Python's tarfile writes some times as 1e-05.
    seconds = float(value)
    if not abs(seconds) < 1e20:
        raise ValueError("not a time")
    return int(seconds * 1_000_000_000)
