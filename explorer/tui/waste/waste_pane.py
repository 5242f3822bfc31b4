"""The waste pane: the wasted files in groups, a filter, and the fix for a row."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from explorer.analysis.filter.query import EVERYTHING, Query, parse
from explorer.analysis.waste import ByteUsage
from explorer.model import Cause, Waste
from explorer.pipeline import Exploration
from explorer.preview.versions import wasted_version
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.tui.availability import Availability
from explorer.tui.history.history_items import PathHistory, path_history, waste_items
from explorer.tui.viewer.file_actions import FileActions, FileTarget
from explorer.tui.waste.advice_box import AdviceBox
from explorer.tui.waste.toolbar import WasteToolbar
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.filter_bar import FilterBar
from explorer.viewmodel.view import View
from explorer.viewmodel.waste_groups import WasteFiles
from explorer.viewmodel.waste_view import WasteView

_PLACEHOLDER = "name  *.so  size>10M  is:removed  layer:3  -not"
_MAX_FILTER_CHARS = 200
_MAX_ADVICE_PERCENT = 60
"""The most of the height that the advice takes while it has the focus."""


def summary(usage: ByteUsage) -> Content:
    """Returns the wasted bytes as the shipped bytes minus the visible ones."""
    if not usage.wasted_bytes:
        return Content.assemble(
            ("Nothing is wasted: ", "bold $change-added"),
            f"all {size(usage.shipped_bytes)} shipped are visible.",
        )
    return Content.assemble(
        (size(usage.wasted_bytes), "bold $waste"),
        (" wasted", "$muted"),
        f"  =  {size(usage.shipped_bytes)}",
        (" shipped", "$muted"),
        f"  −  {size(usage.visible_bytes)}",
        (" visible", "$muted"),
    )


def no_rows_reason(shown: WasteView) -> str:
    """Returns why there are no rows although there is waste."""
    at = "" if shown.layer is None else f" at layer {shown.layer}"
    if shown.query:
        query = cut(printable(shown.query.text), _MAX_FILTER_CHARS)
        return f"Nothing wasted{at} matches\n\n{query}\n\nPress Esc to clear the filter."
    return f"Layer {shown.layer} wastes nothing, and hides nothing of lower layers.\n\nPress Esc to show all layers."


class WastePane(FileActions):
    """The waste: filter, sum, toolbar, headers, list, and the selected row's advice."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_advice", "Back", tooltip="Back to the list", id="waste.back"),
    ]

    def compose(self) -> ComposeResult:
        waste = WasteList()
        yield FilterBar(self._parse, waste, _PLACEHOLDER)
        yield Static(id="waste-summary")
        yield WasteToolbar()
        yield ColumnHeaders()
        yield Static(id="waste-empty")
        yield waste
        yield AdviceBox()

    def show(self, exploration: Exploration, view: View) -> None:
        """Shows a view of the waste of an image, and keeps the selected row."""
        waste, usage = self.query_one(WasteList), exploration.usage
        is_new = exploration is not self.exploration
        if is_new:
            self.exploration = exploration
            self.query_one("#waste-summary", Static).update(summary(usage))
        if is_new or view.waste != waste.view:
            waste.show(WasteFiles(usage, exploration.build_steps) if is_new else waste.waste_tree.files, view.waste)
            self._show_filter()
            self._fit()
        shown = waste.waste_tree.top.bytes
        self.query_one(WasteToolbar).show(view, shown, usage.wasted_bytes - shown)

    def path_history(self) -> PathHistory | None:
        """Returns the selected file's history where it was shipped, or facts of a group."""
        item = self.query_one(WasteList).selected
        if self.exploration is None or item is None:
            return None
        if isinstance(item, Waste):
            node = self.exploration.tree.find(item.path)
            if node is None:
                return PathHistory(item.path, waste_items(item))
            layer = item.shipped_in
            return path_history(self.exploration, node, node.entry_at(layer), layer, is_there=False)
        return PathHistory(item.directory or "", waste_items(item))

    def file_target(self) -> FileTarget | None:
        """Returns the selected file as it was shipped, to be compared with what hid it."""
        item = self.query_one(WasteList).selected if self.query(WasteList) else None
        if self.contents is None or not isinstance(item, Waste):
            return None
        node = self.contents.tree.find(item.path)
        if node is None:
            return None
        version, layer = wasted_version(self.contents.tree, item), item.shipped_in
        if item.cause is Cause.DUPLICATE:
            # Of two copies in one layer only the later one has a place in the tree.
            return FileTarget(node, layer, version, None, None)
        return FileTarget(node, layer, version, (layer, item.hidden_in), layer)

    # The filter

    def edit_filter(self) -> None:
        """Shows the filter to be typed."""
        self.query_one(FilterBar).open()
        self._fit()

    def clear_filter(self) -> None:
        """Clears the filter; while it is typed, selects the row from before it."""
        if not self.query_one(FilterBar).clear():
            self.query_one(WasteList).item_before_query = None
        self._fit()

    def _parse(self, text: str) -> Query:
        """Returns the query of an expression. Raises BadQuery."""
        if self.contents is None:
            return EVERYTHING
        query = parse(text, self.contents.tree.top)
        self.query_one(WasteList).waste_tree.files.matcher.indexes(query)
        return query

    @on(FilterBar.QueryChanged)
    def show_filter_error(self) -> None:
        """Shows the error of an invalid expression. The message goes on to the screen."""
        self._show_filter()
        self._fit()

    def _show_filter(self) -> None:
        waste = self.query_one(WasteList)
        query = waste.view.query
        match_count = (
            f"{len(waste.waste_tree.top.members):,} of {len(waste.waste_tree.files.wasted):,}" if query else ""
        )
        self.query_one(FilterBar).show(query.text, match_count)

    # The advice

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Lets Escape leave the advice while it has the focus."""
        if action == "leave_advice":
            return any(box.has_focus for box in self.query(AdviceBox))
        return super().availability(action, parameters)

    def action_leave_advice(self) -> None:
        self.screen.set_focus(self.query_one(WasteList))

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
        """Shows the advice on the selected row."""
        waste = self.query_one(WasteList)
        item = waste.selected
        advice = waste.waste_tree.advice(item) if item is not None else ()
        of_rows = (("fold", (True,)), ("choose_hidden", ()), ("next_match", (1,)))
        of_paths = [self.check_action(action, ()) for action in ("view", "diff")]
        self.refresh_keys(*(waste.check_action(*each) for each in of_rows), *of_paths)
        self.query_one(AdviceBox).show(advice, waste.waste_tree.files.usage.shipped_bytes)

    # Order and height

    @on(ColumnHeaders.Clicked)
    async def sort_by(self, message: ColumnHeaders.Clicked) -> None:
        message.stop()
        await self.run_action(f"screen.sort_waste('{message.key}')")

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Shares the height. What has no room or nothing to say is left out."""
        waste = self.query_one(WasteList)
        height, has_waste = self.size.height, bool(waste.waste_tree.files.wasted)
        height -= self.query_one(FilterBar).display
        self.query_one("#waste-summary").display = height >= 14 or not has_waste
        self.query_one(WasteToolbar).display = has_waste and height >= 4
        heads, box = self.query_one(ColumnHeaders), self.query_one(AdviceBox)
        heads.display = bool(waste.count) and height >= 6
        box.display = bool(waste.count) and height >= 8
        # In a wide pane each sentence takes one line.
        lines = 8 if height >= 26 and self.size.width < 100 else 5 if height >= 18 else 3 if height >= 11 else 2
        frame = height >= 18
        box.set_class(frame, "-framed")
        if box.has_focus:
            lines = max(lines, min(box.needed, height * _MAX_ADVICE_PERCENT // 100))
        box.styles.height = lines + frame
        empty = self.query_one("#waste-empty", Static)
        empty.display = has_waste and not waste.count
        if empty.display:
            empty.update(Content(no_rows_reason(waste.view)))
        heads.show(waste.columns.headers, waste.view.order.value)
