"""The layers, bottom first: number, size with a bar in which the wasted part shows, and the command that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from explorer.text import command, size
from explorer.tui.cursor_list import CursorList
from explorer.tui.heads import Head, Heads
from explorer.tui.paint import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from explorer.model import Image, Layer
    from explorer.pipeline import Exploration

_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class LayerLine:
    """What the list shows of one layer. Figures are None while they are not known."""

    number: int
    command: str
    bytes: int | None = None
    wasted: int | None = None


def command_of(layer: Layer) -> str:
    """The layer's command for people."""
    return command(layer.step.created_by, layer.step.comment) if layer.step else "(no command recorded)"


def lines(image: Image, read: dict[int, int], exploration: Exploration | None) -> list[LayerLine]:
    """A line for each layer, with what is known of it: ``read`` holds the sizes of those read so far."""
    if exploration is None:
        return [LayerLine(layer.number, command_of(layer), read.get(layer.number)) for layer in image.layers]
    return [
        LayerLine(figures.layer.number, command_of(figures.layer), figures.bytes, figures.wasted_bytes)
        for figures in exploration.layers
    ]


class LayerList(CursorList):
    """The list itself."""

    HELP = """\
    # Layers

    The bottom layer is number 0. A layer's **size** is what it ships: the regular files in it. The red end of its bar,
    and the figure in the column *wasted*, is what a later layer hid again.

    The files show what a container of the layers up to the selected one sees, marked with what changed since the layer
    below. **m** compares with the selected layer instead, until you press it again or leave with **Esc**.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right,l", "open", "Files", show=False, tooltip="Look at the layer's files", id="layers.open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "layer--number",
        "layer--bar",
        "layer--waste",
        "layer--waste-bar",
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

    def show(self, shown: Sequence[LayerLine], base: int | None) -> None:
        """Show these layers; ``base`` is marked as the one compared with."""
        self._lines = shown
        self._base = base
        self._largest = max((each.bytes or 0 for each in shown), default=0)
        self.lines_changed()

    def bar_width(self, width: int) -> int:
        """Cells of the bars."""
        return 12 if width >= 70 else 8 if width >= 44 else 4 if width >= 34 else 0

    def paint(self, index: int, width: int) -> Sequence[Segment]:
        shown = self._lines[index]
        muted = self.style_of("layer--muted")
        bars = self.bar_width(width)
        mark = "◆" if index == self._base else "▸" if index == self.cursor else " "
        mark_style = self.style_of("layer--base") if mark != " " else Style()
        segments = [
            Segment(mark, mark_style),
            Segment(f"{shown.number:>3} ", self.style_of("layer--number")),
            Segment(f"{'…' if shown.bytes is None else size(shown.bytes):>7} "),
        ]
        if bars:
            segments += [*self._bar(shown, bars), Segment(" ")]
        wasted = size(shown.wasted) if shown.wasted else "" if shown.wasted is None else "·"
        segments.append(Segment(f"{wasted:>7} ", self.style_of("layer--waste") if shown.wasted else muted))
        room = width - sum(segment.cell_length for segment in segments) - 1
        return [*segments, *_words(cut(shown.command, room), self.style_of("layer--number"))]

    def _bar(self, shown: LayerLine, width: int) -> list[Segment]:
        """The bar: its length is the size, its last part what of it is wasted."""
        total = shown.bytes or 0
        eighths = max(round(total / self._largest * width * 8), 1) if total and self._largest else 0
        waste = round(eighths * (shown.wasted or 0) / total / 8) if total else 0
        good = eighths // 8 - waste
        rest = _EIGHTHS[eighths % 8].strip()
        kept, lost = self.style_of("layer--bar"), self.style_of("layer--waste-bar")
        if good < 0:
            good, waste = 0, eighths // 8
        tail = lost if waste or (shown.wasted or 0) * 2 > total else kept
        return [
            Segment("█" * good, kept),
            Segment("█" * waste, lost),
            Segment(rest, tail),
            Segment(" " * (width - good - waste - len(rest))),
        ]

    def chosen(self, index: int, x: int) -> None:
        """A click selects; the cursor has moved there already."""

    def action_open(self) -> None:
        self.post_message(self.Opened())


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

    def on_resize(self) -> None:
        layers = self.query_one(LayerList)
        bars = layers.bar_width(layers.scrollable_content_region.width)
        heads = [Head("", 3), Head("size", 8, right=True)]
        if bars:
            heads.append(Head("", bars))
        self.query_one(Heads).show([*heads, Head("wasted", 7, right=True), Head("command", 0)])
