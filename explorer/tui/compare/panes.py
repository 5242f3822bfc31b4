"""The right side of the screen of two images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from explorer.tui.compare.cause_list import CauseList
from explorer.tui.compare.causes_pane import CausesPane
from explorer.tui.compare.change_texts import SettingChanges, WasteChanges
from explorer.tui.compare.compared_files import ComparedFiles
from explorer.tui.compare.compared_tree import ComparedTree
from explorer.tui.compare.loading_pane import PairLoadingPane
from explorer.tui.compare.package_changes import PackageChangeList, PackageChangesPane
from explorer.tui.main.tabbed_panes import LOADING, TabbedPanes
from explorer.tui.viewer.file_actions import FileActions


class ComparePanes(TabbedPanes):
    """Shows the files, or another pane of two images."""

    NAMES = ("files", "causes", "packages", "settings", "waste")
    FOCUS: ClassVar[Mapping[str | None, type[Widget]]] = {
        "files": ComparedTree,
        "causes": CauseList,
        "packages": PackageChangeList,
        "settings": SettingChanges,
        "waste": WasteChanges,
    }
    FILTERED: ClassVar[Mapping[str, type[FileActions]]] = {}

    def compose(self) -> ComposeResult:
        yield PairLoadingPane(id=LOADING)
        yield ComparedFiles(id="files")
        yield CausesPane(id="causes")
        yield PackageChangesPane(id="packages")
        yield SettingChanges()
        yield WasteChanges()
