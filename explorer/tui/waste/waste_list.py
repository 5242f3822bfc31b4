"""The list of the waste pane: wasted files below their groups, with the layers that shipped and hid them.

What the rows are is decided in ``rows``; here they get columns and colours, and keys and clicks that group, fold
and lead to the files.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.analysis.filter.query import EVERYTHING
from explorer.analysis.waste import ByteUsage
from explorer.model import Waste
from explorer.text.printable import printable, shortened
from explorer.text.units import counted, percent, size
from explorer.text.words import CAUSES
from explorer.tui.availability import UNREAD, ActionOwner, Availability
from explorer.tui.widgets.column_headers import Column, Columns, fit_columns
from explorer.tui.widgets.drawing import bar, cut, cut_pair, cut_start
from explorer.tui.widgets.folding_list import ARROW_CELLS, FoldingList, fold_arrow, indent
from explorer.viewmodel.waste_groups import Group, GroupKey, WasteFiles, WasteTree
from explorer.viewmodel.waste_rows import WasteRows
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.analysis.filter.query import Query

_CAUSE_CELLS, _CAUSE_FROM = 12, 32
"""Cells of a file's cause, and those that it and the name need to have."""
_NAME_FROM = 12
"""Cells of a file's name that what it belongs to leaves it at least."""
_LONGEST = 300
"""Characters of a command that a row shows at most."""
_OF_WASTE = ("group", "this_layer", "sort")
"""Actions that are of no use where nothing is wasted."""
_OF_ROWS = ("choose_hidden", "open_or_close", "open", "close", "open_all", "close_all")
"""Actions that are of no use where no waste is shown."""


_COLUMNS = (
    Column("size", "size", ((0, 7),), right=True, key=WasteOrder.SIZE.value),
    Column("bar", "", ((90, 10), (56, 6))),
    Column("share", "share", ((48, 5),), right=True, key=WasteOrder.SIZE.value),
    Column("shipped", "shipped by", ((76, 10),)),
    Column("hidden", "hidden by", ((76, 8),)),
    Column("layers", "layers", ((76, 0), (0, 8))),
    Column("path", "  path", key=WasteOrder.PATH.value),
)


