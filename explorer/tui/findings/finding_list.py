"""The list of the findings: keys, clicks and segments of rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.findings.finding_columns import FINDING_CELLS, finding_columns
from explorer.tui.findings.finding_words import row_words
from explorer.tui.widgets.column_headers import Columns, fit_columns
from explorer.tui.widgets.grouped_list import GroupedList
from explorer.tui.widgets.marks import SEVERITY_STYLES
from explorer.viewmodel.finding_rows import FindingGroup, FindingItem, FindingRows, FindingsView, finding_rows
from explorer.viewmodel.grouped_rows import GroupedRow

if TYPE_CHECKING:
    from explorer.analysis.findings.finding import Finding
    from explorer.analysis.findings.image_findings import ImageFindings

NOT_KNOWN = "The findings are not known yet. Wait for them."
_NO_FINDING = "No finding is selected."
_FOLDING = ("open_or_close", "open", "close", "open_all", "close_all")


class FindingList(ActionOwner, GroupedList):
    """The list of the findings, with those of the base in a group at the end."""

    HELP = """\
    # Findings

    Secrets, practices of Dockerfiles, and the vulnerabilities that other scanners report, the most severe first. All
    versions of all files above the base are searched, also those that a later layer deletes: who has the image can read
    them. *layer* is the layer that ships the file: `2 → 4` was deleted by layer 4. The findings of the base are a group
    at the end, because this image is not to blame for them.

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
        Binding("enter", "open_or_close", "Fold", show=False, tooltip="Fold or unfold", id="findings.enter-fold"),
        Binding(
            "b",
            "screen.group_findings",
            "Group by",
            tooltip="Group the findings by kind, layer or package",
            id="findings.group",
        ),
        Binding(
            "s",
            "screen.sort_findings",
            "Sort",
            tooltip="Sort the findings by severity, layer, size or title",
            id="findings.sort",
        ),
        Binding(
            "S",
            "screen.reverse_findings",
            show=False,
            tooltip="Reverse the order of the findings",
            id="findings.reverse",
        ),
        Binding("space", "open_or_close", show=False, tooltip="Fold or unfold a group", id="findings.fold"),
        Binding("left,h", "close", show=False, tooltip="Fold the group, or go to it", id="findings.close"),
        Binding("right,l", "open", show=False, tooltip="Unfold, or go to the first inside", id="findings.open"),
        Binding("e", "open_all", show=False, tooltip="Unfold all groups", id="findings.open-all"),
        Binding("E", "close_all", show=False, tooltip="Fold all groups", id="findings.close-all"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "finding--group",
        "finding--layer",
        "finding--muted",
        *SEVERITY_STYLES,
    }

    @dataclass
    class Chosen(Message):
        """Asks to go to the place of a finding."""

        finding: Finding

    findings: ImageFindings | None = None
    view = FindingsView()

    def __init__(self) -> None:
        super().__init__(id="finding-list")
        self.rows = FindingRows()
        self._opened: set[Hashable] = set()
        self._placed_on: FindingItem | None = None
        """The row that the cursor was placed on, and that it stays on until a key moves it."""
        self._finding_columns = finding_columns((), has_arrows=False)

    @property
    def grouped_rows(self) -> Sequence[GroupedRow[object]]:
        return self.rows.rows

    @property
    def groups(self) -> Sequence[FindingGroup]:
        return self.rows.groups

    @property
    def opened(self) -> set[Hashable]:
        return self._opened

    def group_at(self, index: int) -> FindingGroup | None:
        item = self.rows.rows[index].item if index < self.count else None
        return item if isinstance(item, FindingGroup) else None

    @property
    def columns(self) -> Columns:
        return fit_columns(self._finding_columns, self.scrollable_content_region.width)

    @property
    def selected(self) -> FindingItem | None:
        """The finding or group under the cursor."""
        return self.rows.rows[self.cursor].item if self.cursor < self.count else None

    @property
    def selected_finding(self) -> Finding | None:
        """The finding under the cursor; None on a group."""
        item = self.selected
        return None if isinstance(item, FindingGroup) else item

    def forget(self) -> None:
        """Shows nothing, because another image is shown."""
        self._opened.clear()
        self._placed_on = None
        self.findings = None
        self.refold()

    def show(self, findings: ImageFindings, view: FindingsView) -> None:
        """Shows findings, and keeps the selected row; at first it is the first secret."""
        is_sorted = (view.order, view.is_reversed) != (self.view.order, self.view.is_reversed)
        selected = self.selected
        is_moved = selected is not None and self.rows.find(selected) != self._placed_line
        self.findings, self.view = findings, view
        self._update_rows()
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

    def refold(self) -> None:
        selected = self.selected
        self._update_rows()
        self.replace_lines((self.rows.find(selected) if selected is not None else 0) or 0)

    def _update_rows(self) -> None:
        if self.findings is None:
            self.rows = FindingRows()
        else:
            self.rows = finding_rows(self.findings, self.view, self._opened)
            self._finding_columns = finding_columns(self.findings.findings, has_arrows=bool(self.rows.groups))

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row, columns = self.rows.rows[index], self.columns
        segments = self.cells(FINDING_CELLS, row.item, columns)
        room = width - columns.last_at
        for arrow in self.arrow_segments(index, room, "finding--muted"):
            segments.append(arrow)
            room -= arrow.cell_length
        words = row_words(row.item, room)
        return [*segments, *(Segment(text, self.style_of(style) if style else None) for text, style in words)]

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        if action in ("choose", *_FOLDING) and self.findings is None:
            return NOT_KNOWN
        is_group = isinstance(self.selected, FindingGroup)
        if action == "choose":
            return False if is_group else self.selected is not None or _NO_FINDING
        if action in ("open_or_close", "open", "open_all", "close_all"):
            return bool(self.rows.groups) and (is_group or action != "open_or_close")
        return True

    def action_choose(self) -> None:
        finding = self.selected_finding
        if finding is not None:
            self.post_message(self.Chosen(finding))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        self.action_choose()
