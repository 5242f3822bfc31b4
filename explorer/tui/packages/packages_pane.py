"""The packages pane: filter, sum, headers, and the list or the reason for no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from explorer.model import Progress
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.tui.availability import Availability
from explorer.tui.history.history_items import PathHistory
from explorer.tui.key_words import key_of, with_keys
from explorer.tui.packages.package_list import PackageList
from explorer.tui.packages.package_words import (
    found_words,
    incomplete_words,
    item_history,
    no_rows_reason,
    progress_words,
    summary,
)
from explorer.tui.viewer.file_actions import FILE_KEYS, FileActions, FileTarget
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.viewmodel.package_rows import PackageGrouping, parse_packages
from explorer.viewmodel.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.analysis.file_kinds.kind_usage import KindUsage
    from explorer.analysis.packages.image_packages import ImagePackages

_PLACEHOLDER = "name  lib*-dev  kind:deb  is:removed  -not"
_ADDING_UP = "Adding up the files by kind…"
_NO_FILES = "The image has no files."
_MIN_HEIGHT_WITH_SUMMARY = 8
_MAX_PROBLEMS = 3
_FILE_ACTIONS = frozenset(key.action for key in FILE_KEYS)


class PackagesPane(FileActions):
    """The packages of all layers with their files and bytes."""

    SORT_ACTION = "screen.sort_packages"
    _view = View(0)
    _waiting_words = progress_words(None)
    """Shown in place of the rows until the packages are known."""

    def compose(self) -> ComposeResult:
        packages = PackageList()
        yield FilterBar(parse_packages, packages, _PLACEHOLDER)
        yield Static(id="packages-summary")
        yield ColumnHeaders()
        yield Static(id="packages-empty")
        yield packages

    def wait(self, reason: str = "") -> None:
        """Shows why the packages are not known yet, in place of the rows."""
        self._waiting_words = reason or progress_words(None)
        listed = self.query_one(PackageList)
        if listed.packages is not None or listed.file_kinds is not None:
            listed.show(None, None, self._view.packages)
        self._show_empty()

    def progressed(self, progress: Progress) -> None:
        """Shows the progress of reading the databases."""
        self._waiting_words = progress_words(progress)
        self._show_empty()

    def show(self, packages: ImagePackages | None, file_kinds: Sequence[KindUsage] | None, view: View) -> None:
        """Shows packages or kinds of files, and keeps the selected row."""
        listed, self._view = self.query_one(PackageList), view
        if packages is not listed.packages or file_kinds is not listed.file_kinds or view.packages != listed.view:
            listed.show(packages, file_kinds, view.packages)
        self.show_filter()
        self._fit()

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Hides the actions on files."""
        return action not in _FILE_ACTIONS and super().availability(action, parameters)

    def path_history(self) -> PathHistory | None:
        item = self.query_one(PackageList).selected
        return None if item is None else item_history(item)

    def file_target(self) -> FileTarget | None:
        return None

    @on(PackageList.CursorMoved)
    def follow_row(self) -> None:
        """Updates the keys for the selected row. The message goes on to the screen."""
        listed = self.query_one(PackageList)
        actions = ("choose", "open_or_close", "copy_purl")
        self.refresh_keys(*(listed.check_action(action, ()) for action in actions))

    # The filter

    def show_filter(self) -> None:
        listed = self.query_one(PackageList)
        query, rows = listed.view.query, listed.rows
        found = ""
        if query and listed.is_known:
            # The line below has their bytes.
            bytes_ = "" if self._has_summary else f", {size(rows.match_bytes)}"
            found = f"{counted(rows.matches, rows.noun)}{bytes_}" if rows.matches else "no match"
        self.query_one(FilterBar).show(query.text, found)

    # Order and height

    def on_resize(self) -> None:
        self.show_filter()
        self._fit()

    @property
    def _has_summary(self) -> bool:
        """True if there is a sum, and room for it."""
        packages = self.query_one(PackageList).packages
        return packages is not None and bool(packages.usages) and self.size.height >= _MIN_HEIGHT_WITH_SUMMARY

    def _fit(self) -> None:
        """Shows what has room, and the headers of the columns that fit."""
        listed, line = self.query_one(PackageList), self.query_one("#packages-summary", Static)
        packages, view = listed.packages, listed.view
        line.display = self._has_summary
        if packages is not None and line.display:
            line.update(self._summary(packages, max(self.size.width - 2, 1)))
        heads = self.query_one(ColumnHeaders)
        heads.display = bool(listed.count) and self.size.height >= 5
        heads.show(listed.columns.headers, view.order.value, view.is_reversed)
        self._show_empty()

    def _summary(self, packages: ImagePackages, width: int) -> Content:
        grouping, listed = self._view.packages.grouping, self.query_one(PackageList)
        if listed.view.query and listed.is_known and listed.rows.matches:
            return found_words(listed.rows)
        line = summary(packages, width)
        if packages.needs_fetch:
            more = f"{key_of(self, 'packages.fetch')} fetches the rest   "
            line = Content.assemble((more, "$key"), summary(packages, width - len(more)))
        elif packages.problems:
            more = f"{incomplete_words(packages)}   "
            line = Content.assemble((more, "$text-warning"), summary(packages, width - len(more)))
        by = "" if grouping is PackageGrouping.PACKAGE else f"   by {grouping.value}"
        if by and line.cell_length + len(by) <= width:
            line = Content.assemble(line, (by, "$muted"))
        return line

    def _show_empty(self) -> None:
        listed, empty = self.query_one(PackageList), self.query_one("#packages-empty", Static)
        words = self._waiting_words
        if listed.view.grouping is PackageGrouping.FILE_KIND:
            words = "" if listed.count else _ADDING_UP
            if listed.file_kinds is not None and not listed.count:
                words = no_rows_reason(listed.view, needs_fetch=False) if listed.view.query else _NO_FILES
        elif listed.packages is not None:
            has_none = not listed.packages.usages and not listed.view.query
            words = (
                no_rows_reason(listed.view, needs_fetch=listed.packages.needs_fetch)
                if has_none or not listed.count
                else ""
            )
            if words and listed.packages.problems:
                words += "".join(
                    f"\n\nlayer {layer}: {printable(text)}" for layer, text in listed.packages.problems[:_MAX_PROBLEMS]
                )
        empty.display = bool(words)
        # Not hidden, because it keeps the focus, and the headers fit its width.
        listed.styles.height = 1 if words and listed.is_known and not listed.count else None
        if words:
            empty.update(Content(with_keys(self, words)))
