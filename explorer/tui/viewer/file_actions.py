"""Actions on the path selected in the files or the waste: view, diff, save, copy."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence, Set
from typing import ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from explorer.layers.tree import Node
from explorer.pipeline import Exploration
from explorer.preview.versions import FileVersion, ImageContents
from explorer.text.shell import shell_quoted
from explorer.text.words import layer_command
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.history.history_items import PathHistory
from explorer.tui.viewer.diff_screen import DiffScreen
from explorer.tui.viewer.extract_screen import NOT_IN_TREE, ask_destination
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.viewmodel.layers_read import NOT_YET_READ

FILE_KEYS: Sequence[Binding] = (
    Binding("v", "view", "View", tooltip="View the file", id="files.view"),
    Binding("d", "diff", "Diff", tooltip="Show the differences from the version below", id="files.diff"),
    Binding("x", "save", "Save", tooltip="Save the file or the directory to disk", id="files.save"),
    Binding("y", "copy_path", show=False, tooltip="Copy the path", id="files.copy-path"),
    Binding("Y", "copy_command", show=False, tooltip="Copy the layer's command", id="files.copy-command"),
)
"""Keys for the selected path, in the panes that list paths and in the history bar."""
_NO_FILE = "No file is selected here."
_REFUSALS = {
    "view": "A directory has nothing to view.",
    "save": NOT_IN_TREE,
}
"""Action to the reason why the selected path does not have it."""


class FileTarget(NamedTuple):
    """The selected path, and the layers whose versions the actions use."""

    node: Node
    layer: int
    version: FileVersion | None
    """The version to view; None for a directory."""
    diff_layers: tuple[int, int] | None
    """The layers to compare, the lower one first; None if there is nothing to compare."""
    save_layer: int | None
    """The layer whose version is saved; None if the tree does not hold it."""
    no_diff: str = "Nothing to compare: one layer ships both copies."
    """The reason if there is nothing to compare."""
    line: int | None = None
    """The line of the file to go to, counted from 1."""


class FileActions(ActionOwner, Vertical):
    """A pane with a filtered list, and the actions on the path of a row."""

    BINDINGS: ClassVar[list[BindingType]] = [*FILE_KEYS]
    SORT_ACTION: ClassVar[str]
    """The action that sorts the rows by a column."""

    exploration: Exploration | None = None
    ignored: Set[Node] = frozenset()
    """Paths that differ, but not in the view."""
    _row_keys: Sequence[bool | None] = ()
    """Results of ``check_action`` for the keys that depend on the selected row."""

    def refresh_keys(self, *row_keys: bool | None) -> None:
        """Refreshes the footer if a key that depends on the selected row changed."""
        if row_keys != self._row_keys:
            self._row_keys = row_keys
            self.refresh_bindings()

    @property
    def contents(self) -> ImageContents | None:
        """The contents of the image; None until it is loaded."""
        return self.exploration.contents if self.exploration is not None else None

    @abstractmethod
    def path_history(self) -> PathHistory | None:
        """Returns the selected row for the history bar; None if no row is selected."""

    @abstractmethod
    def file_target(self) -> FileTarget | None:
        """Returns the selected path and the layers to use; None if no path is selected."""

    @abstractmethod
    def show_filter(self) -> None:
        """Shows the filter with the number of its matches, or hides it if there is none."""

    def known_of(self, node: Node) -> Sequence[str]:  # noqa: ARG002 - as a default
        """Returns sentences about the difference of a path, if something is known of it."""
        return ()

    def edit_filter(self) -> None:
        """Shows the filter to be typed."""
        self.query_one(FilterBar).open()

    def clear_filter(self) -> bool:
        """Clears the filter. Returns True if it was being typed."""
        is_cancelled = self.query_one(FilterBar).clear()
        self.show_filter()
        return is_cancelled

    @on(ColumnHeaders.Clicked)
    async def sort_by(self, message: ColumnHeaders.Clicked) -> None:
        """Sorts the rows by a column."""
        message.stop()
        await self.run_action(f"{self.SORT_ACTION}('{message.key}')")

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        """Returns a reason unless the selected path has the action."""
        if action not in ("view", "diff", "save", "copy_path", "copy_command"):
            return True
        if self.contents is None:
            return NOT_YET_READ
        target = self.file_target()
        if target is None:
            return _NO_FILE
        needed = {"view": target.version, "diff": target.diff_layers, "save": target.save_layer}
        if needed.get(action, target) is not None:
            return True
        return target.no_diff if action == "diff" else _REFUSALS[action]

    def action_view(self) -> None:
        target = self.file_target()
        if target is not None and target.version is not None and self.contents is not None:
            self.app.push_screen(Viewer(self.contents, target.version, target.layer, target.line))

    def action_diff(self) -> None:
        target = self.file_target()
        if target is not None and target.diff_layers is not None and self.contents is not None:
            known = self.known_of(target.node)
            self.app.push_screen(DiffScreen(self.contents, target.node, *target.diff_layers, self.ignored, known))

    def action_save(self) -> None:
        target = self.file_target()
        if target is not None and target.save_layer is not None and self.contents is not None:
            ask_destination(self, self.contents, target.node, target.save_layer)

    def action_copy_path(self) -> None:
        target = self.file_target()
        if target is not None:
            copy(self, shell_quoted(f"/{target.node.path}"))

    def action_copy_command(self) -> None:
        target = self.file_target()
        if target is not None and self.contents is not None:
            copy(self, layer_command(self.contents.layers[target.layer]))
