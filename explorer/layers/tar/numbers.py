"""Numbers as tar archives spell them: octal and base-256 in headers, decimal in pax records. All raise ValueError."""

from __future__ import annotations

import re

_LONGEST_DECIMAL = 32
"""Digits of a decimal number; those of a 64-bit one are 20."""
_DECIMAL_SECONDS = re.compile(rb"([+-]?)(?=\.?\d)(\d{0,20})(?:\.(\d*))?")
MAX_KEPT = 50_000
"""Fields whose meaning is remembered: real layers have far fewer different ones."""


class HeaderNumbers(dict[bytes, int]):
    """Fields of headers to their numbers. Those seen before cost nothing, and nearly all of them repeat."""

    def __missing__(self, field: bytes) -> int:
        number = header_number(field)
        if len(self) < MAX_KEPT:
            self[field] = number
        return number


def header_number(field: bytes) -> int:
    """A field of a header: octal digits, or base-256 as GNU writes large and negative numbers."""
    if field[0] < 0x80:
        digits = field.partition(b"\0")[0]
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
    """A whole number of a pax record or a sparse map."""
    if len(value) > _LONGEST_DECIMAL:
        raise ValueError("too many digits")
    return int(value)


def nanoseconds(value: bytes) -> int:
    """Decimal seconds of a pax record, exactly: a float would lose the nanoseconds of today."""
    plain = _DECIMAL_SECONDS.fullmatch(value)
    if plain:
        sign, whole, fraction = plain.groups(b"")
        count = int(whole or b"0") * 1_000_000_000 + int(fraction[:9].ljust(9, b"0"))
        return -count if sign == b"-" else count
    # Python's own writer spells some times 1e-05.
    seconds = float(value)
    if not abs(seconds) < 1e20:
        raise ValueError("not a time")
    return int(seconds * 1_000_000_000)
