"""The left side: the pairs of layers, and the details of the selected pair."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.content import Content

from explorer.pipeline import ImageDiff
from explorer.tui.compare.pair_list import PairList
from explorer.tui.compare.pair_text import pair_lines, pair_title
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.list_side import ListDetails, ListPane, ListSide
from explorer.viewmodel.pair_rows import PairRow


class PairsPane(ListPane):
    """The pane of the pairs."""

    def compose(self) -> ComposeResult:
        yield ColumnHeaders()
        yield PairList()

    @property
    def rows(self) -> PairList:
        return self.query_one(PairList)

    def show_headers(self) -> None:
        self.query_one(ColumnHeaders).show(self.rows.columns.headers)


class PairDetails(ListDetails):
    """The details of the selected pair."""

    HELP = """\
    # The selected layers

    The step that made them, or both steps if they differ, and what differs between the layers. Paths that a layer
    ships count here even if a higher layer hides them; the files beside show what containers see.

    **{layers.copy-digest}** copies the digest, **{layers.copy-command}** the command: those of the new image, if it
    has the layer.
    """
    BORDER_TITLE = "Layer"

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[PairRow, ImageDiff] | None = None

    def show(self, row: PairRow | None, diff: ImageDiff | None) -> None:
        """Shows a pair."""
        self._shown = (row, diff) if row is not None and diff is not None else None
        self.border_title = pair_title(row) if row is not None else self.BORDER_TITLE
        self.scroll_home(animate=False)
        self.rewrite()

    def wrapped(self, width: int) -> Iterator[Content]:
        if self._shown is None:
            return iter(())
        row, diff = self._shown
        is_downloaded = row.new is not None and row.new.number in diff.update.layers
        return pair_lines(row, diff.first_break if row.is_break else None, is_downloaded, width)

    @property
    def listed(self) -> PairList:
        return self.screen.query_one(PairList)


class PairsSide(ListSide):
    """The pairs and the details."""

    def compose(self) -> ComposeResult:
        yield PairsPane()
        yield PairDetails()

    @property
    def rows(self) -> PairList:
        return self.query_one(PairList)
