"""The waste pane: all that was shipped for nothing, how it is arranged, and what to do about the selected row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.widgets import Static

from explorer.model import Cause, Waste
from explorer.text import size
from explorer.tui.heads import Heads
from explorer.tui.inside import Insides, shipped
from explorer.tui.looking import Looked, Looking
from explorer.tui.remedy import Remedy
from explorer.tui.waste_arrangement import Arrangement
from explorer.tui.waste_list import Columns, WasteList
from explorer.tui.waste_rows import Account, Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from explorer.analysis.waste import Ledger
    from explorer.pipeline import Exploration

__all__ = ["WasteList", "WastePane", "summary"]


def summary(ledger: Ledger) -> Content:
    """How much is wasted, as what is shipped without what is visible."""
    if not ledger.wasted_bytes:
        return Content.assemble(
            ("Nothing is wasted: ", "bold $change-added"),
            f"all of the {size(ledger.shipped_bytes)} shipped can be seen.",
        )
    return Content.assemble(
        (size(ledger.wasted_bytes), "bold $waste"),
        (" wasted", "$muted"),
        f"  =  {size(ledger.shipped_bytes)}",
        (" shipped", "$muted"),
        f"  −  {size(ledger.visible_bytes)}",
        (" visible", "$muted"),
    )


class WastePane(Looking):
    """The sum, how it is arranged, the heads, the list, and what to do about the selected row."""

    _offered: Sequence[bool | None] = ()
    """Which of the keys that depend on the selected row are at work."""

    def compose(self) -> ComposeResult:
        yield Static(id="waste-summary")
        yield Arrangement()
        yield Heads()
        yield Static(id="waste-empty")
        yield WasteList()
        yield Remedy()

    def show(self, exploration: Exploration, layer: int) -> None:
        """Show the waste of an image of which this layer is selected."""
        ledger = exploration.ledger
        self.query_one(WasteList).current = layer
        self.query_one("#waste-summary", Static).update(summary(ledger))
        self.insides = Insides(exploration.tree, exploration.image.layers)
        self.query_one(WasteList).show(ledger, Account(ledger, exploration.image.layers))

    def looked_at(self, insides: Insides) -> Looked | None:
        """The selected file as it was shipped; compared with what hid it."""
        item = self.query_one(WasteList).selected if self.query(WasteList) else None
        node = insides.tree.find(item.path) if isinstance(item, Waste) else None
        if node is None or not isinstance(item, Waste):
            return None
        subject, layer = shipped(insides.tree, item), item.shipped_in
        if item.cause is Cause.DUPLICATE:
            # Of two copies in one layer only the later one has a place in the tree.
            return Looked(node, layer, subject, None, None)
        return Looked(node, layer, subject, (layer, item.hidden_in), layer)

    def look_at(self, layer: int) -> None:
        """Another layer is selected."""
        self.query_one(WasteList).look_at(layer)
        self._show_arrangement()

    @on(WasteList.Rearranged)
    def rearrange(self, message: WasteList.Rearranged) -> None:
        message.stop()
        self._fit()
        self._show_arrangement()

    @on(WasteList.Moved)
    def show_remedy(self) -> None:
        """Say what to do about the selected row. The screen hears of it too."""
        waste = self.query_one(WasteList)
        item = waste.selected
        advice = waste.grouped.advice(item) if item is not None else ()
        offered = [waste.check_action("fold", (True,)), *(self.check_action(action, ()) for action in ("view", "diff"))]
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()
        self.query_one(Remedy).show(advice, waste.grouped.account.ledger.shipped_bytes)

    @on(Arrangement.Grouped)
    def group(self, message: Arrangement.Grouped) -> None:
        message.stop()
        waste = self.query_one(WasteList)
        waste.show_as(replace(waste.shown, grouping=message.grouping))

    @on(Arrangement.LayerClicked)
    def toggle_layer(self, message: Arrangement.LayerClicked) -> None:
        message.stop()
        self.query_one(WasteList).action_this_layer()

    @on(Heads.Clicked)
    def sort_by(self, message: Heads.Clicked) -> None:
        message.stop()
        waste = self.query_one(WasteList)
        waste.show_as(replace(waste.shown, order=Order(message.key)))

    def on_resize(self) -> None:
        self._fit()

    def _show_arrangement(self) -> None:
        waste = self.query_one(WasteList)
        shown = waste.grouped.top.bytes
        left_out = waste.grouped.account.ledger.wasted_bytes - shown
        self.query_one(Arrangement).show(waste.shown, waste.current, shown, left_out)

    def _fit(self) -> None:
        """Share the height, and leave out what has no room or nothing to say."""
        waste = self.query_one(WasteList)
        height, has_waste = self.size.height, bool(waste.grouped.account.wasted)
        self.query_one("#waste-summary").display = height >= 14 or not has_waste
        self.query_one(Arrangement).display = has_waste and height >= 4
        heads, remedy = self.query_one(Heads), self.query_one(Remedy)
        heads.display = bool(waste.count) and height >= 6
        remedy.display = bool(waste.count) and height >= 8
        # In a wide pane each sentence takes a line.
        lines = 8 if height >= 26 and self.size.width < 100 else 5 if height >= 18 else 3 if height >= 11 else 2
        remedy.set_class(height >= 18, "-framed")
        remedy.styles.height = lines + (height >= 18)
        empty = self.query_one("#waste-empty", Static)
        empty.display = has_waste and not waste.count
        if empty.display:
            layer = waste.shown.layer
            empty.update(f"Layer {layer} wastes nothing, and hides nothing of lower layers.\n\nEsc shows all.")
        shown = waste.shown
        heads.show(Columns.fitting(waste.scrollable_content_region.width).heads(), shown.order.value)
