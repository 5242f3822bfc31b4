"""The keys that look inside: view, diff, save and copy what is selected among the files or in the waste."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import BindingType
from textual.containers import Vertical

from explorer.text.printable import encodable
from explorer.text.words import layer_command
from explorer.tui.availability import UNREAD, ActionOwner, Availability
from explorer.tui.viewer.diff_screen import DiffScreen
from explorer.tui.viewer.extract_screen import NOT_IN_TREE, ask_destination
from explorer.tui.viewer.file_keys import FILE_KEYS
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.widgets.clipboard import copy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.layers.tree import Node
    from explorer.preview.versions import FileVersion, ImageContents

_NO_FILE = "No file is selected here."
_REFUSALS = {
    "view": "A directory has nothing to view.",
    "diff": "Nothing to compare: one layer ships both copies.",
    "save": NOT_IN_TREE,
}
"""Action to why what is selected has no use for it."""


class FileTarget(NamedTuple):
    """A path, and the points in the image's history at which it is looked at."""

    node: Node
    layer: int
    subject: FileVersion | None
    """What there is to view; None of a directory."""
    compared: tuple[int, int] | None
    """The points whose versions are compared, the lower one first; None: there is nothing to compare."""
    saved: int | None
    """The point whose version is saved; None: it cannot be had."""


class FileActions(ActionOwner, Vertical):
    """A pane with a list of paths, and the keys that look inside the one that is selected there."""

    BINDINGS: ClassVar[list[BindingType]] = [*FILE_KEYS]

    insides: ImageContents | None = None
    """The image's contents, once it is loaded."""
    _offered: Sequence[bool | None] = ()
    """Which of the keys that depend on the selected row are at work."""

    def offer(self, *offered: bool | None) -> None:
        """Have the footer follow what ``check_action`` says of the keys that depend on the selected row."""
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @abstractmethod
    def file_target(self) -> FileTarget | None:
        """What is selected; None where that is no path, or before there is anything to look into."""

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        """What looks inside needs a selected path; a directory has nothing to view."""
        if action not in ("view", "diff", "save", "copy_path", "copy_command"):
            return True
        if self.insides is None:
            return UNREAD
        target = self.file_target()
        if target is None:
            return _NO_FILE
        needed = {"view": target.subject, "diff": target.compared, "save": target.saved}
        return True if needed.get(action, target) is not None else _REFUSALS[action]

    def action_view(self) -> None:
        """Look into the selected file."""
        looked = self.file_target()
        if looked is not None and looked.subject is not None and self.insides is not None:
            self.app.push_screen(Viewer(self.insides, looked.subject, looked.layer))

    def action_diff(self) -> None:
        """Compare two versions of what is selected."""
        looked = self.file_target()
        if looked is not None and looked.compared is not None and self.insides is not None:
            self.app.push_screen(DiffScreen(self.insides, looked.node, *looked.compared))

    def action_save(self) -> None:
        """Ask where to save what is selected."""
        looked = self.file_target()
        if looked is not None and looked.saved is not None and self.insides is not None:
            ask_destination(self, self.insides, looked.node, looked.saved)

    def action_copy_path(self) -> None:
        looked = self.file_target()
        if looked is not None:
            copy(self, encodable(f"/{looked.node.path}"))

    def action_copy_command(self) -> None:
        looked = self.file_target()
        if looked is not None and self.insides is not None:
            copy(self, layer_command(self.insides.layers[looked.layer]))
