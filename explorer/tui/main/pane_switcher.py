"""The right side of the main screen, with a tab for each pane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from explorer.config.settings import PANES
from explorer.tui.dockerfile.dockerfile_list import DockerfileList
from explorer.tui.dockerfile.dockerfile_pane import DockerfilePane
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane
from explorer.tui.findings.finding_list import FindingList
from explorer.tui.findings.findings_pane import FindingsPane
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.main.tabbed_panes import LOADING, TabbedPanes
from explorer.tui.packages.package_list import PackageList
from explorer.tui.packages.packages_pane import PackagesPane
from explorer.tui.viewer.file_actions import FileActions
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_pane import WastePane


class PaneSwitcher(TabbedPanes):
    """Shows one of the panes of an image."""

    NAMES = PANES
    FOCUS: ClassVar[Mapping[str | None, type[Widget]]] = {
        "files": FileTree,
        "waste": WasteList,
        "packages": PackageList,
        "findings": FindingList,
        "dockerfile": DockerfileList,
        "image": ImagePane,
    }
    FILTERED: ClassVar[Mapping[str, type[FileActions]]] = {
        "waste": WastePane,
        "packages": PackagesPane,
        "findings": FindingsPane,
    }

    def compose(self) -> ComposeResult:
        yield LoadingPane(id=LOADING)
        yield FilesPane(id="files")
        yield WastePane(id="waste")
        yield PackagesPane(id="packages")
        yield FindingsPane(id="findings")
        yield DockerfilePane(id="dockerfile")
        yield ImagePane()
