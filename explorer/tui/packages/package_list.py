"""The list of the packages: keys, clicks and segments of rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.packages.package_columns import FILE_KIND_COLUMNS, PACKAGE_CELLS, PackageFacts, package_columns
from explorer.tui.packages.package_words import row_words
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Columns, fit_columns
from explorer.tui.widgets.grouped_list import GroupedList
from explorer.viewmodel.file_kind_rows import FileKindGroup, file_kind_rows
from explorer.viewmodel.grouped_rows import GroupedRow
from explorer.viewmodel.layers_read import PACKAGES_NOT_READ
from explorer.viewmodel.package_rows import (
    PackageGroup,
    PackageGrouping,
    PackageItem,
    PackageRows,
    PackagesView,
    package_rows,
)

if TYPE_CHECKING:
    from explorer.analysis.file_kinds.kind_usage import KindUsage
    from explorer.analysis.packages.image_packages import ImagePackages
    from explorer.analysis.packages.package_usage import FileUsage

_NO_PACKAGE = "No package is selected."
_NO_KIND = "No kind of files is selected."
_ROW_ACTIONS = ("choose", "copy_purl", "open_or_close", "open", "close", "open_all", "close_all")


class PackageList(ActionOwner, GroupedList):
    """The list of the packages, and of the files that no package owns."""

    HELP = """\
    # Packages

    Each row is one version of a package that a layer installed. *size* is the size of its files that a container sees,
    *wasted* that of its files that it does not see, *layer* is the layer that installed it: `2 → 4` was removed by
    layer 4. *Unowned files* are those that no package database lists. All rows together are the whole image.

    **{packages.show}** shows the files of a package, **{explore.back}** comes back. **{packages.group}** groups by kind
    or by layer, **{packages.sort}** sorts by size, wasted, name or layer, **{packages.reverse}** reverses the order. A
    click on a header sorts, too. **{packages.copy}** copies the package URL.

    After the layers, **{packages.group}** shows all files of the image by what they are: shared libraries,
    documentation, caches; with the change that keeps them out, if there is one. **{packages.show}** shows the files of
    a kind. Here only words filter.

    **{explore.filter}** filters: `word`, a part of the name; `lib*-dev`, a glob; `kind:deb`; `package:NAME`; `is:`
    installed, removed, upgraded or wasted; `layer:3`, installed or removed by layer 3; `size>10M`, `wasted>1M`; `-term`
    does not match.

    The databases are read after the files show. A second look takes them from the cache. Those of an image in a
    registry are fetched only when you press **{packages.fetch}**.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Show files", tooltip="Show the files of the package or kind", id="packages.show"),
        Binding("enter", "open_or_close", "Fold", show=False, tooltip="Fold or unfold", id="packages.enter-fold"),
        Binding(
            "b",
            "screen.group_packages",
            "Group by",
            tooltip="Group the packages by kind or layer, or show the kinds of files",
            id="packages.group",
        ),
        Binding(
            "s",
            "screen.sort_packages",
            "Sort",
            tooltip="Sort the packages by size, wasted, name or layer",
            id="packages.sort",
        ),
        Binding(
            "S",
            "screen.reverse_packages",
            show=False,
            tooltip="Reverse the order of the packages",
            id="packages.reverse",
        ),
        Binding(
            "r",
            "screen.fetch_packages",
            "Fetch",
            tooltip="Fetch the package databases from the registry",
            id="packages.fetch",
        ),
        Binding("y", "copy_purl", "Copy", tooltip="Copy the package URL", id="packages.copy"),
        Binding("space", "open_or_close", show=False, tooltip="Fold or unfold a group", id="packages.fold"),
        Binding("left,h", "close", show=False, tooltip="Fold the group, or go to it", id="packages.close"),
        Binding("right,l", "open", show=False, tooltip="Unfold, or go to the first inside", id="packages.open"),
        Binding("e", "open_all", show=False, tooltip="Unfold all groups", id="packages.open-all"),
        Binding("E", "close_all", show=False, tooltip="Fold all groups", id="packages.close-all"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "package--group",
        "package--bar",
        "package--joint",
        "package--waste",
        "package--waste-bar",
        "package--layer",
        "package--muted",
    }

    @dataclass
    class Chosen(Message):
        """Asks to show the files of a package, of none, or of a kind."""

        item: FileUsage | FileKindGroup

    packages: ImagePackages | None = None
    file_kinds: Sequence[KindUsage] | None = None
    view = PackagesView()

    def __init__(self) -> None:
        super().__init__(id="package-list")
        self.rows = PackageRows()
        self._package_columns = package_columns((), has_arrows=False)
        self._opened: dict[PackageGrouping, set[Hashable]] = {}

    @property
    def grouped_rows(self) -> Sequence[GroupedRow[object]]:
        return self.rows.rows

    @property
    def groups(self) -> Sequence[PackageGroup]:
        return self.rows.groups

    def group_at(self, index: int) -> PackageGroup | None:
        item = self.rows.rows[index].item if index < self.count else None
        return item if isinstance(item, PackageGroup) else None

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        shows_files = self.view.grouping is PackageGrouping.FILE_KIND
        columns = FILE_KIND_COLUMNS if shows_files else self._package_columns
        return fit_columns(columns, self.scrollable_content_region.width)

    @property
    def selected(self) -> PackageItem | None:
        """The package or group under the cursor."""
        return self.rows.rows[self.cursor].item if self.cursor < self.count else None

    @property
    def opened(self) -> set[Hashable]:
        return self._opened.setdefault(self.view.grouping, set())

    @property
    def is_known(self) -> bool:
        """True if what the view shows is known."""
        shown = self.file_kinds if self.view.grouping is PackageGrouping.FILE_KIND else self.packages
        return shown is not None

    def show(self, packages: ImagePackages | None, file_kinds: Sequence[KindUsage] | None, view: PackagesView) -> None:
        """Shows packages or kinds of files, and keeps the selected row."""
        if packages is not self.packages:
            self._opened.clear()
        is_sorted = (view.order, view.is_reversed) != (self.view.order, self.view.is_reversed)
        self.packages, self.file_kinds, self.view = packages, file_kinds, view
        self._refold(keeps_row=not is_sorted)

    def refold(self) -> None:
        self._refold()

    def _refold(self, *, keeps_row: bool = True) -> None:
        selected = self.selected
        if self.view.grouping is PackageGrouping.FILE_KIND:
            self.rows = file_kind_rows(self.file_kinds or (), self.view)
        elif self.packages is None:
            self.rows = PackageRows()
        else:
            self.rows = package_rows(self.packages, self.view, self.opened)
            self._package_columns = package_columns(self.packages.usages, has_arrows=bool(self.rows.groups))
        row = self.rows.find(selected) if keeps_row and selected is not None else 0
        self.replace_lines(row or 0)

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row, columns = self.rows.rows[index], self.columns
        facts = PackageFacts(row.item, self.rows.largest_bytes, not self.app.no_color)
        segments = self.cells(PACKAGE_CELLS, facts, columns)
        room = width - columns.last_at
        for arrow in self.arrow_segments(index, room, "package--muted"):
            segments.append(arrow)
            room -= arrow.cell_length
        words = row_words(row.item, room)
        return [*segments, *(Segment(text, self.style_of(style) if style else None) for text, style in words)]

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        if action in _ROW_ACTIONS and not self.is_known:
            return PACKAGES_NOT_READ
        item = self.selected
        is_group = isinstance(item, PackageGroup)
        if action == "choose":
            if self.view.grouping is PackageGrouping.FILE_KIND:
                return item is not None or _NO_KIND
            return False if is_group else item is not None or _NO_PACKAGE
        if action == "copy_purl":
            has_name = not isinstance(item, PackageGroup) and item is not None and item.package is not None
            return has_name or _NO_PACKAGE
        if action in ("open_or_close", "open", "open_all", "close_all"):
            return bool(self.rows.groups) and (is_group or action != "open_or_close")
        return True

    def action_choose(self) -> None:
        item = self.selected
        if item is not None and (isinstance(item, FileKindGroup) or not isinstance(item, PackageGroup)):
            self.post_message(self.Chosen(item))

    def action_copy_purl(self) -> None:
        """Copies the package URL, or the name if there is none."""
        item = self.selected
        if item is not None and not isinstance(item, PackageGroup) and item.package is not None:
            copy(self, item.package.purl or item.package.full_name)

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        self.action_choose()
