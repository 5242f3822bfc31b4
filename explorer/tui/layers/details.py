"""The pane with the details of the selected layer or metadata-only step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from textual.content import Content

from explorer.analysis.config_history import Setting, config_changes
from explorer.analysis.findings.finding import Finding
from explorer.analysis.layer_stats import LayerStats
from explorer.model import Image
from explorer.pipeline import Exploration
from explorer.tui.key_words import key_of
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layer_text import SelectedLayer, layer_lines
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.widgets.list_side import ListDetails
from explorer.viewmodel.layer_rows import LayerRow
from explorer.viewmodel.layer_savings import LayerSavings, layer_savings


class Details(ListDetails):
    """The pane with the details of the selected layer."""

    HELP = """\
    # The selected layer

    The instruction that made it, how much of its data is in the final image, and which later layers hide the rest:

    - `✗` deletes or replaces bytes of lower layers, and `=` ships them again unchanged: the image gets no smaller
    - its findings above the base, the most severe first; **{explore.findings}** lists all
    - the fixes that change its step, or make it needless; **{explore.waste}** shows them
    - `◌` its disposable bytes, by kind: a container sees them, but is not expected to need them
    - what it changes compared with the layer below

    **pull** is the compressed size.

    For a metadata-only step: what it sets in the configuration, and the value before.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selected: SelectedLayer | None = None
        self._findings: Mapping[int, Sequence[Finding]] = {}
        self._savings: tuple[Exploration, Mapping[int, LayerSavings]] | None = None
        self._config_changes: tuple[Image, Sequence[tuple[Setting, ...]]] | None = None

    def show(
        self,
        image: Image,
        row: LayerRow,
        exploration: Exploration | None,
        bytes_read: int | None,
        so_far: LayerStats | None = None,
    ) -> None:
        """Shows a row, with what is known of its layer before the whole image is."""
        savings, findings = self._savings_of(row, exploration), self._findings_of(row)
        selected = SelectedLayer(image, row, exploration, bytes_read, so_far, findings, savings)
        if selected.is_same(self._selected):
            return
        is_same_row = self._selected is not None and self._selected.row == selected.row
        self._selected = selected
        self.border_title = selected.title
        self.rewrite()
        if not is_same_row:
            self.scroll_home(animate=False)

    def _savings_of(self, row: LayerRow, exploration: Exploration | None) -> LayerSavings | None:
        is_known = self._savings is not None and self._savings[0] is exploration and not row.is_empty
        return self._savings[1].get(row.layer) if self._savings and is_known else None

    def _findings_of(self, row: LayerRow) -> Sequence[Finding]:
        return () if row.is_empty else self._findings.get(row.layer, ())

    def show_findings(self, findings: Mapping[int, Sequence[Finding]]) -> None:
        """Shows the findings of the selected layer, which are known last."""
        self._findings = findings
        selected = self._selected
        if selected is not None and selected.findings != (found := self._findings_of(selected.row)):
            self._selected = replace(selected, findings=found)
            self.rewrite()

    async def compute_savings(self, exploration: Exploration) -> None:
        """Computes, in a thread, what the first paint does not wait for."""

        def compute(_: Callable[[None], None]) -> Mapping[int, LayerSavings]:
            return layer_savings(exploration)

        self._savings = exploration, await run_in_thread(compute, lambda _: None)
        selected = self._selected
        if selected is not None and selected.exploration is exploration:
            self._selected = replace(selected, savings=self._savings_of(selected.row, exploration))
            self.rewrite()

    def wrapped(self, width: int) -> Iterator[Content]:
        selected = self._selected
        return layer_lines(selected, self._settings(selected), width, partial(key_of, self)) if selected else iter(())

    def _settings(self, selected: SelectedLayer) -> Collection[Setting]:
        """Returns what the step sets; the first call for an image reads its whole history."""
        if selected.row.history_index is None:
            return ()
        if self._config_changes is None or self._config_changes[0] is not selected.image:
            self._config_changes = selected.image, config_changes(selected.image)
        return self._config_changes[1][selected.row.history_index]

    @property
    def listed(self) -> LayerList:
        return self.screen.query_one(LayerList)
