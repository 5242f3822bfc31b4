"""The findings on the main screen: the widgets that show them, and their reading."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from textual.screen import Screen

from explorer.analysis.findings.image_findings import ImageFindings
from explorer.model import Progress, Watcher
from explorer.pipeline import Exploration
from explorer.tui.findings.findings_pane import FindingsPane
from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.pane_switcher import PaneSwitcher
from explorer.tui.main.verdict_bar import VerdictBar
from explorer.tui.read_in_thread import read_in_thread
from explorer.viewmodel.findings_by_layer import findings_by_layer, severity_mark
from explorer.viewmodel.view import View


class ShownFindings(ABC):
    """The findings of the image that is shown."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen
        self._query_one = screen.query_one

    @property
    @abstractmethod
    def exploration(self) -> Exploration | None:
        """The explored image, once all of it is read."""

    @property
    def lacks_findings(self) -> bool:
        """True if files are not read that may have findings."""
        if self.exploration is None:
            return False
        findings = self.exploration.known_findings
        return findings is None or findings.needs_fetch or findings.is_partial

    async def read_findings(self, exploration: Exploration, on_known: Callable[[], None], *, fetches: bool) -> None:
        """Reads the findings, and calls ``on_known`` when more of them are known."""
        pane, known = self._query_one(FindingsPane), exploration.known_findings

        def read(watcher: Watcher) -> None:
            exploration.read_findings(watcher, fetches=fetches)

        def progressed(progress: Progress) -> None:
            nonlocal known
            if exploration is self.exploration:
                pane.progressed(progress)
                if exploration.known_findings is not known:
                    known = exploration.known_findings
                    on_known()

        problem = await read_in_thread(read, progressed)
        if exploration is self.exploration and problem:
            pane.wait(exploration, f"The findings cannot be read: {problem}")
        elif exploration is self.exploration:
            on_known()

    def findings_ended(self, view: View) -> None:
        """Shows what is known of the findings after their reading ended or was stopped."""
        self._query_one(FindingsPane).ended()
        self.show_findings(view)

    def show_findings(self, view: View) -> None:
        """Shows a view of the findings that are known."""
        findings = self.exploration.known_findings if self.exploration is not None else None
        self._query_one(FindingsPane).show(findings, view)
        if self._query_one(VerdictBar).findings is not findings:
            self.show_findings_beside(findings)

    def show_findings_beside(self, findings: ImageFindings | None) -> None:
        """Shows findings in the verdict, in the layers and in the tab of their pane."""
        self._query_one(VerdictBar).findings = findings
        by_layer = findings_by_layer(findings) if findings is not None else {}
        marks = {layer: mark for layer, each in by_layer.items() if (mark := severity_mark(each))}
        self._query_one(LayerList).show_findings(marks)
        self._query_one(Details).show_findings(by_layer)
        count = len(findings.own) if findings is not None else None
        self._query_one(PaneSwitcher).show_count("findings", count)
