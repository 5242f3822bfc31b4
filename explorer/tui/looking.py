"""The keys that look inside: view, diff, save and copy what is selected in the file pane."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from explorer.errors import CannotSave
from explorer.text import encodable, layer_command, printable, shortened
from explorer.tui.diff_screen import DiffScreen
from explorer.tui.extract_screen import ExtractScreen
from explorer.tui.file_tree import FileTree
from explorer.tui.inside import Insides, subject_at, version_at
from explorer.tui.viewer import Viewer

if TYPE_CHECKING:
    from explorer.layers.tree import Node
    from explorer.tui.view import View

_LONGEST = 60
"""Characters of a copied text that are repeated in the word about it."""


class Looking(Vertical):
    """A pane with a file tree, and the keys that look inside what is selected there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "view", "View", tooltip="Look into the file", id="files.view"),
        Binding("d", "diff", "Diff", tooltip="What differs from the version below", id="files.diff"),
        Binding("x", "save", "Save", tooltip="Save the file or the directory to disk", id="files.save"),
        Binding("y", "copy_path", show=False, tooltip="Copy the path", id="files.copy-path"),
        Binding("Y", "copy_command", show=False, tooltip="Copy the layer's command", id="files.copy-command"),
    ]

    insides: Insides | None = None
    """The image's contents, once it is loaded."""

    def _selected(self) -> tuple[Insides, Node, View] | None:
        """What is selected, and how it is looked at."""
        tree = self.query_one(FileTree)
        if self.insides is None or tree.selected is None or tree.listing is None:
            return None
        return self.insides, tree.selected.node, tree.listing.view

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """What looks inside needs a selected path; a directory has nothing to view."""
        if action not in ("view", "diff", "save", "copy_path", "copy_command"):
            return True
        if not self.is_mounted or not self.query(FileTree):
            return None
        selected = self._selected()
        if selected is None:
            return None
        _, node, view = selected
        if action == "view":
            return subject_at(node, view.layer, view.since) is not None or None
        return True

    def action_view(self) -> None:
        """Look into the selected file, as the selected layer has it."""
        selected = self._selected()
        if selected is None:
            return
        insides, node, view = selected
        subject = subject_at(node, view.layer, view.since)
        if subject is not None:
            self.app.push_screen(Viewer(insides, subject, view.layer))

    @on(FileTree.Opened)
    def view_file(self, message: FileTree.Opened) -> None:
        message.stop()
        self.action_view()

    def action_diff(self) -> None:
        """Compare what is selected with the version below it, or with the one at the base."""
        selected = self._selected()
        if selected is None:
            return
        insides, node, view = selected
        layer, since = view.layer, view.since
        version = version_at(node, layer)
        if view.base is None and version is not None and version is version_at(node, since):
            # The selected layer did nothing to it: what the one did that brought it says more.
            layer, since = version.layer, version.layer - 1
        self.app.push_screen(DiffScreen(insides, node, since, layer))

    def action_save(self) -> None:
        """Ask where to save what is selected."""
        selected = self._selected()
        if selected is None:
            return
        insides, node, view = selected
        point = view.layer if version_at(node, view.layer) is not None else view.since
        try:
            screen = ExtractScreen(insides, node, point, Path.cwd())
        except (CannotSave, OSError) as error:
            told = (
                error.message if isinstance(error, CannotSave) else f"there is no current directory: {error.strerror}"
            )
            self.notify(told, severity="warning", markup=False)
            return
        self.app.push_screen(screen)

    def action_copy_path(self) -> None:
        selected = self._selected()
        if selected is not None:
            self._copy(encodable(f"/{selected[1].path}"))

    def action_copy_command(self) -> None:
        selected = self._selected()
        if selected is not None:
            insides, _, view = selected
            self._copy(layer_command(insides.layers[view.layer]))

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.notify(printable(shortened(text, _LONGEST)), title="Copied", markup=False)
