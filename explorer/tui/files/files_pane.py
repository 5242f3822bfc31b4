"""The file pane as a whole: heads, files, and a word of explanation where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Static

from explorer.analysis.filter.query import EVERYTHING, Query, parse
from explorer.model import Change
from explorer.preview.versions import file_version_at, version_at
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.tui.files.file_tree import FileTree
from explorer.tui.history.history_items import PathHistory, path_history
from explorer.tui.viewer.file_actions import FileActions, FileTarget
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.tui.widgets.marks import MARKS
from explorer.viewmodel.view import View

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from explorer.analysis.layer_stats import LayerStats
    from explorer.layers.tree import Node
    from explorer.viewmodel.view_cache import ViewCache
    from explorer.viewmodel.visible_tree import VisibleTree

_LONGEST_FILTER = 32
"""Cells of the filter in the pane's subtitle."""


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
    if view.query:
        parts.append(Content.styled(cut(f"filter {printable(view.query.text)}", _LONGEST_FILTER), "$key"))
    parts.append(Content.styled(f"by {view.sort.value}{', reversed' if view.reversed else ''}", "$muted"))
    return Content(" · ").join(parts)


def emptiness(view: View, listing: VisibleTree, figures: LayerStats | None) -> str:
    """Why there are no rows; ``figures`` are those of the view's layer."""
    if figures is None:
        return "This image has no layers."
    if view.query:
        asked = cut(printable(view.query.text), 200)
        at = f"layer {view.layer}" if view.base is None else f"layer {view.layer} compared with layer {view.base}"
        left_out = "Some kinds of change are hidden.\n" if view.hidden else ""
        ways_out = "Press Esc to clear the filter, ctrl+f to look in all layers."
        return f"Nothing at {at} matches\n\n{asked}\n\n{left_out}{ways_out}"
    if view.changes_only and not listing.nodes.changes.by_node:
        if view.base is None:
            return f"{_changed_nothing(figures)}\n\nPress c to see all files."
        if view.base == view.layer:
            return f"Choose the layer to compare with layer {view.base}.\n\nEsc ends it."
        return f"Nothing changed from layer {view.base} to layer {view.layer}.\n\nPress c to see all files."
    if view.hidden:
        kinds = ", ".join(change.value for change in Change if change in view.hidden)
        return f"All that there is, is hidden: {kinds}.\n\nPress Esc to see everything."
    return f"A container of the layers up to {view.layer} sees no files."


def _changed_nothing(figures: LayerStats) -> str:
    """That a layer changes nothing, and what it ships all the same."""
    number, count = figures.layer.number, figures.unchanged
    if not count:
        return f"Layer {number} changed nothing."
    was, it = ("it was", "it") if count == 1 else ("they were", "them")
    again = f"It ships {counted(count, 'file')} again as {was}, {size(figures.bytes)}: w shows {it}."
    return f"Layer {number} changes nothing that can be seen.\n{again}"


def found(listing: VisibleTree) -> str:
    """How much a filter found."""
    return f"{listing.nodes.match_count:,} of {listing.nodes.unfiltered_count:,}" if listing.view.query else ""


class FilesPane(FileActions):
    """The filter, heads, files, or an explanation."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._views: ViewCache | None = None

    def compose(self) -> ComposeResult:
        tree = FileTree()
        yield FilterBar(self._understood, tree)
        yield ColumnHeaders()
        yield tree
        yield Static(id="files-empty")

    def show(self, views: ViewCache, view: View, go_to: Node | None = None) -> None:
        """Shows a view, and keeps the selected path or selects ``go_to``."""
        self._views, self.exploration = views, views.exploration
        listing = views.of(view)
        tree = self.query_one(FileTree)
        tree.show(listing, go_to)
        empty = self.query_one("#files-empty", Static)
        empty.display = not tree.count
        if not tree.count:
            layers = views.exploration.layers
            figures = layers[view.layer] if view.layer < len(layers) else None
            empty.update(Content(emptiness(view, listing, figures)))
        self._heads()
        self._show_filter()

    # Looking inside

    def path_history(self) -> PathHistory | None:
        """Returns the history of the selected path."""
        tree = self.query_one(FileTree)
        row, visible = tree.selected, tree.visible_tree
        if row is None or visible is None or self.exploration is None:
            return None
        entry = visible.nodes.entry(row.node)
        return path_history(self.exploration, row.node, entry, visible.view.layer, is_there=True)

    def file_target(self) -> FileTarget | None:
        """The selected path, as the selected layer has it, or had it before."""
        tree = self.query_one(FileTree) if self.query(FileTree) else None
        if tree is None or tree.selected is None or tree.visible_tree is None:
            return None
        node, view = tree.selected.node, tree.visible_tree.view
        layer, since = view.layer, view.since
        version = version_at(node, layer)
        saved = since if version is None else layer
        if view.base is None and version is not None and version is version_at(node, since):
            # The selected layer did nothing to it: what the one did that brought it says more.
            layer, since = version.layer, version.layer - 1
        return FileTarget(node, view.layer, file_version_at(node, view.layer, view.since), (since, layer), saved)

    @on(FileTree.CursorMoved)
    def follow_row(self) -> None:
        """Have the keys follow the selected path. The screen hears of it too."""
        tree = self.query_one(FileTree)
        self.refresh_keys(
            self.check_action("view", ()), tree.check_action("open_all", ()), tree.check_action("next_match", (1,))
        )

    @on(FileTree.Opened)
    def view_file(self, message: FileTree.Opened) -> None:
        message.stop()
        self.action_view()

    # The filter

    def edit_filter(self) -> None:
        """Let the filter be typed."""
        listing = self.query_one(FileTree).visible_tree
        if self._views is not None and listing is not None:
            # Now rather than at the first letter.
            self._views.prepare(listing.view)
        self.query_one(FilterBar).open()

    def clear_filter(self) -> bool:
        """Forget what is typed, and give the keys back to the rows; whether they were not there."""
        is_cancelled = self.query_one(FilterBar).clear()
        self._show_filter()
        return is_cancelled

    def _show_filter(self) -> None:
        listing = self.query_one(FileTree).visible_tree
        if listing is not None:
            bar = self.query_one(FilterBar)
            bar.show(listing.view.query.text, found(listing))
            # Why there are no rows is another matter than what is wrong with the expression.
            self.query_one("#files-empty", Static).visible = not bar.is_wrong

    def _understood(self, text: str) -> Query:
        """What an expression asks for. Raises BadQuery."""
        if self._views is None:
            return EVERYTHING
        query = parse(text, self._views.exploration.tree.top)
        self._views.exploration.path_filter.nodes(query)
        return query

    @on(FilterBar.QueryChanged)
    def show_filter_error(self) -> None:
        """Hides the reason for no rows while the expression is invalid. The message goes on to the screen."""
        self._show_filter()

    @on(FileTree.Fitted)
    def fit_heads(self, message: FileTree.Fitted) -> None:
        message.stop()
        self._heads()

    def on_resize(self) -> None:
        self._heads()

    def _heads(self) -> None:
        tree = self.query_one(FileTree)
        view = tree.visible_tree.view if tree.visible_tree else View(0)
        self.query_one(ColumnHeaders).show(tree.columns.headers, view.sort.value, view.reversed)
