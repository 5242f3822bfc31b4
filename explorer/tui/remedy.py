"""What to do about the selected waste, in the few lines that there are: why it is waste, the remedy, what it saves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from explorer.text import size
from explorer.tui.prose import hanging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.analysis.advice import Advice
    from explorer.analysis.phrases import Phrases

_INDENT = 7
_SMALL = 2
"""In so few lines there is no room to say why."""


def lines(advice: Sequence[Advice], shipped: int, width: int, height: int) -> list[Content]:
    """The advice that saves most, and what that and the rest save, in ``height`` lines of ``width`` cells."""
    if not advice or width < 1 or height < 1:
        return []
    best = advice[0]
    do = _part("Do", "bold $change-added", _painted(best.do), width)
    why = _part("Why", "$muted", _painted(best.why), width)
    saves = _part("Saves", "$muted", Content(_saving(advice, shipped)), width)
    if height <= _SMALL:
        return _cut(do, max(1, height - 1), width) + _cut(saves, 1 if height > 1 else 0, width)
    saves = _cut(saves, 2 if height > _SMALL + 2 else 1, width)
    room = height - len(saves)
    do = _cut(do, max(1, room - min(len(why), room // 2)), width)
    return _cut(why, room - len(do), width) + do + saves


def _part(head: str, style: str, words: Content, width: int) -> list[Content]:
    if width < 2 * _INDENT:
        return list(words.wrap(width))
    return hanging(Content.styled(head, style), _INDENT, words, width)


def _painted(said: Phrases) -> Content:
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


class Remedy(Static):
    """The box below the waste: what to do about the selected row, and what that saves."""

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
            self.rewrite()

    def on_resize(self) -> None:
        self.rewrite()

    def rewrite(self) -> None:
        """Wrap it anew."""
        room = self.scrollable_content_region
        # Its height does not depend on what it says.
        self.update(Content("\n").join(lines(self._advice, self._shipped, room.width, room.height)), layout=False)
