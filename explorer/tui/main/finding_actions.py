"""The actions on the findings: reading, groups, order, and the way to a place."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work

from explorer.analysis.findings.finding import ConfigPlace, PathPlace, StepPlace
from explorer.pipeline import Exploration
from explorer.tui.availability import Availability
from explorer.tui.findings.finding_list import FindingList
from explorer.tui.findings.findings_pane import FindingsPane
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.package_actions import PackageActions
from explorer.viewmodel.finding_rows import FindingOrder, FindingsView

_WORKERS = "findings"


class FindingActions(PackageActions):
    """Reads the findings, groups and sorts them, and goes to their places."""

    _is_reading_findings = False

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides the keys that stop the reading or go on with it while they mean nothing."""
        if action == "stop_findings":
            return self._is_reading_findings and not self.view.findings.query
        if action == "fetch_findings":
            return not self._is_reading_findings and self.shown.lacks_findings
        return super().availability(action, parameters)

    @work(exclusive=True, group=_WORKERS)
    async def read_findings(self, exploration: Exploration, *, fetches: bool = False) -> None:
        """Reads the findings in the background, and shows those that are known so far."""
        self._is_reading_findings = True
        self.refresh_bindings()
        try:
            await self.shown.read_findings(exploration, self.view_of_findings, fetches=fetches)
        finally:
            self._is_reading_findings = False
            # A screen that closes stops this after its widgets are gone.
            if self.query_one_optional(FindingsPane) is not None and exploration is self.exploration:
                self.shown.findings_ended(self.view)
                self.shown.show_history(self.pane)
                self.refresh_bindings()

    def view_of_findings(self) -> None:
        """Shows the findings that are known by now."""
        self.shown.show_findings(self.view)
        self.shown.show_history(self.pane)
        self.refresh_bindings()

    def action_fetch_findings(self) -> None:
        """Reads the files that are not read yet, also those of a registry."""
        if self.exploration is not None:
            self.read_findings(self.exploration, fetches=True)

    def action_stop_findings(self) -> None:
        self.workers.cancel_group(self, _WORKERS)

    def action_group_findings(self) -> None:
        """Groups the findings in the next way."""
        self._show_findings(self.view.findings.grouped_by_next())

    def action_sort_findings(self, order: str = "") -> None:
        """Sorts the findings in an order, reversed if it has that one, or in the next."""
        findings = self.view.findings
        self._show_findings(findings.sorted_by(FindingOrder(order) if order else findings.order.following))

    def action_reverse_findings(self) -> None:
        self._show_findings(self.view.findings.sorted_by(self.view.findings.order))

    def _show_findings(self, findings: FindingsView) -> None:
        self.view = replace(self.view, findings=findings)

    def action_findings(self) -> None:
        """Shows the findings, from a click on the verdict."""
        self._jump(self.view, "findings")

    @on(FindingList.Chosen)
    def go_to_finding(self, message: FindingList.Chosen) -> None:
        """Goes to a file at its layer, to a step among the layers, or to a setting."""
        message.stop()
        place, layer = message.finding.place, message.finding.layer
        if self.exploration is None:
            return
        if isinstance(place, PathPlace):
            node = self.exploration.tree.find(place.path)
            if node is not None and layer is not None:
                self.go_to(node, layer)
            else:
                self.notify("This path is not in the tree.", severity="warning", markup=False)
        elif isinstance(place, StepPlace):
            self._keep_place()
            layers = self.query_one(LayerList)
            layers.select_step(place.step)
            self.set_focus(layers)
        elif isinstance(place, ConfigPlace):
            self._jump(self.view, "image")
            self.query_one(ImagePane).show_setting(place.key)
