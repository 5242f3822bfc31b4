"""The left side: the pairs of layers, and the details of the selected pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from explorer.pipeline import ImageDiff
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.compare.pair_list import PAIR_KEYS, PairList
from explorer.tui.compare.pair_text import pair_lines, pair_title
from explorer.tui.key_words import key_of
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.list_side import ListPane, ListSide
from explorer.tui.widgets.prose import Prose
from explorer.viewmodel.pair_rows import PairRow

_CORNER_CELLS = 6
"""Cells of the border that cannot hold text."""


class PairsPane(ListPane):
    """The pane of the pairs."""

    BORDER_TITLE = "Layers"

    def compose(self) -> ComposeResult:
        yield ColumnHeaders()
        yield PairList()

    def on_mount(self) -> None:
        pairs = self.query_one(PairList)
        for name in ("scroll_y", "virtual_size"):
            self.watch(pairs, name, self.show_hidden_count)

    def on_resize(self) -> None:
        self.query_one(ColumnHeaders).show(self.query_one(PairList).columns.headers)
        self.show_hidden_count()

    def show_hidden_count(self) -> None:
        """Shows the number of rows out of sight."""
        pairs = self.query_one(PairList)
        above = min(pairs.scroll_offset.y, pairs.count)
        below = max(0, pairs.count - pairs.scroll_offset.y - pairs.scrollable_content_region.height)
        counts = [f"{arrow} {count} more" for arrow, count in (("▲", above), ("▼", below)) if count]
        has_details = self.screen.query_one("#details").display
        if self.screen.has_class("-narrow", "-tall") and not has_details:
            counts.append(f"{key_of(self, 'split.zoom')}: details")
        words = "  ".join(counts)
        self.border_subtitle = words if len(words) <= self.size.width - _CORNER_CELLS else ""


class PairDetails(ActionOwner, Prose):
    """The details of the selected pair."""

    HELP = """\
    # The selected layers

    The step that made them, or both steps if they differ, and what differs between the layers. Paths that a layer
    ships count here even if a higher layer hides them; the files beside show what containers see.

    **{layers.copy-digest}** copies the digest, **{layers.copy-command}** the command: those of the new image, if it
    has the layer.
    """
    BORDER_TITLE = "Layer"
    BINDINGS: ClassVar[list[BindingType]] = [*PAIR_KEYS]

    def __init__(self) -> None:
        super().__init__(id="details")
        self._shown: tuple[PairRow, ImageDiff] | None = None

    def show(self, row: PairRow | None, diff: ImageDiff | None) -> None:
        """Shows a pair."""
        self._shown = (row, diff) if row is not None and diff is not None else None
        self.border_title = pair_title(row) if row is not None else self.BORDER_TITLE
        self.scroll_home(animate=False)
        self.rewrite()

    def allow_focus(self) -> bool:
        """True if there is something to scroll."""
        return super().allow_focus() and self.max_scroll_y > 0

    def wrapped(self, width: int) -> Iterator[Content]:
        if self._shown is None:
            return iter(())
        row, diff = self._shown
        is_downloaded = row.new is not None and row.new.number in diff.update.layers
        return pair_lines(row, diff.first_break if row.is_break else None, is_downloaded, width)

    # The keys are those of the list

    @property
    def _pairs(self) -> PairList:
        return self.screen.query_one(PairList)

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        return self._pairs.availability(action, parameters)

    def action_copy_digest(self) -> None:
        self._pairs.action_copy_digest()

    def action_copy_command(self) -> None:
        self._pairs.action_copy_command()


class PairsSide(ListSide):
    """The pairs and the details."""

    def compose(self) -> ComposeResult:
        yield PairsPane()
        yield PairDetails()

    @property
    def rows(self) -> PairList:
        return self.query_one(PairList)
