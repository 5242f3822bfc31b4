"""Small drawings and measures of text in cells: bars, gauges, and text cut to a width."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LOST = "▒"


def bar(share: float, width: int) -> str:
    """A bar of eighths of a cell, padded to ``width``; whatever is more than nothing shows as something."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0 and not eighths:
        eighths = 1
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest] if rest else "")
    return drawn.ljust(width)


def split_bar(share: float, lost: float, width: int) -> tuple[str, str, str]:
    """A bar in which the last part, a share of the bar itself, has a glyph of its own; and the blank after it."""
    drawn = bar(share, width)
    filled = drawn.rstrip()
    shaded = round(len(filled) * min(max(lost, 0.0), 1.0))
    kept = filled[: len(filled) - shaded]
    return kept, _LOST * shaded, " " * (width - len(kept) - shaded)


def gauge(share: float, width: int) -> tuple[str, str]:
    """The full and the empty part of a gauge of ``width`` cells; only exactly nothing and all reach its ends."""
    full = round(min(max(share, 0.0), 1.0) * width)
    if 0 < share < 1 and width > 1:
        full = min(max(full, 1), width - 1)
    return "━" * full, "━" * (width - full)


def sliding_bar(step: int, width: int) -> tuple[str, str, str]:
    """A bar of ``width`` cells of which a part slides to and fro: what is before it, the part, and what is after."""
    length = max(width // 5, 1)
    way = max(width - length, 1)
    before = min(way - abs(step % (2 * way) - way), max(width - length, 0))
    return "━" * before, "━" * min(length, width), "━" * (width - length - before)


def cut(text: str, width: int) -> str:
    """The text in at most ``width`` cells, with an ellipsis where its end is missing."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…"


def cut_start(text: str, width: int) -> str:
    """The text in at most ``width`` cells, with an ellipsis where its beginning is missing."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    kept = text[-width:]
    while cell_len(kept) > width - 1:
        kept = kept[1:]
    return f"…{kept}"


def cut_middle(text: str, width: int) -> str:
    """The text in at most ``width`` cells, with an ellipsis where its middle is missing."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, width // 2).rstrip()
    return head + cut_start(text, width - cell_len(head))


def cut_or_pad(text: str, width: int) -> str:
    """The text in exactly ``width`` cells, cut or padded."""
    short = cut(text, width)
    return short + " " * (width - cell_len(short))


def cut_pair(first: str, between: str, second: str, width: int) -> str:
    """Two texts in at most ``width`` cells; the longer one gives way, then both."""
    room = max(0, width - cell_len(between))
    firsts, seconds = cell_len(first), cell_len(second)
    share = max(room // 2, room - seconds) if firsts > room // 2 else firsts
    return cut(first, share) + between + cut(second, room - min(firsts, share)) if room > 1 else cut(first, width)
