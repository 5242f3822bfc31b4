"""The list of fixes or of wasted files: keys, clicks and segments of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.filter.query import EVERYTHING, Query
from explorer.analysis.fixes.fix import Fix
from explorer.analysis.waste import ByteUsage
from explorer.model import Waste
from explorer.tui.availability import NOTHING_WASTED, ActionOwner, Availability
from explorer.tui.waste.row_words import file_words, group_words
from explorer.tui.waste.waste_columns import (
    FIX_CELLS,
    FIX_COLUMNS,
    PACKAGE_WASTE_COLUMNS,
    WASTE_CELLS,
    WASTE_COLUMNS,
    WasteFacts,
)
from explorer.tui.widgets.column_headers import Columns, fit_columns
from explorer.tui.widgets.folding_list import ARROW_CELLS, FoldingList, fold_arrow, indent
from explorer.viewmodel.layers_read import NOT_YET_READ, LayersRead
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import Group, GroupKey
from explorer.viewmodel.waste_rows import Item, WasteRows
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import NEED_FIXES, Grouping, WasteView

_ROW_ACTIONS = ("choose_hidden", "open_or_close", "open", "close", "open_all", "close_all")


class WasteList(ActionOwner, FoldingList):
    """The list of the wasted files in their groups."""

    HELP = """\
    # Waste

    **By fix**: each row is one change to the Dockerfile, the largest saving first. It saves *wasted* bytes, and bytes
    that are still in the image but that a container is not expected to need: *disposable*, marked ◌. `→ image` is the
    size of the image after this fix and those above it; `layers` are the steps to change. What only the base image can
    save is the last row. **{waste.enter-unfold}** shows what a fix saves, **{waste.copy-fix}** copies the fix,
    **{waste.copy-fixes}** copies all fixes as Markdown.

    The box below the list says why, what to do, and which lines of the Dockerfile change. **Tab** shows all of it.

    **{waste.group}** changes the grouping: by fix, by cause, by the layers that ship and hide, by package, by
    directory, or none. All but the first show wasted files only. **wasted = shipped − visible**. *Shipped* is the size
    of all regular files of all layers; *visible* is the size of those that a container sees, each inode once. Every
    wasted byte has one cause:

    - **removed**: a later layer deletes it, or replaces a directory above it
    - **overwritten**: a later layer puts something else at its path
    - **recopied**: a later layer ships the same bytes at the same path again: chmod, chown, touch, or the same COPY
    - **duplicate**: the tar of the same layer holds the path again, or no path shows
      the bytes, such as the content of a whiteout

    **{waste.this}** shows only the selected layer. **{explore.filter}** filters as in the files: `layer:3` is what
    layer 3 ships or hides, `is:removed` is what a later layer deletes, `is:modified` is what a later layer ships again.

    On a file, **{waste.show}** shows it at the layer that ships it, **{waste.hidden}** at the layer that hides it. `1 →
    5`: shipped by layer 1, hidden by layer 5. **{waste.previous-group}** and **{waste.next-group}** go to the previous
    and next fix or group. Click a header to sort; a second click reverses the order, like **{waste.reverse}**.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Show file", tooltip="Show it at the layer that shipped it", id="waste.show"),
        Binding("enter", "fold(False)", "Unfold", tooltip="Unfold the group", id="waste.enter-unfold"),
        Binding("enter", "fold(True)", "Fold", tooltip="Fold the group", id="waste.enter-fold"),
        Binding(
            "o", "choose_hidden", "Layer that hid it", tooltip="Show it at the layer that hid it", id="waste.hidden"
        ),
        Binding(
            "b",
            "screen.group_waste",
            "Group by",
            tooltip="Group by fix, cause, layers, package, directory, or not at all",
            id="waste.group",
        ),
        Binding(
            "t", "screen.this_layer", "Only this layer", tooltip="Only what this layer ships or hides", id="waste.this"
        ),
        Binding("escape", "screen.all_layers", "All layers", tooltip="Show the waste of all layers", id="waste.all"),
        Binding(
            "s", "screen.sort_waste", "Sort", show=False, tooltip="Sort the waste by size or by path", id="waste.sort"
        ),
        Binding("S", "screen.reverse_waste", show=False, tooltip="Reverse the order of the waste", id="waste.reverse"),
        Binding(
            "right_curly_bracket",
            "next_group(1)",
            show=False,
            key_display="}",
            tooltip="Go to the next fix or group",
            id="waste.next-group",
        ),
        Binding(
            "left_curly_bracket",
            "next_group(-1)",
            show=False,
            key_display="{",
            tooltip="Go to the previous fix or group",
            id="waste.previous-group",
        ),
        Binding("n", "next_match(1)", "Next match", tooltip="Go to the next match", id="waste.next-match"),
        Binding(
            "N", "next_match(-1)", "Previous", show=False, tooltip="Go to the previous match", id="waste.previous-match"
        ),
        Binding("space", "open_or_close", "Fold", show=False, tooltip="Fold or unfold a group", id="waste.fold"),
        Binding(
            "left,h", "close", "Fold", show=False, tooltip="Fold the group, or go to the one above", id="waste.close"
        ),
        Binding("right,l", "open", "Unfold", show=False, tooltip="Unfold, or go to the first inside", id="waste.open"),
        Binding("e", "open_all", "Expand", show=False, tooltip="Unfold all groups", id="waste.open-all"),
        Binding("E", "close_all", "Collapse all", show=False, tooltip="Fold all groups", id="waste.close-all"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "waste--bytes",
        "waste--cause",
        "waste--muted",
        "waste--bar",
        "waste--disposable",
        "waste--disposable-bar",
        "waste--joint",
    }

    @dataclass
    class Chosen(Message):
        """Asks to show a file at the layer that ships it or that hides it."""

        path: str
        layer: int

    read = LayersRead(0, 0)

    def __init__(self) -> None:
        super().__init__(id="waste-list")
        self.rows = WasteRows.of(WasteTree(WasteFiles(ByteUsage(0, 0, (), ()), savings=None)), set())
        self._trees: dict[WasteView, WasteTree] = {}
        self._opened: dict[tuple[Grouping, Query], set[GroupKey]] = {}
        self.item_before_query: Item | None = None
        """The item to select when there is no query any more; None keeps the selected one."""

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def waste_tree(self) -> WasteTree:
        """The shown files in their groups."""
        return self.rows.tree

    @property
    def view(self) -> WasteView:
        """The part of the waste that is shown, and how."""
        return self.waste_tree.view

    @property
    def opened(self) -> set[GroupKey]:
        """The groups that are open."""
        return self._opened[self.view.grouping, self.view.query]

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        is_by_package = self.view.grouping is Grouping.PACKAGE
        columns = FIX_COLUMNS if self.is_by_fix else PACKAGE_WASTE_COLUMNS if is_by_package else WASTE_COLUMNS
        if self.is_by_fix and not self.waste_tree.is_whole:
            # The size of the image after a fix is that after all of its files.
            columns = tuple(column for column in columns if column.name != "image")
        return fit_columns(columns, self.scrollable_content_region.width)

    @property
    def is_by_fix(self) -> bool:
        """True if the rows are grouped by fix."""
        return self.view.grouping is Grouping.FIX

    @property
    def selected(self) -> Item | None:
        """The group or file of the row under the cursor."""
        return self.rows.item(self.cursor)

    @property
    def selected_fix(self) -> Fix | None:
        """The fix that the selected row is or belongs to, if the rows are grouped by fix."""
        return self.rows.rows[self.cursor].fix if self.selected is not None else None

    def show(
        self, files: WasteFiles, view: WasteView, known_tree: WasteTree | None = None, *, has_grown: bool = False
    ) -> None:
        """Shows a view of the waste of an image, and keeps the selected item.

        Args:
            files: The wasted files.
            view: The part to show, and how.
            known_tree: A tree of these files, for any view.
            has_grown: True if the files before were those of fewer layers of the image.
        """
        is_same_image = has_grown or files.usage is self.waste_tree.files.usage
        before, wanted = self.view, self._wanted(view)
        if files is not self.waste_tree.files:
            self._forget(is_same_image)
            if known_tree is not None:
                self._trees[known_tree.view] = known_tree
        if not is_same_image or (has_grown and isinstance(wanted, Waste | Disposable) and wanted not in files.all):
            wanted = None
        elif view.query and not before.query:
            self.item_before_query = wanted
        elif before.query and not view.query:
            wanted = self.item_before_query or wanted
        tree = self._trees.get(view)
        if tree is None:
            tree = WasteTree(files, view)
            if view.layer is None and not view.query:
                self._trees[view] = tree
        if view.query != before.query:
            # Groups opened for an earlier query mean nothing for this one.
            self._opened = {key: opened for key, opened in self._opened.items() if key[1] in (EVERYTHING, view.query)}
        if (view.grouping, view.query) not in self._opened:
            whole = self._trees.get(replace(view, layer=None)) or tree
            self._opened[view.grouping, view.query] = whole.initially_open()
        opened = self._opened[view.grouping, view.query]
        if isinstance(wanted, Waste | Disposable):
            index = files.all.index(wanted)
            if index in tree.top.members:
                opened.update(group.key for group in tree.groups_around(index))
        self._show_rows(tree, opened, wanted)

    def forget_packages(self) -> None:
        """Shows the view again, because the packages are now known."""
        trees = self._trees.items()
        self._trees = {view: tree for view, tree in trees if view.grouping is not Grouping.PACKAGE}
        files, view = self.waste_tree.files, self.view
        if view.grouping is Grouping.PACKAGE:
            self._opened.pop((view.grouping, view.query), None)
            self._trees.pop(view, None)
            self.show(files, view)
        else:
            self.repaint()

    def _wanted(self, view: WasteView) -> Item | None:
        """Returns the item to select; None is the first row.

        A fix has no row in other groupings: these start at the largest.
        """
        is_fix = self.is_by_fix and isinstance(self.selected, Group)
        return None if is_fix and view.grouping is not Grouping.FIX else self.selected

    def _forget(self, is_same_image: bool) -> None:
        """Forgets what other files do not share; the fixes become known after the waste."""
        self._trees.clear()
        self._opened = {
            key: opened for key, opened in self._opened.items() if is_same_image and key[0] not in NEED_FIXES
        }

    def _show_rows(self, tree: WasteTree, opened: set[GroupKey], wanted: Item | None) -> None:
        """Shows the rows, with the cursor on an item or on the nearest group around it."""
        self.rows = WasteRows.of(tree, frozenset(opened))
        row = self.rows.find(wanted) if wanted is not None else None
        self.replace_lines(row or 0)

    def _refold(self) -> None:
        self._show_rows(self.waste_tree, self.opened, self.selected)

    # Segments

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        item, depth, prefix_chars, _ = self.rows.rows[index]
        tree, columns = self.waste_tree, self.columns
        image_bytes = tree.image_bytes_after.get(item.key) if isinstance(item, Group) else None
        wasted_bytes = tree.files.usage.wasted_bytes
        facts = WasteFacts(item, tree.largest, wasted_bytes, image_bytes, not self.app.no_color)
        segments = self.cells(FIX_CELLS if self.is_by_fix else WASTE_CELLS, facts, columns)
        room = width - columns.last_at
        indented = indent(depth, room)
        segments.append(Segment(" " * indented + fold_arrow(self.is_open(index)), self.style_of("waste--muted")))
        room -= indented + ARROW_CELLS
        if isinstance(item, Group):
            words = group_words(tree, item, room)
        else:
            words = file_words(item, prefix_chars, self.view.grouping, room, is_alone=depth == 1)
        return [*segments, *self.styled(words)]

    # Keys and mouse

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        if action in _ROW_ACTIONS and not self.count:
            # Before the first view there is no set of open groups.
            has_files = bool(self.waste_tree.files.all)
            if not has_files and self.read.count < self.read.total:
                return self.read.reason
            return NOT_YET_READ if not self._opened else "No waste is shown." if has_files else NOTHING_WASTED
        if action == "next_match":
            is_file = self.selected is not None and not isinstance(self.selected, Group)
            return bool(self.view.query) and len(self.waste_tree.top.members) > is_file
        if action == "choose_hidden" and self.is_by_fix and isinstance(self.selected, Group):
            return False
        if action == "choose_hidden" and isinstance(self.selected, Disposable):
            return "No layer hides it: it is still in the image."
        if action == "next_group" and not self.count:
            return False
        if action in ("choose", "fold"):
            item = self.selected
            if item is None:
                return False
            return parameters == (self.is_open(self.cursor),) if isinstance(item, Group) else action == "choose"
        return True

    def action_next_match(self, step: int) -> None:
        """Goes to the next file (-1: the previous), and opens the groups around it."""
        match = self.rows.next_file(self.cursor, step)
        if match is not None:
            self.rows, row = match
            self.opened.update(self.rows.opened)
            self.replace_lines(row)

    def select_fix_of(self, layer: int) -> None:
        """Selects the first fix that changes the step of a layer, if there is one."""
        if not self.is_by_fix:
            return
        rows = [row.item for row in self.rows.rows if not row.depth]
        for item in rows:
            fixes = (item.smaller or (item,)) if isinstance(item, Group) else ()
            for each in fixes:
                if isinstance(each, Group) and each.fix is not None and layer in each.fix.layers:
                    if isinstance(item, Group) and item.smaller:
                        self.opened.add(item.key)
                    self._show_rows(self.waste_tree, self.opened, each)
                    return

    def action_next_group(self, step: int) -> None:
        """Goes to the next outermost row (-1: the previous)."""
        row = self.rows.next_group(self.cursor, step)
        if row is not None:
            self.cursor = row

    def action_choose(self) -> None:
        item = self.selected
        if item is not None and not isinstance(item, Group):
            self.post_message(self.Chosen(item.path, item.shipped_in))

    @property
    def _largest_file(self) -> Waste | Disposable | None:
        """The selected file, or the largest of the selected group."""
        item = self.selected
        return self.waste_tree.files.all[item.members[0]] if isinstance(item, Group) else item

    def action_choose_hidden(self) -> None:
        file = self._largest_file
        if isinstance(file, Waste):
            self.post_message(self.Chosen(file.path, file.hidden_in))

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
        item = self.selected
        if isinstance(item, Group):
            self.opened.symmetric_difference_update({item.key})
            self._refold()

    def action_open_all(self) -> None:
        self.opened.update(group.key for group in self.waste_tree.groups())
        self._refold()

    def action_close_all(self) -> None:
        self.opened.clear()
        self._refold()

    def double_clicked(self, index: int) -> None:
        if isinstance(self.rows.item(index), Waste | Disposable):
            self.action_choose()
