"""The box below the waste: the fix, or the advice about the selected files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from explorer.analysis.advice.advice import Advice
from explorer.text.units import size
from explorer.tui.widgets.box_text import part, share_height, styled
from explorer.tui.widgets.text_box import TextBox


@dataclass(frozen=True, slots=True)
class AdviceText:
    """The best advice about some wasted files, and what all of it saves."""

    advice: Sequence[Advice]
    """The pieces of advice, at least one, largest saving first."""
    shipped: int
    """Bytes that the image ships."""

    @property
    def title(self) -> str:
        """The title of the box."""
        count = len(self.advice)
        return f" The largest of {count} places in this group " if count > 1 else AdviceBox.BORDER_TITLE

    def lines(self, width: int) -> Sequence[Content]:
        """Returns the whole text in lines of ``width`` cells."""
        return [line for lines in self._parts(width) for line in lines]

    def cut(self, width: int, height: int) -> Sequence[Content]:
        """Returns the lines of each part that fit; the fix has precedence."""
        return share_height(*self._parts(width), width, height)

    def _parts(self, width: int) -> tuple[list[Content], list[Content], list[Content]]:
        best = self.advice[0]
        return (
            part("Why", "$muted", styled(best.why), width),
            part("Do", "bold $change-added", styled(best.do), width),
            part("Saves", "$muted", Content(self._savings()), width),
        )

    def _savings(self) -> str:
        """Returns what the best advice saves, and what all of it saves."""
        best, total = self.advice[0].bytes, sum(each.bytes for each in self.advice)
        sentence = f"{size(best)} ({size(self.shipped)} → {size(self.shipped - best)})."
        if len(self.advice) == 1:
            return sentence
        after = size(self.shipped - total)
        return f"{sentence} All {len(self.advice)} places in this group: {size(total)} (→ {after})."


class AdviceBox(TextBox):
    """The box with the selected fix, or the advice about the selected files."""

    HELP = """\
    # How to fix it

    Why the selected files are shipped, how to fix it, and what that saves. Lines with **-** and **+** are those of the
    Dockerfile before and after the fix. With the focus, the box grows to its text if there is room, and scrolls if not.
    **{waste.back}** goes back to the list.
    """
    BORDER_TITLE = " How to fix it "

    def __init__(self) -> None:
        super().__init__("advice-box")
