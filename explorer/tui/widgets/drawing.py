"""Bars and gauges, and text cut to a width in cells."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_WASTED = "▒"
ARROW_CELLS = 3
"""Cells between the numbers of two layers."""


def bar(share: float, width: int) -> str:
    """Returns a bar in eighths of a cell, padded to ``width``; empty only for 0."""
    return _eighths(_count_eighths(share, width)).ljust(width)


class SplitBar(NamedTuple):
    """A bar of two parts and the blank cells after it."""

    kept: str
    joint: str
    """At most one cell: the end of the kept part, on the colour of the wasted part."""
    wasted: str
    blank: str


def split_bar(kept: float, wasted: float, width: int, *, has_colours: bool = True) -> SplitBar:
    """Returns a bar of two shares of ``width``, each to an eighth of a cell.

    Without colours the wasted part is shaded cells, which only count whole cells.
    """
    total = _count_eighths(kept + wasted, width)
    wasted_eighths = min(total, round(max(wasted, 0.0) * width * 8)) if total > 1 else int(wasted > kept)
    if not has_colours:
        shaded = round(wasted_eighths / 8)
        drawn = _eighths(total - 8 * shaded)
        return SplitBar(drawn, "", _WASTED * shaded, " " * (width - len(drawn) - shaded))
    full, rest = divmod(total - wasted_eighths, 8)
    drawn, joint = "█" * full, ""
    if rest and wasted_eighths:
        # One cell has two colours at most. If both parts end in this one, the next cell has the wasted part.
        if rest + wasted_eighths < 8 and full + 2 <= width:
            drawn += _EIGHTHS[rest]
        else:
            joint = _EIGHTHS[rest]
            wasted_eighths = max(0, wasted_eighths - (8 - rest))
    elif rest:
        drawn += _EIGHTHS[rest]
    end = _eighths(wasted_eighths)
    return SplitBar(drawn, joint, end, " " * (width - len(drawn) - len(joint) - len(end)))


def _count_eighths(share: float, width: int) -> int:
    """Returns the eighths of a cell of a bar; 0 only for a share of 0."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    return 1 if share > 0 and width and not eighths else eighths


def _eighths(eighths: int) -> str:
    """Returns a bar of some eighths of a cell; none if they are negative."""
    full, rest = divmod(max(eighths, 0), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def gauge(share: float, width: int) -> tuple[str, str]:
    """Returns both parts of a gauge; only shares of 0 and 1 reach its ends."""
    full = round(min(max(share, 0.0), 1.0) * width)
    if 0 < share < 1 and width > 1:
        full = min(max(full, 1), width - 1)
    return "━" * full, "━" * (width - full)


def sliding_bar(step: int, width: int) -> tuple[str, str, str]:
    """Returns a bar with a sliding part: cells before it, the part, cells after it."""
    length = max(width // 5, 1)
    distance = max(width - length, 1)
    before = min(distance - abs(step % (2 * distance) - distance), max(width - length, 0))
    return "━" * before, "━" * min(length, width), "━" * (width - length - before)


def cut(text: str, width: int) -> str:
    """Cuts a text to ``width`` cells, with an ellipsis for the missing end."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…"


def cut_start(text: str, width: int) -> str:
    """Cuts a text to ``width`` cells, with an ellipsis for the missing beginning."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    kept = text[-width:]
    while cell_len(kept) > width - 1:
        kept = kept[1:]
    return f"…{kept}"


def cut_middle(text: str, width: int) -> str:
    """Cuts a text to ``width`` cells, with an ellipsis for the missing middle."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, width // 2).rstrip()
    return head + cut_start(text, width - cell_len(head))


def cut_or_pad(text: str, width: int) -> str:
    """Returns a text in exactly ``width`` cells, cut or padded."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


def cut_pair(first: str, between: str, second: str, width: int) -> str:
    """Joins two texts in ``width`` cells; the longer one is cut first, then both."""
    room = max(0, width - cell_len(between))
    firsts, seconds = cell_len(first), cell_len(second)
    share = max(room // 2, room - seconds) if firsts > room // 2 else firsts
    return cut(first, share) + between + cut(second, room - min(firsts, share)) if room > 1 else cut(first, width)


def layer_span(first: int, last: int | None, cells: int) -> str:
    """Returns the layers that brought something and took it away: ``3 → 5``."""
    end = "" if last is None else f" → {last}"
    # Both numbers have room for the same digits.
    start = cells - (cells - ARROW_CELLS) // 2 - ARROW_CELLS
    return cut(f"{first:>{start}}{end}", cells).ljust(cells)
