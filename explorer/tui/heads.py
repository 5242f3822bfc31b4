"""The heads of a table's columns; a click on one says which column was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events


class Head(NamedTuple):
    """What stands at the head of a column."""

    title: str
    width: int
    """Cells, without the space that follows; 0 takes the rest."""
    right: bool = False
    """Whether the column is aligned to the right."""
    key: str = ""
    """What a click means; empty: nothing."""


def last_at(heads: Sequence[Head]) -> int:
    """The cell where the last column starts: each one before it is followed by a space."""
    return sum([head.width + 1 for head in heads[:-1]])


class Heads(Widget):
    """One line of column heads."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """Somebody clicked a column's head."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self._heads: Sequence[Head] = ()
        self._active = ""

    def show(self, heads: Sequence[Head], active: str = "") -> None:
        """Show these columns; ``active`` is the key of the one that the rows are sorted by."""
        self._heads = heads
        self._active = active
        self.refresh()

    def render(self) -> Content:
        """The heads, each over its column."""
        parts: list[Content] = []
        for head in self._heads:
            active = bool(head.key) and head.key == self._active
            title = f"{head.title}▾" if active and cell_len(head.title) < (head.width or 99) else head.title
            space = " " * max(0, head.width - cell_len(title))
            style = "bold $key" if active else "$muted"
            parts += (
                [Content(space), Content.styled(title, style)]
                if head.right
                else [Content.styled(title, style), Content(space)]
            )
            parts.append(Content(" "))
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        left = 0
        for head in self._heads:
            right = left + head.width + 1 if head.width else self.size.width
            if left <= offset.x < right and head.key:
                self.post_message(self.Clicked(head.key))
            left = right
