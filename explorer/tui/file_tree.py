"""The file pane: rows painted line by line, with the keys and clicks that open and close directories.

What the rows are and in which order they come is decided in ``rows``; here they only get their columns and colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType

from explorer.model import Change, Entry, Kind
from explorer.text import mode, owner, printable, size, target
from explorer.tui.cursor_list import CursorList
from explorer.tui.heads import Head
from explorer.tui.paint import bar, cut, fill
from explorer.tui.rows import Listing, Row, position, rows
from explorer.tui.view import Sort

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.layers.tree import Node

MARKS = {Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "−", Change.UNCHANGED: " "}
INSIDE = "·"
"""Marks a directory that contains changes and is not changed itself."""
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns there is room for."""

    bar: int
    """Cells; 0 leaves the bar out, likewise the next two."""
    mode: int
    owner: int

    @classmethod
    def fitting(cls, width: int) -> Columns:
        """As many as leave the name enough room."""
        return cls(
            bar=10 if width >= 90 else 6 if width >= 36 else 0,
            mode=10 if width >= 52 else 0,
            owner=9 if width >= 62 else 0,
        )

    @property
    def name_at(self) -> int:
        """Where the name column starts."""
        return 3 + 8 + sum(width + 1 for width in (self.bar, self.mode, self.owner) if width)

    def heads(self) -> list[Head]:
        """The columns' heads; the key is the sort that a click means."""
        found = [Head(" ±", 2, key=Sort.CHANGE.value), Head("size", 7, right=True, key=Sort.SIZE.value)]
        found += [Head("", self.bar)] if self.bar else []
        found += [Head("mode", self.mode)] if self.mode else []
        found += [Head("owner", self.owner)] if self.owner else []
        return [*found, Head("name", 0, key=Sort.NAME.value)]


