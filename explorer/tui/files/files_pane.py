"""The files pane: filter, column headers and files, or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from explorer.analysis.filter.query import EVERYTHING, BadQuery, Query, parse
from explorer.analysis.layer_stats import LayerStats
from explorer.layers.tree import Node
from explorer.model import Change, Kind
from explorer.pipeline import Exploration
from explorer.preview.versions import file_version_at, version_at
from explorer.text.point_names import LAYERS
from explorer.text.printable import printable
from explorer.text.units import counted, size
from explorer.tui.files.file_tree import FileTree
from explorer.tui.history.history_items import HistoryItem, PathHistory, folded_history, owner_item, path_history
from explorer.tui.key_words import with_keys
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.viewer.file_actions import FileActions, FileTarget
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.filter_bar import FILES_PLACEHOLDER, FilterBar, FilterInput
from explorer.tui.widgets.marks import MARKS
from explorer.viewmodel.file_figures import FileFigures
from explorer.viewmodel.layers_read import LayersRead, reason_against_owners
from explorer.viewmodel.small_entries import is_changed
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.visible_tree import VisibleTree

_MAX_FILTER_CELLS = 32
_UNREAD_NOTE = HistoryItem(Content.styled("upper layers are not ready yet", "$muted"), Content.styled("…", "$muted"))
"""Stands after the history of a path while layers are read."""


def view_description(view: View, read: LayersRead, width: int = 1000) -> Content:
    """Returns the layers that are compared, the hidden kinds of change, and the order.

    It also says if the files are those of the whole image. The last parts are left out if they do not fit.
    """
    top = max(0, read.total - 1)
    is_whole = view.layer == top or view.base is not None
    if view.base == view.layer:
        parts = [Content.assemble((f"Compare layer {view.base} with …:", "$key"), (" pick a layer", "$muted"))]
    elif view.base is None:
        whole = "" if view.hidden or view.query or not read.is_complete else ": whole image"
        parts = [
            Content(f"layer {view.layer}{whole}") if is_whole else Content.styled(f"as of layer {view.layer}", "$key")
        ]
    else:
        parts = [
            Content.assemble(("changes from ", "$key"), f"layer {view.base}", (" → ", "$key"), f"layer {view.layer}")
        ]
    if view.changes_only:
        parts.append(Content.styled("changes only", "$key"))
    parts += [*hidden_part(view), *filter_part(view)]
    if not read.is_complete:
        parts.append(Content.styled(f"{read} ready", "$key"))
    elif not is_whole:
        parts.append(Content.assemble((f"{top}", "bold $key"), (": whole image", "$muted")))
    return with_order(parts, view, width)


def hidden_part(view: View) -> Iterator[Content]:
    """Yields the kinds of change that are hidden, if any."""
    hidden = [change for change in Change if change in view.hidden and change is not Change.UNCHANGED]
    if hidden:
        marks = " ".join(f"{MARKS[change]} {change.value}" for change in hidden)
        yield Content.styled(f"without {marks}", "$key")


def filter_part(view: View) -> Iterator[Content]:
    """Yields the filter, if there is one."""
    if view.query:
        yield Content.styled(cut(f"filter {printable(view.query.text)}", _MAX_FILTER_CELLS), "$key")


def with_order(parts: Sequence[Content], view: View, width: int) -> Content:
    """Returns parts of a description and the order, as many as fit."""
    # The order is last, because a narrow border leaves out the end, and the headers mark it, too.
    parts = [*parts, Content.styled(f"by {view.sort.value}{', reversed' if view.reversed else ''}", "$muted")]
    while len(parts) > 1 and Content(" · ").join(parts).cell_length > width:
        parts.pop()
    return Content(" · ").join(parts)


def no_rows_reason(view: View, listing: VisibleTree, stats: LayerStats | None) -> str:
    """Returns why there are no rows; ``stats`` is None for an image without layers."""
    if stats is None:
        return "This image has no layers."
    if stats.is_unread and view.base is None and not view.query:
        return f"Layer {view.layer} is not read.\n\nPress {{layers.fetch}} in the list of the layers to fetch it."
    if view.query:
        query = cut(printable(view.query.text), 200)
        at = f"layer {view.layer}" if view.base is None else f"layer {view.layer} compared with layer {view.base}"
        hidden = "Some kinds of change are hidden.\n" if view.hidden else ""
        ways_out = "Press {explore.clear-filter} to clear the filter, {explore.find} to search all layers."
        return f"Nothing at {at} matches\n\n{query}\n\n{hidden}{ways_out}"
    if view.changes_only and not listing.nodes.changes.by_node:
        if view.base is None:
            return f"{_changed_nothing(stats)}\n\nPress {{explore.changes}} to see all files."
        if view.base == view.layer:
            what = f"Pick the layer to compare with layer {view.base}."
            return f"{what}\n\nPress {{explore.stop-comparing}} to stop comparing."
        what = f"Nothing changed from layer {view.base} to layer {view.layer}."
        return f"{what}\n\nPress {{explore.changes}} to see all files."
    if view.hidden:
        kinds = ", ".join(change.value for change in Change if change in view.hidden)
        return f"Everything is hidden: {kinds}.\n\nPress {{explore.show-all}} to show it."
    return f"There are no files up to layer {view.layer}."


def _changed_nothing(stats: LayerStats) -> str:
    """Returns what a layer ships although it changes nothing."""
    number, count = stats.layer.number, stats.unchanged
    if not count:
        return f"Layer {number} changed nothing."
    it = "it" if count == 1 else "them"
    again = (
        f"It ships {counted(count, 'file')} again unchanged ({size(stats.bytes)}): press {{explore.waste}} to see {it}."
    )
    return f"Layer {number} changes no file.\n{again}"


def match_count(listing: VisibleTree) -> str:
    """Returns the number and the bytes of the matches; empty without a filter."""
    nodes = listing.nodes
    if not listing.view.query:
        return ""
    if not nodes.match_count:
        return "no match"
    directories = nodes.directory_count
    count = counted(nodes.match_count, "match", "matches") if directories else counted(nodes.match_count, "file")
    return f"{count}, {size(nodes.total)}"


class FilesPane(FileActions):
    """The filter, the column headers, and the files or the reason why there are none."""

    SORT_ACTION = "screen.sort"
    TREE: ClassVar[type[FileTree]] = FileTree
    """The list of the files."""
    read = LayersRead(0, 0)

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._views: ViewCache | None = None

    def compose(self) -> ComposeResult:
        tree = self.TREE()
        yield FilterBar(self._parse, tree, FILES_PLACEHOLDER, FilterInput)
        yield ColumnHeaders()
        yield tree
        yield Static(id="files-empty")

    def show(self, views: ViewCache, view: View, go_to: Node | None = None) -> None:
        """Shows a view, and keeps the selected path or selects ``go_to``."""
        tree = self.query_one(FileTree)
        self._use(views)
        listing = views.of(view)
        if listing is not tree.visible_tree or go_to is not None:
            tree.show(listing, go_to)
        reason = ""
        if not tree.count:
            reason = with_keys(self, self.no_rows(views, listing))
        self._show_empty(reason)
        self._show_headers()
        self.show_filter()

    def no_rows(self, views: ViewCache, listing: VisibleTree) -> str:
        """Returns why there are no rows."""
        view, layers = listing.view, views.exploration.layers
        return no_rows_reason(view, listing, layers[view.layer] if view.layer < len(layers) else None)

    def _use(self, views: ViewCache) -> None:
        if self.exploration is not views.exploration:
            self.query_one(FileTree).figures = None
        self._views, self.exploration = views, views.exploration

    def _show_empty(self, reason: str) -> None:
        empty = self.query_one("#files-empty", Static)
        empty.display = bool(reason)
        if reason:
            empty.update(Content(reason))

    def show_unread(self, reason: str) -> None:
        """Shows why the files of a layer cannot be shown yet."""
        self.query_one(FileTree).show_nothing()
        self._show_empty(reason)

    def move_to(self, views: ViewCache) -> None:
        """Shows the same files of a newer exploration of the image; nothing moves."""
        self.query_one(FileTree).move_to(views)
        self._use(views)

    # The selected path

    def path_history(self) -> PathHistory | None:
        """Returns the history of the selected path."""
        tree = self.query_one(FileTree)
        row, visible = tree.selected, tree.visible_tree
        if row is None or visible is None or self.exploration is None:
            return None
        if row.folded and row.node.parent is not None:
            return folded_history(row.node.parent.path, sum(map(visible.nodes.size, row.folded)), row.name)
        entry, share = visible.nodes.entry(row.node), None
        if tree.figures is not None:
            share = tree.figures.disposable_share(visible.nodes, row.node)
        shown = path_history(self.exploration, row.node, entry, visible.view.layer, is_there=True, disposable=share)
        if not self.read.is_complete:
            return shown._replace(items=[*shown.items, _UNREAD_NOTE])
        packages = self.exploration.known_packages
        if entry is None or entry.kind is Kind.DIRECTORY or packages is None or not packages.usages:
            return shown
        is_removed = visible.nodes.change(row.node) is Change.REMOVED
        owner = packages.owner(row.node, visible.view.since if is_removed else visible.view.layer)
        if owner is None and packages.needs_fetch:
            return shown
        return shown._replace(items=[*shown.items, owner_item(owner)])

    async def compute_figures(self, exploration: Exploration) -> None:
        """Computes, in a thread, figures that the first paint does not wait for."""

        def compute(_: Callable[[None], None]) -> FileFigures:
            return FileFigures(exploration)

        figures = await run_in_thread(compute, lambda _: None)
        if exploration is self.exploration:
            tree = self.query_one(FileTree)
            tree.figures = figures
            tree.repaint()
            tree.post_message(FileTree.CursorMoved(tree))

    def file_target(self) -> FileTarget | None:
        """Returns the selected path, as it was before if the selected layer removed it."""
        tree = self.query_one_optional(FileTree)
        if tree is None or tree.selected is None or tree.selected.folded or tree.visible_tree is None:
            return None
        node, view = tree.selected.node, tree.visible_tree.view
        layer, since = view.layer, view.since
        version = version_at(node, layer)
        saved = since if version is None else layer
        seen = file_version_at(node, view.layer, view.since)
        names = self.exploration.points if self.exploration is not None else LAYERS
        if view.base is not None and node.children and not is_changed(tree.visible_tree, node):
            reason = f"Nothing below /{printable(node.path)} differs between {names.both(view.base, view.layer)}."
            return FileTarget(node, view.layer, seen, None, saved, reason)
        if view.base is None and version is not None and version is version_at(node, since):
            # The selected layer did not touch the path; the change in the layer that did says more.
            layer = self._last_touched(node, version.layer, layer)
            since = layer - 1
        return FileTarget(node, view.layer, seen, (since, layer), saved)

    def _last_touched(self, node: Node, shipped_in: int, layer: int) -> int:
        """Returns the last layer up to ``layer`` that touched a path or anything below it."""
        if self.exploration is None or not node.children:
            return shipped_in
        touched = self.exploration.directories.touched
        return next((number for number in range(layer, shipped_in, -1) if node in touched[number]), shipped_in)

    @on(FileTree.CursorMoved)
    def follow_row(self) -> None:
        """Updates the keys for the selected path. The message goes on to the screen."""
        tree = self.query_one(FileTree)
        self.refresh_keys(
            self.check_action("view", ()),
            tree.check_action("open_all", ()),
            tree.check_action("next_match", (1,)),
            tree.is_open(tree.cursor),
        )

    @on(FileTree.Opened)
    def view_file(self, message: FileTree.Opened) -> None:
        message.stop()
        self.action_view()

    # The filter

    def edit_filter(self) -> None:
        listing = self.query_one(FileTree).visible_tree
        if self._views is not None and listing is not None:
            # Otherwise the first letter would wait.
            self._views.prepare(listing.view)
        super().edit_filter()

    def show_filter(self) -> None:
        listing = self.query_one(FileTree).visible_tree
        if listing is not None:
            bar = self.query_one(FilterBar)
            bar.show(listing.view.query.text, match_count(listing))
            # Otherwise the reason for no rows would stand beside the error in the expression.
            self.query_one("#files-empty", Static).visible = not bar.is_invalid

    def _parse(self, text: str) -> Query:
        """Returns the query of an expression. Raises BadQuery."""
        if self._views is None:
            return EVERYTHING
        query = parse(text, self.read.total - 1)
        if query.needs_all_layers and not self.read.is_complete:
            raise BadQuery(self.read.reason)
        if query.needs_packages and (reason := reason_against_owners(self._views.exploration)):
            raise BadQuery(reason)
        self._views.exploration.path_filter.nodes(query)
        return query

    @on(FilterBar.QueryChanged)
    def show_filter_error(self) -> None:
        """Hides the reason for no rows while the expression is invalid."""
        self.show_filter()

    @on(FileTree.Fitted)
    def fit_headers(self, message: FileTree.Fitted) -> None:
        message.stop()
        self._show_headers()

    def on_resize(self) -> None:
        self._show_headers()

    def _show_headers(self) -> None:
        tree = self.query_one(FileTree)
        view = tree.visible_tree.view if tree.visible_tree else View(0)
        self.query_one(ColumnHeaders).show(tree.columns.headers, view.sort.value, view.reversed)
