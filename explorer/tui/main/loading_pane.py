"""The progress of loading, in the place of a pane that is not ready."""

from __future__ import annotations

from typing import Any

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from explorer.model import Progress
from explorer.text.pace import Pace, fitted
from explorer.text.printable import printable
from explorer.tui import clock
from explorer.tui.key_words import key_of
from explorer.tui.widgets.drawing import cut, gauge, sliding_bar

OPENING = Progress("Opening the image", 0, None)
_MAX_BAR_CELLS = 50
_MOVE_SECONDS = 0.1
_COUNT_SECONDS = 1.0


class LoadingPane(Widget, can_focus=True):
    """The current step over a bar; takes the focus for the pane that will replace it."""

    HELP = """\
    # Loading

    The layers and their commands show already, and **{explore.image}** shows the metadata of the image as soon as it is
    found. The files show as soon as the bottom layer is read, the waste once all layers are. **{explore.files}** and
    **{explore.waste}** choose between them.
    """

    progress: reactive[Progress] = reactive(OPENING)
    moved: reactive[int] = reactive(0)
    """The steps that a bar without a share has moved."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._pace = Pace.of(OPENING, clock.monotonic())

    def on_mount(self) -> None:
        self._is_moving = self.app.animation_level != "none"
        self.set_interval(_MOVE_SECONDS if self._is_moving else _COUNT_SECONDS, self._tick)

    def watch_progress(self, progress: Progress) -> None:
        self._pace = self._pace.after(progress, clock.monotonic())

    def _tick(self) -> None:
        if not self.display:
            return
        # Without a report, nothing arrives: the rate falls.
        self._pace = self._pace.after(self.progress, clock.monotonic())
        if self._is_moving and not (self.progress.total and self.progress.done):
            self.moved += 1
        else:
            self.refresh()

    def render(self) -> Content:
        width = min(_MAX_BAR_CELLS, self.size.width - 2)
        share = self.progress.share
        lines = [Content.styled(cut(printable(self.progress.step), width), "bold")]
        if share:
            full, empty = gauge(share, width)
            lines.append(Content.assemble((full, "$bar"), (empty, "$faint")))
        else:
            before, middle, after = sliding_bar(self.moved, width)
            lines.append(Content.assemble((before, "$faint"), (middle, "$bar"), (after, "$faint")))
        lines.append(Content.styled(fitted(self._pace.words(clock.monotonic()), width) or " ", "$muted"))
        lines.append(Content.styled(f"\n{key_of(self, 'app.quit')} quits", "$faint-text"))
        return Content("\n").join(lines)