class FileTree(CursorList):
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

    Click an arrow to open a directory, a column's head to sort.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space",
            "toggle_directory",
            "Open",
            show=False,
            tooltip="Open or close the directory",
            id="files.toggle",
        ),
        Binding("right,l", "open", "Open", show=False, tooltip="Open, or go to the first file inside", id="files.open"),
        Binding(
            "left,h", "close", "Close", show=False, tooltip="Close, or go to the directory above", id="files.close"
        ),
        Binding("e", "open_all", "Expand all", tooltip="Open all directories", id="files.open-all"),
        Binding("E", "close_all", "Collapse all", show=False, tooltip="Close all directories", id="files.close-all"),
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
    }

    def __init__(self) -> None:
        super().__init__(id="file-tree")
        self.listing: Listing | None = None
        self.opened: set[Node] = set()
        self.rows: Sequence[Row] = ()

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def show(self, listing: Listing, go_to: Node | None = None) -> None:
        """Show a listing, and stay at the selected path, or go to another one."""
        row = self.selected
        wanted = go_to or (row.node if row else None)
        self.listing = listing
        if go_to is not None:
            self._open_above(go_to)
        self._rebuild(wanted)

    # Open and close

    def action_toggle_directory(self) -> None:
        row = self.selected
        if row is not None and self._is_expandable(row.node):
            self._set_open(row, row.node not in self.opened)

    def action_open(self) -> None:
        row = self.selected
        if row is None or not self._is_expandable(row.node):
            return
        if row.node in self.opened:
            self.cursor += 1
        else:
            self._set_open(row, True)

    def action_close(self) -> None:
        row = self.selected
        if row is None:
            return
        if row.node in self.opened and self._is_expandable(row.node):
            self._set_open(row, False)
            return
        for index in range(self.cursor - 1, -1, -1):
            if self.rows[index].depth < row.depth:
                self.cursor = index
                return

    def action_open_all(self) -> None:
        """Open every directory of the image, also those that another view will show."""
        if self.listing is not None:
            self.opened = set(_directories(self.listing.tree.root))
            self._rebuild(self.selected.node if self.selected else None)

    def action_close_all(self) -> None:
        self.opened.clear()
        self._rebuild(self.selected.node if self.selected else None)

    def _is_expandable(self, node: Node) -> bool:
        return self.listing is not None and bool(self.listing.children(node))

    def _set_open(self, row: Row, is_open: bool) -> None:
        line = [row.node]
        for _ in range(row.joined):
            if line[-1].parent is not None:
                line.append(line[-1].parent)
        if is_open:
            self.opened.update(line)
        else:
            self.opened.difference_update(line)
        self._rebuild(None)

    def _open_above(self, node: Node) -> None:
        at = node.parent
        while at is not None:
            self.opened.add(at)
            at = at.parent

    def _rebuild(self, wanted: Node | None) -> None:
        """Work out the rows again, and put the cursor on a node or leave it where it is."""
        if self.listing is None:
            return
        self.rows = rows(self.listing, self.opened)
        index = position(self.rows, wanted) if wanted is not None else self.cursor
        self.lines_changed()
        before = self.cursor
        self.cursor = index if index is not None else min(self.cursor, self.count - 1)
        if self.cursor == before:
            self.show_cursor()
            self.post_message(self.Moved(self))

    # Painting

    def columns(self) -> Columns:
        """The columns at the present width."""
        return Columns.fitting(self.scrollable_content_region.width)

    def paint(self, index: int, width: int) -> Sequence[Segment]:
        row, listing = self.rows[index], self.listing
        entry = listing.entry(row.node) if listing else None
        if listing is None or entry is None:
            return []
        columns = Columns.fitting(width)
        change = listing.change(row.node)
        colour = self.style_of(f"file--{change.value}")
        muted = self.style_of("file--muted")
        bytes_ = listing.size(row.node)
        segments = [self._mark(row.node, change, listing), Segment(f"{size(bytes_):>7} ", Style() if bytes_ else muted)]
        if columns.bar:
            largest = listing.largest()
            drawn = bar(bytes_ / largest if largest else 0, columns.bar)
            segments.append(Segment(f"{drawn} ", self.style_of("file--bar")))
        if columns.mode:
            segments.append(Segment(f"{mode(entry)} ", muted))
        if columns.owner:
            segments.append(Segment(f"{fill(owner(entry), columns.owner)} ", muted))
        return [*segments, *self._name_cells(row, entry, colour, width - columns.name_at)]

    def _mark(self, node: Node, change: Change, listing: Listing) -> Segment:
        if change is Change.UNCHANGED and listing.contains_changes(node):
            return Segment(f" {INSIDE} ", self.style_of("file--inside"))
        return Segment(f" {MARKS[change]} ", self.style_of(f"file--{change.value}"))

    def _name_cells(self, row: Row, entry: Entry, colour: Style, room: int) -> Iterable[Segment]:
        """Guides, arrow, name and link target in ``room`` cells."""
        depth = min(row.depth, _DEEPEST, max(0, room // 4))
        arrow = ("▾ " if row.node in self.opened else "▸ ") if self._is_expandable(row.node) else "  "
        guide = self.style_of("file--guide")
        room -= depth * 2 + 2
        name = cut(printable(row.name), room)
        style = colour + self.style_of("file--directory") if entry.kind is Kind.DIRECTORY else colour
        yield Segment("│ " * depth, guide)
        yield Segment(arrow, self.style_of("file--muted"))
        yield Segment(name, style)
        named = Segment(name)
        link = target(entry)
        if link and room - named.cell_length > 4:
            yield Segment(f" {cut(link, room - named.cell_length - 1)}", self.style_of("file--muted"))

    def chosen(self, index: int, x: int) -> None:
        """A click on the arrow opens or closes."""
        row = self.rows[index]
        width = self.scrollable_content_region.width
        columns = Columns.fitting(width)
        depth = min(row.depth, _DEEPEST, max(0, (width - columns.name_at) // 4))
        arrow = columns.name_at + depth * 2
        if arrow <= x < arrow + 2:
            self.action_toggle_directory()


def _directories(root: Node) -> Iterable[Node]:
    """All nodes that have children."""
    found = [root]
    for node in found:
        found += [child for child in (node.children or {}).values() if child.children]
    return found
