"""The layers, bottom first: number, size with a bar in which the wasted part shows, and the command that made them.

Between them, dimmed, stand the steps of the history that made no layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from explorer.dockerfile import instruction
from explorer.model import HistoryStep
from explorer.text import command, printable, shortened, size
from explorer.tui.cursor_list import CursorList
from explorer.tui.heads import Head, Heads, last_at
from explorer.tui.paint import cut, split_bar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult

    from explorer.model import Image
    from explorer.pipeline import Exploration

_BY_NUMBER = "Go to the layer of this number, of several digits if typed quickly"
_QUICK = 1.0
"""Seconds between the digits of one number."""
_LONGEST = 500
"""Characters of a command that are looked at; no screen shows more in a line."""


class LayerLine(NamedTuple):
    """One line: a layer, or a step of the history that made none."""

    layer: int
    """Its number; for a step without a layer, that of the layer whose files there are: the nearest below, or 0."""
    step: HistoryStep | None
    place: int | None = None
    """The step's place in the history."""
    is_empty: bool = False
    """Whether the step made no layer."""


class Amounts(NamedTuple):
    """What is known of a layer. None while it is not."""

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

    @property
    def command_at(self) -> int:
        """Where the command starts."""
        return last_at(self.heads())

    def heads(self) -> list[Head]:
        """The columns' heads."""
        found = [Head("", 3), Head("size", 8, right=True)]
        found += [Head("", self.bar)] if self.bar else []
        found.append(Head("wasted", 6, right=True))
        found += [Head("hides", 6, right=True)] if self.hides else []
        return [*found, Head("command", 0)]


def lines(image: Image) -> list[LayerLine]:
    """A line for each layer, and between them one for each step that made none, in the order of the history."""
    found: list[LayerLine] = []
    told: set[int] = set()
    for place, step in enumerate(image.history):
        if step.layer is None:
            found.append(LayerLine(found[-1].layer if found else 0, step, place, is_empty=True))
        elif step.layer < len(image.layers):
            told.add(step.layer)
            found.append(LayerLine(step.layer, step, place))
    untold = [layer for layer in image.layers if layer.number not in told]
    return found + [LayerLine(layer.number, layer.step) for layer in untold]


def amounts(image: Image, read: dict[int, int], exploration: Exploration | None) -> list[Amounts]:
    """For each layer what is known of it: ``read`` holds the sizes of those read so far."""
    if exploration is None:
        return [Amounts(read.get(layer.number)) for layer in image.layers]
    return [Amounts(each.bytes, each.wasted_bytes, each.hides_bytes) for each in exploration.layers]


@lru_cache(4096)
def _command(created_by: str, comment: str) -> str:
    found = command(created_by, comment)
    # Tools that build without a Dockerfile note the same of every layer, and what is in it in the comment.
    is_tool = bool(comment) and bool(created_by.strip()) and not instruction(created_by).keyword
    return f"{found}: {printable(comment)}" if is_tool else found


def said(line: LayerLine) -> str:
    """The command of a line, printable and on one line, as much of it as a screen may show."""
    step = line.step or HistoryStep()
    return _command(shortened(step.created_by, _LONGEST), shortened(step.comment, _LONGEST))


