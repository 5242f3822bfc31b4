"""The list of the lines of the Dockerfile: keys, clicks and segments of a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from explorer.text.printable import printable
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.dockerfile.dockerfile_columns import DOCKERFILE_CELLS, LineFacts, dockerfile_columns
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Columns, fit_columns
from explorer.tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from explorer.analysis.dockerfile.dockerfile import LineRange
    from explorer.viewmodel.dockerfile_rows import DockerfileRow, DockerfileRows

NO_LINES = "No Dockerfile is shown."
_SIDE_STEP_CELLS = 8
"""Cells that a key moves the text sideways."""
_STYLES = ("comment", "keyword", "string", "number", "name")


class DockerfileList(ActionOwner, CursorList):
    """The lines of the Dockerfile with their figures."""

    HELP = """\
    # Dockerfile

    Each instruction has the bytes of its layers, those that a later layer hides, and the time of its step, or *CACHED*.
    The figures of FROM are those of the whole base. Lines of stages that are not in the image are dim,
    with – in place of bytes.

    The lines of the selected layer have a bar at the left. A line selects its layer when you move to it, and a layer
    that you select moves the cursor to its lines. **{dockerfile.files}** shows the files of the layer,
    **{explore.back}** comes back. **{dockerfile.right}** and **{dockerfile.left}** move long lines.

    The Dockerfile is the one of `--dockerfile FILE`, the one that `lx build` builds, or the one in the provenance of
    the image. If it does not fit the image, it has no figures, and the reason stands above it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "choose", "Show files", tooltip="Show the files as of the line's layer", id="dockerfile.files"
        ),
        Binding("left,h", "aside(-1)", show=False, tooltip="Move long lines to the right", id="dockerfile.left"),
        Binding("right,l", "aside(1)", show=False, tooltip="See the rest of long lines", id="dockerfile.right"),
        Binding("y", "copy_line", "Copy", tooltip="Copy the line", id="dockerfile.copy"),
        Binding("Y", "copy_instruction", show=False, tooltip="Copy the instruction", id="dockerfile.copy-instruction"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "dockerfile--selected",
        "dockerfile--muted",
        "dockerfile--waste",
        "dockerfile--layer",
        "dockerfile--excluded",
        *(f"dockerfile--{style}" for style in _STYLES),
    }

    class Chosen(Message):
        """Asks to show the files as of the layer of the selected line."""

    def __init__(self) -> None:
        super().__init__(id="dockerfile-list")
        self.lines: DockerfileRows | None = None
        self._colours: Mapping[int, Sequence[tuple[int, int, str]]] = {}
        self._selected_lines: LineRange | None = None
        self._aside = 0
        """Cells of the text that are out of sight at the left."""

    @property
    def count(self) -> int:
        return len(self.lines.rows) if self.lines is not None else 0

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        has_figures = self.lines is not None and not self.lines.mapped.problem
        columns = dockerfile_columns(self.count, has_figures=has_figures)
        return fit_columns(columns, self.scrollable_content_region.width)

    @property
    def selected(self) -> DockerfileRow | None:
        """The line under the cursor."""
        return self.lines.rows[self.cursor] if self.lines is not None and self.cursor < self.count else None

    def show(self, lines: DockerfileRows | None) -> None:
        """Shows other lines, from the first."""
        self.lines, self._colours, self._selected_lines, self._aside = lines, {}, None, 0
        with self.prevent(self.CursorMoved):
            self.cursor = 0
        self.update_lines()
        self.show_cursor()

    def colour(self, colours: Mapping[int, Sequence[tuple[int, int, str]]]) -> None:
        """Colours the lines; the first one has the number 0."""
        self._colours = colours
        self.repaint()

    def mark(self, lines: LineRange | None) -> None:
        """Marks the lines of the selected layer, and goes there if needed."""
        if lines == self._selected_lines:
            return
        self._selected_lines = lines
        self.repaint()
        if lines is not None and not lines.has(self.cursor + 1):
            # Otherwise a layer would be selected, and not the one that the user selects.
            with self.prevent(self.CursorMoved):
                self.cursor = lines.first - 1

    def layer_of_line(self, selected: int) -> int | None:
        """Returns the layer of the line under the cursor.

        Of several it is the selected one, or else the top.
        """
        return None if self.lines is None else self.lines.layer_at(self.cursor, selected)

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        if self.lines is None:
            return []
        row, marked, columns = self.lines.rows[index], self._selected_lines, self.columns
        is_marked = marked is not None and marked.has(row.number)
        segments = self.cells(DOCKERFILE_CELLS, LineFacts(row, is_marked), columns)
        return [*segments, *self._text(row, width - columns.last_at)]

    def _text(self, row: DockerfileRow, room: int) -> list[Segment]:
        """Returns the part of a line's text that fits into ``room`` cells."""
        rest = cell_len(row.text) - self._aside
        parts = Strip(self._coloured(row))
        if rest <= room:
            return list(parts.crop(self._aside, self._aside + room))
        more = Segment("…", self.style_of("dockerfile--muted"))
        return [*parts.crop(self._aside, self._aside + max(room - 1, 0)), more]

    def _coloured(self, row: DockerfileRow) -> list[Segment]:
        if not row.is_in_image:
            return [Segment(row.text, self.style_of("dockerfile--excluded"))]
        segments, at = [], 0
        for start, end, style in self._colours.get(row.number - 1, ()):
            segments.append(Segment(row.text[at:start]))
            segments.append(Segment(row.text[start:end], self.style_of(f"dockerfile--{style}")))
            at = end
        return [*segments, Segment(row.text[at:])]

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        row = self.selected
        if action in ("choose", "aside", "copy_line", "copy_instruction") and row is None:
            return NO_LINES
        if action == "choose" and self.layer_of_line(0) is None:
            if row is None or row.is_in_image:
                return "This line made no layer."
            return "This stage is not in the image."
        if action == "copy_instruction" and (row is None or row.instruction is None):
            return "There is no instruction on this line."
        return True

    def action_choose(self) -> None:
        self.post_message(self.Chosen())

    def action_aside(self, steps: int) -> None:
        """Moves the text sideways, up to the end of the longest line in sight."""
        top = self.scroll_offset.y
        rows = self.lines.rows[top : top + self.size.height] if self.lines is not None else ()
        room = self.scrollable_content_region.width - self.columns.last_at
        most = max(0, max((cell_len(row.text) for row in rows), default=0) - room)
        aside = max(0, min(self._aside + steps * _SIDE_STEP_CELLS, most if steps > 0 else self._aside))
        if aside != self._aside:
            self._aside = aside
            self.repaint()

    def action_copy_line(self) -> None:
        if self.selected is not None and self.lines is not None:
            self._copy(self.selected.number, self.selected.number)

    def action_copy_instruction(self) -> None:
        """Copies all lines of the instruction."""
        if self.selected is not None and self.selected.instruction is not None:
            self._copy(*self.selected.instruction.lines)

    def _copy(self, first: int, last: int) -> None:
        if self.lines is not None:
            lines = self.lines.mapped.dockerfile.lines[first - 1 : last]
            copy(self, "\n".join("\t".join(printable(part) for part in line.split("\t")) for line in lines))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        if self.check_action("choose", ()):
            self.action_choose()
