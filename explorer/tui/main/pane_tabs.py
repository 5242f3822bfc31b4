"""The tabs of the panes, as much of them as fits into a border."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.markup import escape

from explorer.tui.widgets.drawing import cut

_MIN_TITLE_CELLS = 4
"""Cells of the shortest title; a shorter one tells nothing, so only its key stays."""


class Tab(NamedTuple):
    """The title of a pane, maybe cut, and the key that shows the pane."""

    pane: str
    title: str
    key: str
    is_shown: bool
    number: int | None = None
    """A number to show behind the title."""

    @property
    def cells(self) -> int:
        """Cells of the tab without the blanks beside it."""
        key = 0 if self._key_at >= 0 else cell_len(self.key) + bool(self.title)
        return key + cell_len(self.title)

    @property
    def markup(self) -> str:
        """The title with its key marked, or in front of it."""
        # The underline needs no colour.
        style = "bold underline $foreground" if self.is_shown else "$muted"
        at, end = self._key_at, self._key_at + len(self.key)
        if at < 0:
            title = f" [{style}]{self.title}[/]" if self.title else ""
            return f"[bold $key]{escape(self.key)}[/]{title}"
        return f"[{style}]{self.title[:at]}[bold $key]{self.title[at:end]}[/]{self.title[end:]}[/]"

    @property
    def _key_at(self) -> int:
        return self.title.lower().find(self.key.lower()) if self.title else -1


def tabs_line(tabs: Sequence[Tab], room: int) -> str:
    """Returns the tabs that fit into ``room`` cells, in markup.

    The numbers go first, then the blanks, then the ends of the titles, and then all but the keys. The shown pane keeps
    its title.
    """
    fitted, blank = _fitted(tabs, room)
    return "[$faint]│[/]".join(f"[@click=screen.pane('{tab.pane}')]{blank}{tab.markup}{blank}[/]" for tab in fitted)


def _fitted(tabs: Sequence[Tab], room: int) -> tuple[Sequence[Tab], str]:
    room -= len(tabs) - 1
    counted = [tab._replace(title=f"{tab.title} {tab.number:,}") if tab.number else tab for tab in tabs]
    for choice in (counted, tabs):
        if sum(tab.cells + 2 for tab in choice) <= room:
            return choice, " "
    for cells in range(max(len(tab.title) for tab in tabs), _MIN_TITLE_CELLS - 1, -1):
        choice = [tab if tab.is_shown else tab._replace(title=cut(tab.title, cells)) for tab in tabs]
        if sum(tab.cells for tab in choice) <= room:
            return choice, ""
    return [tab if tab.is_shown else tab._replace(title="") for tab in tabs], ""
