"""The packages that differ between two images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from explorer.analysis.image_diff.package_changes import PackageChange, PackageChangeKind, PackageChanges
from explorer.model import Change, Progress
from explorer.text.printable import printable
from explorer.text.units import counted, percent, size
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.compare.words import growth, short_growth
from explorer.tui.key_words import key_of
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
    see. **{packages.copy}** copies the package URL.

    **{packages.changed-files}** shows the files of a package that differ, **{packages.unowned}** those that no package
    owns. **{packages.sort-changes}** sorts by growth or name, **{packages.reverse-changes}** reverses the order.

    The databases are read after the files show.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Its files", tooltip="Show its files that differ", id="packages.changed-files"),
        Binding("u", "unowned", "Unowned", tooltip="Show the files that no package owns", id="packages.unowned"),
        Binding("s", "sort", "Sort", tooltip="Sort the packages by growth or name", id="packages.sort-changes"),
        Binding("S", "reverse", show=False, tooltip="Reverse the order", id="packages.reverse-changes"),
        Binding("y", "copy_purl", "Copy", tooltip="Copy the package URL", id="packages.copy"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "package--added",
        "package--removed",
        "package--modified",
        "package--muted",
    }

    @dataclass
    class Chosen(Message):
        """Asks for the files of a package, or for those without one."""

        change: PackageChange | None

    def __init__(self) -> None:
        super().__init__(id="package-changes")
        self.changes: Sequence[PackageChange] = ()
        self.is_by_name = self.is_reversed = False

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
        return True if action not in ("copy_purl", "choose") or self.count else "No package is selected."

    def show(self, changes: Sequence[PackageChange]) -> None:
        """Shows packages, the largest difference first."""
        self.changes = changes
        self.cursor = 0
        self._resort()

    def _resort(self) -> None:
        def name(change: PackageChange) -> tuple[str, str, str]:
            return change.name, change.kind, change.versions

        selected = self.changes[self.cursor] if self.cursor < self.count else None
        changes = sorted(self.changes, key=name)
        if not self.is_by_name:
            changes.sort(key=lambda change: -abs(change.growth))
        self.changes = changes[::-1] if self.is_reversed else changes
        self.update_lines()
        self.cursor = self.changes.index(selected) if selected is not None else 0
        self.show_cursor()
        self.refresh_bindings()

    def action_sort(self) -> None:
        """Sorts by name, or by growth again."""
        self.is_by_name, self.is_reversed = not self.is_by_name, False
        self._resort()

    def action_reverse(self) -> None:
        self.is_reversed = not self.is_reversed
        self._resort()

    def action_choose(self) -> None:
        if self.cursor < self.count:
            self.post_message(self.Chosen(self.changes[self.cursor]))

    def action_unowned(self) -> None:
        self.post_message(self.Chosen(None))

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        self.action_choose()

    def action_copy_purl(self) -> None:
        """Copies the package URL in the new image, or in the old one if only that has it."""
        if self.cursor < self.count:
            change = self.changes[self.cursor]
            package = change.new or change.old
            copy(self, (package.purl if package is not None else "") or change.name)


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
        packages.show(found.changes)
        unowned = found.new_unowned_bytes - found.old_unowned_bytes
        number = counted(len(found.changes), "package differs", "packages differ")
        old, new = found.old_packages, found.new_packages
        count = f"{new:,}" if old == new else f"{old:,} → {new:,}"
        words = f"{number} of {count}" + (
            f"; unowned {growth(unowned)} ({key_of(self, 'packages.unowned')})" if unowned else ""
        )
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
