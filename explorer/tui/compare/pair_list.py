"""The list of the pairs of layers of two images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.model import Layer
from explorer.pipeline import ImageDiff
from explorer.text.printable import printable
from explorer.text.words import layer_command
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.compare.pair_columns import PAIR_CELLS, PAIR_COLUMNS, status_style
from explorer.tui.layers.step_text import cut_step
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Columns, fit_columns
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.list_side import COPY_KEYS
from explorer.viewmodel.layers_read import NOT_YET_READ
from explorer.viewmodel.pair_rows import PairRow


class PairList(ActionOwner, CursorList):
    """The layers of both images that belong together."""

    HELP = """\
    # Layers of both images

    Each row is a layer of the old image and the layer of the new image that belongs to it, or a layer that only one of
    them has. Layers belong together if they are the same, have the same command, or share most of their paths.

    - `=` the same layer
    - `≈` the same but for times: contents, modes, owners and links are equal
    - `~` changed
    - `↕` moved: the same layer in another order
    - `+` added, `−` removed

    **!** marks the first break: the first step that differs. A builder takes a step from its cache only if all steps
    before it are the same, so all layers above were built again. The pane below says what differs.

    **{layers.open}** shows the files that differ and that these layers ship or remove; **{explore.all-steps}** shows
    those of all layers again.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,right,l", "open", "Its files", tooltip="Show the files of these layers that differ", id="layers.open"
        ),
        *COPY_KEYS,
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "pair--break",
        "pair--number",
        "pair--muted",
        "pair--times",
        "pair--modified",
        "pair--added",
        "pair--removed",
    }

    class Opened(Message):
        """Asks for the files that differ."""

    def __init__(self) -> None:
        super().__init__(id="pair-list")
        self.rows: Sequence[PairRow] = ()
        self._diff: ImageDiff | None = None

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        return fit_columns(PAIR_COLUMNS, self.scrollable_content_region.width)

    @property
    def selected(self) -> PairRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < self.count else None

    def show(self, diff: ImageDiff | None, rows: Sequence[PairRow]) -> None:
        """Shows pairs, with the cursor on the first that differs."""
        self._diff, self.rows = diff, rows
        at = next((index for index, row in enumerate(rows) if row.is_break), 0)
        self.update_lines()
        self.refresh(layout=True)
        self.cursor = at
        self.show_cursor()
        self.post_message(self.CursorMoved(self))

    def select_layer(self, number: int) -> None:
        """Selects the pair with a layer of the old image, or else of the new one."""
        sides = ([row.old for row in self.rows], [row.new for row in self.rows])
        numbers = ([side.number if side is not None else None for side in each] for each in sides)
        self.cursor = next((each.index(number) for each in numbers if number in each), self.cursor)

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row, columns = self.rows[index], self.columns
        segments = self.cells(PAIR_CELLS, row, columns)
        command = cut_step(row.command, width - columns.last_at)
        return [*segments, Segment(command, self.style_of(status_style(row.pair.status)))]

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        if action not in ("copy_digest", "copy_command"):
            return True
        layer = self._layer
        if layer is None:
            return NOT_YET_READ if self._diff is None else "No layer is selected."
        return True if action == "copy_command" or layer.digest or layer.diff_id else "This layer has no digest."

    @property
    def _layer(self) -> Layer | None:
        """The selected layer of the new image, or else of the old one."""
        row, diff = self.selected, self._diff
        if row is None or diff is None:
            return None
        if row.new is not None:
            return diff.new.image.layers[row.new.number]
        return diff.old.image.layers[row.old.number] if row.old is not None else None

    def action_open(self) -> None:
        self.post_message(self.Opened())

    def action_copy_digest(self) -> None:
        if self._layer is not None:
            copy(self, printable(self._layer.digest or self._layer.diff_id))

    def action_copy_command(self) -> None:
        if self._layer is not None:
            copy(self, layer_command(self._layer))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor stands there
        self.action_open()