class WasteList(ActionOwner, FoldingList):
    """Wasted files below their groups."""

    HELP = """\
    # Waste

    **wasted = shipped − visible**. *Shipped* are the sizes of all regular files of all layers; *visible* those that a
    container of the image sees, each inode once. Every wasted byte has one cause:

    - **removed**: a later layer deleted it, or put something else in place of a directory above it
    - **overwritten**: a later layer put something else at its path
    - **recopied**: a later layer ships the same bytes at the same path again: chmod, chown, touch, or the same COPY
    - **duplicate**: the same layer's tar holds the path again

    **b** groups the files by cause and remedy, by the layers that shipped and hid them, by directory, or not at all.
    **t** leaves out what the layer selected in the list neither shipped nor hid. **/** leaves what matches, in the
    words of the files' filter: `layer:3` is what layer 3 shipped for nothing or hid, `is:removed` what a later layer
    deleted, `is:modified` what one shipped anew.

    The box below the list says what to do about the selected row, and how much smaller the image would be: the bytes
    are exactly those of the row. Where it is cut, **Tab** shows all of it. **Enter** shows a file at the layer that
    shipped it, **o** at the one that hid it.

    `1 → 5`: shipped by layer 1, hidden by layer 5. The share is that of all wasted bytes. Click a head to sort.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Show file", tooltip="Show it at the layer that shipped it", id="waste.show"),
        Binding("enter", "fold(False)", "Unfold", tooltip="Unfold the group", id="waste.enter-unfold"),
        Binding("enter", "fold(True)", "Fold", tooltip="Fold the group", id="waste.enter-fold"),
        Binding("o", "choose_hidden", "Who hid it", tooltip="Show it at the layer that hid it", id="waste.hidden"),
        Binding("b", "group", "Group by", tooltip="Group by cause, layers, directory, or not at all", id="waste.group"),
        Binding("t", "this_layer", "This layer", tooltip="Only what one layer wastes or hides", id="waste.this"),
        Binding("escape", "all_layers", "All layers", tooltip="The waste of all layers again", id="waste.all"),
        Binding("s", "sort", "Sort", show=False, tooltip="Sort the waste by size or by path", id="waste.sort"),
        Binding("n", "next_match(1)", "Next match", tooltip="Go to the next match", id="waste.next-match"),
        Binding(
            "N", "next_match(-1)", "Previous", show=False, tooltip="Go to the match before", id="waste.previous-match"
        ),
        Binding("space", "open_or_close", "Fold", show=False, tooltip="Fold or unfold a group", id="waste.fold"),
        Binding(
            "left,h", "close", "Fold", show=False, tooltip="Fold the group, or go to the one above", id="waste.close"
        ),
        Binding("right,l", "open", "Unfold", show=False, tooltip="Unfold, or go to the first inside", id="waste.open"),
        Binding("e", "open_all", "Expand", show=False, tooltip="Unfold all groups", id="waste.open-all"),
        Binding("E", "close_all", "Collapse all", show=False, tooltip="Fold all groups", id="waste.close-all"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"waste--bytes", "waste--cause", "waste--muted", "waste--bar"}

    class Chosen(Message):
        """A wasted file is to be shown at a layer: the one that shipped it, or the one that hid it."""

        def __init__(self, waste: Waste, layer: int) -> None:
            super().__init__()
            self.waste = waste
            self.layer = layer

    class Rearranged(Message):
        """Other files are shown, or in other groups."""

    def __init__(self) -> None:
        super().__init__(id="waste-list")
        self.current = 0
        """The layer that is selected elsewhere."""
        self.rows = WasteRows.of(WasteTree(WasteFiles(ByteUsage(0, 0, (), ()))), set())
        self._trees: dict[WasteView, WasteTree] = {}
        self._opened: dict[tuple[Grouping, Query], set[GroupKey]] = {}
        self._before: Group | Waste | None = None
        """What was selected before there was a query."""

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def waste_tree(self) -> WasteTree:
        """The wasted files in their groups."""
        return self.rows.tree

    @property
    def view(self) -> WasteView:
        """What of the waste is shown, and how."""
        return self.waste_tree.view

    @property
    def opened(self) -> set[GroupKey]:
        """The groups that are open."""
        return self._opened[self.view.grouping, self.view.query]

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        return fit_columns(_COLUMNS, self.scrollable_content_region.width)

    @property
    def selected(self) -> Group | Waste | None:
        """What the row under the cursor shows."""
        return self.rows.item(self.cursor)

    def show(self, files: WasteFiles) -> None:
        """Show other wasted files, from the beginning."""
        self._trees.clear()
        self._opened.clear()
        self._show_as(files, WasteView(), None)

    def look_at(self, layer: int) -> None:
        """Another layer is selected elsewhere."""
        self.current = layer
        if self.view.layer not in (None, layer):
            self._show_as(self.waste_tree.files, replace(self.view, layer=layer), self.selected)

    def show_as(self, shown: WasteView) -> None:
        """Show the waste in another way, and stay at the selected file."""
        if shown != self.view:
            self._show_as(self.waste_tree.files, shown, self.selected)

    def narrow(self, query: Query) -> None:
        """Show only what passes a query. Raises BadQuery."""
        if not self.view.query:
            self._before = self.selected
        self.show_as(replace(self.view, query=query))

    def widen(self, *, is_cancelled: bool) -> None:
        """Show all again, at the selected file; or, if typing was cancelled, at what was selected before the query."""
        if self.view.query:
            self._show_as(
                self.waste_tree.files,
                replace(self.view, query=EVERYTHING),
                self._before if is_cancelled else self.selected,
            )

    def _show_as(self, files: WasteFiles, shown: WasteView, wanted: Group | Waste | None) -> None:
        before = self.view
        tree = self._trees.get(shown)
        if tree is None:
            tree = WasteTree(files, shown)
            if shown.is_all:
                self._trees[shown] = tree
        if shown.query != before.query:
            # What was opened among what an earlier query found means nothing for this one.
            self._opened = {key: opened for key, opened in self._opened.items() if key[1] in (EVERYTHING, shown.query)}
        if (shown.grouping, shown.query) not in self._opened:
            whole = self._trees.get(replace(shown, layer=None)) or tree
            self._opened[shown.grouping, shown.query] = whole.initially_open()
        opened = self._opened[shown.grouping, shown.query]
        if isinstance(wanted, Waste):
            index = files.wasted.index(wanted)
            if index in tree.top.members:
                opened.update(group.key for group in tree.groups_around(index))
        self._show_rows(tree, opened, wanted)
        if (shown.layer is None, bool(shown.query)) != (before.layer is None, bool(before.query)):
            self.refresh_bindings()
        self.post_message(self.Rearranged())

    def _show_rows(self, tree: WasteTree, opened: set[GroupKey], wanted: Group | Waste | None) -> None:
        """Shows the rows, with the cursor on what is wanted or on the nearest group around it."""
        self.rows = WasteRows.of(tree, frozenset(opened))
        row = self.rows.find(wanted) if wanted is not None else None
        self.replace_lines(row or 0)

    def _rebuild(self) -> None:
        self._show_rows(self.waste_tree, self.opened, self.selected)

    # Painting

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        item, depth, prefix_chars = self.rows.rows[index]
        columns = self.columns
        muted = self.style_of("waste--muted")
        is_group = isinstance(item, Group)
        amount = Segment(f"{size(item.bytes):>7} ", self.style_of("waste--bytes") if is_group else None)
        segments = [amount]
        if columns.cells["bar"]:
            drawn = bar(item.bytes / (self.waste_tree.largest or 1), columns.cells["bar"])
            segments.append(Segment(f"{drawn} ", self.style_of("waste--bar")))
        if columns.cells["share"]:
            share = item.bytes / (self.waste_tree.files.usage.wasted_bytes or 1)
            segments.append(Segment(f"{percent(share):>5} ", muted))
        segments.append(Segment(_layers(item, is_wide=bool(columns.cells["shipped"]))))
        room = width - columns.last_at
        before_arrow = indent(depth, room)
        segments.append(Segment(" " * before_arrow + fold_arrow(self.is_open(index)), muted))
        room -= before_arrow + ARROW_CELLS
        if isinstance(item, Waste):
            name = printable(item.path[prefix_chars:] if prefix_chars else f"/{item.path}")
            if self.view.grouping is Grouping.CAUSE:
                subject = self._subject(item, room - _NAME_FROM) if depth == 1 else ""
                return [*segments, Segment(subject), Segment(cut_start(name, room - len(subject)))]
            if room < _CAUSE_FROM:
                return [*segments, Segment(cut_start(name, room))]
            segment = Segment(cut_start(name, room - _CAUSE_CELLS))
            return [*segments, segment, Segment(item.cause.value.rjust(room - segment.cell_length), muted)]
        return [*segments, *self._name_cells(item, room)]

    def _subject(self, waste: Waste, room: int) -> str:
        """What a file that is alone in its group belongs to, and a gap; empty where that has no name or no room."""
        subject = self.waste_tree.advice(waste)[0].subject
        return f"{subject}  " if subject and len(subject) + 2 <= room else ""

    def _name_cells(self, group: Group, room: int) -> Sequence[Segment]:
        """What a group is, and how many files it holds."""
        muted, strong = self.style_of("waste--muted"), self.style_of("waste--cause")
        name, more = self._words(group, room)
        cuts = cut_start if group.directory and name.startswith("/") else cut
        segment = Segment(cuts(name, room), strong)
        return [segment, Segment(cut(f"  {counted(group.files, 'file')}{more}", room - segment.cell_length), muted)]

    def _words(self, group: Group, room: int) -> tuple[str, str]:
        """A group's name, for so many cells, and what else is to be said of it; printable."""
        if group.reason is not None:
            advice = self.waste_tree.advice(group)[0]
            return advice.subject or printable(f"/{group.directory}"), f" · {shortened(advice.hidden_by, _LONGEST)}"
        if group.cause is not None:
            return group.cause.value, f" · {CAUSES[group.cause]}"
        if group.shipped_in is not None:
            steps = [self._command(layer).removeprefix("RUN ") for layer in (group.shipped_in, group.hidden_in)]
            return (steps[0] if group.shipped_in == group.hidden_in else cut_pair(steps[0], " → ", steps[1], room)), ""
        is_outermost = group.directory == group.name
        return printable(f"{'/' if is_outermost else ''}{group.name}/"), ""

    def _command(self, layer: int | None) -> str:
        made_by = self.waste_tree.files.build_steps
        return shortened(made_by[layer].text, _LONGEST) if layer is not None and layer < len(made_by) else ""

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Escape is this list's only while it shows one layer; Enter depends on the row, and all on the waste.

        A next match is there unless the only one is selected.
        """
        if action in _OF_WASTE + _OF_ROWS and not self._opened:
            # Nothing was shown yet.
            return UNREAD
        if action in _OF_WASTE + _OF_ROWS and not self.waste_tree.files.wasted:
            return "Nothing is wasted."
        if action in _OF_ROWS and not self.count:
            return "No waste is shown."
        if action == "next_match":
            return bool(self.view.query) and len(self.waste_tree.top.members) > isinstance(self.selected, Waste)
        if action == "all_layers":
            return self.view.layer is not None and not self.view.query
        if action in ("choose", "fold"):
            item = self.selected
            if item is None:
                return False
            return parameters == (self.is_open(self.cursor),) if isinstance(item, Group) else action == "choose"
        return True

    def action_next_match(self, step: int) -> None:
        """Goes to the next file, or with -1 to the previous one, and opens the groups around it."""
        match = self.rows.next_file(self.cursor, step)
        if match is not None:
            self.rows, row = match
            self.opened.update(self.rows.opened)
            self.replace_lines(row)

    def action_choose(self) -> None:
        item = self.selected
        if isinstance(item, Waste):
            self.post_message(self.Chosen(item, item.shipped_in))

    def action_choose_hidden(self) -> None:
        item = self.selected
        if isinstance(item, Group):
            item = self.waste_tree.files.wasted[item.members[0]]
        if item is not None:
            self.post_message(self.Chosen(item, item.hidden_in))

    def action_group(self) -> None:
        self.show_as(replace(self.view, grouping=self.view.grouping.following))

    def action_sort(self) -> None:
        order = WasteOrder.SIZE if self.view.order is WasteOrder.PATH else WasteOrder.PATH
        self.show_as(replace(self.view, order=order))

    def action_this_layer(self) -> None:
        self.show_as(replace(self.view, layer=self.current if self.view.layer is None else None))

    def action_all_layers(self) -> None:
        self.show_as(replace(self.view, layer=None))

    def action_fold(self, folds: bool) -> None:
        if self.is_open(self.cursor) is folds:
            self.action_open_or_close()

    def is_open(self, index: int) -> bool | None:
        return self.rows.is_open(index)

    def parent_line(self, index: int) -> int | None:
        return self.rows.above(index)

    def arrow_cell(self, index: int, width: int) -> int:
        left = self.columns.last_at
        return left + indent(self.rows.rows[index].depth, width - left)

    def action_open_or_close(self) -> None:
        """Opens a closed group, and closes an open one."""
        item = self.selected
        if isinstance(item, Group):
            self.opened.symmetric_difference_update({item.key})
            self._rebuild()

    def action_open_all(self) -> None:
        self.opened.update(group.key for group in self.waste_tree.groups())
        self._rebuild()

    def action_close_all(self) -> None:
        self.opened.clear()
        self._rebuild()

    def double_clicked(self, index: int) -> None:
        if isinstance(self.rows.item(index), Waste):
            self.action_choose()


def _layers(item: Group | Waste, *, is_wide: bool) -> str:
    """Cells of the layers that shipped and hid an item: two columns, or a short one."""
    if item.shipped_in is None or item.hidden_in is None:
        return " " * (20 if is_wide else 9)
    if not is_wide:
        return f"{item.shipped_in:>2} → {item.hidden_in:<2}".ljust(9)
    return f"{f'layer {item.shipped_in}':<10} {f'layer {item.hidden_in}':<8} "
