"""The list of the files: its keys and clicks, and the segments of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message

from explorer.layers.tree import Node
from explorer.model import Entry, Kind
from explorer.text.printable import printable
from explorer.text.words import target
from explorer.tui.availability import UNREAD, ActionOwner, Availability
from explorer.tui.files.file_columns import FILE_CELLS, FILE_COLUMNS, FileFacts
from explorer.tui.widgets.column_headers import fit_columns
from explorer.tui.widgets.drawing import cut, cut_middle
from explorer.tui.widgets.folding_list import ARROW_CELLS, MAX_INDENTED_LEVELS, FoldingList, fold_arrow, indent
from explorer.viewmodel.file_rows import FileRow, FileRows
from explorer.viewmodel.filter_matches import FoldingMemory, highlighted, next_match
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

    The files that a container of layer 0 up to the selected layer sees, the biggest first. The mark tells what became
    of a path since the layer below, or since the layer that you compare with:

    - `+` added, `~` modified, `−` removed (with its last metadata and size)
    - `·` a directory that contains changes

    The size of a directory is what is visible below it; a file with several names counts once. Directories that hold
    nothing but one another share a row. With *changes only*, the size of a directory is that of the changes below it.
    The line below the panes shows the history of the selected path.

    A filter shows what matches, and the directories above it, in all layers until you clear it; `n` and `N` go to the
    next and the previous match.

    Click an arrow, or the selected directory, to open it. Click a highlighted column header to sort by its column, and
    again to reverse the order. The owner and mode columns disappear when names are long.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space",
            "open_or_close",
            "Open",
            show=False,
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
        Binding("plus", "screen.kind('added')", show=False, tooltip="Show or hide added files", id="explore.added"),
        Binding(
            "tilde", "screen.kind('modified')", show=False, tooltip="Show or hide modified files", id="explore.modified"
        ),
        Binding(
            "minus", "screen.kind('removed')", show=False, tooltip="Show or hide removed files", id="explore.removed"
        ),
        Binding(
            "full_stop",
            "screen.kind('unchanged')",
            show=False,
            tooltip="Show or hide unchanged files",
            id="explore.unchanged",
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
        "file--guide",
        "file--muted",
        "file--match",
    }

    class Opened(Message):
        """Asks to view the selected path, which is not a directory with visible children."""

    class Fitted(Message):
        """Other columns fit than before."""

    def __init__(self) -> None:
        super().__init__(id="file-tree")
        self.rows: FileRows | None = None
        self.opened: set[Node] = set()
        self.columns = fit_columns(FILE_COLUMNS, 0)
        self._folding_memory = FoldingMemory()
        self._jumped_to: Node | None = None
        self._name_cells = 0
        """Cells of the widest name that was visible since the rows changed."""

    @property
    def count(self) -> int:
        return len(self.rows) if self.rows is not None else 0

    @property
    def visible_tree(self) -> VisibleTree | None:
        """The tree that is shown."""
        return self.rows.tree if self.rows is not None else None

    @property
    def selected(self) -> FileRow | None:
        """The row under the cursor."""
        return self.row(self.cursor)

    def row(self, index: int) -> FileRow | None:
        """Returns a row; None if there is no such row."""
        return self.rows[index] if self.rows is not None and index < len(self.rows) else None

    def show(self, tree: VisibleTree, go_to: Node | None = None) -> None:
        """Shows a tree, and keeps the selected path, or selects ``go_to``."""
        row, before = self.selected, self.visible_tree
        is_new_query = bool(tree.view.query) and (before is None or tree.view.query != before.view.query)
        opened, wanted = self._folding_memory.replaced(before, tree, self.opened, go_to or (row.node if row else None))
        self.opened = set(opened)
        if go_to is not None:
            wanted = self._jumped_to = go_to
            self.opened.update(go_to.ancestors())
        self._show_rows(tree, wanted)
        row = self.selected
        if is_new_query and row is not None and not tree.nodes.is_match(row.node):
            self.action_next_match(1)
        if go_to is not None:
            # The pane may not have its size yet.
            self.call_after_refresh(self.show_cursor)

    def _show_rows(self, tree: VisibleTree, wanted: Node | None) -> None:
        """Shows the rows of a tree, with the cursor on a node, or where it was."""
        self.rows = FileRows(tree, self.opened)
        self._name_cells = 0
        index = self.rows.find(wanted) if wanted is not None else None
        self.replace_lines(self.cursor if index is None else index)

    def _refold(self) -> None:
        if self.rows is not None:
            self._show_rows(self.rows.tree, self.selected.node if self.selected else None)

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        if action in _FOLDING_ACTIONS and not self.count:
            return UNREAD if self.rows is None else "No files are shown."
        return action != "next_match" or self._has_other_match()

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
        return self._is_open(row.node) if row is not None else None

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
        is_open = self._is_open(row.node)
        if is_open is None:
            self.post_message(self.Opened())
            return
        if is_open:
            self.opened.difference_update(row.line)
        else:
            self.opened.update(row.line)
        # The rows above stay the same, and so does the number of this one.
        self._show_rows(self.rows.tree, None)

    def action_open_all(self) -> None:
        """Opens every directory of the image, even if this view does not show it."""
        if self.rows is not None:
            nodes = self.rows.nodes
            self.opened = set(nodes.match_parents if self.rows.tree.view.query else nodes.directories.all)
            self._refold()

    def action_close_all(self) -> None:
        self.opened.clear()
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

    def update_lines(self) -> None:
        super().update_lines()
        self._fit_columns()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._fit_columns()

    def on_resize(self) -> None:
        super().on_resize()
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Chooses the columns by the visible names; a column returns only with new rows."""
        first = self.scroll_offset.y
        for index in range(first, first + self.scrollable_content_region.height):
            row = self.row(index)
            if row is not None:
                indented = min(row.depth, MAX_INDENTED_LEVELS) * 2 + ARROW_CELLS
                self._name_cells = max(self._name_cells, indented + cell_len(printable(row.name)))
        columns = fit_columns(FILE_COLUMNS, self.scrollable_content_region.width, self._name_cells)
        if columns != self.columns:
            self.columns = columns
            self.repaint()
            self.post_message(self.Fitted())

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row = self.row(index)
        entry = self.rows.nodes.entry(row.node) if self.rows and row else None
        if self.rows is None or row is None or entry is None:
            return []
        nodes, node = self.rows.nodes, row.node
        facts = FileFacts(entry, nodes.change(node), nodes.contains_changes(node), nodes.size(node), nodes.largest)
        segments = self.cells(FILE_CELLS, facts, self.columns)
        style = self.style_of(f"file--{facts.change.value}")
        return [*segments, *self._name_segments(row, entry, style, width - self.columns.last_at)]

    def _name_segments(self, row: FileRow, entry: Entry, style: Style, room: int) -> Iterator[Segment]:
        """Yields guides, arrow, name and link target in ``room`` cells."""
        indented = indent(row.depth, room)
        room -= indented + ARROW_CELLS
        name = cut_middle(printable(row.name), room)
        if entry.kind is Kind.DIRECTORY:
            style += self.style_of("file--directory")
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
