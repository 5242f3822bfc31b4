"""The layers, bottom first: number, size with a bar in which the wasted part shows, and the command that made them.

Between them, dimmed, stand the steps of the history that made no layer.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.model import HistoryStep
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import step_command
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Column, Columns, fit_columns
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.drawing import cut, split_bar
from explorer.viewmodel.layer_rows import LayerRow, LayerSizes, layer_rows, layer_sizes, row_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from explorer.model import Image
    from explorer.pipeline import Exploration

_BY_NUMBER = "Go to the layer of this number, of several digits if typed quickly"
_QUICK = 1.0
"""Seconds between the digits of one number."""

LAYER_KEYS: Sequence[BindingType] = (
    Binding("y", "copy_digest", show=False, tooltip="Copy the layer's digest", id="layers.copy-digest"),
    Binding("Y", "copy_command", show=False, tooltip="Copy the command", id="layers.copy-command"),
    *(
        Binding(str(digit), f"digit({digit})", show=False, tooltip=_BY_NUMBER, id=f"layers.{digit}")
        for digit in range(10)
    ),
)
"""Those that are about the selected layer wherever it is told of, in the list or in full."""


_COLUMNS = (
    Column("number", "", ((0, 3),)),
    Column("size", "size", ((0, 8),), right=True),
    # The figures matter more than the bars, and the command needs some room.
    Column("bar", "", ((78, 12), (60, 8), (44, 4))),
    Column("wasted", "wasted", ((0, 6),), right=True),
    Column("hides", "hides", ((36, 6),), right=True),
    Column("command", "command"),
)


class LayerList(ActionOwner, CursorList):
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
        *LAYER_KEYS,
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
        self._all: Sequence[LayerRow] = ()
        self._lines: Sequence[LayerRow] = ()
        self._amounts: Sequence[LayerSizes] = ()
        self._largest = 0
        self._base: int | None = None
        self.hides_empty = False
        self._typed: tuple[int, float] = (0, 0.0)
        """The number that was typed last, and when."""

    @property
    def count(self) -> int:
        return len(self._lines)

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        return fit_columns(_COLUMNS, self.scrollable_content_region.width)

    @property
    def hides_all(self) -> bool:
        """Whether there are lines, and all of them are hidden."""
        return bool(self._all) and not self._lines

    @property
    def selected(self) -> LayerRow | None:
        """The line under the cursor."""
        return self._lines[self.cursor] if self.cursor < len(self._lines) else None

    @property
    def selected_layer(self) -> int:
        """Number of the selected layer; on a step that made none, of the layer whose files there are."""
        return self.selected.layer if self.selected else 0

    @property
    def layer_lines(self) -> Iterator[LayerRow]:
        """The lines of all layers."""
        return (line for line in self._all if not line.is_empty)

    def largest_among(self, indexes: Iterable[int]) -> int:
        """Bytes of the largest layer among some lines; 0 where none is known."""
        layers = [self._lines[index].layer for index in indexes if not self._lines[index].is_empty]
        return max((self._amounts[layer].bytes or 0 for layer in layers if layer < len(self._amounts)), default=0)

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
        self.repaint_lines(*(self._line_of(layer) for layer in (old, base) if layer is not None))

    def clear(self) -> None:
        """Show nothing."""
        self._image, self._all, self._lines, self._amounts = None, (), (), ()
        self.update_lines()
        self.cursor = 0

    def show(self, image: Image, read: dict[int, int], exploration: Exploration | None) -> None:
        """Show an image's layers, with what is known of them: ``read`` holds the sizes of those read so far."""
        is_other = image is not self._image
        self._image = image
        self._amounts = layer_sizes(image, read, exploration)
        self._largest = max((each.bytes or 0 for each in self._amounts), default=0)
        if is_other:
            self._all = layer_rows(image)
            self._relist()
        else:
            self.update_lines()

    def _relist(self) -> None:
        """Work out which lines show, and stay at the selected one or at its layer."""
        line = self.selected
        shown = [each for each in self._all if not each.is_empty] if self.hides_empty else self._all
        self._lines = shown
        self.update_lines()
        if line is not None:
            self.cursor = shown.index(line) if line in shown else self._line_of(line.layer)
        self.show_cursor()
        self.refresh_bindings()

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        """Steps can be hidden where there are any; what has no digest has none to copy."""
        if action == "steps":
            return any(each.is_empty for each in self._all)
        line = self.selected
        if action not in ("copy_digest", "copy_command"):
            return True
        if line is None:
            return "No layer is selected."
        if action == "copy_command" or self._digest(line):
            return True
        return "This step made no layer, and has no digest." if line.is_empty else "This layer has no digest."

    def _digest(self, line: LayerRow) -> str:
        """What names a line's layer in a registry, or else in the image's configuration; empty: nothing does."""
        if self._image is None or line.is_empty:
            return ""
        layer = self._image.layers[line.layer]
        return printable(layer.digest or layer.diff_id)

    def action_copy_digest(self) -> None:
        if self.selected is not None:
            copy(self, self._digest(self.selected))

    def action_copy_command(self) -> None:
        if self.selected is not None:
            copy(self, step_command(self.selected.step or HistoryStep()))

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

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        line = self._lines[index]
        columns = self.columns
        is_base = line.layer == self._base and not line.is_empty
        mark = "◆" if is_base else "▸" if index == self.cursor else " "
        mark_style = self.style_of("layer--base") if mark != " " else Style()
        segments = [Segment(mark, mark_style)]
        if line.is_empty:
            faint = self.style_of("layer--empty")
            gap = columns.last_at - 1
            return [*segments, Segment(" " * gap), Segment(cut(row_command(line), width - gap - 2), faint)]
        segments += self._figures(line.layer, columns)
        room = width - sum(segment.cell_length for segment in segments) - 1
        return [*segments, *_words(cut(row_command(line), room), self.style_of("layer--number"))]

    def _figures(self, layer: int, columns: Columns) -> Iterator[Segment]:
        """A layer's number, and what there is room for of its figures."""
        shown = self._amounts[layer] if layer < len(self._amounts) else LayerSizes()
        muted = self.style_of("layer--muted")
        yield Segment(f"{layer:>3} ", self.style_of("layer--number"))
        yield Segment(f"{'…' if shown.bytes is None else size(shown.bytes):>7} ")
        if columns.cells["bar"]:
            kept, lost, blank = split_bar(
                (shown.bytes or 0) / (self._largest or 1),
                (shown.wasted or 0) / (shown.bytes or 1),
                columns.cells["bar"],
            )
            yield Segment(kept, self.style_of("layer--bar"))
            yield Segment(lost, self.style_of("layer--waste-bar"))
            yield Segment(f"{blank} ")
        yield Segment(_figure(shown.wasted), self.style_of("layer--waste") if shown.wasted else muted)
        if columns.cells["hides"]:
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
