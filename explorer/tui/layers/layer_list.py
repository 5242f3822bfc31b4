"""The list of the layers in build order, with the metadata-only steps dimmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.model import HistoryStep, Image
from explorer.pipeline import Exploration
from explorer.text.printable import printable
from explorer.text.words import step_command
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.layers.layer_columns import COLUMNS_BY_WASTE, LAYER_COLUMNS, LayerFacts, layer_cells, with_findings
from explorer.tui.layers.step_text import cut_step
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Columns, fit_columns
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.list_side import COPY_KEYS
from explorer.tui.widgets.marks import SEVERITY_STYLES
from explorer.viewmodel.base_words import BaseLine
from explorer.viewmodel.findings_by_layer import SeverityMark
from explorer.viewmodel.layer_rows import (
    LayerOrder,
    LayerRow,
    LayerSizes,
    LayersView,
    arranged_rows,
    folded_words,
    largest_layer,
    layer_rows,
    layer_sizes,
    row_command,
)
from explorer.viewmodel.layers_read import NOT_YET_READ

_MAX_DIGIT_SECONDS = 1.0
_RULE_CELLS = 3
"""Cells of the line before the words about the base."""
_MAX_TYPED_NUMBER = 9999
"""The largest number to which a digit is added, because a key that is held down types more and more."""


class _TypedNumber(NamedTuple):
    """The number that the last digits form."""

    number: int
    time: float
    """Time of the last digit, in seconds."""
    start: int
    """The row under the cursor before the first digit."""


class LayerList(ActionOwner, CursorList):
    """The list of the layers and of the metadata-only steps."""

    HELP = """\
    # Layers

    Layers are in build order. The line **base** ends the layers of the base image; they are proven to be the base's if
    it says exact, and the image pane (**{explore.image}**) has the evidence. A layer's **size** is that of the regular
    files in it. The bar shows it, too: first what the image keeps of it, then in red what is **wasted**, which a later
    layer hides.

    Marks before the step tell what it does to lower layers. Their bytes are still shipped, so it makes the image no
    smaller:

    - `✗` deletes or replaces files of lower layers
    - `=` ships files of lower layers again unchanged

    The column `F` has the most severe findings of a layer above the base, if they are known: `C1` is one that is
    critical, `H2` two that are high, `M` is medium. **{explore.findings}** lists all.

    Waste under 1 % of the image is faint. **{layers.sort}** sorts by number, size or waste, and **{layers.reverse}**
    reverses the order. A click on a column header does the same.

    The dimmed steps are metadata only: they set variables, commands or labels. Select one to see what it sets. If there
    is little room, one line stands for all of them; **{layers.steps}** shows or folds them.

    The files are those that a container sees with the layers from 0 to the selected one, marked with what changed from
    the layer below. **{explore.compare}** compares with the selected layer instead, until you press it again.

    A layer of a registry that `--within` leaves out is **not read**: its size is the compressed one, and no figure
    counts it. **{layers.fetch}** fetches it, and **{explore.stop-fetching}** stops that.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "fetch", "Fetch", tooltip="Fetch a layer that is not read", id="layers.fetch"),
        Binding("enter,right,l", "open", "Files so far", tooltip="Show the files as of this layer", id="layers.open"),
        Binding("a", "steps", "Steps", show=False, tooltip="Fold or show metadata-only steps", id="layers.steps"),
        Binding("s", "sort", "Sort", tooltip="Sort the layers by number, size or waste", id="layers.sort"),
        Binding("S", "reverse", show=False, tooltip="Reverse the order of the layers", id="layers.reverse"),
        *COPY_KEYS,
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "layer--number",
        *SEVERITY_STYLES,
        "layer--bar",
        "layer--waste",
        "layer--waste-bar",
        "layer--joint",
        "layer--base",
        "layer--muted",
        "layer--empty",
        "layer--rule",
        "layer--base-words",
    }

    class Opened(Message):
        """Asks for the files as of the selected layer."""

    class FetchRequested(Message):
        """Asks to fetch the selected layer, which is not read."""

    class Arranged(Message):
        """The rows have another order."""

    def __init__(self) -> None:
        super().__init__(id="layer-list")
        self._image: Image | None = None
        self._all_rows: Sequence[LayerRow] = ()
        self._rows: Sequence[LayerRow] = ()
        self._sizes: Sequence[LayerSizes] = ()
        self._largest = self._shipped_bytes = 0
        self._base: int | None = None
        self._base_line: BaseLine | None = None
        self._finding_marks: Mapping[int, SeverityMark] = {}
        self._mark_cells = 0
        self._room = 0
        """Lines that the list can get."""
        self.arrangement = LayersView()
        self._typed: _TypedNumber | None = None

    @property
    def count(self) -> int:
        return len(self._rows)

    def validate_cursor(self, cursor: int) -> int:
        """Keeps the cursor off the line that ends the base."""
        cursor = super().validate_cursor(cursor)
        if cursor < len(self._rows) and self._rows[cursor].base_line is not None:
            # A layer is below it in any order.
            is_last = cursor + 1 == len(self._rows)
            return cursor - 1 if is_last or cursor < self.cursor else cursor + 1
        return cursor

    @property
    def rows(self) -> Sequence[LayerRow]:
        """The rows in their order."""
        return self._rows

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        is_by_waste = self.arrangement.order is LayerOrder.WASTED
        columns = with_findings(COLUMNS_BY_WASTE if is_by_waste else LAYER_COLUMNS, self._mark_cells)
        return fit_columns(columns, self.scrollable_content_region.width)

    @property
    def selected(self) -> LayerRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def selected_layer(self) -> int:
        """The selected layer, or the layer whose files the selected step has."""
        return self.selected.layer if self.selected else 0

    @property
    def is_at_step(self) -> bool:
        """True if a metadata-only step is selected."""
        return self.selected is not None and self.selected.is_empty

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

    def select_step(self, history_index: int) -> None:
        """Moves the cursor to a step of the history, which may be folded."""
        if all(row.history_index != history_index for row in self._rows):
            self._arrange(LayersView(is_folded=False))
        indexes = (index for index, row in enumerate(self._rows) if row.history_index == history_index)
        self.cursor = next(indexes, self.cursor)

    def _index_of(self, layer: int) -> int:
        return next((index for index, row in enumerate(self._rows) if row.layer == layer and not row.is_empty), 0)

    def mark(self, base: int | None) -> None:
        """Marks the layer that the others are compared with."""
        old, self._base = self._base, base
        self.repaint_lines(*(self._index_of(layer) for layer in (old, base) if layer is not None))

    def clear(self) -> None:
        """Removes all rows."""
        self._image, self._all_rows, self._rows, self._sizes = None, (), (), ()
        self._base_line = None
        self.update_lines()
        self.cursor = 0

    def select_largest(self) -> None:
        """Moves the cursor to the largest layer."""
        self.select(largest_layer(self._sizes))

    def show(self, image: Image, read: dict[int, int], exploration: Exploration | None) -> None:
        """Shows the layers of an image; ``read`` are the bytes of the layers read so far."""
        is_new = image is not self._image
        self._image = image
        self._sizes = layer_sizes(image, read, exploration)
        self._largest = max((sizes.bytes or 0 for sizes in self._sizes), default=0)
        self._shipped_bytes = sum(sizes.bytes or 0 for sizes in self._sizes)
        if is_new:
            self._all_rows = layer_rows(image)
            self._base_line = None
        if is_new or self.arrangement.order is not LayerOrder.NUMBER:
            self._update_rows()
        else:
            self.update_lines()

    def show_base(self, line: BaseLine | None) -> None:
        """Shows the line that ends the base, which is known some time after the layers."""
        if line != self._base_line:
            self._base_line = line
            self._update_rows()

    def show_findings(self, marks: Mapping[int, SeverityMark]) -> None:
        """Shows the most severe findings of each layer, which are known last."""
        if marks != self._finding_marks:
            self._finding_marks = marks
            self._mark_cells = max((len(mark.text) for mark in marks.values()), default=0)
            self.update_lines()
            self.post_message(self.Arranged())

    def fit(self, room: int) -> None:
        """Folds or shows the metadata-only steps for the lines that the list can get."""
        if room != self._room:
            self._room = room
            self._update_rows()

    def _arrange(self, arrangement: LayersView) -> None:
        self.arrangement = arrangement
        self._update_rows()
        self.post_message(self.Arranged())

    def _update_rows(self) -> None:
        """Arranges the rows; keeps the selected row, or else its layer."""
        selected = self.selected
        self._rows = rows = arranged_rows(self._all_rows, self._sizes, self.arrangement, self._room, self._base_line)
        self.update_lines()
        self.refresh(layout=True)
        if selected is not None:
            self.cursor = rows.index(selected) if selected in rows else self._index_of(selected.layer)
        self.show_cursor()
        self.refresh_bindings()

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        if action == "steps":
            return sum(row.is_empty for row in self._all_rows) > 1
        if action in ("sort", "reverse"):
            return True if self._all_rows else NOT_YET_READ
        row = self.selected
        if action == "fetch":
            return self._is_left_out
        if action not in ("copy_digest", "copy_command"):
            return True
        if row is None:
            return "No layer is selected."
        if action == "copy_command" and row.folded:
            return "Press {layers.steps} to show the steps, then select one."
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
        is_folded = not any(row.is_empty and not row.folded for row in self._rows)
        view = self.arrangement if self.arrangement.order is LayerOrder.NUMBER else LayersView()
        self._arrange(replace(view, is_folded=not is_folded))

    def action_sort(self, order: str = "") -> None:
        """Sorts by one order, or else by the next one; the present one is reversed."""
        self._arrange(self.arrangement.sorted_by(LayerOrder(order) if order else self.arrangement.order.following))

    def action_reverse(self) -> None:
        self._arrange(self.arrangement.sorted_by(self.arrangement.order))

    def end_number(self) -> None:
        """Ends the number that is typed: another key came after its last digit."""
        self._typed = None

    def type_digit(self, digit: int) -> str:
        """Goes to the layer of the number that is typed; this is its next digit.

        If there is no such layer, goes back to where the number began, and returns words for the user; otherwise
        returns an empty text.
        """
        now = monotonic()
        typed = self._typed
        if typed is None or now - typed.time >= _MAX_DIGIT_SECONDS or typed.number > _MAX_TYPED_NUMBER:
            typed = _TypedNumber(0, now, self.cursor)
        number = 10 * typed.number + digit
        self._typed = _TypedNumber(number, now, typed.start)
        layers = {row.layer for row in self.layer_rows}
        if number in layers:
            self.select(number)
            return ""
        self.cursor = typed.start
        if not layers:
            return "The image has no layers."
        if not max(layers):
            return f"There is no layer {number}: the only layer is 0."
        return f"There is no layer {number}: the image has {len(layers)}, from 0 to {max(layers)}."

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row, columns = self._rows[index], self.columns
        if row.base_line is not None:
            return _base_segments(
                row.base_line, width, self.style_of("layer--rule"), self.style_of("layer--base-words")
            )
        is_base = row.layer == self._base and not row.is_empty
        mark = "◆" if is_base else "▸" if index == self.cursor else " "
        mark_style = self.style_of("layer--base") if mark != " " else Style()
        segments = [Segment(mark, mark_style)]
        if row.is_empty:
            return [*segments, *self._step_segments(row, columns, width)]
        found = self._finding_marks.get(row.layer)
        facts = LayerFacts(row.layer, self._sizes_of(row.layer), self._largest, self._shipped_bytes, found)
        for text, style in layer_cells(facts, columns, has_colours=not self.app.no_color):
            segments.append(Segment(text, self.style_of(style, partial=style != "layer--joint") if style else None))
        command = cut_step(row_command(row), width - columns.last_at - 1)
        return [*segments, *_command_segments(command, self.style_of("layer--number"))]

    def _step_segments(self, row: LayerRow, columns: Columns, width: int) -> Sequence[Segment]:
        gap = columns.cells["number"] if row.folded else columns.last_at - 1
        words = f"+ {folded_words(row)}" if row.folded else row_command(row)
        return [Segment(" " * gap), Segment(cut(words, width - gap - 2), self.style_of("layer--empty"))]

    def _sizes_of(self, layer: int) -> LayerSizes:
        return self._sizes[layer] if layer < len(self._sizes) else LayerSizes()

    @property
    def _is_left_out(self) -> bool:
        """True if the selected layer is not read, but could be fetched."""
        row = self.selected
        return row is not None and not row.is_empty and self._sizes_of(row.layer).is_left_out

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor stands there
        if self._is_left_out:
            self.action_fetch()
        else:
            self.action_open()

    def action_fetch(self) -> None:
        self.post_message(self.FetchRequested())

    def action_open(self) -> None:
        if self.selected is not None and self.selected.folded:
            self.action_steps()
        else:
            self.post_message(self.Opened())


def _base_segments(line: BaseLine, width: int, rule: Style, words: Style) -> list[Segment]:
    """Returns the longest words that fit into a ruled line."""
    room = width - 2 * _RULE_CELLS
    text = next((each for each in line.wordings if cell_len(each) <= room), cut(line.wordings[-1], room))
    end = "─" * max(0, width - _RULE_CELLS - cell_len(text) - 1)
    return [Segment("─" * (_RULE_CELLS - 1) + " ", rule), Segment(text, words), Segment(f" {end}", rule)]


def _command_segments(command: str, keyword_style: Style) -> list[Segment]:
    keyword, space, rest = command.partition(" ")
    if not keyword.isupper():
        return [Segment(command)]
    return [Segment(keyword, keyword_style), Segment(space + rest)]