class LayerList(CursorList):
    """The layers, a line for each, and for each step of the history that made none."""

    HELP = """\
    # Layers

    The bottom layer is number 0, and stands at the top. A layer's **size** is what it ships: the regular files in it.

    - **wasted**, and the shaded end of the bar: what of it a later layer hid again
    - **hides**: what this layer hid of the layers before it, by deleting, replacing or copying. That is shipped all the
      same: a late clean-up frees nothing

    The dimmed steps between them made no layer: they set variables, commands, labels. Selected, one tells what it set.
    **a** hides them, and shows them again.

    The files show what a container of the layers up to the selected one sees, marked with what changed since the layer
    below. **m** compares with the selected layer instead, until you press it again.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right,l", "open", "Files", show=False, tooltip="Look at the layer's files", id="layers.open"),
        Binding(
            "a",
            "steps",
            "Steps",
            show=False,
            tooltip="Hide or show the steps that made no layer",
            id="layers.steps",
        ),
        *(
            Binding(str(digit), f"digit({digit})", show=False, tooltip=_BY_NUMBER, id=f"layers.{digit}")
            for digit in range(10)
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "layer--number",
        "layer--bar",
        "layer--waste",
        "layer--waste-bar",
        "layer--hides",
        "layer--base",
        "layer--muted",
        "layer--empty",
    }

    class Opened(Message):
        """The selected layer's files are wanted."""

    def __init__(self) -> None:
        super().__init__(id="layer-list")
        self._image: Image | None = None
        self._all: Sequence[LayerLine] = ()
        self._lines: Sequence[LayerLine] = ()
        self._amounts: Sequence[Amounts] = ()
        self._largest = 0
        self._base: int | None = None
        self.hides_empty = False
        self._typed: tuple[int, float] = (0, 0.0)
        """The number that was typed last, and when."""

    @property
    def count(self) -> int:
        return len(self._lines)

    @property
    def selected(self) -> LayerLine | None:
        """The line under the cursor."""
        return self._lines[self.cursor] if self.cursor < len(self._lines) else None

    @property
    def selected_layer(self) -> int:
        """Number of the selected layer; on a step that made none, of the layer whose files there are."""
        return self.selected.layer if self.selected else 0

    @property
    def layer_lines(self) -> Iterator[LayerLine]:
        """The lines of all layers."""
        return (line for line in self._all if not line.is_empty)

    def select(self, layer: int) -> None:
        """Go to a layer's own line."""
        self.cursor = self._line_of(layer)

    def follow(self, layer: int) -> None:
        """Go to a layer, unless the cursor stands on a step that shows the same files."""
        if self.selected is None or self.selected.layer != layer:
            self.select(layer)

    def _line_of(self, layer: int) -> int:
        found = (number for number, line in enumerate(self._lines) if line.layer == layer and not line.is_empty)
        return next(found, 0)

    def mark(self, base: int | None) -> None:
        """Mark a layer as the one compared with."""
        old, self._base = self._base, base
        self._forget(*(self._line_of(layer) for layer in (old, base) if layer is not None))

    def clear(self) -> None:
        """Show nothing."""
        self._image, self._all, self._lines, self._amounts = None, (), (), ()
        self.lines_changed()
        self.cursor = 0

    def show(self, image: Image, read: dict[int, int], exploration: Exploration | None) -> None:
        """Show an image's layers, with what is known of them: ``read`` holds the sizes of those read so far."""
        is_other = image is not self._image
        self._image = image
        self._amounts = amounts(image, read, exploration)
        self._largest = max((each.bytes or 0 for each in self._amounts), default=0)
        if is_other:
            self._all = lines(image)
            self._relist()
        else:
            self.lines_changed()

    def _relist(self) -> None:
        """Work out which lines show, and stay at the selected one or at its layer."""
        line = self.selected
        shown = [each for each in self._all if not each.is_empty] if self.hides_empty else self._all
        self._lines = shown
        self.lines_changed()
        if line is not None:
            self.cursor = shown.index(line) if line in shown else self._line_of(line.layer)
        self.show_cursor()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Steps can be hidden where there are any."""
        return any(each.is_empty for each in self._all) if action == "steps" else True

    def action_steps(self) -> None:
        """Hide the steps that made no layer, or show them again."""
        self.hides_empty = not self.hides_empty
        self._relist()

    def action_digit(self, digit: int) -> None:
        """Go to a layer by its number, of which this may be the next digit."""
        now = monotonic()
        before, at = self._typed
        typed = 10 * before + digit if now - at < _QUICK else digit
        there = {line.layer for line in self.layer_lines}
        found = [number for number in (typed, digit) if number in there]
        self._typed = (found[0] if found else 0, now)
        if found:
            self.select(found[0])

    def paint(self, index: int, width: int) -> Sequence[Segment]:
        line = self._lines[index]
        columns = Columns.fitting(width)
        is_base = line.layer == self._base and not line.is_empty
        mark = "◆" if is_base else "▸" if index == self.cursor else " "
        mark_style = self.style_of("layer--base") if mark != " " else Style()
        segments = [Segment(mark, mark_style)]
        if line.is_empty:
            faint = self.style_of("layer--empty")
            gap = columns.command_at - 1
            return [*segments, Segment(" " * gap), Segment(cut(said(line), width - gap - 2), faint)]
        segments += self._figures(line.layer, columns)
        room = width - sum(segment.cell_length for segment in segments) - 1
        return [*segments, *_words(cut(said(line), room), self.style_of("layer--number"))]

    def _figures(self, layer: int, columns: Columns) -> Iterator[Segment]:
        """A layer's number, and what there is room for of its figures."""
        shown = self._amounts[layer] if layer < len(self._amounts) else Amounts()
        muted = self.style_of("layer--muted")
        yield Segment(f"{layer:>3} ", self.style_of("layer--number"))
        yield Segment(f"{'…' if shown.bytes is None else size(shown.bytes):>7} ")
        if columns.bar:
            kept, lost, blank = split_bar(
                (shown.bytes or 0) / (self._largest or 1), (shown.wasted or 0) / (shown.bytes or 1), columns.bar
            )
            yield Segment(kept, self.style_of("layer--bar"))
            yield Segment(lost, self.style_of("layer--waste-bar"))
            yield Segment(f"{blank} ")
        yield Segment(_figure(shown.wasted), self.style_of("layer--waste") if shown.wasted else muted)
        if columns.hides:
            yield Segment(_figure(shown.hides), self.style_of("layer--hides") if shown.hides else muted)

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
        """Say how many lines are out of sight."""
        layers = self.query_one(LayerList)
        above = layers.scroll_offset.y
        below = layers.count - above - layers.scrollable_content_region.height
        parts = [f"{arrow} {count} more" for arrow, count in (("▲", above), ("▼", below)) if count > 0]
        self.border_subtitle = "  ".join(parts)
