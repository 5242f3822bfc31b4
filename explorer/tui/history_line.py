"""One line below the panes: the selected path and its way through the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from explorer.model import Change, Waste
from explorer.text import printable, size
from explorer.tui.marks import COLOURS, INSIDE, MARKS, SAME
from explorer.tui.paint import cut_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.tui.moments import Moment

_ALL_BYTES = ("type", "bytes")


def way(moments: Sequence[Moment], is_directory: bool) -> list[Content]:
    """A path's way through the layers, one piece for each layer that touched it."""
    return [_moment(moment, is_directory) for moment in moments]


def _moment(moment: Moment, is_directory: bool) -> Content:
    unchanged = INSIDE if is_directory else SAME
    mark = unchanged if moment.change is Change.UNCHANGED else MARKS[moment.change]
    colour = COLOURS[moment.change]
    parts = [Content.styled(f"{moment.layer} ", "$muted"), Content.styled(mark, f"bold {colour}")]
    if moment.change is not Change.REMOVED:
        parts.append(Content(f" {size(moment.size)}"))
    if moment.differs and not any(what in _ALL_BYTES for what in moment.differs):
        parts.append(Content.styled(f" {', '.join(moment.differs)}", "$muted"))
    return Content("").join(parts)


def sentence(waste: Waste) -> list[Content]:
    """A wasted file's fate."""
    return [
        Content.assemble(
            (size(waste.bytes), "bold $waste"),
            (" shipped by ", "$muted"),
            f"layer {waste.shipped_in}",
            (", hidden by ", "$muted"),
            f"layer {waste.hidden_in}",
        )
    ]


def _last(pieces: Sequence[Content], room: int) -> list[Content]:
    """As many of the last pieces as have room, with a gap before each; at least the very last one."""
    found: list[Content] = []
    for piece in reversed(pieces):
        room -= piece.cell_length + 3
        if found and room < 0:
            break
        found.append(piece)
    return found[::-1]


class HistoryLine(Widget):
    """The line. The path gives way first, from its start; then the oldest layers."""

    shown: reactive[tuple[str, tuple[Content, ...]]] = reactive(("", ()))

    def show(self, path: str, pieces: Sequence[Content]) -> None:
        """Show a path, not yet printable, and what is to be said of it."""
        self.shown = (printable(f"/{path}") if path else "", tuple(pieces))

    def render(self) -> Content:
        path, pieces = self.shown
        width = self.size.width
        kept = _last(pieces, width - min(cell_len(path), max(20, width // 3)))
        if len(kept) < len(pieces):
            kept.insert(0, Content.styled("…", "$muted"))
        room = width - sum(piece.cell_length + 3 for piece in kept)
        head = [Content.styled(cut_start(path, max(8, room)), "bold")] if path else []
        return Content("   ").join([*head, *kept])
