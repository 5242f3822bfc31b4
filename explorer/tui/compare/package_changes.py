"""The packages that differ between two images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from explorer.analysis.image_diff.package_changes import PackageChange, PackageChangeKind, PackageChanges
from explorer.model import Change, Progress
from explorer.text.printable import printable
from explorer.text.units import counted, percent, size
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.compare.words import growth, short_growth
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Column, ColumnHeaders, Columns, fit_columns
from explorer.tui.widgets.cursor_list import CellTable, CursorList
from explorer.tui.widgets.drawing import cut, cut_or_pad
from explorer.tui.widgets.marks import MARKS
from explorer.viewmodel.layers_read import PACKAGES_NOT_READ

_MARKS = {
    PackageChangeKind.ADDED: (MARKS[Change.ADDED], "package--added"),
    PackageChangeKind.REMOVED: (MARKS[Change.REMOVED], "package--removed"),
}
_OTHER_MARK = MARKS[Change.MODIFIED], "package--modified"


def _bytes(is_there: bool, bytes_: int, cells: int) -> tuple[str, str]:
    return (size(bytes_) if is_there else "·").rjust(cells), "package--muted"


def _growth(change: PackageChange, cells: int) -> tuple[str, str]:
    style = "package--added" if change.growth > 0 else "package--removed" if change.growth else "package--muted"
    return short_growth(change.growth).rjust(cells), style


_CELLS: CellTable[PackageChange] = {
    Column("mark", "±", ((0, 1),)): lambda change, _: _MARKS.get(change.change, _OTHER_MARK),
    Column("old", "old", ((64, 7),), right=True): lambda change, cells: _bytes(
        change.old is not None, change.old_bytes, cells
    ),
    Column("new", "new", ((56, 7),), right=True): lambda change, cells: _bytes(
        change.new is not None, change.new_bytes, cells
    ),
    Column("growth", "growth", ((24, 8),), right=True): _growth,
    Column("kind", "kind", ((48, 6),)): lambda change, cells: (cut_or_pad(change.kind, cells), "package--muted"),
}
_COLUMNS = (*_CELLS, Column("name", "name and version"))


class PackageChangeList(ActionOwner, CursorList):
    """The list of the packages that differ."""

    HELP = """\
    # Packages that differ

    The packages that containers of one image have and those of the other do not, or in another version: `+` added,
    `−` removed, `~` changed, the largest difference of bytes first. The sizes are those of the files that containers
    see. **{packages.copy}** copies the name.

    The databases are read after the files show.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_name", "Copy", tooltip="Copy the package's name and version", id="packages.copy"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "package--added",
        "package--removed",
        "package--modified",
        "package--muted",
    }

    def __init__(self) -> None:
        super().__init__(id="package-changes")
        self.changes: Sequence[PackageChange] = ()

    @property
    def count(self) -> int:
        return len(self.changes)

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        return fit_columns(_COLUMNS, self.scrollable_content_region.width)

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        change, columns = self.changes[index], self.columns
        room = width - columns.last_at
        name = cut(f"{change.name} ", room)
        rest = cut(change.versions, room - len(name))
        return [*self.cells(_CELLS, change, columns), Segment(name), Segment(rest, self.style_of("package--muted"))]

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        return True if action != "copy_name" or self.count else "No package is selected."

    def action_copy_name(self) -> None:
        if self.cursor < self.count:
            change = self.changes[self.cursor]
            copy(self, f"{change.name} {change.versions}".strip())


class PackageChangesPane(Vertical):
    """The sum, the column headers and the list, or the reason for no rows."""

    def compose(self) -> ComposeResult:
        yield Static(id="packages-summary")
        yield ColumnHeaders()
        yield PackageChangeList()
        yield Static(id="packages-empty")

    def on_mount(self) -> None:
        self.wait(PACKAGES_NOT_READ)

    def on_resize(self) -> None:
        self.query_one(ColumnHeaders).show(self.query_one(PackageChangeList).columns.headers)

    def show(self, found: PackageChanges | None) -> None:
        """Shows the packages; None shows that they are not read."""
        if found is None:
            self.wait(PACKAGES_NOT_READ)
            return
        packages = self.query_one(PackageChangeList)
        packages.changes = found.changes
        packages.cursor = 0
        packages.update_lines()
        packages.refresh_bindings()
        unowned = found.new_unowned_bytes - found.old_unowned_bytes
        number = counted(len(found.changes), "package differs", "packages differ")
        old, new = found.old_packages, found.new_packages
        count = f"{new:,}" if old == new else f"{old:,} → {new:,}"
        words = f"{number} of {count}" + (f"; unowned files {growth(unowned)}" if unowned else "")
        self._show_summary(words)
        problems = [*found.old_problems, *found.new_problems]
        if problems:
            self._show_summary(f"! {words}; some may be missing: {problems[0][1]}")
        has_any = found.old_packages or found.new_packages
        reason = "No package differs." if has_any else "Neither image has packages of a known kind."
        self._show_empty("" if found.changes else reason)

    def wait(self, reason: str) -> None:
        """Shows why there are no packages yet."""
        self.query_one(PackageChangeList).changes = ()
        self.query_one(PackageChangeList).update_lines()
        self._show_summary("")
        self._show_empty(reason)

    def progressed(self, progress: Progress) -> None:
        """Shows the progress of reading the databases."""
        share = "…" if progress.share is None else f": {percent(progress.share)}"
        self._show_empty(f"{printable(progress.step)}{share}")

    def _show_summary(self, words: str) -> None:
        summary = self.query_one("#packages-summary", Static)
        summary.display = bool(words)
        summary.update(Content.styled(words, "$muted"))

    def _show_empty(self, reason: str) -> None:
        empty = self.query_one("#packages-empty", Static)
        empty.display = bool(reason)
        self.query_one(PackageChangeList).display = not reason
        self.query_one(ColumnHeaders).display = not reason
        empty.update(Content(reason))
