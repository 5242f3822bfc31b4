"""One line below the panes: the selected path and its way through the layers, to be walked along."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from explorer.model import Change, Waste
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import hidden_by
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.viewer.file_keys import FILE_KEYS
from explorer.tui.widgets.drawing import cut_start
from explorer.tui.widgets.marks import COLOURS, INSIDE, MARKS, SAME
from explorer.viewmodel.history_navigation import before_and_after, index_at, next_layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from explorer.analysis.path_history import PathChange

_ALL_BYTES = ("type", "bytes")
_GAP = 3
_PATH = 20
"""Cells of the path that stay as long as the pieces have short forms to give."""


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One of the things that the line says of its path."""

    long: Content
    """With all its values."""
    short: Content
    """Without them, where there is no room."""
    layer: int | None = None
    """The layer that it is about; None: nothing to go to."""

    def __len__(self) -> int:
        return self.long.cell_length


def history_items(moments: Sequence[PathChange], is_directory: bool) -> list[HistoryItem]:
    """A path's way through the layers, one piece for each layer that touched it."""
    return [
        HistoryItem(_moment(moment, is_directory, True), _moment(moment, is_directory, False), moment.layer)
        for moment in moments
    ]


def _moment(moment: PathChange, is_directory: bool, has_room: bool) -> Content:
    unchanged = INSIDE if is_directory else SAME
    mark = unchanged if moment.change is Change.UNCHANGED else MARKS[moment.change]
    colour = COLOURS[moment.change]
    parts = [Content.styled(f"{moment.layer} ", "$muted"), Content.styled(mark, f"bold {colour}")]
    if moment.change is not Change.REMOVED:
        parts.append(Content(f" {size(moment.size)}"))
    if moment.differs and (has_room or not any(what in _ALL_BYTES for what in moment.differs)):
        said = [_difference(moment, what) if has_room else what for what in moment.differs]
        parts.append(Content.styled(f" {', '.join(said)}", "$muted"))
    return Content("").join(parts)


def _difference(moment: PathChange, what: str) -> str:
    """One thing that differed, with its values where they say something."""
    told = before_and_after(what, moment.before, moment.after) if moment.before and moment.after else None
    return f"{what} {told[0]} → {told[1]}" if told and any(told) else what


def waste_note(waste: Waste) -> list[HistoryItem]:
    """Returns which layer shipped a wasted file, and which one hides it."""
    said = Content.assemble(
        (size(waste.bytes), "bold $waste"),
        (" shipped by ", "$muted"),
        f"layer {waste.shipped_in}",
        (", ", "$muted"),
        hidden_by(waste.hidden_in, waste.cause),
    )
    return [HistoryItem(said, said)]


def note(words: str, short: str = "") -> list[HistoryItem]:
    """Words of ours, and fewer where there is no room for them."""
    return [HistoryItem(Content.styled(words, "$muted"), Content.styled(short or words, "$muted"))]


def fitting(pieces: Sequence[HistoryItem], room: int, place: int | None) -> tuple[list[Content], int]:
    """As many pieces as have room, with a gap before each, and the number of those left out at the start.

    All with their values, or at least the one at ``place``, or none; then those around that one, which stays in sight
    even where there is no room.
    """
    place = len(pieces) - 1 if place is None else place
    for longs in (range(len(pieces)), (place,), ()):
        texts = [piece.long if number in longs else piece.short for number, piece in enumerate(pieces)]
        if sum(text.cell_length + _GAP for text in texts) <= room:
            return texts, 0
    if not pieces:
        return [], 0
    first = last = place
    room -= texts[place].cell_length + _GAP
    while True:
        if first and texts[first - 1].cell_length + _GAP <= room:
            first -= 1
            room -= texts[first].cell_length + _GAP
        elif last + 1 < len(texts) and texts[last + 1].cell_length + _GAP <= room:
            last += 1
            room -= texts[last].cell_length + _GAP
        else:
            return texts[first : last + 1], first


