"""The file pane: rows painted line by line, with the keys and clicks that open and close directories.

What the rows are and in which order they come is decided in ``rows``; here they only get their columns and colours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message

from explorer.config.settings import Sort
from explorer.model import Change, Entry, Kind
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import mode, owner, target
from explorer.tui.availability import UNREAD, ActionOwner, Availability
from explorer.tui.widgets.column_headers import Column, fit_columns
from explorer.tui.widgets.drawing import bar, cut, cut_middle, cut_or_pad
from explorer.tui.widgets.folding_list import ARROW_CELLS, MAX_INDENTED_LEVELS, FoldingList, fold_arrow, indent
from explorer.tui.widgets.marks import INSIDE, MARKS
from explorer.viewmodel.file_rows import FileRow, FileRows
from explorer.viewmodel.filter_matches import FoldingMemory, highlighted, next_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.layers.tree import Node
    from explorer.viewmodel.visible_tree import VisibleTree

_FOLDS = ("open_or_close", "open", "close", "open_all", "close_all")
_ABOVE = 3
"""Lines that stay visible above a path that was jumped to, if they are not as many as its directory is away."""


_COLUMNS = (
    Column("mark", " ±", ((0, 2),), key=Sort.CHANGE.value),
    Column("size", "size", ((0, 7),), right=True, key=Sort.SIZE.value),
    Column("bar", "", ((90, 10), (36, 6))),
    Column("mode", "mode", ((52, 10),), gives_way=True),
    Column("owner", "owner", ((62, 9),), gives_way=True),
    Column("name", "name", key=Sort.NAME.value),
)


class FileTree(ActionOwner, FoldingList):
    """The files of a listing, with some of its directories open."""

    HELP = """\
    # Files

    What a container of the layers up to the selected one sees, biggest first. The mark says what became of a path
    since the layer below, or since the layer you compare with:

    - `+` added, `~` modified, `−` removed (with the metadata and size it had)
    - `·` a directory that contains changes

    A directory's size is what is visible below it; an inode with several names counts once. Directories that hold
    nothing but one another share a line. With *changes only* a directory's size is that of the changes below it. The
    line below the panes tells the selected path's way through the layers.

    A filter leaves what matches, with the directories above it, in all layers until it is cleared; `n` and `N` go from
    match to match.

    Click an arrow, or a selected directory, to open it; a bright head to sort by its column, and again to turn the
    order round. Owner and mode make room when names are long.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space",
            "open_or_close",
            "Open",
            show=False,
            tooltip="Open or close the directory, or look into the file",
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
            "N", "next_match(-1)", "Previous", show=False, tooltip="Go to the match before", id="files.previous-match"
        ),
        Binding("1", "screen.kind('added')", show=False, tooltip="Show or hide the added", id="explore.added"),
        Binding("2", "screen.kind('modified')", show=False, tooltip="Show or hide the modified", id="explore.modified"),
        Binding("3", "screen.kind('removed')", show=False, tooltip="Show or hide the removed", id="explore.removed"),
        Binding(
            "4", "screen.kind('unchanged')", show=False, tooltip="Show or hide the unchanged", id="explore.unchanged"
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
        """What is selected is to be opened, and is no directory with anything in it."""

    class Fitted(Message):
        """There is room for other columns than before."""

    def __init__(self) -> None:
        super().__init__(id="file-tree")
        self.visible_tree: VisibleTree | None = None
        self.columns = fit_columns(_COLUMNS, 0)
        self._went_to: Node | None = None
        """The path that was jumped to last."""
        self._names = 0
        """Cells that the widest name seen takes, since the rows were worked out last."""
        self.opened: set[Node] = set()
        self._folding_memory = FoldingMemory()
        self.rows: FileRows | None = None

    @property
    def count(self) -> int:
        return len(self.rows) if self.rows is not None else 0

    @property
    def selected(self) -> FileRow | None:
        """The row under the cursor."""
        return self.row(self.cursor)

    def row(self, index: int) -> FileRow | None:
        """One of the rows; None where there is none."""
        return self.rows[index] if self.rows is not None and index < len(self.rows) else None

    def show(self, tree: VisibleTree, go_to: Node | None = None) -> None:
        """Shows a tree, and keeps the selected path, or selects ``go_to``."""
        row, before = self.selected, self.visible_tree
        wanted = go_to or (row.node if row else None)
        is_new_query = bool(tree.view.query) and (before is None or tree.view.query != before.view.query)
        opened, wanted = self._folding_memory.replaced(before, tree, self.opened, wanted)
        self.opened = set(opened)
        self.visible_tree = tree
        if go_to is not None:
            wanted = go_to
            self._open_above(go_to)
            self._went_to = go_to
        self._rebuild(wanted)
        if is_new_query:
            self._go_to_match()
        if go_to is not None:
            # The pane may not have its size yet.
            self.call_after_refresh(self.show_cursor)

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        """What opens and closes needs rows; a next match is there unless the only one is selected."""
        if action in _FOLDS and not self.count:
            return UNREAD if self.visible_tree is None else "No files are shown."
        return action != "next_match" or self._has_other_match()

    def _has_other_match(self) -> bool:
        listing, row = self.visible_tree, self.selected
        if listing is None or row is None or not listing.view.query:
            return False
        return listing.nodes.match_count > listing.nodes.is_match(row.node)

    def action_next_match(self, direction: int) -> None:
        """Go to the next match that has a row, from the last on to the first."""
        if self.rows is not None and self.visible_tree is not None:
            index = next_match(self.rows, self.visible_tree.nodes, self.cursor, direction)
            self.cursor = self.cursor if index is None else index

    def _go_to_match(self) -> None:
        """Stay at a match, or go to the next one."""
        row = self.selected
        if row is not None and self.visible_tree is not None and not self.visible_tree.nodes.is_match(row.node):
            self.action_next_match(1)

    # Open and close

    def is_open(self, index: int) -> bool | None:
        row = self.row(index)
        return self._is_open(row.node) if row is not None else None

    def parent_line(self, index: int) -> int | None:
        row = self.row(index)
        return row.above if row is not None else None

    def arrow_cell(self, index: int, width: int) -> int:
        row, left = self.row(index), self.columns.last_at
        return left + (indent(row.depth, width - left) if row is not None else 0)

    def action_open_or_close(self) -> None:
        """Open or close the selected directory; what is none is to be looked into."""
        row = self.selected
        if row is None:
            return
        is_open = self._is_open(row.node)
        if is_open is None:
            self.post_message(self.Opened())
            return
        if is_open:
            self.opened.difference_update(row.line)
        else:
            self.opened.update(row.line)
        self._rebuild(None)

    def action_open_all(self) -> None:
        """Open every directory of the image, also those that another view will show."""
        if self.visible_tree is not None:
            view, nodes = self.visible_tree.view, self.visible_tree.nodes
            self.opened = set(nodes.match_parents if view.query else nodes.directories.all)
            self._rebuild(self.selected.node if self.selected else None)

    def action_close_all(self) -> None:
        self.opened.clear()
        self._rebuild(self.selected.node if self.selected else None)

    def show_cursor(self) -> None:
        """Scroll as far as it takes to see the cursor; after a jump, to see its directory above it too.

        Where the directory is too far away, some rows show above.
        """
        row = self.selected
        if row is None or row.node is not self._went_to:
            super().show_cursor()
            return
        above = row.above
        height = self.scrollable_content_region.height
        if above is None or self.cursor - above >= height:
            above = max(0, self.cursor - max(0, min(_ABOVE, height - 1)))
        lines = Region(0, above, 1, self.cursor - above + 1)
        self.scroll_to_region(lines, animate=False, x_axis=False, force=True)

    def _is_open(self, node: Node) -> bool | None:
        return node in self.opened if self.visible_tree is not None and self.visible_tree.nodes.children(node) else None

    def _open_above(self, node: Node) -> None:
        self.opened.update(node.ancestors())

    def _rebuild(self, wanted: Node | None) -> None:
        """Work out the rows again, and put the cursor on a node or leave it where it is."""
        if self.visible_tree is None:
            return
        self.rows = FileRows(self.visible_tree, self.opened)
        self._names = 0
        index = self.rows.find(wanted) if wanted is not None else None
        self.replace_lines(self.cursor if index is None else index)

    # Painting

    def update_lines(self) -> None:
        super().update_lines()
        self._fit()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._fit()

    def on_resize(self) -> None:
        super().on_resize()
        self._fit()

    def _fit(self) -> None:
        """Choose the columns by the names in sight. Those that made room stay away until the rows change."""
        first = self.scroll_offset.y
        for index in range(first, first + self.scrollable_content_region.height):
            row = self.row(index)
            if row is not None:
                name = cell_len(printable(row.name))
                self._names = max(self._names, min(row.depth, MAX_INDENTED_LEVELS) * 2 + ARROW_CELLS + name)
        columns = fit_columns(_COLUMNS, self.scrollable_content_region.width, self._names)
        if columns != self.columns:
            self.columns = columns
            self.repaint()
            self.post_message(self.Fitted())

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        row, listing = self.row(index), self.visible_tree
        entry = listing.nodes.entry(row.node) if listing and row else None
        if listing is None or row is None or entry is None:
            return []
        columns = self.columns
        change = listing.nodes.change(row.node)
        colour = self.style_of(f"file--{change.value}")
        muted = self.style_of("file--muted")
        bytes_ = listing.nodes.size(row.node)
        segments = [self._mark(row.node, change, listing), Segment(f"{size(bytes_):>7} ", Style() if bytes_ else muted)]
        if columns.cells["bar"]:
            largest = listing.nodes.largest
            drawn = bar(bytes_ / largest if largest else 0, columns.cells["bar"])
            segments.append(Segment(f"{drawn} ", self.style_of("file--bar")))
        if columns.cells["mode"]:
            segments.append(Segment(f"{mode(entry)} ", muted))
        if owner_cells := columns.cells["owner"]:
            segments.append(Segment(f"{cut_or_pad(owner(entry), owner_cells)} ", muted))
        return [*segments, *self._name_cells(row, entry, colour, width - columns.last_at)]

    def _mark(self, node: Node, change: Change, listing: VisibleTree) -> Segment:
        if change is Change.UNCHANGED and listing.nodes.contains_changes(node):
            return Segment(f" {INSIDE} ", self.style_of("file--inside"))
        return Segment(f" {MARKS[change]} ", self.style_of(f"file--{change.value}"))

    def _name_cells(self, row: FileRow, entry: Entry, colour: Style, room: int) -> Iterable[Segment]:
        """Guides, arrow, name and link target in ``room`` cells."""
        depth = indent(row.depth, room)
        guide = self.style_of("file--guide")
        room -= depth + ARROW_CELLS
        name = cut_middle(printable(row.name), room)
        style = colour + self.style_of("file--directory") if entry.kind is Kind.DIRECTORY else colour
        yield Segment("│ " * (depth // 2), guide)
        yield Segment(fold_arrow(self._is_open(row.node)), self.style_of("file--muted"))
        yield from self._matched(row, name, style)
        named = Segment(name)
        link = target(entry)
        if link and room - named.cell_length > 4:
            yield Segment(f" {cut(link, room - named.cell_length - 1)}", self.style_of("file--muted"))

    def _matched(self, row: FileRow, name: str, style: Style) -> Iterable[Segment]:
        """A line's name, maybe cut, with what matches in other colours."""
        if self.visible_tree is None or not self.visible_tree.view.query:
            return [Segment(name, style)]
        hit = style + self.style_of("file--match")
        return [Segment(part, hit if matches else style) for part, matches in highlighted(row, self.visible_tree, name)]
