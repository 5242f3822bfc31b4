"""The advice about the selected waste: the reason, the fix, the saved bytes.

Beside the list, each part is cut to its share of the few lines. With the focus, the box shows everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from explorer.analysis.advice.advice import Advice
from explorer.analysis.advice.sentences import Spans
from explorer.text.units import size
from explorer.tui.widgets.prose import Prose, hanging_lines

_INDENT = 7
_MAX_LINES_WITHOUT_WHY = 2
_MORE = "  Tab: all of it"
_MIN_WIDTH_FOR_MORE = 40
"""Cells of a line that has room for the hint that more can be read."""

_Parts = tuple[list[Content], list[Content], list[Content]]
"""Lines of why it is waste, how to fix it, and what that saves."""


def all_lines(advice: Sequence[Advice], shipped: int, width: int) -> list[Content]:
    """Returns the best advice and all savings, in lines of ``width`` cells."""
    return [line for part in _parts(advice, shipped, width) for line in part] if advice and width > 0 else []


def cut_lines(advice: Sequence[Advice], shipped: int, width: int, height: int) -> list[Content]:
    """Returns the same lines, cut to ``height``, with a hint on how to read the rest."""
    if not advice or width < 1 or height < 1:
        return []
    parts = _parts(advice, shipped, width)
    if sum(map(len, parts)) <= height:
        return [line for part in parts for line in part]
    lines = _share_height(parts, width, height)
    if width < _MIN_WIDTH_FOR_MORE:
        return lines
    room = width - len(_MORE)
    last = lines[-1].rstrip().truncate(room, ellipsis=True)
    return [*lines[:-1], last.pad_right(room - last.cell_length) + Content.styled(_MORE, "$muted")]


def _parts(advice: Sequence[Advice], shipped: int, width: int) -> _Parts:
    best = advice[0]
    return (
        _part("Why", "$muted", _styled(best.why), width),
        _part("Do", "bold $change-added", _styled(best.do), width),
        _part("Saves", "$muted", Content(_savings(advice, shipped)), width),
    )


def _share_height(parts: _Parts, width: int, height: int) -> list[Content]:
    """Returns the lines of each part that fit; the fix has precedence."""
    why, do, saves = parts
    if height <= _MAX_LINES_WITHOUT_WHY:
        return _cut(do, max(1, height - 1), width) + _cut(saves, 1 if height > 1 else 0, width)
    saves = _cut(saves, 2 if height > _MAX_LINES_WITHOUT_WHY + 2 else 1, width)
    room = height - len(saves)
    do = _cut(do, max(1, room - min(len(why), room // 2)), width)
    return _cut(why, room - len(do), width) + do + saves


def _part(head: str, style: str, words: Content, width: int) -> list[Content]:
    if width < 2 * _INDENT:
        return list(words.wrap(width))
    return hanging_lines(Content.styled(head, style), _INDENT, words, width)


def _styled(spans: Spans) -> Content:
    return Content("").join(Content.styled(span.text, "$key" if span.is_code else "") for span in spans)


def _savings(advice: Sequence[Advice], shipped: int) -> str:
    """Returns what the best advice saves, and what all of it saves."""
    best, total = advice[0].bytes, sum(each.bytes for each in advice)
    sentence = f"{size(best)} ({size(shipped)} → {size(shipped - best)})."
    if len(advice) == 1:
        return sentence
    return f"{sentence} All {len(advice)} fixes of this group: {size(total)} (→ {size(shipped - total)})."


def _cut(lines: list[Content], count: int, width: int) -> list[Content]:
    """Returns the first lines; the last one ends with an ellipsis if more follow."""
    if len(lines) <= count:
        return lines
    if count < 1:
        return []
    return [*lines[: count - 1], lines[count - 1].rstrip().truncate(width - 1) + "…"]


class AdviceBox(Prose):
    """The box with the advice about the selected waste."""

    HELP = """\
    # How to fix it

    Why the selected waste is shipped, how to fix it, and what that saves. With the focus, the box grows to its text if
    there is room, and scrolls if not. **Esc** goes back to the list.
    """
    BORDER_TITLE = " How to fix it "

    def __init__(self) -> None:
        super().__init__(id="waste-remedy")
        self._advice: Sequence[Advice] = ()
        self._shipped = 0

    def show(self, advice: Sequence[Advice], shipped: int) -> None:
        """Shows advice, the best first, about an image that ships ``shipped`` bytes."""
        if (advice, shipped) != (self._advice, self._shipped):
            self._advice, self._shipped = advice, shipped
            self.border_title = f" Fix 1 of {len(advice)} (the biggest) " if len(advice) > 1 else self.BORDER_TITLE
            # Beside the list, the height does not depend on the text.
            self._write(layout=self.has_focus)

    @property
    def needed(self) -> int:
        """Number of lines of the whole text."""
        return len(all_lines(self._advice, self._shipped, self.scrollable_content_region.width))

    def on_resize(self) -> None:
        self.rewrite()

    def rewrite(self) -> None:
        self._write(layout=True)

    def wrapped(self, width: int) -> list[Content]:
        if self.has_focus:
            return all_lines(self._advice, self._shipped, width)
        return cut_lines(self._advice, self._shipped, width, self.scrollable_content_region.height)

    def _write(self, *, layout: bool) -> None:
        lines = self.wrapped(self.scrollable_content_region.width)
        self.query_one(Static).update(Content("\n").join(lines), layout=layout)