class HistoryBar(ActionOwner, Widget, can_focus=True):
    """The line. Values give way first, then the path, from its start; then the layers far from the selected one."""

    HELP = """\
    # The path's way through the layers

    Each layer that touched the selected path, or for a directory something below it: its number, a mark, the size from
    then on, and what differed. `+` added, `~` modified, `−` removed, `=` shipped again unchanged, `·` changed inside.

    The highlighted one is the selected layer's; where that did not touch the path, the one that it goes back to. Walk
    along with **[** and **]** from everywhere, with the arrows from here, or by a click. In the waste it is the layer
    that shipped the selected file, and the walk leads to the files.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "walk(-1)", show=False, tooltip="The layer that touched this path before", id="history.left"),
        Binding("right,l", "walk(1)", show=False, tooltip="The layer that touched this path next", id="history.right"),
        Binding("home,g", "end(0)", show=False, tooltip="The first layer that touched this path", id="history.first"),
        Binding("end,G", "end(-1)", show=False, tooltip="The last layer that touched this path", id="history.last"),
        *(replace(each, action=f"screen.look('{each.action}')") for each in FILE_KEYS),
    ]
    ALLOW_SELECT = False

    shown: reactive[tuple[str, tuple[HistoryItem, ...]]] = reactive(("", ()))
    selected_layer: reactive[int] = reactive(0)
    """The layer that is looked at; the moment in force there is highlighted."""
    is_there = True
    """Whether the path shows at that layer now, so that there is no way to go there."""

    class Chosen(Message):
        """The path at another layer is wanted."""

        def __init__(self, layer: int) -> None:
            super().__init__()
            self.layer = layer

    def __init__(self) -> None:
        super().__init__()
        self._spans: list[tuple[int, int, int]] = []
        """First cell, cell after the last, and layer of the pieces in sight."""

    def show(self, path: str, pieces: Sequence[HistoryItem], layer: int = 0, *, is_there: bool = True) -> None:
        """Show a path, not yet printable, and what is to be said of it at a layer."""
        self.is_there = is_there
        self.shown = (printable(f"/{path}") if path else "", tuple(pieces))
        self.selected_layer = layer

    @property
    def stops(self) -> list[int]:
        """The layers that touched the path, bottom first."""
        return [piece.layer for piece in self.shown[1] if piece.layer is not None]

    def allow_focus(self) -> bool:
        """Only where there is something to walk along."""
        return super().allow_focus() and bool(self.stops)

    def render(self) -> Content:
        path, pieces = self.shown
        width = self.content_size.width
        stops = self.stops
        place = index_at(stops, self.selected_layer) if stops else None
        kept, left_out = fitting(pieces, width - min(cell_len(path), max(_PATH, width // 3)), place)
        parts = [Content.styled("…", "$muted")] if left_out else []
        after = [Content.styled("…", "$muted")] if left_out + len(kept) < len(pieces) else []
        room = width - sum(piece.cell_length + _GAP for piece in (*parts, *kept, *after))
        head = [Content.styled(cut_start(path, max(8, room)), "bold")] if path else []
        parts = [*head, *parts]
        at = sum(part.cell_length + _GAP for part in parts)
        self._spans = []
        for number, text in enumerate(kept, left_out):
            layer = pieces[number].layer
            if layer is not None:
                self._spans.append((at - 1, at + text.cell_length + 1, layer))
            at += text.cell_length + _GAP
            parts.append(self._highlighted(text, layer == self.selected_layer) if number == place and stops else text)
        return Content(" " * _GAP).join([*parts, *after])

    def _highlighted(self, text: Content, is_exact: bool) -> Content:
        """The selected layer's piece, or the one that it goes back to; with the focus marked without a colour, too."""
        if self.has_focus:
            return text.stylize("reverse" if is_exact else "underline")
        return text.stylize("on $row-cursor" if is_exact else "on $row-cursor-blurred")

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """There is a walk where there is a layer to walk to."""
        if action != "walk":
            return True
        stops, steps = self.stops, int(str(parameters[0]))
        if not stops:
            return "Nothing to walk along: no path is selected."
        if next_layer(stops, self.selected_layer, steps) is not None:
            return True
        if stops == [self.selected_layer]:
            return f"Nothing to walk to: only layer {stops[0]} touched this path."
        return f"No {'later' if steps > 0 else 'earlier'} layer touched this path."

    def action_walk(self, steps: int) -> None:
        self._choose(next_layer(self.stops, self.selected_layer, steps))

    def action_end(self, place: int) -> None:
        stops = self.stops
        self._choose(stops[place] if stops else None)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            event.stop()
            self._choose(next((layer for start, stop, layer in self._spans if start <= offset.x < stop), None))

    def _choose(self, layer: int | None) -> None:
        if layer is not None and not (self.is_there and layer == self.selected_layer):
            self.post_message(self.Chosen(layer))
