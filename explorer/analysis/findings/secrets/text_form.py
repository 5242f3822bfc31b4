"""The form of a content: text of one or two bytes a character, or no text."""

from __future__ import annotations

import enum

_HEAD_BYTES = 8_192
_MIN_UNITS = 8
_OTHER_CHARACTER = 0x1A
"""Stands for each character that is not ASCII: part of no secret."""


class TextForm(enum.Enum):
    """The form of a content."""

    BYTES = "bytes"
    """ASCII, UTF-8, Latin-1 and the like."""
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    BINARY = "binary"

    @property
    def unit_bytes(self) -> int:
        """The bytes of each ASCII character."""
        return 2 if self in (TextForm.UTF_16_LE, TextForm.UTF_16_BE) else 1


def text_form(content: bytes) -> TextForm:
    """Returns the form of a content from its first bytes."""
    head = content[:_HEAD_BYTES]
    even, odd = head[::2], head[1::2]
    if head.startswith(b"\xff\xfe") or _is_wide(even, odd):
        return TextForm.UTF_16_LE
    if head.startswith(b"\xfe\xff") or _is_wide(odd, even):
        return TextForm.UTF_16_BE
    return TextForm.BINARY if b"\0" in head else TextForm.BYTES


def narrow(units: bytes, form: TextForm) -> bytes:
    """Returns one byte for each unit of two bytes.

    Those that are not ASCII become a byte that is in no secret.
    """
    low, high = (units[::2], units[1::2]) if form is TextForm.UTF_16_LE else (units[1::2], units[::2])
    if high.count(0) == len(high):
        return low
    return bytes(one if not other else _OTHER_CHARACTER for one, other in zip(low, high, strict=True))


def _is_wide(low: bytes, high: bytes) -> bool:
    """True if nearly each character has a zero as its other byte."""
    return len(high) >= _MIN_UNITS and b"\0" not in low and high.count(0) > len(high) * 0.9
