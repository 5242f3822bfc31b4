"""The file pane as a whole: heads, files, and a word of explanation where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from explorer.model import Change
from explorer.tui.details import shipped_again
from explorer.tui.file_tree import FileTree
from explorer.tui.heads import Heads
from explorer.tui.marks import MARKS
from explorer.tui.view import Sort, View

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from explorer.layers.tree import Node
    from explorer.pipeline import LayerFigures
    from explorer.tui.listings import Listing


def describe(view: View) -> Content:
    """What the marks are about, and what is left out."""
    if view.base is None:
        parts = [Content(f"layer {view.layer}")]
    else:
        parts = [
            Content.assemble(("changes from ", "$key"), f"layer {view.base}", (" → ", "$key"), f"layer {view.layer}")
        ]
    if view.changes_only:
        parts.append(Content.styled("changes only", "$key"))
    left_out = [change for change in Change if change in view.hidden and change is not Change.UNCHANGED]
    if left_out:
        marks = " ".join(f"{MARKS[change]} {change.value}" for change in left_out)
        parts.append(Content.styled(f"without {marks}", "$key"))
    parts.append(Content.styled(f"by {view.sort.value}", "$muted"))
    return Content(" · ").join(parts)


def emptiness(view: View, listing: Listing, figures: LayerFigures | None) -> str:
    """Why there are no rows; ``figures`` are those of the view's layer."""
    if figures is None:
        return "This image has no layers."
    if view.changes_only and not listing.changes.by_node:
        if view.base is None:
            did = shipped_again(figures) or "changed nothing"
            return f"Layer {view.layer} {did}.\n\nPress c to see all files."
        return f"Nothing changed from layer {view.base} to layer {view.layer}.\n\nPress c to see all files."
    if view.hidden:
        kinds = ", ".join(change.value for change in Change if change in view.hidden)
        return f"All that there is, is hidden: {kinds}.\n\nPress Esc to see everything."
    return f"A container of the layers up to {view.layer} sees no files."


class FilesPane(Vertical):
    """Heads, files, or an explanation."""

    def compose(self) -> ComposeResult:
        yield Heads()
        yield FileTree()
        yield Static(id="files-empty")

    def show(self, listing: Listing, figures: LayerFigures | None, go_to: Node | None = None) -> None:
        """Show a listing, of whose layer these are the figures; ``go_to`` is the path to select, or else it stays."""
        tree = self.query_one(FileTree)
        tree.show(listing, go_to)
        empty = self.query_one("#files-empty", Static)
        empty.display = not tree.count
        if not tree.count:
            empty.update(Content(emptiness(listing.view, listing, figures)))
        self._heads()

    @on(FileTree.Fitted)
    def fit_heads(self, message: FileTree.Fitted) -> None:
        message.stop()
        self._heads()

    def on_resize(self) -> None:
        self._heads()

    def _heads(self) -> None:
        tree = self.query_one(FileTree)
        sort = tree.listing.view.sort if tree.listing else Sort.SIZE
        self.query_one(Heads).show(tree.columns.heads(), sort.value)
