"""The list of the layers in build order, with the metadata-only steps dimmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.model import HistoryStep, Image
from explorer.pipeline import Exploration
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import step_command
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Column, Columns, fit_columns
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.drawing import cut, split_bar
from explorer.viewmodel.layer_rows import LayerRow, LayerSizes, layer_rows, layer_sizes, row_command

_MAX_DIGIT_SECONDS = 1.0
_DIGITS = 10

LAYER_KEYS: Sequence[BindingType] = (
    Binding("y", "copy_digest", show=False, tooltip="Copy the layer's digest", id="layers.copy-digest"),
    Binding("Y", "copy_command", show=False, tooltip="Copy the command", id="layers.copy-command"),
)

_COLUMNS = (
    Column("number", "", ((0, 3),)),
    Column("size", "size", ((0, 8),), right=True),
    # The bar gives way before the figures, so that the command has some room.
    Column("bar", "", ((78, 12), (60, 8), (44, 4))),
    Column("wasted", "wasted", ((0, 6),), right=True),
    Column("hides", "undoes", ((36, 6),), right=True),
    Column("command", "command"),
)


class LayerList(ActionOwner, CursorList):
    """The list of the layers and of the metadata-only steps."""

    HELP = """\
    # Layers

    Layers are in build order; layer 0 is the base. A layer's **size** is that of the regular files in it.

    - **wasted**, and the shaded end of the bar: the part that a later layer hides
    - **undoes**: the bytes of earlier layers that this layer deletes, replaces or copies again. They are still shipped:
      cleaning up in a later layer does not make the image smaller

    The dimmed steps are metadata only: they set variables, commands or labels. Select one to see what it sets. **a**
    hides them and shows them again.

    The files are those that a container of layer 0 up to the selected layer sees, marked with what changed since the
    layer below. **m** compares with the selected layer instead, until you press it again.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right,l", "open", "Its files", tooltip="Show the layer's files", id="layers.open"),
        Binding("a", "steps", "Steps", show=False, tooltip="Hide or show metadata-only steps", id="layers.steps"),
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
        """Asks for the files of the selected layer."""

    def __init__(self) -> None:
        super().__init__(id="layer-list")
        self._image: Image | None = None
        self._all_rows: Sequence[LayerRow] = ()
        self._rows: Sequence[LayerRow] = ()
        self._sizes: Sequence[LayerSizes] = ()
        self._largest = 0
        self._base: int | None = None
        self.hides_empty = False
        self._typed: tuple[int, float] = (0, 0.0)
        """The number typed last, and the time."""

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        return fit_columns(_COLUMNS, self.scrollable_content_region.width)

    @property
    def hides_all(self) -> bool:
        """True if there are rows, and all of them are hidden."""
        return bool(self._all_rows) and not self._rows

    @property
    def selected(self) -> LayerRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def selected_layer(self) -> int:
        """The selected layer, or the layer whose files the selected step has."""
        return self.selected.layer if self.selected else 0

    @property
    def layer_rows(self) -> Iterator[LayerRow]:
        """The rows of layers, also hidden ones; no metadata-only steps."""
        return (row for row in self._all_rows if not row.is_empty)

    def largest_among(self, indexes: Iterable[int]) -> int:
        """Returns the bytes of the largest layer among some rows; 0 if none is known."""
        layers = [self._rows[index].layer for index in indexes if not self._rows[index].is_empty]
        return max((self._sizes[layer].bytes or 0 for layer in layers if layer < len(self._sizes)), default=0)

    def select(self, layer: int) -> None:
        """Moves the cursor to a layer."""
        self.cursor = self._index_of(layer)

    def follow(self, layer: int) -> None:
        """Moves the cursor to a layer, unless it is on a step with that layer's files."""
        if self.selected is None or self.selected.layer != layer:
            self.select(layer)

    def _index_of(self, layer: int) -> int:
        return next((index for index, row in enumerate(self._rows) if row.layer == layer and not row.is_empty), 0)

    def mark(self, base: int | None) -> None:
        """Marks the layer that the others are compared with."""
        old, self._base = self._base, base
        self.repaint_lines(*(self._index_of(layer) for layer in (old, base) if layer is not None))

    def clear(self) -> None:
        """Removes all rows."""
        self._image, self._all_rows, self._rows, self._sizes = None, (), (), ()
        self.update_lines()
        self.cursor = 0

    def show(self, image: Image, read: dict[int, int], exploration: Exploration | None) -> None:
        """Shows the layers of an image; ``read`` are the bytes of the layers read so far."""
        is_new = image is not self._image
        self._image = image
        self._sizes = layer_sizes(image, read, exploration)
        self._largest = max((sizes.bytes or 0 for sizes in self._sizes), default=0)
        if is_new:
            self._all_rows = layer_rows(image)
            self._update_rows()
        else:
            self.update_lines()

    def _update_rows(self) -> None:
        """Hides or shows metadata-only steps; keeps the selected row, or else its layer."""
        selected = self.selected
        self._rows = rows = list(self.layer_rows) if self.hides_empty else self._all_rows
        self.update_lines()
        if selected is not None:
            self.cursor = rows.index(selected) if selected in rows else self._index_of(selected.layer)
        self.show_cursor()
        self.refresh_bindings()

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        if action == "steps":
            return any(row.is_empty for row in self._all_rows)
        row = self.selected
        if action not in ("copy_digest", "copy_command"):
            return True
        if row is None:
            return "No layer is selected."
        if action == "copy_command" or self._digest(row):
            return True
        return "A metadata-only step has no digest." if row.is_empty else "This layer has no digest."

    def _digest(self, row: LayerRow) -> str:
        """Returns the digest of a row's layer, otherwise its diff ID; maybe empty."""
        if self._image is None or row.is_empty:
            return ""
        layer = self._image.layers[row.layer]
        return printable(layer.digest or layer.diff_id)

    def action_copy_digest(self) -> None:
        if self.selected is not None:
            copy(self, self._digest(self.selected))

    def action_copy_command(self) -> None:
        if self.selected is not None:
            copy(self, step_command(self.selected.step or HistoryStep()))

    def action_steps(self) -> None:
        self.hides_empty = not self.hides_empty
        self._update_rows()

    def type_digit(self, digit: int) -> str:
        """Goes to the layer of the number that is typed; this is its next digit.

        Returns words for the user if there is no such layer, otherwise an empty text.
        """
        now = monotonic()
        before, typed_at = self._typed
        number = 10 * before + digit if now - typed_at < _MAX_DIGIT_SECONDS else digit
        layers = {row.layer for row in self.layer_rows}
        layer = next((layer for layer in (number, digit) if layer in layers), None)
        self._typed = (layer or 0, now)
        if layer is not None:
            self.select(layer)
        # Where no number has two digits, two quick digits are two numbers.
        if layer == number or (layer is not None and len(layers) <= _DIGITS):
            return ""
        if not layers:
            return "The image has no layers."
        return (
            f"There is no layer {number}. The layers are 0 to {max(layers)}." if max(layers) else "The only layer is 0."
        )

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row, columns = self._rows[index], self.columns
        is_base = row.layer == self._base and not row.is_empty
        mark = "◆" if is_base else "▸" if index == self.cursor else " "
        mark_style = self.style_of("layer--base") if mark != " " else Style()
        segments = [Segment(mark, mark_style)]
        if row.is_empty:
            gap = columns.last_at - 1
            command = cut(row_command(row), width - gap - 2)
            return [*segments, Segment(" " * gap), Segment(command, self.style_of("layer--empty"))]
        segments += self._figures(row.layer, columns)
        room = width - sum(segment.cell_length for segment in segments) - 1
        return [*segments, *_command_segments(cut(row_command(row), room), self.style_of("layer--number"))]

    def _figures(self, layer: int, columns: Columns) -> Iterator[Segment]:
        """Yields the cells of a layer, except that of its command."""
        sizes = self._sizes[layer] if layer < len(self._sizes) else LayerSizes()
        yield Segment(f"{layer:>3} ", self.style_of("layer--number"))
        yield Segment(f"{'…' if sizes.bytes is None else size(sizes.bytes):>7} ")
        if columns.cells["bar"]:
            share, wasted = (sizes.bytes or 0) / (self._largest or 1), (sizes.wasted or 0) / (sizes.bytes or 1)
            visible_bar, wasted_bar, blank = split_bar(share, wasted, columns.cells["bar"])
            yield Segment(visible_bar, self.style_of("layer--bar"))
            yield Segment(wasted_bar, self.style_of("layer--waste-bar"))
            yield Segment(f"{blank} ")
        yield self._figure(sizes.wasted, "layer--waste")
        if columns.cells["hides"]:
            yield self._figure(sizes.hides, "layer--hides")

    def _figure(self, count: int | None, style: str) -> Segment:
        """Returns the cell of a byte count: a dot for 0, blank while it is unknown."""
        text = "" if count is None else size(count) if count else "·"
        return Segment(f"{text:>6} ", self.style_of(style if count else "layer--muted"))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor stands there
        self.action_open()

    def action_open(self) -> None:
        self.post_message(self.Opened())


def _command_segments(command: str, keyword_style: Style) -> list[Segment]:
    keyword, space, rest = command.partition(" ")
    if not keyword.isupper():
        return [Segment(command)]
    return [Segment(keyword, keyword_style), Segment(space + rest)]
