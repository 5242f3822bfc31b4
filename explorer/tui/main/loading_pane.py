"""What stands in place of the files while the image is being read: the step and how far it is."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from explorer.model import Progress
from explorer.text.printable import printable
from explorer.text.units import percent, size
from explorer.tui.widgets.drawing import cut, gauge, sliding_bar

OPENING = Progress("Opening the image", 0, None)
_WIDEST = 50
_SECONDS = 0.1
"""Between two positions of a bar that moves because nobody knows how far the work is."""


class LoadingPane(Widget, can_focus=True):
    """A step in words over a bar. It has the focus on behalf of the pane that will come in its place."""

    HELP = """\
    # Loading

    The layers and their commands can be looked at meanwhile, and so can the image as soon as it is found. **f** and
    **w** choose what comes in this place once all is read.
    """

    progress: reactive[Progress] = reactive(OPENING)
    moved: reactive[int] = reactive(0)
    """How often the moving bar has moved."""

    def on_mount(self) -> None:
        if self.app.animation_level != "none":
            self.set_interval(_SECONDS, self._move)

    def _move(self) -> None:
        if self.display and not (self.progress.total and self.progress.done):
            self.moved += 1

    def render(self) -> Content:
        width = min(_WIDEST, self.size.width - 2)
        step, done, total = self.progress
        lines = [Content.styled(cut(printable(step), width), "bold")]
        if total and done:
            share = min(done / total, 1.0)
            full, empty = gauge(share, width)
            lines.append(Content.assemble((full, "$bar"), (empty, "$faint")))
            lines.append(Content.styled(f"{size(done)} of {size(total)}   {percent(share)}", "$muted"))
        else:
            before, middle, after = sliding_bar(self.moved, width)
            lines.append(Content.assemble((before, "$faint"), (middle, "$bar"), (after, "$faint")))
            lines.append(Content.styled(size(done) if done else f"{size(total)} to come" if total else " ", "$muted"))
        lines.append(Content.styled("\nq quits", "$faint-text"))
        return Content("\n").join(lines)
