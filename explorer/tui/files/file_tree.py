"""The list of the files: its keys and clicks, and the segments of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message

from explorer.layers.tree import Node
from explorer.model import Change, Entry, Kind
from explorer.text.printable import printable
from explorer.text.words import target
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.files.file_columns import FILE_CELLS, FILE_COLUMNS, FileFacts
from explorer.tui.widgets.column_headers import Column, fit_columns
from explorer.tui.widgets.cursor_list import CellTable
from explorer.tui.widgets.drawing import cut, cut_middle
from explorer.tui.widgets.folding_list import ARROW_CELLS, FoldingList, fold_arrow, indent
from explorer.viewmodel.file_figures import FileFigures
from explorer.viewmodel.file_rows import FileRow, FileRows
from explorer.viewmodel.filter_matches import highlighted, next_match
from explorer.viewmodel.layers_read import NOT_YET_READ
from explorer.viewmodel.open_directories import OpenDirectories
from explorer.viewmodel.small_entries import is_changed
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.visible_tree import VisibleTree

_FOLDING_ACTIONS = ("open_or_close", "open", "close", "open_all", "close_all")
_ROWS_ABOVE_JUMP = 3
"""Rows that show above a path that was jumped to, if its directory is too far up to show."""
_MIN_LINK_CELLS = 4
"""A link target shows if it has more cells than these."""


class FileTree(ActionOwner, FoldingList):
    """The list of the visible files, with some of the directories open."""

    HELP = """\
    # Files

    The files that a container sees with the layers from 0 to the selected one, the biggest first. The mark tells how a
    path changed from the layer below, or from the layer that you compare with:

    - `+` added, `~` modified, `−` removed (with its last metadata and size)
    - `·` a directory that contains changes; with *changes only*, `·−` if its size is that of removed files, and `·±` if
      part of it is

    `◌` marks files that a container is not expected to need, and directories that hold nothing else. The line below
    the panes says what the selected one is, and how to keep it out.

    The size of a directory is what is visible below it; a file with several names counts once. A directory whose
    only entry is another directory shares its row (`a/b/c`). With *changes only* or a filter, the size of a directory
    is that of the changes or matches below it. The line below the panes shows the history of the selected path.

    At first directories are open so that the largest entries have rows, also with *changes only*. Small entries share a
    row, like *+ 18 entries under 1 kB*: {files.toggle} shows them.

    A filter shows what matches, and the directories above it, in all layers until you clear it; `{files.next-match}`
    and `{files.previous-match}` go to the next and the previous match.

    Click an arrow, or the selected directory, to open it. Click a highlighted column header to sort by its column, and
    again to reverse the order. Wide panes also show mode and owner: `{split.zoom}` zooms.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space",
            "open_or_close",
            "Open",
            tooltip="Open or close the directory, or show the file",
            id="files.toggle",
        ),
        Binding("right,l", "open", "Open", show=False, tooltip="Open, or go to the first file inside", id="files.open"),
        Binding(
            "left,h", "close", "Close", show=False, tooltip="Close, or go to the directory above", id="files.close"
        ),
        Binding("e", "open_all", "Expand", tooltip="Open all directories", id="files.open-all"),
        Binding("E", "close_all", "Collapse all", show=False, tooltip="Close all directories", id="files.close-all"),
        Binding("n", "next_match(1)", "Next match", tooltip="Go to the next match", id="files.next-match"),
        Binding(
            "N", "next_match(-1)", "Previous", show=False, tooltip="Go to the previous match", id="files.previous-match"
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "file--added",
        "file--modified",
        "file--removed",
        "file--unchanged",
        "file--directory",
        "file--inside",
        "file--bar",
        "file--disposable",
        "file--guide",
        "file--muted",
        "file--match",
    }

    CELLS: ClassVar[CellTable[Any]] = FILE_CELLS
    """The columns before the name."""
    COLUMNS: ClassVar[tuple[Column, ...]] = FILE_COLUMNS

    class Opened(Message):
        """Asks to view the selected path, which is not a directory with visible children."""

    class Fitted(Message):
        """Other columns fit than before."""

    def __init__(self) -> None:
        super().__init__(id="file-tree")
        self.rows: FileRows | None = None
        self.figures: FileFigures | None = None
        """Figures that are known some time after the first paint."""
        self._directories = OpenDirectories()
        self._asked: Node | None = None
        """The path that the user selected last, even if this view does not show it; None: that at the cursor."""
        self._is_asked_folded = False
        """True if it was the row of small entries that the user selected."""
        self.columns = fit_columns(self.COLUMNS, 0)
        self._jumped_to: Node | None = None
        self._last_tree: VisibleTree | None = None
        """The tree before the rows were removed; None while there are rows."""

    @property
    def count(self) -> int:
        return len(self.rows) if self.rows is not None else 0

    @property
    def visible_tree(self) -> VisibleTree | None:
        """The tree that is shown."""
        return self.rows.tree if self.rows is not None else None

    @property
    def opened(self) -> Set[Node]:
        """The open directories."""
        return self._directories.opened

    def select_only_file(self) -> None:
        """Selects the file if the rows are the directories above it and itself."""
        last = self.row(self.count - 1) if self.count else None
        if self.rows is None or last is None or last.folded or last.node.children:
            return
        above, node = set(), last.node.parent
        while node is not None:
            above.add(node)
            node = node.parent
        if self.count <= len(above) and all(self.rows[index].node in above for index in range(self.count - 1)):
            self.cursor = self.count - 1

    @property
    def selected(self) -> FileRow | None:
        """The row under the cursor."""
        return self.row(self.cursor)

    def row(self, index: int) -> FileRow | None:
        """Returns a row; None if there is no such row."""
        return self.rows[index] if self.rows is not None and index < len(self.rows) else None

    def show(self, tree: VisibleTree, go_to: Node | None = None) -> None:
        """Shows a tree, and keeps the selected path, or selects ``go_to``."""
        before, self._last_tree = self.visible_tree or self._last_tree, None
        is_new_query = bool(tree.view.query) and (before is None or tree.view.query != before.view.query)
        self._jumped_to = go_to or self._jumped_to
        self._show_rows(tree, self._directories.follow(before, tree, self._wanted(), go_to, self._height))
        row = self.selected
        if is_new_query and go_to is None and row is not None and not tree.nodes.is_match(row.node):
            self.action_next_match(1)
        if go_to is not None:
            # The pane may not have its size yet.
            self.call_after_refresh(self.show_cursor)

    def show_nothing(self) -> None:
        """Removes the rows, but keeps what is open and selected."""
        if self.rows is not None:
            self._last_tree, self._asked = self.rows.tree, self._wanted()
            self.rows = None
            self.update_lines()
            self.post_message(self.CursorMoved(self))

    def forget(self) -> None:
        """Removes the rows, and what is open and selected."""
        self.rows = self._last_tree = self._asked = self._jumped_to = None
        self.cursor = 0

    def move_to(self, views: ViewCache) -> None:
        """Shows the same files of a newer exploration of the image; nothing moves."""
        before, selected, asked = self.visible_tree or self._last_tree, self.selected, self._wanted()
        if before is None:
            return
        moved = views.exploration.tree.counterpart
        self._directories.move(before, views.exploration.directories)
        self._asked = moved(asked) if asked is not None else None
        self._jumped_to = moved(self._jumped_to) if self._jumped_to is not None else None
        tree = views.of(before.view)
        if selected is None:
            self._last_tree = tree
            return
        self.rows = self._directories.rows(tree, None if self._is_asked_folded else self._asked)
        self.update_lines()
        self.post_message(self.CursorMoved(self))

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def _wanted(self) -> Node | None:
        """Returns the path that the user selected last, even if it does not show."""
        row = self.selected
        if self._asked is None and row is not None:
            self._asked, self._is_asked_folded = row.node, bool(row.folded)
        return self._asked

    def _show_rows(self, tree: VisibleTree, wanted: Node | None) -> None:
        """Shows the rows of a tree, with the cursor on a node, or as near as possible."""
        is_folded = self._is_asked_folded and wanted is self._asked
        self.rows = self._directories.rows(tree, None if is_folded else wanted)
        index = self.rows.find(wanted) if wanted is not None else None
        self.replace_lines(self.cursor if index is None else index)
        self._asked, self._is_asked_folded = wanted, is_folded

    def watch_cursor(self, old: int, new: int) -> None:
        self._asked = None
        super().watch_cursor(old, new)

    def _refold(self) -> None:
        if self.rows is not None:
            self._show_rows(self.rows.tree, self._wanted())

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        if action in _FOLDING_ACTIONS and not self.count:
            return NOT_YET_READ if self.rows is None else "No files are shown."
        if action == "close" and not self.is_open(self.cursor) and self.parent_line(self.cursor) is None:
            return "Nothing is open here, and no directory is above."
        return action != "next_match" or self._has_other_match()

    def key_words(self, action: str) -> str:
        return "Close" if action == "open_or_close" and self.is_open(self.cursor) else ""

    def _has_other_match(self) -> bool:
        rows, row = self.rows, self.selected
        return rows is not None and row is not None and rows.nodes.match_count > rows.nodes.is_match(row.node)

    def action_next_match(self, direction: int) -> None:
        """Goes to the next match that has a row, and from the last one to the first."""
        if self.rows is not None:
            index = next_match(self.rows, self.cursor, direction)
            self.cursor = self.cursor if index is None else index

    # Open and close

    def is_open(self, index: int) -> bool | None:
        row = self.row(index)
        if row is None:
            return None
        return False if row.folded else self._is_open(row.node)

    def _is_open(self, node: Node) -> bool | None:
        return node in self.opened if self.rows is not None and self.rows.nodes.children(node) else None

    def parent_line(self, index: int) -> int | None:
        row = self.row(index)
        return row.above if row is not None else None

    def arrow_cell(self, index: int, width: int) -> int:
        row, left = self.row(index), self.columns.last_at
        return left + (indent(row.depth, width - left) if row is not None else 0)

    def action_open_or_close(self) -> None:
        """Opens or closes the selected directory, or asks to view the selected file."""
        row = self.selected
        if self.rows is None or row is None:
            return
        if self.is_open(self.cursor) is None:
            self.post_message(self.Opened())
            return
        self._directories.toggle(row)
        # The rows above stay the same, and so does the number of this one.
        self._show_rows(self.rows.tree, row.node)

    def action_open_all(self) -> None:
        """Opens every directory of the image, even if this view does not show it."""
        if self.rows is not None:
            self._directories.open_all(self.rows.tree)
            self._refold()

    def action_close_all(self) -> None:
        self._directories.close_all()
        self._refold()

    def show_cursor(self) -> None:
        """Scrolls to the cursor, and after a jump also to its directory if that is close."""
        row = self.selected
        if row is None or row.node is not self._jumped_to:
            super().show_cursor()
            return
        top = row.above
        height = self.scrollable_content_region.height
        if top is None or self.cursor - top >= height:
            top = max(0, self.cursor - max(0, min(_ROWS_ABOVE_JUMP, height - 1)))
        rows = Region(0, top, 1, self.cursor - top + 1)
        self.scroll_to_region(rows, animate=False, x_axis=False, force=True)

    # Columns and segments

    def on_resize(self) -> None:
        if self.rows is not None and self._directories.fit(self.rows.tree, self._asked, self._height):
            self._refold()
        super().on_resize()
        columns = fit_columns(self.COLUMNS, self.scrollable_content_region.width)
        if columns != self.columns:
            self.columns = columns
            self.repaint()
            self.post_message(self.Fitted())

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row = self.row(index)
        if self.rows is None or row is None:
            return []
        nodes, node = self.rows.nodes, row.node
        if row.folded:
            return self._folded_segments(row, self.rows.tree, width)
        entry = nodes.entry(node)
        if entry is None:
            return []
        segments = self.cells(self.CELLS, self.facts(self.rows.tree, node, entry), self.columns)
        style = self.style_of(f"file--{nodes.change(node).value}")
        if entry.kind is Kind.DIRECTORY and nodes.size(node):
            style += self.style_of("file--directory")
        return [*segments, *self._name_segments(row, entry, style, width - self.columns.last_at)]

    def facts(self, tree: VisibleTree, node: Node, entry: Entry) -> Any:
        """Returns the facts about a path that the cells show."""
        nodes, figures, is_directory = tree.nodes, self.figures, entry.kind is Kind.DIRECTORY
        return FileFacts(
            nodes.change(node),
            nodes.contains_changes(node),
            nodes.size(node),
            nodes.largest,
            nodes.total,
            figures.files(nodes, node) if figures is not None and is_directory else None,
            figures is not None and figures.is_disposable(nodes, node),
            self._removed_bytes([node]) if is_directory else 0,
            entry,
        )

    def _folded_segments(self, row: FileRow, tree: VisibleTree, width: int) -> Sequence[Segment]:
        """Returns the row of small entries."""
        room = width - self.columns.last_at
        indented = indent(row.depth, room)
        return [
            *self.cells(self.CELLS, self.folded_facts(tree, row.folded), self.columns),
            Segment("│ " * (indented // 2), self.style_of("file--guide")),
            Segment(cut(f"+ {row.name}", room - indented), self.style_of("file--muted")),
        ]

    def folded_facts(self, tree: VisibleTree, entries: Sequence[Node]) -> Any:
        """Returns the facts about small entries that share a row."""
        nodes = tree.nodes
        return FileFacts(
            Change.UNCHANGED,
            nodes.changes.base >= 0 and any(is_changed(tree, node) for node in entries),
            sum(map(nodes.size, entries)),
            nodes.largest,
            nodes.total,
            removed_below=self._removed_bytes(entries),
        )

    def _removed_bytes(self, entries: Sequence[Node]) -> int:
        """Returns the removed bytes among those of entries, if only changes show."""
        tree = self.visible_tree
        if tree is None or not tree.view.changes_only or tree.view.query:
            return 0
        return sum(map(tree.nodes.removed_bytes, entries))

    def _name_segments(self, row: FileRow, entry: Entry, style: Style, room: int) -> Iterator[Segment]:
        """Yields guides, arrow, name and link target in ``room`` cells."""
        indented = indent(row.depth, room)
        room -= indented + ARROW_CELLS
        name = cut_middle(printable(row.name), room)
        yield Segment("│ " * (indented // 2), self.style_of("file--guide"))
        yield Segment(fold_arrow(self._is_open(row.node)), self.style_of("file--muted"))
        yield from self._highlighted(row, name, style)
        link, link_cells = target(entry), room - cell_len(name)
        if link and link_cells > _MIN_LINK_CELLS:
            yield Segment(f" {cut(link, link_cells - 1)}", self.style_of("file--muted"))

    def _highlighted(self, row: FileRow, name: str, style: Style) -> Iterator[Segment]:
        """Yields the name, which may be cut, with other colours for the matching text."""
        if self.rows is None or not self.rows.tree.view.query:
            yield Segment(name, style)
            return
        match_style = style + self.style_of("file--match")
        for text, is_match in highlighted(row, self.rows.tree, name):
            yield Segment(text, match_style if is_match else style)
