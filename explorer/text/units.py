"""Figures for people: sizes, shares, counts and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache

from humanize import naturalsize, naturaltime

from explorer.text.printable import printable

_SIZE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(?:([kmgt])(i?))?b?", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MAX_SIZE_CHARS = 30
"""A longer text is no size, and its digits are not worth converting."""
_NO_TIME = "0001-01-01"
"""Builders write the year 1 where they know no time."""


def size(count: int) -> str:
    """Bytes in decimal units with two or three digits: ``4.5 MB``, ``167 MB``."""
    if count < 1000:
        return f"{count} B"
    digits = len(str(count))
    step = 10 ** (digits - (2 if digits % 3 else 3))
    return _rounded_size((count + step // 2) // step * step)


# Because humanize takes eight times as long as rounding. 100,000 files have about a thousand different rounded sizes.
@lru_cache(4096)
def _rounded_size(count: int) -> str:
    return naturalsize(count, format="%.1f" if len(str(count)) % 3 == 1 else "%.0f")


def signed_size(count: int) -> str:
    """A difference of bytes with its sign: ``+4.5 MB``, ``-12 B``; ``0 B`` for none."""
    return f"{'+' if count > 0 else '-' if count else ''}{size(abs(count))}"


def round_size(count: int) -> str:
    """A round number of bytes without decimals: ``1 kB``."""
    return size(count).replace(".0 ", " ")


def fine_size(count: int) -> str:
    """Bytes with three digits, for sizes that differ little: ``2.34 GB``, ``167 MB``."""
    return naturalsize(count, format=f"%.{max(0, 2 - (len(str(count)) - 1) % 3)}f") if count >= 1000 else size(count)


def size_beside(count: int, other: int) -> str:
    """Bytes as a size, or exactly if the size would look like that of another number."""
    return f"{count:,} bytes" if count != other and size(count) == size(other) else size(count)


def parse_size(text: str) -> int | None:
    """Reads a size, or returns None: ``512``, ``20 MB``, ``10M``, ``.5GiB``."""
    match = _SIZE.fullmatch(text.strip()) if len(text) <= _MAX_SIZE_CHARS else None
    if match is None:
        return None
    return int(Fraction(match[1]) * (1024 if match[3] else 1000) ** _POWERS[(match[2] or "").lower()])


def percent(part: float) -> str:
    """A share from 0 to 1 in percent, never rounded to 100 or 0: ``69 %``."""
    if 0 < part < 0.01:
        return "<1 %"
    if 0.99 < part < 1:
        return ">99 %"
    return f"{part * 100:.0f} %"


def counted(count: int, one: str, many: str = "") -> str:
    """A number and its noun; ``many`` is a plural without s: ``1,200 layers``."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def timestamp(rfc3339: str | None, now: datetime) -> str:
    """A time and its age, or empty: ``2026-01-31 09:00 UTC (10 months ago)``."""
    if not rfc3339 or rfc3339.startswith(_NO_TIME):
        return ""
    time = parsed_time(rfc3339)
    return f"{time:%Y-%m-%d %H:%M} UTC ({age(time, now)})" if time else printable(rfc3339)


def age(created: datetime, now: datetime) -> str:
    """The age of something in words: ``10 months ago``. Times have a time zone."""
    # Naive times, because humanize makes others local, and no local time may exist for the years 1 and 9999.
    naive_created, naive_now = (time.astimezone(UTC).replace(tzinfo=None) for time in (created, now))
    return naturaltime(naive_created, when=naive_now)


def utc_time(nanoseconds: int) -> str:
    """Formats a modification time in UTC, or in seconds if no calendar has it."""
    try:
        return datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{nanoseconds // 1_000_000_000} s after 1970"


def parsed_time(rfc3339: str | None) -> datetime | None:
    """Reads a time of an image's config; None if there is none, or if it is no time."""
    if not rfc3339 or rfc3339.startswith(_NO_TIME):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\.(\d{6})\d+", r".\1", rfc3339)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
