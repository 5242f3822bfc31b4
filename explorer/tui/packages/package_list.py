"""The list of the packages: keys, clicks and segments of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.tui.availability import Availability
from explorer.tui.packages.package_columns import FILE_KIND_COLUMNS, PACKAGE_CELLS, PackageFacts, package_columns
from explorer.tui.packages.package_words import row_words
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import Columns
from explorer.tui.widgets.grouped_list import ROW_ACTIONS, GroupedList, grouping_bindings
from explorer.viewmodel.file_kind_rows import FileKindGroup, file_kind_rows
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

_NO_KIND = "No kind of files is selected."


class PackageList(GroupedList[PackageItem]):
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
        *grouping_bindings(
            "packages", "by kind or layer, or show the kinds of files", "by size, wasted, name or layer"
        ),
        Binding(
            "r",
            "screen.fetch_packages",
            "Fetch",
            tooltip="Fetch the package databases from the registry",
            id="packages.fetch",
        ),
        Binding("y", "copy_purl", "Copy", tooltip="Copy the package URL", id="packages.copy"),
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

    MUTED_STYLE = "package--muted"
    NO_ITEM = "No package is selected."

    @dataclass
    class Chosen(Message):
        """Asks to show the files of a package, of none, or of a kind."""

        item: FileUsage | FileKindGroup

    rows = PackageRows()
    all_columns = package_columns((), has_arrows=False)
    packages: ImagePackages | None = None
    file_kinds: Sequence[KindUsage] | None = None
    view = PackagesView()

    def __init__(self) -> None:
        super().__init__("package-list", row_words)

    @property
    def is_known(self) -> bool:
        """True if what the view shows is known."""
        shown = self.file_kinds if self.view.grouping is PackageGrouping.FILE_KIND else self.packages
        return shown is not None

    def show(self, packages: ImagePackages | None, file_kinds: Sequence[KindUsage] | None, view: PackagesView) -> None:
        """Shows packages or kinds of files, and keeps the selected row."""
        if packages is not self.packages:
            self.opened.clear()
        is_sorted = (view.order, view.is_reversed) != (self.view.order, self.view.is_reversed)
        self.packages, self.file_kinds, self.view = packages, file_kinds, view
        self.refold(keeps_row=not is_sorted)

    def update_rows(self) -> None:
        if self.view.grouping is PackageGrouping.FILE_KIND:
            self.rows, self.all_columns = file_kind_rows(self.file_kinds or (), self.view), FILE_KIND_COLUMNS
        elif self.packages is None:
            self.rows = PackageRows()
        else:
            self.rows = package_rows(self.packages, self.view, self.opened)
            self.all_columns = package_columns(self.packages.usages, has_arrows=bool(self.rows.groups))

    def item_cells(self, item: PackageItem, columns: Columns) -> list[Segment]:
        facts = PackageFacts(item, self.rows.largest_bytes, not self.app.no_color)
        return self.cells(PACKAGE_CELLS, facts, columns)

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        if action in ("copy_purl", *ROW_ACTIONS) and not self.is_known:
            return PACKAGES_NOT_READ
        item = self.selected
        if action == "choose" and self.view.grouping is PackageGrouping.FILE_KIND:
            return item is not None or _NO_KIND
        if action == "copy_purl":
            has_name = not isinstance(item, PackageGroup) and item is not None and item.package is not None
            return has_name or self.NO_ITEM
        return super().availability(action, parameters)

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
