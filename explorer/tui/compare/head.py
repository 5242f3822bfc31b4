"""The first lines of the screen: the answers about two images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from explorer.analysis.image_diff.first_break import FirstBreak
from explorer.analysis.image_diff.identical import Sameness
from explorer.text.printable import shortened
from explorer.text.units import counted, size
from explorer.text.words import capitalized
from explorer.tui.compare.words import ARROW, change_of_bytes
from explorer.tui.widgets.drawing import cut_start
from explorer.tui.widgets.prose import flow_lines
from explorer.viewmodel.comparison_summary import ComparisonSummary

_MAX_REASON_CHARS = 1_000
_MAX_BREAK_LINES = 2
"""Lines of the first break if its cause does not fit into fewer."""
_MIN_TALL_CELLS, _MIN_MEDIUM_CELLS, _MIN_LOW_CELLS = 30, 20, 14
"""Heights of the screen from which the head has all lines, five, or two."""
_SAMENESS_COLOURS = {
    Sameness.YES: "$change-added",
    Sameness.EXCEPT_TIMES: "$change-modified",
    Sameness.NO: "$foreground",
}
BREAK_MARK = "!"
"""Marks the first pair of layers that differs."""


def names_line(old: str, new: str, width: int) -> Content:
    """Returns the names of both images in at most ``width`` cells."""
    room = max(2, width - len(ARROW))
    share = max(room // 2, room - cell_len(new)) if cell_len(old) > room // 2 else cell_len(old)
    first = cut_start(old, min(share, room - 1))
    second = cut_start(new, room - cell_len(first))
    return Content.assemble((first, "bold $primary"), (ARROW, "$muted"), (second, "bold $primary"))


def head_lines(summary: ComparisonSummary, width: int, height: int) -> Sequence[Content]:
    """Returns the lines of the head; ``height`` is that of the whole screen."""
    names = names_line(summary.old_name, summary.new_name, width)
    facts = list(_facts(summary))
    if height < _MIN_LOW_CELLS:
        # One line: the names if they leave room for the sizes, or else only these.
        return [*flow_lines([names, *facts], width)[:1]]
    figures = flow_lines([names, *facts], width)
    if height < _MIN_MEDIUM_CELLS:
        return [line.truncate(width, ellipsis=True) for line in figures[:2]]
    is_tall = height >= _MIN_TALL_CELLS
    lines = [*figures[: 3 if is_tall else 2], *_break_lines(summary.first_break, 2 if is_tall else 1, width)]
    lines += _cut(_identical(summary).wrap(width), 2 if is_tall else 1, width)
    return [line.truncate(width, ellipsis=True) for line in lines]


def _facts(summary: ComparisonSummary) -> Iterator[Content]:
    """Yields the figures, the most important first."""
    if summary.damaged:
        yield Content.styled("DAMAGED", "bold reverse $waste")
    old, new = summary.old, summary.new
    yield change_of_bytes("shipped", old.shipped_bytes, new.shipped_bytes)
    yield change_of_bytes("wasted", old.wasted_bytes, new.wasted_bytes, with_growth=False)
    update = summary.update
    about = " (rough estimate)" if update.is_rough else " (estimated)" if update.is_estimated else ""
    yield Content.assemble(
        ("update ", "$muted"), (size(update.download_bytes), "bold"), (f" to download{about}", "$muted")
    )
    yield change_of_bytes("visible", old.visible_bytes, new.visible_bytes, with_growth=False)
    if summary.old_layers == summary.new_layers:
        yield Content.styled(counted(summary.new_layers, "layer"), "$muted")
    else:
        yield Content.assemble((f"{summary.old_layers}{ARROW}{summary.new_layers}", ""), (" layers", "$muted"))
    yield Content.assemble((size(update.disk_bytes), "bold"), (" more on disk", "$muted"))


def _break_lines(broken: FirstBreak | None, count: int, width: int) -> Sequence[Content]:
    """Returns the first break, in ``count`` lines if its cause fits into them."""
    if broken is None:
        return [Content.styled("No step differs.", "$change-added")]
    step = broken.step.new_step or broken.step.old_step
    consequence = f" {capitalized(broken.consequence)}." if broken.consequence else ""
    reason = f"{broken.reason[:1].lower()}{shortened(broken.reason[1:], _MAX_REASON_CHARS)}."
    short = reason.replace(f" ({step.name})", "", 1) if step is not None else reason
    choices = [
        Content.assemble((f"{BREAK_MARK} First break: ", "bold $waste"), words).wrap(width)
        for words in (reason + consequence, reason, short + consequence, short)
    ]
    for most in range(count, _MAX_BREAK_LINES + 1):
        for lines in choices:
            if len(lines) <= most:
                return lines
    return _cut(choices[-1], _MAX_BREAK_LINES, width)


def _identical(summary: ComparisonSummary) -> Content:
    found = summary.identical
    head, colon, rest = found.sentence.partition(":")
    line = Content.assemble((head + colon, f"bold {_SAMENESS_COLOURS[found.value]}"), rest)
    return Content.assemble(line, (f" {found.advice}", "$muted")) if found.advice else line


def _cut(lines: Sequence[Content], count: int, width: int) -> Sequence[Content]:
    """Returns the first lines; the last one ends with an ellipsis if more follow."""
    if len(lines) <= count:
        return lines
    return [*lines[: count - 1], lines[count - 1].rstrip().truncate(max(1, width - 1)) + "…"]


class ComparisonHead(Widget):
    """The names of the images, and what differs between them."""

    # The figures keep their own colours.
    auto_links = False
    ALLOW_SELECT = False

    summary: reactive[ComparisonSummary | None] = reactive(None, layout=True)
    names: reactive[tuple[str, str]] = reactive(("", ""), layout=True)
    """The printable names of both images, before they are read."""

    def render(self) -> Content:
        width = max(1, self.size.width)
        if self.summary is None:
            return names_line(*self.names, width)
        return Content("\n").join(head_lines(self.summary, width, self.app.size.height))
