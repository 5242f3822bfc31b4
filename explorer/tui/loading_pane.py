"""What stands in place of the files while the image is being read: the step and how far it is."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from explorer.model import Progress
from explorer.text import percent, printable, size
from explorer.tui.paint import cut, gauge

_WIDEST = 50


class LoadingPane(Widget):
    """A step in words over a bar."""

    progress: reactive[Progress] = reactive(Progress("opening the image", 0, None))

    def render(self) -> Content:
        width = min(_WIDEST, self.size.width - 2)
        step, done, total = self.progress
        lines = [Content.styled(cut(printable(step), width), "bold")]
        if total:
            share = min(done / total, 1.0)
            full, empty = gauge(share, width)
            lines.append(Content.assemble((full, "$bar"), (empty, "$faint")))
            lines.append(Content.styled(f"{size(done)} of {size(total)}   {percent(share)}", "$muted"))
        elif done:
            lines.append(Content.styled(size(done), "$muted"))
        lines.append(Content.styled("\nq quits", "$faint-text"))
        return Content("\n").join(lines)
