"""The layers, bottom first: number, size with a bar in which the wasted part shows, and the command that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from explorer.text import layer_command, size
from explorer.tui.cursor_list import CursorList
from explorer.tui.heads import Head, Heads
from explorer.tui.paint import cut, split_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from explorer.model import Image
    from explorer.pipeline import Exploration

_LONGEST = 500
"""Characters of a command that are looked at; no screen shows more in a line."""


@dataclass(frozen=True, slots=True)
class LayerLine:
    """What the list shows of one layer. Figures are None while they are not known."""

    number: int
    command: str
    bytes: int | None = None
    wasted: int | None = None
    hides: int | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns there is room for."""

    bar: int
    """Cells; 0 leaves the bar out."""
    hides: bool

    @classmethod
    def fitting(cls, width: int) -> Columns:
        """As many as leave the command some room; the figures matter more than the bars."""
        return cls(bar=12 if width >= 78 else 8 if width >= 60 else 4 if width >= 44 else 0, hides=width >= 36)

    def heads(self) -> list[Head]:
        """The columns' heads."""
        found = [Head("", 3), Head("size", 8, right=True)]
        found += [Head("", self.bar)] if self.bar else []
        found.append(Head("wasted", 6, right=True))
        found += [Head("hides", 6, right=True)] if self.hides else []
        return [*found, Head("command", 0)]


def lines(image: Image, read: dict[int, int], exploration: Exploration | None) -> list[LayerLine]:
    """A line for each layer, with what is known of it: ``read`` holds the sizes of those read so far."""
    if exploration is None:
        return [
            LayerLine(layer.number, layer_command(layer, _LONGEST), read.get(layer.number)) for layer in image.layers
        ]
    return [
        LayerLine(
            figures.layer.number,
            layer_command(figures.layer, _LONGEST),
            figures.bytes,
            figures.wasted_bytes,
            figures.hides_bytes,
        )
        for figures in exploration.layers
    ]


class LayerList(CursorList):
    """The list itself."""

    HELP = """\
    # Layers

    The bottom layer is number 0, and stands at the top. A layer's **size** is what it ships: the regular files in it.

    - **wasted**, and the shaded end of the bar: what of it a later layer hid again
    - **hides**: what this layer hid of the layers before it, by deleting, replacing or copying. That is shipped all the
      same: a late clean-up frees nothing

    The files show what a container of the layers up to the selected one sees, marked with what changed since the layer
    below. **m** compares with the selected layer instead, until you press it again.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right,l", "open", "Files", show=False, tooltip="Look at the layer's files", id="layers.open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "layer--number",
        "layer--bar",
        "layer--waste",
        "layer--waste-bar",
        "layer--hides",
        "layer--base",
        "layer--muted",
    }

    class Opened(Message):
        """The selected layer's files are wanted."""

    def __init__(self) -> None:
        super().__init__(id="layer-list")
        self._lines: Sequence[LayerLine] = ()
        self._largest = 0
        self._base: int | None = None

    @property
    def count(self) -> int:
        return len(self._lines)

    def mark(self, base: int | None) -> None:
        """Mark a layer as the one compared with."""
        old, self._base = self._base, base
        self._forget(old, base)

    def show(self, shown: Sequence[LayerLine]) -> None:
        """Show these layers."""
        self._lines = shown
        self._largest = max((each.bytes or 0 for each in shown), default=0)
        self.lines_changed()

    def paint(self, index: int, width: int) -> Sequence[Segment]:
        shown = self._lines[index]
        muted = self.style_of("layer--muted")
        columns = Columns.fitting(width)
        mark = "◆" if index == self._base else "▸" if index == self.cursor else " "
        mark_style = self.style_of("layer--base") if mark != " " else Style()
        segments = [
            Segment(mark, mark_style),
            Segment(f"{shown.number:>3} ", self.style_of("layer--number")),
            Segment(f"{'…' if shown.bytes is None else size(shown.bytes):>7} "),
        ]
        if columns.bar:
            kept, lost, blank = split_bar(
                (shown.bytes or 0) / (self._largest or 1), (shown.wasted or 0) / (shown.bytes or 1), columns.bar
            )
            segments += [
                Segment(kept, self.style_of("layer--bar")),
                Segment(lost, self.style_of("layer--waste-bar")),
                Segment(f"{blank} "),
            ]
        segments.append(Segment(_figure(shown.wasted), self.style_of("layer--waste") if shown.wasted else muted))
        if columns.hides:
            segments.append(Segment(_figure(shown.hides), self.style_of("layer--hides") if shown.hides else muted))
        room = width - sum(segment.cell_length for segment in segments) - 1
        return [*segments, *_words(cut(shown.command, room), self.style_of("layer--number"))]

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor stands there
        self.action_open()

    def action_open(self) -> None:
        self.post_message(self.Opened())


def _figure(count: int | None) -> str:
    """Bytes in a column, a dot for none, nothing as long as they are not known."""
    return f"{'' if count is None else size(count) if count else '·':>6} "


def _words(text: str, head: Style) -> list[Segment]:
    """A command with its instruction set apart from the rest."""
    first, space, rest = text.partition(" ")
    return [Segment(first, head), Segment(space + rest)] if first.isupper() else [Segment(text)]


class LayersPane(Vertical):
    """The list under its heads."""

    BORDER_TITLE = "Layers"

    def compose(self) -> ComposeResult:
        yield Heads()
        yield LayerList()

    def on_mount(self) -> None:
        layers = self.query_one(LayerList)
        for name in ("scroll_y", "virtual_size"):
            self.watch(layers, name, self._count_hidden)

    def on_resize(self) -> None:
        width = self.query_one(LayerList).scrollable_content_region.width
        self.query_one(Heads).show(Columns.fitting(width).heads())
        self._count_hidden()

    def _count_hidden(self) -> None:
        """Say how many layers are out of sight."""
        layers = self.query_one(LayerList)
        above = layers.scroll_offset.y
        below = layers.count - above - layers.scrollable_content_region.height
        parts = [f"{arrow} {count} more" for arrow, count in (("▲", above), ("▼", below)) if count > 0]
        self.border_subtitle = "  ".join(parts)
