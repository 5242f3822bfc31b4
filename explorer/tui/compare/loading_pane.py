"""The progress of reading two images."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive

from explorer.model import Progress
from explorer.text.printable import printable
from explorer.text.units import percent
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.widgets.drawing import cut

_WAITING = "waiting"
_DONE = "read"
_MAX_STEP_CELLS = 60


class PairLoadingPane(LoadingPane):
    """Both images with their progress, over the bar of the one that is read."""

    HELP = """\
    # Loading

    Both images are read, one after the other, and then compared. Layers that were read before come from the cache.
    """

    steps: reactive[tuple[Progress | None, Progress | None]] = reactive((None, None))
    """The last progress of the old and of the new image; None before its first."""

    def report(self, number: int, progress: Progress) -> None:
        """Shows the progress of one of the images."""
        old, new = self.steps
        self.steps = (progress, new) if number == 0 else (old, progress)
        self.progress = progress

    def render(self) -> Content:
        old, new = self.steps
        lines = [_line("old image", old, is_done=new is not None), _line("new image", new, is_done=False), Content("")]
        return Content("\n").join([*lines, super().render()])


def _line(name: str, progress: Progress | None, *, is_done: bool) -> Content:
    if progress is None or is_done:
        words = _DONE if is_done else _WAITING
        return Content.assemble((f"{name}: ", "$muted"), (words, "$change-added" if is_done else "$muted"))
    share = f", {percent(progress.share)}" if progress.share else ""
    return Content.assemble((f"{name}: ", "$muted"), cut(printable(progress.step), _MAX_STEP_CELLS) + share)
