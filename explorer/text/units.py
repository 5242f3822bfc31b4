"""Figures for people: sizes, shares, counts and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fractions import Fraction

from explorer.text.printable import printable

_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
_SIZE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgt])(i?))?b?", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MAX_SIZE_CHARS = 30
"""A longer text is no size, and its digits are not worth converting."""
_NO_TIME = "0001-01-01"
"""Builders write the year 1 where they know no time."""


def size(count: int) -> str:
    """Bytes in decimal units, rounded to two or three digits: ``0 B``, ``4.5 MB``, ``167 MB``."""
    if count < 1000:
        return f"{count} B"
    unit = 1
    for name in _UNITS:
        unit *= 1000
        tenths, whole = (10 * count + unit // 2) // unit, (count + unit // 2) // unit
        if tenths < 100:
            return f"{tenths // 10}.{tenths % 10} {name}"
        if whole < 1000:
            return f"{whole} {name}"
    return f"{whole:,} {name}"


def parse_size(text: str) -> int | None:
    """Reads bytes as people write them: ``512``, ``20MB``, ``20 MB``, ``10M``, ``.5GiB``; None if it is no size."""
    match = _SIZE.fullmatch(text.strip()) if len(text) <= _MAX_SIZE_CHARS else None
    if match is None:
        return None
    return int(Fraction(match[1]) * (1024 if match[3] else 1000) ** _POWERS[(match[2] or "").lower()])


def percent(part: float) -> str:
    """A share from 0 to 1 as whole percent, never rounded up to 100 nor down to 0: ``69 %``."""
    if 0 < part < 0.01:
        return "<1 %"
    if 0.99 < part < 1:
        return ">99 %"
    return f"{part * 100:.0f} %"


def counted(count: int, one: str, many: str = "") -> str:
    """A number and its noun: ``1 layer``, ``1,200 layers``; ``many`` is a plural that does not end in s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def span(seconds: float) -> str:
    """A length of time in its largest unit: ``40 s``, ``3 min``, ``2 h``, ``41 days``, ``2 years``."""
    for unit, length in (("year", 365 * 86_400), ("day", 86_400)):
        count = int(seconds // length)
        if count:
            return counted(count, unit)
    for unit, length in (("h", 3600), ("min", 60)):
        count = int(seconds // length)
        if count:
            return f"{count} {unit}"
    return f"{int(seconds)} s"


def timestamp(rfc3339: str | None) -> str:
    """A time of an image's config, to the minute: ``2026-01-31 09:00 UTC``; printable text if it is no time."""
    if not rfc3339 or rfc3339.startswith(_NO_TIME):
        return ""
    parsed = parsed_time(rfc3339)
    return parsed.strftime("%Y-%m-%d %H:%M UTC") if parsed else printable(rfc3339)


def parsed_time(rfc3339: str | None) -> datetime | None:
    """Reads a time of an image's config; None if there is none, or if it is no time."""
    if not rfc3339 or rfc3339.startswith(_NO_TIME):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\.(\d{6})\d+", r".\1", rfc3339)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
