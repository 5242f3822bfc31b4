"""The findings pane: filter, counts, list, and a box about the selected row."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from explorer.analysis.findings.finding import PathPlace
from explorer.model import Cause, Progress, Waste
from explorer.preview.versions import file_version_at, wasted_version
from explorer.tui.availability import Availability
from explorer.tui.findings.finding_list import NOT_KNOWN, FindingList
from explorer.tui.findings.finding_words import (
    LOOKING,
    STOPPED,
    FindingText,
    GroupText,
    finding_as_text,
    found_words,
    item_facts,
    no_rows_reason,
    progress_words,
    remarks,
    summary,
)
from explorer.tui.history.history_items import PathHistory, path_history, title_item
from explorer.tui.key_words import with_keys
from explorer.tui.viewer.file_actions import FileActions, FileTarget
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.tui.widgets.text_box import TextBox
from explorer.viewmodel.finding_rows import FindingGroup, FindingGrouping, parse_findings, row_title
from explorer.viewmodel.view import View

if TYPE_CHECKING:
    from explorer.analysis.findings.image_findings import ImageFindings
    from explorer.pipeline import Exploration

_PLACEHOLDER = "word  severity>=high  kind:secret  layer:3  -not"
_MIN_HEIGHT_WITH_SUMMARY = 6
_MIN_HEIGHT_WITH_HEADERS = 5
_MIN_HEIGHT_WITH_BOX = 9
_MIN_HEIGHT_WITH_REMARK = 8
_MIN_HEIGHT_WITH_FRAME = 14
_BOX_PERCENT, _MAX_BOX_LINES = 30, 10
_MAX_BOX_PERCENT = 60
"""The most of the height that the box takes while it has the focus."""


class FindingBox(TextBox):
    """The box with the selected finding."""

    HELP = """\
    # The selected finding

    The place of the finding, why it is one, and what to do about it. With the focus, the box grows to its text if there
    is room, and scrolls if not. **{findings.leave}** goes back to the list.
    """


class FindingsPane(FileActions):
    """The findings of the image."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_box", "Back", tooltip="Back to the list", id="findings.leave"),
        Binding("escape", "screen.stop_findings", "Stop", tooltip="Stop looking for findings", id="findings.stop"),
        Binding(
            "r",
            "screen.fetch_findings",
            "Read on",
            tooltip="Read the files that are not read, also from the registry",
            id="findings.fetch",
        ),
        Binding("v", "view_finding", "View", tooltip="View the file at the line", id="files.view"),
        Binding("y", "copy_finding", "Copy", tooltip="Copy the finding and its place", id="findings.copy"),
        Binding("Y", "copy_findings", show=False, tooltip="Copy all findings as Markdown", id="findings.copy-all"),
    ]
    SORT_ACTION = "screen.sort_findings"
    _view = View(0)
    _waiting_words = LOOKING
    """Shown in place of the rows until there are any."""
    _progress: Progress | None = None
    """The progress of reading; None while nothing is read."""

    def compose(self) -> ComposeResult:
        findings = FindingList()
        yield FilterBar(parse_findings, findings, _PLACEHOLDER)
        yield Static(id="findings-summary")
        yield Static(id="findings-remark")
        yield ColumnHeaders()
        yield Static(id="findings-empty")
        yield findings
        yield FindingBox("finding-box")

    @property
    def listed(self) -> FindingList:
        """The list of the findings."""
        return self.query_one(FindingList)

    def wait(self, exploration: Exploration | None, reason: str = "") -> None:
        """Shows why the findings of an image are not known yet, in place of the rows."""
        self.exploration, self._progress = exploration, None
        self._waiting_words = reason or LOOKING
        if self.listed.findings is not None:
            self.listed.forget()
        self._fit()

    def progressed(self, progress: Progress) -> None:
        """Shows the progress of reading."""
        self._progress = progress
        self._waiting_words = progress_words(progress)
        # A layout for each progress would slow down the keys.
        if self.display:
            self._write_summary()
            self._show_empty()

    def on_show(self) -> None:
        self._fit()

    def ended(self) -> None:
        """Shows no progress any more, because the reading ended or was stopped."""
        if self._progress is not None or self._waiting_words == LOOKING:
            self._progress, self._waiting_words = None, STOPPED
        self._fit()

    def show(self, findings: ImageFindings | None, view: View) -> None:
        """Shows findings, and keeps the selected row."""
        listed, self._view = self.listed, view
        if findings is not None and (findings is not listed.findings or view.findings != listed.view):
            listed.show(findings, view.findings)
        self.show_filter()
        self._fit()

    # The selected row

    def path_history(self) -> PathHistory | None:
        """Returns the history of the path of the selected row, or the facts of it."""
        item, finding = self.listed.selected, self.listed.selected_finding
        if item is None:
            return None
        if finding is None or self.exploration is None or not isinstance(finding.place, PathPlace):
            return item_facts(item)
        node, layer = self.exploration.tree.find(finding.place.path), finding.layer
        if node is None or layer is None:
            return item_facts(item)
        history = path_history(self.exploration, node, node.entry_at(layer), layer, is_there=False)
        return history._replace(items=[*history.items, title_item(row_title(finding))])

    def file_target(self) -> FileTarget | None:
        """Returns the version that a finding is in, to be compared with what hid it."""
        finding = self.listed.selected_finding if self.query(FindingList) else None
        if finding is None or self.contents is None or not isinstance(finding.place, PathPlace):
            return None
        node, layer = self.contents.tree.find(finding.place.path), finding.layer
        if node is None or layer is None:
            return None
        if finding.hidden_in == layer:
            # Of two copies in one layer only the later one has a place in the tree.
            copied = Waste(finding.place.path, finding.bytes, Cause.DUPLICATE, layer, layer)
            return FileTarget(
                node, layer, wasted_version(self.contents.tree, copied), None, None, line=finding.place.line
            )
        compared = (layer - 1, layer) if finding.hidden_in is None else (layer, finding.hidden_in)
        return FileTarget(node, layer, file_version_at(node, layer, layer), compared, layer, line=finding.place.line)

    @on(FindingList.CursorMoved)
    def follow_row(self) -> None:
        """Updates the box and the keys. The message goes on to the screen."""
        listed, finding = self.listed, self.listed.selected_finding
        actions = ("choose", "open_or_close")
        of_file = ("view", "copy_finding")
        self.refresh_keys(
            *(listed.check_action(action, ()) for action in actions),
            *(self.check_action(action, ()) for action in of_file),
        )
        group = listed.selected
        text = FindingText(finding) if finding else GroupText(group) if isinstance(group, FindingGroup) else None
        self.query_one(FindingBox).show(text)

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Returns a reason for the actions that the selected finding does not have."""
        if action == "leave_box":
            return any(box.has_focus for box in self.query(FindingBox))
        if action in ("copy_path", "copy_command"):
            return False
        if action in ("copy_finding", "copy_findings"):
            findings = self.listed.findings
            if findings is None:
                return NOT_KNOWN
            is_there = findings.findings if action == "copy_findings" else self.listed.selected_finding
            return bool(is_there) or "No finding is selected."
        if action == "view_finding":
            action = "view"
        if action in ("view", "diff", "save") and self.contents is not None and self.file_target() is None:
            return "This finding is in no file. Press {findings.go} to go to its place."
        return super().availability(action, parameters)

    def action_leave_box(self) -> None:
        self.screen.set_focus(self.listed)

    def action_view_finding(self) -> None:
        self.action_view()

    def action_copy_finding(self) -> None:
        finding = self.listed.selected_finding
        if finding is not None:
            copy(self, finding_as_text(finding))

    def action_copy_findings(self) -> None:
        """Copies all findings as Markdown, those of the base only as a number."""
        from explorer.report.findings_markdown import as_markdown

        findings = self.listed.findings
        if findings is not None and self.exploration is not None:
            copy(self, as_markdown(findings.own, findings, self.exploration.image.reference))

    # The filter

    def show_filter(self) -> None:
        listed = self.listed
        query = listed.view.query
        self.query_one(FilterBar).show(query.text, found_words(listed.rows) if query and listed.findings else "")

    # Order and height

    def on_resize(self) -> None:
        self._fit()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._fit_box(isinstance(event.widget, FindingBox))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._fit_box(isinstance(event.widget, FindingBox))

    def _fit_box(self, is_changed: bool) -> None:
        """Fits the box after it got or lost the focus."""
        if is_changed:
            box = self.query_one(FindingBox)
            self._fit()
            box.scroll_home(animate=False)
            # Because its width changes: with the focus it has a scrollbar.
            box.call_after_refresh(box.rewrite)

    def _fit(self) -> None:
        """Shares the height. What has no room or nothing to say is left out."""
        listed, height = self.listed, self.size.height
        findings = listed.findings
        self.query_one("#findings-summary").display = findings is not None and height >= _MIN_HEIGHT_WITH_SUMMARY
        self._write_summary()
        remark = "" if findings is None else remarks(findings)
        is_warning = findings is not None and bool(findings.problem_words)
        line = self.query_one("#findings-remark", Static)
        line.display = bool(remark) and height >= _MIN_HEIGHT_WITH_REMARK
        words, style = (f"! {remark}", "$text-warning") if is_warning else (remark, "$muted")
        line.update(Content.styled(cut(words, max(1, self.size.width - 2)), style), layout=False)
        heads, box = self.query_one(ColumnHeaders), self.query_one(FindingBox)
        heads.display = bool(listed.count) and height >= _MIN_HEIGHT_WITH_HEADERS
        self._show_headers()
        box.display = bool(listed.count) and height >= _MIN_HEIGHT_WITH_BOX
        is_framed = height >= _MIN_HEIGHT_WITH_FRAME
        box.set_class(is_framed, "-framed")
        lines = min(max(3, height * _BOX_PERCENT // 100), _MAX_BOX_LINES)
        if box.has_focus:
            lines = max(lines, min(box.needed, height * _MAX_BOX_PERCENT // 100))
        box.styles.height = lines + is_framed
        self._show_empty()

    def _show_headers(self) -> None:
        listed = self.listed
        headers = listed.columns.headers
        self.query_one(ColumnHeaders).show(headers, listed.view.order.value, listed.view.is_reversed)

    def _write_summary(self) -> None:
        findings = self.listed.findings
        if findings is None:
            return
        width = max(self.size.width - 2, 1)
        shown = summary(findings, width)
        more = progress_words(self._progress) if self._progress else ""
        style = "$muted"
        if not more and (findings.needs_fetch or findings.is_partial):
            more, style = with_keys(self, "{findings.fetch} reads the rest"), "$key"
        by = self._view.findings.grouping
        if more:
            shown = Content.assemble((f"{more}   ", style), summary(findings, width - len(more) - 3))
        elif by is not FindingGrouping.FINDING and shown.cell_length + len(by.value) + 6 <= width:
            shown = Content.assemble(shown, (f"   by {by.value}", "$muted"))
        self.query_one("#findings-summary", Static).update(shown, layout=False)

    def _show_empty(self) -> None:
        """Shows the reason for no rows in their place."""
        listed, empty, findings = self.listed, self.query_one("#findings-empty", Static), self.listed.findings
        words = self._waiting_words
        if findings is not None:
            words = "" if listed.count else no_rows_reason(findings, listed.view)
            if words and self._progress is not None and not listed.view.query:
                words = progress_words(self._progress)
        empty.display = bool(words)
        # Not hidden, because it keeps the focus, and the headers fit its width.
        is_bare = bool(words) and findings is not None and not listed.count
        if is_bare == (listed.styles.height is None):
            listed.styles.height = 1 if is_bare else None
            # Because a list without rows has another width until the next layout.
            self.call_after_refresh(self._show_headers)
        if words:
            empty.update(Content(with_keys(self, words)), layout=False)
