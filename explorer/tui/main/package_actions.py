"""The actions on the packages: groups, order, and the way to their files."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work

from explorer.analysis.packages.package_order import PackageOrder
from explorer.pipeline import Exploration
from explorer.tui.main.jump_actions import JumpActions
from explorer.tui.packages.package_list import PackageList
from explorer.tui.packages.packages_pane import PackagesPane
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.viewmodel.file_kind_rows import FileKindGroup
from explorer.viewmodel.jumps import jump_to_kind, jump_to_package, jump_to_waste_of_kind
from explorer.viewmodel.package_rows import PackageGrouping, PackagesView


class PackageActions(JumpActions):
    """Groups and sorts the packages, and jumps to their files."""

    @work(exclusive=True, group="packages")
    async def fetch_packages(self, exploration: Exploration) -> None:
        """Fetches the databases that are only in a registry, and shows the packages."""
        await self.read_packages(exploration, fetches=True)

    async def read_packages(self, exploration: Exploration, *, fetches: bool = False) -> None:
        """Reads the package databases and shows the packages."""
        self._show_file_kinds()
        if await self.shown.read_packages(exploration, fetches=fetches):
            self.shown.show_packages(self.view)
            self.query_one(WastePane).show_packages()
            self.shown.show_history(self.pane)
            for bar in self.query(FilterBar):
                bar.read_again()
            self.refresh_bindings()

    @property
    def _waits_for_packages(self) -> bool:
        """True if what shows now needs the packages: their pane, or a filter."""
        return self.pane == "packages" or any(bar.is_invalid for bar in self.query(FilterBar))

    def action_fetch_packages(self) -> None:
        """Fetches the package databases that are only in a registry."""
        if self.exploration is not None:
            self.query_one(PackagesPane).wait()
            self.fetch_packages(self.exploration)

    def action_group_packages(self) -> None:
        """Groups the packages in the next way."""
        self._show_packages(self.view.packages.grouped_by_next())
        self._show_file_kinds()

    def _show_file_kinds(self) -> None:
        """Adds up the kinds of files if they are shown."""
        exploration = self.exploration
        if self.view.packages.grouping is PackageGrouping.FILE_KIND and exploration is not None:
            self._add_up_file_kinds(exploration)

    @work(exclusive=True, group="file-kinds")
    async def _add_up_file_kinds(self, exploration: Exploration) -> None:
        if await self.shown.add_up_file_kinds(exploration):
            self.shown.show_packages(self.view)
            self.shown.show_history(self.pane)
            self.refresh_bindings()

    def action_sort_packages(self, order: str = "") -> None:
        """Sorts the packages in an order, reversed if it has that one, or in the next."""
        packages = self.view.packages
        self._show_packages(packages.sorted_by(PackageOrder(order) if order else packages.order.following))

    def action_reverse_packages(self) -> None:
        self._show_packages(self.view.packages.sorted_by(self.view.packages.order))

    def _show_packages(self, packages: PackagesView) -> None:
        self.view = replace(self.view, packages=packages)

    @on(PackageList.Chosen)
    def show_package(self, message: PackageList.Chosen) -> None:
        """Shows the files of a package at the last layer that has it, or of a kind.

        A kind that a container sees nothing of shows in the waste.
        """
        message.stop()
        item, views = message.item, self.shown.views
        if views is None or self.exploration is None:
            return
        if not isinstance(item, FileKindGroup):
            self._jump(jump_to_package(views, self.view, item), "files")
        elif item.files:
            self._jump(jump_to_kind(views, self.view, item.kind), "files")
        else:
            self._jump(jump_to_waste_of_kind(self.view, item.kind), "waste")
