"""The waste pane: all that was shipped for nothing, by cause, with the layers that shipped it and hid it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from explorer.model import Cause, Waste
from explorer.text import printable, size
from explorer.tui.cursor_list import CursorList
from explorer.tui.heads import Head, Heads
from explorer.tui.paint import bar, cut, cut_start
from explorer.tui.waste_rows import REMEDIES, Group, WasteRow, waste_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from explorer.analysis.waste import Ledger


class WasteList(CursorList):
    """Wasted files below their causes."""

    HELP = """\
    # Waste

    **wasted = shipped − visible**. *Shipped* are the sizes of all regular files of all layers; *visible* those that a
    container of the image sees, each inode once. Every wasted byte has one cause:

    - **removed**: a later layer deleted it, or put something else in place of a directory above it
    - **overwritten**: a later layer put something else at its path
    - **recopied**: a later layer ships the same bytes at the same path again: chmod, chown, touch, or the same COPY
    - **duplicate**: the same layer's tar holds the path again

    **Enter** shows the file at the layer that shipped it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Show file", tooltip="Show the file at the layer that shipped it", id="waste.show"),
        Binding("space", "fold", "Fold", show=False, tooltip="Fold or unfold a cause", id="waste.fold"),
        Binding("left,h", "close", "Fold", show=False, tooltip="Fold the cause", id="waste.close"),
        Binding("right,l", "open", "Unfold", show=False, tooltip="Unfold the cause", id="waste.open"),
        Binding("e", "open_all", "Expand all", tooltip="Unfold all causes", id="waste.open-all"),
        Binding("E", "close_all", "Collapse all", show=False, tooltip="Fold all causes", id="waste.close-all"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"waste--bytes", "waste--cause", "waste--muted", "waste--bar"}

    class Chosen(Message):
        """A wasted file is to be shown where it was shipped."""

        def __init__(self, waste: Waste) -> None:
            super().__init__()
            self.waste = waste

    def __init__(self) -> None:
        super().__init__(id="waste-list")
        self._ledger: Ledger | None = None
        self._rows: Sequence[WasteRow] = ()
        self._folded: frozenset[Cause] = frozenset()

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def selected(self) -> WasteRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def show(self, ledger: Ledger) -> None:
        """Show a ledger."""
        self._ledger = ledger
        self._rows = waste_rows(ledger, self._folded)
        self.lines_changed()

    def paint(self, index: int, width: int) -> Sequence[Segment]:
        row = self._rows[index]
        return self._paint_group(row, width) if isinstance(row, Group) else self._paint_waste(row, width)

    def _paint_group(self, group: Group, width: int) -> Sequence[Segment]:
        muted = self.style_of("waste--muted")
        arrow = "▸" if group.cause in self._folded else "▾"
        files = f"{group.files:,} file{'' if group.files == 1 else 's'}"
        segments = [
            Segment(f"{arrow} ", muted),
            Segment(f"{size(group.bytes):>7} ", self.style_of("waste--bytes")),
            Segment(f"{group.cause.value} ", self.style_of("waste--cause")),
            Segment(f" {files}  ", muted),
        ]
        room = width - sum(segment.cell_length for segment in segments)
        return [*segments, Segment(cut(REMEDIES[group.cause], room), muted)]

    def _paint_waste(self, waste: Waste, width: int) -> Sequence[Segment]:
        bars = bar_width(width)
        largest = self._ledger.wasted[0].bytes if self._ledger else 0
        segments = [Segment(f"  {size(waste.bytes):>7} ")]
        if bars:
            segments.append(
                Segment(f"{bar(waste.bytes / largest if largest else 0, bars)} ", self.style_of("waste--bar"))
            )
        segments.append(Segment(f"{f'layer {waste.shipped_in}':<10} {f'layer {waste.hidden_in}':<9} "))
        room = width - sum(segment.cell_length for segment in segments)
        return [*segments, Segment(cut_start(printable(f"/{waste.path}"), room))]

    def action_choose(self) -> None:
        row = self.selected
        if isinstance(row, Waste):
            self.post_message(self.Chosen(row))
        else:
            self.action_fold()

    def action_fold(self) -> None:
        row = self.selected
        if row is not None:
            self._fold(row.cause, row.cause not in self._folded)

    def action_close(self) -> None:
        row = self.selected
        if row is not None:
            self._fold(row.cause, True)

    def action_open(self) -> None:
        row = self.selected
        if row is not None:
            self._fold(row.cause, False)

    def action_open_all(self) -> None:
        self._fold_to(frozenset())

    def action_close_all(self) -> None:
        self._fold_to(frozenset(Cause))

    def _fold_to(self, folded: frozenset[Cause]) -> None:
        """Fold these causes alone; the cursor stays with its row, or goes to its cause."""
        row = self.selected
        if self._ledger is None or row is None:
            return
        self._folded = folded
        self.show(self._ledger)
        same = (index for index, other in enumerate(self._rows) if other == row)
        heading = (index for index, other in enumerate(self._rows) if other.cause is row.cause)
        self.cursor = next(same, next(heading, 0))

    def _fold(self, cause: Cause, folded: bool) -> None:
        if self._ledger is None or (cause in self._folded) is folded:
            return
        self._folded ^= {cause}
        self.show(self._ledger)
        headings = (index for index, row in enumerate(self._rows) if isinstance(row, Group) and row.cause is cause)
        self.cursor = next(headings, 0)

    def chosen(self, index: int, x: int, again: bool) -> None:
        """A click on an arrow folds or unfolds, and so does one on a cause that is selected already."""
        if isinstance(self._rows[index], Group) and (again or x < 2):
            self.action_fold()

    def double_clicked(self, index: int) -> None:
        if isinstance(self._rows[index], Waste):
            self.action_choose()


def bar_width(width: int) -> int:
    """Cells of the bars."""
    return 10 if width >= 90 else 6 if width >= 56 else 0


def summary(ledger: Ledger) -> Content:
    """The sum."""
    if not ledger.wasted_bytes:
        return Content.assemble(
            ("Nothing wasted: ", "bold $change-added"),
            f"all of the {size(ledger.shipped_bytes)} shipped can be seen in a container.",
        )
    return Content.assemble(
        (size(ledger.wasted_bytes), "bold $waste"),
        (" wasted", "$muted"),
        f"  =  {size(ledger.shipped_bytes)}",
        (" shipped", "$muted"),
        f"  −  {size(ledger.visible_bytes)}",
        (" visible", "$muted"),
    )


class WastePane(Vertical):
    """The sum, the heads and the list."""

    def compose(self) -> ComposeResult:
        yield Static(id="waste-summary")
        yield Heads()
        yield WasteList()

    def show(self, ledger: Ledger) -> None:
        """Show a ledger."""
        self.query_one("#waste-summary", Static).update(summary(ledger))
        self.query_one(WasteList).show(ledger)
        self.query_one(Heads).display = bool(ledger.wasted)

    def on_resize(self) -> None:
        bars = bar_width(self.query_one(WasteList).scrollable_content_region.width)
        heads = [Head("size", 9, right=True), *([Head("", bars)] if bars else [])]
        self.query_one(Heads).show([*heads, Head("shipped by", 10), Head("hidden by", 9), Head("path", 0)])
