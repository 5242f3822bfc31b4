"""The pane of the causes why two builds differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from explorer.model import Progress
from explorer.text.printable import printable
from explorer.text.units import percent
from explorer.tui.compare.cause_list import CauseList
from explorer.tui.widgets.box_text import part, share_height
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.text_box import TextBox
from explorer.viewmodel.cause_rows import CauseItem, CausePlace

if TYPE_CHECKING:
    from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause

NOT_YET_READ = "The causes are not read yet. Wait for them."
NO_REBUILD = "Causes are read for two builds of the same steps that differ. These images are not."
_MIN_HEIGHT_WITH_BOX = 8
_BOX_PERCENT = 40
_MIN_BOX_LINES, _MAX_BOX_LINES = 3, 9


@dataclass(frozen=True)
class _CauseText:
    """The reason and the advice of the selected row."""

    item: CauseItem

    @property
    def title(self) -> str:
        return self.item.cause.title

    def _parts(self, width: int) -> tuple[Sequence[Content], Sequence[Content]]:
        cause = self.item.cause
        why = part("Why", "$muted", Content(cause.why), width)
        if isinstance(self.item, CausePlace) and self.item.place.detail:
            words = Content(f"{self.item.place.name}: {self.item.place.detail}")
            why = [*part("Place", "$muted", words, width), *why]
        return why, part("Do", "$key", Content(cause.do), width) if cause.do else ()

    def lines(self, width: int) -> Sequence[Content]:
        why, do = self._parts(width)
        return [*why, *do]

    def cut(self, width: int, height: int) -> Sequence[Content]:
        return share_height(*self._parts(width), (), width, height)


class CauseBox(TextBox):
    """The box with the reason and the advice."""

    BORDER_TITLE = "Cause"
    HELP = """\
    # Cause

    The reason for the difference at the selected place, and what to do so that two builds give the same image.
    """


class CausesPane(Vertical):
    """The list and the box, or the reason why there are none."""

    def compose(self) -> ComposeResult:
        yield CauseList()
        yield CauseBox("cause-box")
        yield Static(id="causes-empty")

    def on_mount(self) -> None:
        self.wait(NOT_YET_READ)

    def on_resize(self) -> None:
        self._fit()

    def show(self, causes: Sequence[DifferenceCause]) -> None:
        """Shows causes."""
        self._show_empty("" if causes else "No cause is known.")
        self.query_one(CauseList).show(causes)

    def wait(self, reason: str) -> None:
        """Shows why there are no causes yet."""
        self.query_one(CauseList).show(())
        self._show_empty(reason)

    def progressed(self, progress: Progress) -> None:
        """Shows the progress of reading."""
        share = "…" if progress.share is None else f": {percent(progress.share)}"
        self._show_empty(f"Looking for the causes. {printable(progress.step)}{share}")

    def _show_empty(self, reason: str) -> None:
        empty = self.query_one("#causes-empty", Static)
        empty.display = bool(reason)
        empty.update(Content(reason))
        self.query_one(CauseList).display = not reason
        self._fit()

    def _fit(self) -> None:
        """Gives the box its share of the height; a low pane has none."""
        box, height = self.query_one(CauseBox), self.size.height
        box.display = self.query_one(CauseList).display and height >= _MIN_HEIGHT_WITH_BOX
        box.add_class("-framed")
        box.styles.height = 1 + min(max(_MIN_BOX_LINES, height * _BOX_PERCENT // 100), _MAX_BOX_LINES)

    @on(CursorList.CursorMoved, "#cause-list")
    def show_cause(self, message: CursorList.CursorMoved) -> None:
        """Shows the reason and the advice of the selected row."""
        message.stop()
        causes = self.query_one(CauseList)
        item = causes.selected
        self.query_one(CauseBox).show(_CauseText(item) if item is not None else None)
        causes.refresh_bindings()
