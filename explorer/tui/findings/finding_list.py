"""The list of the findings: keys, clicks and segments of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.tui.availability import Availability
from explorer.tui.findings.finding_columns import FINDING_CELLS, finding_columns
from explorer.tui.findings.finding_words import row_words
from explorer.tui.widgets.column_headers import Columns
from explorer.tui.widgets.grouped_list import ROW_ACTIONS, GroupedList, grouping_bindings
from explorer.tui.widgets.marks import SEVERITY_STYLES
from explorer.viewmodel.finding_rows import FindingGroup, FindingItem, FindingRows, FindingsView, finding_rows

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.findings.image_findings import ImageFindings

NOT_KNOWN = "The findings are not known yet. Wait for them."


class FindingList(GroupedList[FindingItem]):
    """The list of the findings, with those of the base in a group at the end."""

    HELP = """\
    # Findings

    Secrets, practices of Dockerfiles, and the vulnerabilities that other scanners report, the most severe first. All
    versions of all files above the base are searched, also those that a later layer deletes: everybody who has the
    image can read them. *layer* is the layer that ships the file: `2 → 4` was deleted by layer 4. The findings of the
    base are a group at the end, because this image is not to blame for them.

    **{findings.go}** goes to the place: the file at its layer, the step, or the setting. **{explore.back}** comes back.
    **{files.view}** shows the file at the line, also a deleted one; only there is the text of a secret shown.
    **{findings.copy}** copies a finding, **{findings.copy-all}** all of them as Markdown.

    **{findings.group}** groups by kind, layer or package, **{findings.sort}** sorts by severity, layer, size or title,
    **{findings.reverse}** reverses the order. A click on a header sorts, too.

    **{explore.filter}** filters: `word`, a part of title, name, path or package; `CVE-2024-*`, a glob;
    `severity:high`, `severity>=high`; `kind:` secret, practice or vulnerability; `is:` visible, deleted or base;
    `layer:3`, shipped or deleted by layer 3; `package:NAME`; `-term` does not match.

    Files are read after everything else. A second look takes the results from the cache. **{findings.stop}** stops the
    reading, **{findings.fetch}** goes on with it. Files of a registry are fetched only when you press
    **{findings.fetch}**.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go to", tooltip="Go to the file, the step or the setting", id="findings.go"),
        *grouping_bindings("findings", "by kind, layer or package", "by severity, layer, size or title"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "finding--group",
        "finding--layer",
        "finding--muted",
        *SEVERITY_STYLES,
    }

    MUTED_STYLE = "finding--muted"
    NO_ITEM = "No finding is selected."

    @dataclass
    class Chosen(Message):
        """Asks to go to the place of a finding."""

        finding: Finding

    rows = FindingRows()
    all_columns = finding_columns((), has_arrows=False)
    findings: ImageFindings | None = None
    view = FindingsView()
    _placed_on: FindingItem | None = None
    """The row that the cursor was placed on, and that it stays on until a key moves it."""

    def __init__(self) -> None:
        super().__init__("finding-list", row_words)

    @property
    def selected_finding(self) -> Finding | None:
        """The finding under the cursor; None on a group."""
        item = self.selected
        return None if isinstance(item, FindingGroup) else item

    def forget(self) -> None:
        """Shows nothing, because another image is shown."""
        self.opened.clear()
        self._placed_on = None
        self.findings = None
        self.refold()

    def show(self, findings: ImageFindings, view: FindingsView) -> None:
        """Shows findings, and keeps the selected row; at first it is the first secret."""
        is_sorted = (view.order, view.is_reversed) != (self.view.order, self.view.is_reversed)
        selected = self.selected
        is_moved = selected is not None and self.rows.find(selected) != self._placed_line
        self.findings, self.view = findings, view
        self.update_rows()
        row = 0
        if not is_moved and not view.query:
            row = self.rows.first_secret or 0
            self._placed_on = self.rows.rows[row].item if self.count else None
        elif selected is not None and not is_sorted:
            row = self.rows.find(selected) or 0
        self.replace_lines(row)

    @property
    def _placed_line(self) -> int | None:
        return None if self._placed_on is None else self.rows.find(self._placed_on)

    def update_rows(self) -> None:
        if self.findings is None:
            self.rows = FindingRows()
        else:
            self.rows = finding_rows(self.findings, self.view, self.opened)
            self.all_columns = finding_columns(self.findings.findings, has_arrows=bool(self.rows.groups))

    def item_cells(self, item: FindingItem, columns: Columns) -> list[Segment]:
        return self.cells(FINDING_CELLS, item, columns)

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        if action in ROW_ACTIONS and self.findings is None:
            return NOT_KNOWN
        return super().availability(action, parameters)

    def action_choose(self) -> None:
        finding = self.selected_finding
        if finding is not None:
            self.post_message(self.Chosen(finding))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        self.action_choose()
