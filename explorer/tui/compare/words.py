"""Differences of bytes, and two sizes, in words and colours."""

from __future__ import annotations

from textual.content import Content

from explorer.model import Change
from explorer.text.units import size
from explorer.tui.widgets.marks import COLOURS, MARKS

ARROW = " → "
_PLUS, _MINUS = MARKS[Change.ADDED], MARKS[Change.REMOVED]


def growth(bytes_: int) -> str:
    """Returns a difference of bytes with its sign: ``+4.5 MB``."""
    return f"{_PLUS if bytes_ > 0 else _MINUS if bytes_ else ''}{size(abs(bytes_))}"


def short_growth(bytes_: int) -> str:
    """Returns a difference of bytes for a column; a dot if there is none."""
    return growth(bytes_) if bytes_ else "·"


def growth_colour(bytes_: int) -> str:
    """Returns the colour of a difference of bytes: that of added or removed files."""
    return COLOURS[Change.ADDED if bytes_ > 0 else Change.REMOVED if bytes_ else Change.UNCHANGED]


def sizes(old: int, new: int) -> str:
    """Returns two sizes: ``861 MB → 594 MB``, or one if they are equal."""
    return size(new) if old == new else f"{size(old)}{ARROW}{size(new)}"


def change_of_bytes(title: str, old: int, new: int, *, with_growth: bool = True) -> Content:
    """Returns a figure of both images, and the difference."""
    parts: list[tuple[str, str]] = [(f"{title} ", "$muted"), (sizes(old, new), "bold")]
    if old != new and with_growth:
        parts.append((f" {growth(new - old)}", growth_colour(new - old)))
    return Content.assemble(*parts)
