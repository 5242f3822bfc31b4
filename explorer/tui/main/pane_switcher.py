"""The right side of the main screen, with tabs for files, waste and image."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from explorer.config.settings import PANES
from explorer.tui.files.file_tree import FileTree
from explorer.tui.files.files_pane import FilesPane
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_pane import WastePane

_LOADING = "loading"
_FOCUS: dict[str | None, type[Widget]] = {"files": FileTree, "waste": WasteList, "image": ImagePane}
"""Pane to the widget in it that takes the focus."""


class PaneSwitcher(ContentSwitcher):
    """Shows one of the panes, or the progress of loading in its place."""

    def __init__(self) -> None:
        super().__init__(initial=_LOADING, id="right")

    def compose(self) -> ComposeResult:
        yield LoadingPane(id=_LOADING)
        yield FilesPane(id="files")
        yield WastePane(id="waste")
        yield ImagePane()

    def show(self, pane: str, *, is_ready: bool) -> None:
        """Shows a pane, or until it is ready the progress; keeps the focus on this side."""
        before = self.current
        self.current = pane if is_ready else _LOADING
        tabs = []
        for name in PANES:
            style = "bold underline $key" if name == pane else "$muted"
            tabs.append(f"[@click=screen.pane('{name}')] [{style}]{name.title()}[/] [/]")
        self.border_title = "[$faint]│[/]".join(tabs)
        if self.current != before and self.has_focus_within:
            self.focus_pane()

    def focus_pane(self) -> None:
        """Moves the focus to the pane at once, so that it gets the next key."""
        self.screen.set_focus(self.query_one(_FOCUS.get(self.current, LoadingPane)))
