"""The list of the causes why two builds differ, with the places of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.text.units import counted
from explorer.tui.widgets.column_headers import Column, Columns
from explorer.tui.widgets.cursor_list import StyledText
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.grouped_list import GroupedList
from explorer.viewmodel.cause_rows import CauseGroup, CauseItem, CausePlace, CauseRows, cause_rows, opened_at_first

if TYPE_CHECKING:
    from explorer.analysis.image_diff.rebuilds.build_differences import DifferenceCause


def _words(item: CauseItem, room: int) -> Iterator[StyledText]:
    """Yields the title of a cause, or a place with its detail."""
    if isinstance(item, CauseGroup):
        name, rest, style = item.name, f"  {counted(len(item.cause.places), 'place')}", "cause--title"
    else:
        name, style = item.place.name, ""
        layer = f"layer {item.place.layer}" if item.place.layer is not None and name.startswith("/") else ""
        rest = "".join(f"  {words}" for words in (layer, item.place.detail) if words)
    name = cut(name, room)
    yield name, style
    yield cut(rest, room - len(name)), "cause--muted"


class CauseList(GroupedList[CauseItem]):
    """The list of the causes."""

    HELP = """\
    # Why two builds differ

    The same steps made both images, but they differ. Each cause has the places that differ for this reason: files,
    layers or settings. Files that a higher layer hides count, too. The box below has the reason and what to do.

    **{causes.go}** on a place goes to the file, the layer or the setting. Files that differ only in their times are
    shown again if they are hidden.

    The causes are read after the files and the packages show.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go to", tooltip="Go to the file, the layer or the setting", id="causes.go"),
        Binding("enter", "open_or_close", "Fold", show=False, tooltip="Fold or unfold", id="causes.enter-fold"),
        Binding("space", "open_or_close", show=False, tooltip="Fold or unfold a cause", id="causes.fold"),
        Binding("left,h", "close", show=False, tooltip="Fold the cause, or go to it", id="causes.close"),
        Binding("right,l", "open", show=False, tooltip="Unfold, or go to the first place", id="causes.open"),
        Binding("e", "open_all", show=False, tooltip="Unfold all causes", id="causes.open-all"),
        Binding("E", "close_all", show=False, tooltip="Fold all causes", id="causes.close-all"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"cause--title", "cause--muted"}
    MUTED_STYLE = "cause--muted"
    NO_ITEM = "No cause is selected."

    @dataclass
    class Chosen(Message):
        """Asks to go to a place."""

        place: CausePlace

    rows = CauseRows()
    all_columns = (Column("name", ""),)
    causes: Sequence[DifferenceCause] = ()

    def __init__(self) -> None:
        super().__init__("cause-list", _words)

    def show(self, causes: Sequence[DifferenceCause]) -> None:
        """Shows causes."""
        self.causes = causes
        self.opened = opened_at_first(causes)
        self.refold(keeps_row=False)
        self.refresh_bindings()

    def update_rows(self) -> None:
        self.rows = cause_rows(self.causes, self.opened)

    def item_cells(self, item: CauseItem, columns: Columns) -> list[Segment]:  # noqa: ARG002 - of the base
        return []

    def action_choose(self) -> None:
        if isinstance(self.selected, CausePlace):
            self.post_message(self.Chosen(self.selected))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        self.action_choose()
