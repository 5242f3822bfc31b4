"""The waste pane: the fixes or the wasted files, and how to fix a row."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.filter.query import EVERYTHING, BadQuery, Query, parse
from explorer.analysis.fixes.savings import merge_advice
from explorer.model import Cause, Waste
from explorer.pipeline import Exploration
from explorer.preview.versions import file_version_at, wasted_version
from explorer.report.fixes import fix_as_text, fixes_markdown
from explorer.tui.availability import NOTHING_WASTED, Availability
from explorer.tui.history.history_items import PathHistory, owner_item, path_history, waste_items
from explorer.tui.key_words import key_of, with_keys
from explorer.tui.viewer.file_actions import FILE_KEYS, FileActions, FileTarget
from explorer.tui.waste.advice_box import AdviceBox, AdviceText
from explorer.tui.waste.fix_text import FixText, SmallFixesText
from explorer.tui.waste.toolbar import WasteToolbar
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_words import fixes_summary, no_rows_reason, summary, summary_so_far
from explorer.tui.widgets.box_text import BoxText
from explorer.tui.widgets.clipboard import copy
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.filter_bar import FilterBar, FilterInput
from explorer.viewmodel.layers_read import LayersRead, reason_against_owners
from explorer.viewmodel.view import View
from explorer.viewmodel.waste_files import WasteFiles
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_packages import removed_packages
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import Grouping

_PLACEHOLDER = "name  *.so  size>10M  is:removed  layer:3  -not"
_FIX_PERCENT = 44
"""Height of the box in percent while the rows are fixes, in a pane that is not low."""
_FOLDED_FIXES_PERCENT = 30
"""The most of the height that the fixes take while none is unfolded: the changed lines need the room."""
_MIN_FIX_ROWS = 4
_MIN_HEIGHT_WITH_SUMMARY = 14
_MIN_HEIGHT_WITH_DIFF = 9
_MIN_HEIGHT_WITH_CHANGE = 12
"""Height with room for a line of the Dockerfile before and after."""
_MAX_ADVICE_PERCENT = 60
"""The most of the height that the advice takes while it has the focus."""
_ROWS_BESIDE_FOCUSED_FIX = 2


class WastePane(FileActions):
    """The waste: filter, sum, toolbar, headers, list, and how to fix a row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_advice", "Back", tooltip="Back to the list", id="waste.back"),
        Binding("y", "copy_fix", "Copy fix", tooltip="Copy the fix", id="waste.copy-fix"),
        Binding("Y", "copy_fixes", "All fixes", tooltip="Copy all fixes as Markdown", id="waste.copy-fixes"),
        # On other rows these keys do what they do in the files.
        *(key for key in FILE_KEYS if key.key in ("y", "Y")),
    ]

    SORT_ACTION = "screen.sort_waste"
    _fitted_rows = 0
    """Number of rows that the height is shared for."""
    _view = View(0)

    def compose(self) -> ComposeResult:
        waste = WasteList()
        yield FilterBar(self._parse, waste, _PLACEHOLDER, FilterInput)
        yield Static(id="waste-summary")
        yield WasteToolbar()
        yield ColumnHeaders()
        yield Static(id="waste-empty")
        yield waste
        yield AdviceBox()

    def show(self, exploration: Exploration, view: View, read: LayersRead) -> None:
        """Shows a view of the waste of the read layers, and keeps the selected row."""
        waste, before = self.query_one(WasteList), self.exploration
        is_new = exploration is not before
        shown = view.waste if read.is_complete else view.waste.so_far
        has_grown = (
            before is not None
            and before.image.id == exploration.image.id
            and len(before.layers) < len(exploration.layers)
        )
        self.exploration, self._view, waste.read = exploration, view, read
        if is_new or shown != waste.view:
            files = WasteFiles.without_fixes(exploration) if is_new else waste.waste_tree.files
            waste.show(files, shown, has_grown=has_grown)
        self._show_bars()

    def show_fixes(self, tree: WasteTree) -> None:
        """Shows the tree with the fixes, which are known only some time after the image."""
        waste = self.query_one(WasteList)
        waste.show(tree.files, waste.view, tree)
        self._show_bars()

    def show_packages(self) -> None:
        """Shows the packages in the groups, once they are known."""
        if self.exploration is not None:
            self.query_one(WasteList).forget_packages()
            self._show_bars()
            self.show_advice()

    def _show_bars(self) -> None:
        self.show_filter()
        self._fit()
        tree = self.query_one(WasteList).waste_tree
        shown, files, view = tree.top.bytes, tree.files, self._view
        total = files.saved_bytes if view.waste.grouping is Grouping.FIX else files.usage.wasted_bytes
        self.query_one(WasteToolbar).show(view, shown, total - shown, has_waste=bool(files.wasted))

    def view_availability(self, action: str) -> Availability:
        """Returns a reason if no file can be grouped or ordered."""
        waste = self.query_one(WasteList)
        files, is_grouped = waste.waste_tree.files, action == "group_waste" and waste.is_by_fix
        return bool(files.wasted) or (bool(files.all) and not is_grouped) or NOTHING_WASTED

    def path_history(self) -> PathHistory | None:
        """Returns the selected file's history where it was shipped, or facts of a group."""
        item = self.query_one(WasteList).selected
        if self.exploration is None or item is None:
            return None
        if isinstance(item, Group):
            layers = (item.shipped_in, item.hidden_in)
            together = self.query_one(WasteList).waste_tree.removed_together
            words = next((words for pair, words in together.items() if pair == layers and item.packages), "")
            return PathHistory(item.directory or "", waste_items(item, words))
        node = self.exploration.tree.find(item.path)
        if node is None:
            return PathHistory(item.path, waste_items(item) if isinstance(item, Waste) else ())
        layer = item.shipped_in
        history = path_history(self.exploration, node, node.entry_at(layer), layer, is_there=False)
        packages = self.exploration.known_packages
        if packages is None or not packages.usages:
            return history
        # Copies belong to the package that owned the file when it first came.
        files = self.query_one(WasteList).waste_tree.files
        owner = files.owners[files.all.index(item)]
        if owner is None and packages.needs_fetch:
            return history
        return history._replace(items=[*history.items, owner_item(owner)])

    def file_target(self) -> FileTarget | None:
        """Returns the selected file as it was shipped, to be compared with what hid it."""
        waste = self.query_one_optional(WasteList)
        item = waste.selected if waste is not None else None
        if self.contents is None or item is None or isinstance(item, Group):
            return None
        node, layer = self.contents.tree.find(item.path), item.shipped_in
        if node is None:
            return None
        if isinstance(item, Disposable):
            return FileTarget(node, layer, file_version_at(node, layer, layer), (layer - 1, layer), layer)
        version = wasted_version(self.contents.tree, item)
        if item.cause is Cause.DUPLICATE:
            # Of two copies in one layer only the later one has a place in the tree.
            return FileTarget(node, layer, version, None, None)
        return FileTarget(node, layer, version, (layer, item.hidden_in), layer)

    # The filter

    def edit_filter(self) -> None:
        super().edit_filter()
        self._fit()

    def clear_filter(self) -> bool:
        """Clears the filter; while it is typed, selects the row from before it."""
        is_cancelled = self.query_one(FilterBar).clear()
        if not is_cancelled:
            self.query_one(WasteList).item_before_query = None
        self._fit()
        return is_cancelled

    def _parse(self, text: str) -> Query:
        """Returns the query of an expression. Raises BadQuery."""
        if self.contents is None:
            return EVERYTHING
        query = parse(text, self.contents.tree.top)
        if query.needs_packages and (reason := reason_against_owners(self.exploration)):
            raise BadQuery(reason)
        files = self.query_one(WasteList).waste_tree.files
        files.matcher.indexes(query)
        files.fix_matcher.indexes(query)
        return query

    @on(FilterBar.QueryChanged)
    def show_filter_error(self) -> None:
        """Shows the error of an invalid expression. The message goes on to the screen."""
        self.show_filter()
        self._fit()

    def show_filter(self) -> None:
        waste = self.query_one(WasteList)
        query, files = waste.view.query, waste.waste_tree.files
        count = len(files.all if waste.is_by_fix else files.wasted)
        match_count = f"{len(waste.waste_tree.top.members):,} of {count:,}" if query else ""
        self.query_one(FilterBar).show(query.text, match_count)

    # The advice

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Lets Escape leave the advice while it has the focus."""
        if action == "leave_advice":
            box = self.query_one_optional(AdviceBox)
            return box is not None and box.has_focus
        if action in ("copy_fix", "copy_fixes"):
            waste = self.query_one(WasteList)
            if action == "copy_fix":
                return waste.selected_fix is not None and isinstance(waste.selected, Group)
            return waste.is_by_fix and bool(waste.waste_tree.files.fixes)
        return super().availability(action, parameters)

    def action_leave_advice(self) -> None:
        self.screen.set_focus(self.query_one(WasteList))

    def action_copy_fix(self) -> None:
        fix = self.query_one(WasteList).selected_fix
        if fix is not None:
            copy(self, fix_as_text(fix))

    def action_copy_fixes(self) -> None:
        if self.exploration is not None:
            copy(self, fixes_markdown(self.exploration))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._fit_advice(event.widget)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._fit_advice(event.widget)

    def _fit_advice(self, changed: Widget) -> None:
        """Fits the advice after it got or lost the focus."""
        if isinstance(changed, AdviceBox):
            self._fit()
            changed.scroll_home(animate=False)
            # Because its width changes: with the focus it has a scrollbar.
            changed.call_after_refresh(changed.rewrite)

    @on(WasteList.CursorMoved)
    def show_advice(self) -> None:
        """Shows how to fix the selected row."""
        waste = self.query_one(WasteList)
        of_rows = (("fold", (True,)), ("choose_hidden", ()), ("next_match", (1,)))
        of_paths = [self.check_action(action, ()) for action in ("view", "diff", "copy_fix", "copy_fixes")]
        self.refresh_keys(*(waste.check_action(*each) for each in of_rows), *of_paths)
        if waste.count != self._fitted_rows:
            self._fit()
        self.query_one(AdviceBox).show(self._box_text())

    def _box_text(self) -> BoxText | None:
        waste = self.query_one(WasteList)
        item, fix, files = waste.selected, waste.selected_fix, waste.waste_tree.files
        if fix is not None:
            own = [each for each in files.fixes if not each.is_base]
            place = "" if fix.is_base else f"{own.index(fix) + 1:,} of {len(own):,}"
            shown = waste.waste_tree.shown_bytes(fix)
            after, packages = files.usage.shipped_bytes - fix.bytes, removed_packages(files, fix)
            return FixText(fix, place, after, shown, merge_advice(files.fixes), packages)
        if item is None or isinstance(item, Disposable):
            return None
        if waste.is_by_fix:
            return SmallFixesText(item, key_of(self, "waste.enter-unfold")) if isinstance(item, Group) else None
        advice = waste.waste_tree.advice(item)
        return AdviceText(advice, files.usage.shipped_bytes) if advice else None

    # Order and height

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Shares the height. What has no room or nothing to say is left out."""
        waste = self.query_one(WasteList)
        files, height = waste.waste_tree.files, self.size.height
        is_by_fix, has_rows = waste.is_by_fix, bool(waste.count)
        has_files = bool(files.all) or files.savings is None
        height -= self.query_one(FilterBar).display
        is_whole = waste.read.is_complete
        self._show_summary(height >= _MIN_HEIGHT_WITH_SUMMARY or not files.all or not is_whole)
        self.query_one(WasteToolbar).display = has_files and height >= 4 and is_whole
        heads, box = self.query_one(ColumnHeaders), self.query_one(AdviceBox)
        heads.display = has_rows and height >= 6
        box.display = has_rows and height >= 8 and is_whole
        # In a wide pane each sentence takes one line.
        lines = 8 if height >= 26 and self.size.width < 100 else 5 if height >= 18 else 3 if height >= 11 else 2
        if is_by_fix and height >= _MIN_HEIGHT_WITH_SUMMARY:
            # The fixes are few, and the lines of the Dockerfile need room.
            lines = max(lines, height * _FIX_PERCENT // 100)
        elif is_by_fix and height >= _MIN_HEIGHT_WITH_DIFF:
            lines = max(lines, 4 if height >= _MIN_HEIGHT_WITH_CHANGE else 3)
        frame = height >= 18
        box.set_class(frame, "-framed")
        if is_by_fix:
            # Lines that the list leaves empty, or does not need.
            above = (self.query_one("#waste-summary"), self.query_one(WasteToolbar), heads)
            room = height - sum(each.display for each in above) - frame
            lines = max(lines, room - _fix_rows(waste, height))
        self._fitted_rows = waste.count
        if box.has_focus:
            most = height * _MAX_ADVICE_PERCENT // 100
            if is_by_fix and box.display:
                most = max(most, room - _ROWS_BESIDE_FOCUSED_FIX)
            lines = max(lines, min(box.needed, most))
        box.styles.height = lines + frame
        empty = self.query_one("#waste-empty", Static)
        empty.display = has_files and not has_rows and is_whole
        if empty.display:
            empty.update(Content(with_keys(self, no_rows_reason(files, waste.view))))
        heads.show(waste.columns.headers, waste.view.order.value, waste.view.is_reversed)

    def _show_summary(self, is_shown: bool) -> None:
        waste, line = self.query_one(WasteList), self.query_one("#waste-summary", Static)
        files = waste.waste_tree.files
        line.display = is_shown
        if not is_shown:
            return
        width = line.content_size.width or self.size.width - 2
        if not waste.read.is_complete:
            line.update(summary_so_far(files.usage, waste.read, width))
        elif waste.is_by_fix and files.savings is not None:
            line.update(fixes_summary(files, width))
        else:
            line.update(summary(files.usage))


def _fix_rows(waste: WasteList, height: int) -> int:
    """Returns the number of rows that the fixes get in a pane of some height."""
    if any(row.depth for row in waste.rows.rows):
        return waste.count
    return min(waste.count, max(_MIN_FIX_ROWS, height * _FOLDED_FIXES_PERCENT // 100))
