"""The progress of loading, in the place of the files until the image is read."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from explorer.model import Progress
from explorer.text.printable import printable
from explorer.text.units import percent, size
from explorer.tui.widgets.drawing import cut, gauge, sliding_bar

OPENING = Progress("Opening the image", 0, None)
_MAX_BAR_CELLS = 50
_MOVE_SECONDS = 0.1


class LoadingPane(Widget, can_focus=True):
    """The current step over a bar; takes the focus for the pane that will replace it."""

    HELP = """\
    # Loading

    The layers and their commands show already, and **i** shows the metadata of the image as soon as it is found. **f**
    and **w** choose the pane that shows here once everything is read.
    """

    progress: reactive[Progress] = reactive(OPENING)
    moved: reactive[int] = reactive(0)

    def on_mount(self) -> None:
        if self.app.animation_level != "none":
            self.set_interval(_MOVE_SECONDS, self._move)

    def _move(self) -> None:
        if self.display and not (self.progress.total and self.progress.done):
            self.moved += 1

    def render(self) -> Content:
        width = min(_MAX_BAR_CELLS, self.size.width - 2)
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
            lines.append(
                Content.styled(size(done) if done else f"waiting for {size(total)}" if total else " ", "$muted")
            )
        lines.append(Content.styled("\nq quits", "$faint-text"))
        return Content("\n").join(lines)
