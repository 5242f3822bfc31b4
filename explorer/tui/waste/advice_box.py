"""What to do about the selected waste: why it is waste, the remedy, what it saves.

In the few lines that there are beside the list each of them is cut to its share; the pane that has the keys shows all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from explorer.text.units import size
from explorer.tui.widgets.prose import Prose, hanging_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.analysis.advice.advice import Advice
    from explorer.analysis.advice.sentences import Spans

_INDENT = 7
_SMALL = 2
"""In so few lines there is no room to say why."""
_MORE = "  Tab: all of it"
"""Where something is cut."""
_MORE_FROM = 40
"""Cells of a line that has room to say so."""


def whole(advice: Sequence[Advice], shipped: int, width: int) -> list[Content]:
    """The advice that saves most, and what that and the rest save, in lines of ``width`` cells."""
    return [line for part in _parts(advice, shipped, width) for line in part] if advice and width > 0 else []


def lines(advice: Sequence[Advice], shipped: int, width: int, height: int) -> list[Content]:
    """The same in ``height`` lines at most; the last one says where the rest is."""
    if not advice or width < 1 or height < 1:
        return []
    parts = _parts(advice, shipped, width)
    if sum(map(len, parts)) <= height:
        return [line for part in parts for line in part]
    found = _shared(parts, width, height)
    if width < _MORE_FROM:
        return found
    room = width - len(_MORE)
    last = found[-1].rstrip().truncate(room, ellipsis=True)
    return [*found[:-1], last.pad_right(room - last.cell_length) + Content.styled(_MORE, "$muted")]


def _parts(advice: Sequence[Advice], shipped: int, width: int) -> tuple[list[Content], list[Content], list[Content]]:
    """Why, what to do, and what it saves."""
    best = advice[0]
    return (
        _part("Why", "$muted", _painted(best.why), width),
        _part("Do", "bold $change-added", _painted(best.do), width),
        _part("Saves", "$muted", Content(_saving(advice, shipped)), width),
    )


def _shared(parts: tuple[list[Content], list[Content], list[Content]], width: int, height: int) -> list[Content]:
    """As much of each part as there is room for, the remedy before all."""
    why, do, saves = parts
    if height <= _SMALL:
        return _cut(do, max(1, height - 1), width) + _cut(saves, 1 if height > 1 else 0, width)
    saves = _cut(saves, 2 if height > _SMALL + 2 else 1, width)
    room = height - len(saves)
    do = _cut(do, max(1, room - min(len(why), room // 2)), width)
    return _cut(why, room - len(do), width) + do + saves


def _part(head: str, style: str, words: Content, width: int) -> list[Content]:
    if width < 2 * _INDENT:
        return list(words.wrap(width))
    return hanging_lines(Content.styled(head, style), _INDENT, words, width)


def _painted(said: Spans) -> Content:
    """The words, with code set apart."""
    return Content("").join(Content.styled(phrase.text, "$key" if phrase.is_code else "") for phrase in said)


def _saving(advice: Sequence[Advice], shipped: int) -> str:
    """What the best of them saves, and what all of them do."""
    first, total = advice[0].bytes, sum(each.bytes for each in advice)
    found = f"{size(first)}: {size(shipped)} shipped → {size(shipped - first)}"
    if len(advice) > 1:
        found += f"; all {len(advice)} in here {size(total)}: → {size(shipped - total)}"
    return found


def _cut(found: list[Content], count: int, width: int) -> list[Content]:
    """As many lines; the last one says that there are more."""
    if len(found) <= count:
        return found
    if count < 1:
        return []
    last = found[count - 1].rstrip()
    return [*found[: count - 1], last.truncate(width - 1) + "…"]


class AdviceBox(Prose):
    """The box below the waste: what to do about the selected row, and what that saves."""

    HELP = """\
    # What to do

    Why the selected waste is shipped for nothing, what to do about it, and what that saves. The box is as large as what
    it says while it has the keys, as far as there is room; it scrolls where there is not enough. **Esc** leads back.
    """
    BORDER_TITLE = " What to do "

    def __init__(self) -> None:
        super().__init__(id="waste-remedy")
        self._advice: Sequence[Advice] = ()
        self._shipped = 0

    def show(self, advice: Sequence[Advice], shipped: int) -> None:
        """Show some advice on an image that ships so many bytes."""
        if (advice, shipped) != (self._advice, self._shipped):
            self._advice, self._shipped = advice, shipped
            several = f": the largest of {len(advice)} remedies" if len(advice) > 1 else ""
            self.border_title = f"{self.BORDER_TITLE.rstrip()}{several} "
            # Beside the list its height does not depend on what it says.
            self._write(layout=self.has_focus)

    @property
    def needed(self) -> int:
        """Lines that all of it takes."""
        return len(whole(self._advice, self._shipped, self.scrollable_content_region.width))

    def on_resize(self) -> None:
        self.rewrite()

    def rewrite(self) -> None:
        self._write(layout=True)

    def wrapped(self, width: int) -> list[Content]:
        if self.has_focus:
            return whole(self._advice, self._shipped, width)
        return lines(self._advice, self._shipped, width, self.scrollable_content_region.height)

    def _write(self, *, layout: bool) -> None:
        found = self.wrapped(self.scrollable_content_region.width)
        self.query_one(Static).update(Content("\n").join(found), layout=layout)
