"""The line below the panes: the selected path, its history, and keys along it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from explorer.layers.tree import Node
from explorer.text.printable import printable
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.history.fitting import fit_items
from explorer.tui.history.history_items import ARROW, GAP, GAP_CELLS, HistoryItem, PathHistory
from explorer.tui.viewer.file_actions import FILE_KEYS
from explorer.tui.widgets.drawing import cut_start
from explorer.viewmodel.history_navigation import index_at, next_layer

_LABEL = "History of "
_MIN_PATH_CELLS = 20
"""Cells of the path that stay while the items can still be shortened."""


class HistoryBar(ActionOwner, Widget, can_focus=True):
    """The history bar.

    If it is too narrow, the values of the items go first, then the start of the path, then the notes after the layers,
    then the texts of layers other than the selected one, the last and the first.
    """

    HELP = """\
    # History of this path

    Each layer that touched the selected path, or anything below it if it is a directory: the layer's number, a verb,
    the size from then on, and what differs. A layer without a verb changed something inside the directory. In a narrow
    terminal, some layers are numbers alone.

    The highlighted layer brought the path as the selected layer sees it. Go to the other layers with
    **{explore.earlier}** and **{explore.later}** from any pane, with the arrow keys from here, or with a click. In the
    waste, the highlighted layer is the one that shipped the selected file, and the keys lead to the files.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "walk(-1)", show=False, tooltip="Previous layer that touched this path", id="history.left"),
        Binding("right,l", "walk(1)", show=False, tooltip="Next layer that touched this path", id="history.right"),
        Binding("home,g", "end(0)", show=False, tooltip="First layer that touched this path", id="history.first"),
        Binding("end,G", "end(-1)", show=False, tooltip="Last layer that touched this path", id="history.last"),
        *(replace(each, action=f"screen.run_file_action('{each.action}')") for each in FILE_KEYS),
    ]
    ALLOW_SELECT = False

    shown: reactive[tuple[str, tuple[HistoryItem, ...]]] = reactive(("", ()))
    selected_layer: reactive[int] = reactive(0)
    """The selected layer; the item of the last change up to it is highlighted."""
    node: Node | None = None
    """The path to show at other layers."""
    is_there = True
    """True if the path already shows at the selected layer, so that a click on its item does nothing."""

    @dataclass
    class Chosen(Message):
        """Asks to show the path at another layer."""

        node: Node
        layer: int

    def __init__(self) -> None:
        super().__init__(id="history")
        self._spans: list[tuple[int, int, int]] = []
        """The first cell, the cell after the last, and the layer of each visible item."""

    def show(self, history: PathHistory | None) -> None:
        """Shows the history of a path; None empties the bar."""
        history = history or PathHistory("", ())
        self.node, self.is_there = history.node, history.is_there
        self.shown = (printable(f"/{history.path.lstrip('/')}") if history.path else "", tuple(history.items))
        self.selected_layer = history.layer

    @property
    def stops(self) -> list[int]:
        """The layers that touched the path, bottom first."""
        return [item.layer for item in self.shown[1] if item.layer is not None]

    def allow_focus(self) -> bool:
        """True if there are layers to go to."""
        return super().allow_focus() and bool(self.stops)

    def render(self) -> Content:
        path, items = self.shown
        width = self.content_size.width
        selected = index_at(self.stops, self.selected_layer)
        fitted = fit_items(items, width - min(cell_len(path), max(_MIN_PATH_CELLS, width // 3)), selected)
        room = width - sum(item.text.cell_length + GAP_CELLS for item in fitted)
        label = _LABEL if self.stops and cell_len(_LABEL) + cell_len(path) <= room else ""
        line = Content.assemble((label, "$muted"), (cut_start(path, max(8, room)), "bold")) if path else Content("")
        self._spans = []
        is_in_chain = False
        for item in fitted:
            gap = ARROW if is_in_chain and not item.is_note else GAP if line else ""
            is_in_chain = not item.is_note
            start = line.cell_length + len(gap)
            if item.layer is not None:
                self._spans.append((start - 1, start + item.text.cell_length + 1, item.layer))
            text = self._highlighted(item.text, item.layer == self.selected_layer) if item.is_selected else item.text
            line = Content.assemble(line, (gap, "$muted"), text)
        return line

    def _highlighted(self, text: Content, is_exact: bool) -> Content:
        # With the focus, the mark needs no colour.
        if self.has_focus:
            return text.stylize("reverse" if is_exact else "underline")
        # The themes of the terminal's colours have no background to mark it with.
        return text.stylize("bold on $row-cursor" if is_exact else "bold on $row-cursor-blurred")

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        if action != "walk":
            return True
        stops, steps = self.stops, int(str(parameters[0]))
        if not stops:
            return "Select a file first."
        if next_layer(stops, self.selected_layer, steps) is not None:
            return True
        if stops == [self.selected_layer]:
            return f"Only layer {stops[0]} touched this path."
        return f"No {'later' if steps > 0 else 'earlier'} layer touched this path."

    def action_walk(self, steps: int) -> None:
        self._choose(next_layer(self.stops, self.selected_layer, steps))

    def action_end(self, index: int) -> None:
        stops = self.stops
        self._choose(stops[index] if stops else None)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            event.stop()
            self._choose(next((layer for start, end, layer in self._spans if start <= offset.x < end), None))

    def _choose(self, layer: int | None) -> None:
        if self.node is None or layer is None or (self.is_there and layer == self.selected_layer):
            return
        self.post_message(self.Chosen(self.node, layer))
