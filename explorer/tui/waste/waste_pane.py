"""The waste pane: what was shipped for nothing, arranged and filtered, and what to do about the selected row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from explorer.analysis.filter.query import EVERYTHING, Query, parse
from explorer.model import Cause, Waste
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
from explorer.viewmodel.waste_groups import WasteFiles
from explorer.viewmodel.waste_view import WasteOrder, WasteView

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.widget import Widget

    from explorer.analysis.waste import ByteUsage
    from explorer.pipeline import Exploration

_PLACEHOLDER = "name  *.so  size>10M  is:removed  layer:3  -not"
_LONGEST = 200
"""Characters of a filter that are repeated where it finds nothing."""
_MOST_REMEDY = 60
"""Percent of the height that the remedy may take while it has the keys."""


def summary(usage: ByteUsage) -> Content:
    """How much is wasted, as what is shipped without what is visible."""
    if not usage.wasted_bytes:
        return Content.assemble(
            ("Nothing is wasted: ", "bold $change-added"),
            f"all of the {size(usage.shipped_bytes)} shipped can be seen.",
        )
    return Content.assemble(
        (size(usage.wasted_bytes), "bold $waste"),
        (" wasted", "$muted"),
        f"  =  {size(usage.shipped_bytes)}",
        (" shipped", "$muted"),
        f"  −  {size(usage.visible_bytes)}",
        (" visible", "$muted"),
    )


def emptiness(shown: WasteView) -> str:
    """Why there are no rows although there is waste."""
    at = "" if shown.layer is None else f" at layer {shown.layer}"
    if shown.query:
        return f"Nothing wasted{at} matches\n\n{cut(printable(shown.query.text), _LONGEST)}\n\nEsc clears the filter."
    return f"Layer {shown.layer} wastes nothing, and hides nothing of lower layers.\n\nEsc shows all."


class WastePane(FileActions):
    """The filter, the sum, how it is arranged, the heads, the list, and what to do about the selected row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_remedy", "Back", tooltip="Back to the list", id="waste.back"),
    ]

    class Selected(Message):
        """Another row is selected, or the same one stands for something else."""

    def compose(self) -> ComposeResult:
        waste = WasteList()
        yield FilterBar(self._understood, waste, _PLACEHOLDER)
        yield Static(id="waste-summary")
        yield WasteToolbar()
        yield ColumnHeaders()
        yield Static(id="waste-empty")
        yield waste
        yield AdviceBox()

    def show(self, exploration: Exploration, layer: int) -> None:
        """Show the waste of an image of which this layer is selected."""
        self.exploration, usage = exploration, exploration.usage
        self.query_one(WasteList).current = layer
        self.query_one("#waste-summary", Static).update(summary(usage))
        self.query_one(WasteList).show(WasteFiles(usage, exploration.build_steps))

    def path_history(self) -> PathHistory | None:
        """Returns the history of the selected file, as the layer that shipped it sees it, or a word on its group."""
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
        """The selected file as it was shipped; compared with what hid it."""
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

    def look_at(self, layer: int) -> None:
        """Another layer is selected."""
        self.query_one(WasteList).look_at(layer)
        self._show_arrangement()

    @on(WasteList.Rearranged)
    def rearrange(self, message: WasteList.Rearranged) -> None:
        message.stop()
        self._show_filter()
        self._fit()
        self._show_arrangement()

    # The filter

    @property
    def is_filtered(self) -> bool:
        """Whether anything is left out by a filter."""
        return bool(self.query_one(WasteList).view.query)

    def edit_filter(self) -> None:
        """Let the filter be typed."""
        self.query_one(FilterBar).open()
        self._fit()

    def clear_filter(self) -> None:
        """Clear it, and stay at the selected file; while it is typed, all is as it was before."""
        is_cancelled = self.query_one(FilterBar).clear()
        self.query_one(WasteList).widen(is_cancelled=is_cancelled)
        self._fit()

    def _understood(self, text: str) -> Query:
        """What an expression asks for. Raises BadQuery."""
        if self.contents is None:
            return EVERYTHING
        query = parse(text, self.contents.tree.top)
        self.query_one(WasteList).waste_tree.files.matcher.indexes(query)
        return query

    @on(FilterBar.QueryChanged)
    def filter_as_typed(self, message: FilterBar.QueryChanged) -> None:
        """Filter the waste, unless the expression is wrong: then the last good one stays."""
        message.stop()
        if message.query is not None:
            self.query_one(WasteList).narrow(message.query)
        self._show_filter()
        self._fit()

    def _show_filter(self) -> None:
        waste = self.query_one(WasteList)
        query = waste.view.query
        found = f"{len(waste.waste_tree.top.members):,} of {len(waste.waste_tree.files.wasted):,}" if query else ""
        self.query_one(FilterBar).show(query.text, found)

    # The remedy

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:
        """Escape leads out of the remedy while that has the keys."""
        if action == "leave_remedy":
            return any(remedy.has_focus for remedy in self.query(AdviceBox))
        return super().availability(action, parameters)

    def action_leave_remedy(self) -> None:
        self.screen.set_focus(self.query_one(WasteList))

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._fit_remedy(event.widget)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._fit_remedy(event.widget)

    def _fit_remedy(self, changed: Widget) -> None:
        """The remedy has the keys, or has them no longer."""
        if isinstance(changed, AdviceBox):
            self._fit()
            changed.scroll_home(animate=False)
            # Once it has its size: with the keys it has a scrollbar, too.
            changed.call_after_refresh(changed.rewrite)

    @on(WasteList.CursorMoved)
    def show_remedy(self) -> None:
        """Say what to do about the selected row."""
        waste = self.query_one(WasteList)
        item = waste.selected
        advice = waste.waste_tree.advice(item) if item is not None else ()
        of_rows = (("fold", (True,)), ("choose_hidden", ()), ("next_match", (1,)))
        of_paths = [self.check_action(action, ()) for action in ("view", "diff")]
        self.refresh_keys(*(waste.check_action(*each) for each in of_rows), *of_paths)
        self.query_one(AdviceBox).show(advice, waste.waste_tree.files.usage.shipped_bytes)
        # A message of the list that this pane called forth would end here.
        self.post_message(self.Selected())

    # How it is arranged

    @on(WasteToolbar.Grouped)
    def group(self, message: WasteToolbar.Grouped) -> None:
        message.stop()
        waste = self.query_one(WasteList)
        waste.show_as(replace(waste.view, grouping=message.grouping))

    @on(WasteToolbar.LayerClicked)
    def toggle_layer(self, message: WasteToolbar.LayerClicked) -> None:
        message.stop()
        self.query_one(WasteList).action_this_layer()

    @on(ColumnHeaders.Clicked)
    def sort_by(self, message: ColumnHeaders.Clicked) -> None:
        message.stop()
        waste = self.query_one(WasteList)
        waste.show_as(replace(waste.view, order=WasteOrder(message.key)))

    def on_resize(self) -> None:
        self._fit()

    def _show_arrangement(self) -> None:
        waste = self.query_one(WasteList)
        shown = waste.waste_tree.top.bytes
        left_out = waste.waste_tree.files.usage.wasted_bytes - shown
        self.query_one(WasteToolbar).show(waste.view, waste.current, shown, left_out)

    def _fit(self) -> None:
        """Share the height, and leave out what has no room or nothing to say."""
        waste = self.query_one(WasteList)
        height, has_waste = self.size.height, bool(waste.waste_tree.files.wasted)
        height -= self.query_one(FilterBar).display
        self.query_one("#waste-summary").display = height >= 14 or not has_waste
        self.query_one(WasteToolbar).display = has_waste and height >= 4
        heads, remedy = self.query_one(ColumnHeaders), self.query_one(AdviceBox)
        heads.display = bool(waste.count) and height >= 6
        remedy.display = bool(waste.count) and height >= 8
        # In a wide pane each sentence takes a line.
        lines = 8 if height >= 26 and self.size.width < 100 else 5 if height >= 18 else 3 if height >= 11 else 2
        frame = height >= 18
        remedy.set_class(frame, "-framed")
        if remedy.has_focus:
            lines = max(lines, min(remedy.needed, height * _MOST_REMEDY // 100))
        remedy.styles.height = lines + frame
        empty = self.query_one("#waste-empty", Static)
        empty.display = has_waste and not waste.count
        if empty.display:
            empty.update(Content(emptiness(waste.view)))
        shown = waste.view
        heads.show(waste.columns.headers, shown.order.value)
