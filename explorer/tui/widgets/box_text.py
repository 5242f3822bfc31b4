"""Texts of the box below a list, cut to the few lines of the box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from textual.content import Content

from explorer.analysis.advice.sentences import Spans
from explorer.tui.widgets.prose import hanging_lines

_INDENT = 7
_MAX_LINES_WITHOUT_WHY = 2
_MORE = "  Tab: all of it"
_MIN_WIDTH_FOR_MORE = 40
"""Cells of a line that has room for the hint that more can be read."""


class BoxText(Protocol):
    """A text of the box; equal texts look the same."""

    @property
    def title(self) -> str:
        """The title of the box."""

    def lines(self, width: int) -> Sequence[Content]:
        """Returns the whole text in lines of ``width`` cells."""

    def cut(self, width: int, height: int) -> Sequence[Content]:
        """Returns at most ``height`` lines with the most important of it."""


def all_lines(text: BoxText | None, width: int) -> Sequence[Content]:
    """Returns the whole text, in lines of ``width`` cells."""
    return text.lines(width) if text is not None and width > 0 else ()


def cut_lines(text: BoxText | None, width: int, height: int) -> Sequence[Content]:
    """Returns the same lines, cut to ``height``, with a hint on how to read the rest."""
    if text is None or width < 1 or height < 1:
        return ()
    lines = text.lines(width)
    if len(lines) <= height:
        return lines
    lines = text.cut(width, height)
    if width < _MIN_WIDTH_FOR_MORE:
        return lines
    room = width - len(_MORE)
    last = lines[-1].rstrip().truncate(room, ellipsis=True)
    return [*lines[:-1], last.pad_right(room - last.cell_length) + Content.styled(_MORE, "$muted")]


def part(head: str, style: str, words: Content, width: int) -> list[Content]:
    """Returns the lines of a part with its head, which a narrow box leaves out."""
    if width < 2 * _INDENT:
        return list(words.wrap(width))
    return hanging_lines(Content.styled(head, style), _INDENT, words, width)


def styled(spans: Spans) -> Content:
    """Returns sentences with their code in its colour."""
    return Content("").join(Content.styled(span.text, "$key" if span.is_code else "") for span in spans)


def first_lines(lines: Sequence[Content], count: int, width: int) -> Sequence[Content]:
    """Returns the first lines; the last one ends with an ellipsis if more follow."""
    if len(lines) <= count:
        return lines
    if count < 1:
        return ()
    return [*lines[: count - 1], lines[count - 1].rstrip().truncate(width - 1) + "…"]


def share_height(
    why: Sequence[Content], do: Sequence[Content], saves: Sequence[Content], width: int, height: int
) -> Sequence[Content]:
    """Returns the lines of each part that fit; the fix has precedence."""
    if height <= _MAX_LINES_WITHOUT_WHY:
        return [*first_lines(do, max(1, height - 1), width), *first_lines(saves, 1 if height > 1 else 0, width)]
    saves = first_lines(saves, 2 if height > _MAX_LINES_WITHOUT_WHY + 2 else 1, width)
    room = height - len(saves)
    do = first_lines(do, max(1, room - min(len(why), room // 2)), width)
    return [*first_lines(why, room - len(do), width), *do, *saves]
