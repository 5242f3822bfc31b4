"""The line above the waste: its grouping, and the layer that it is limited to."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from explorer.text.units import size
from explorer.viewmodel.waste_view import Grouping, WasteView


class WasteToolbar(Widget):
    """The grouping and the layer; a click on a word changes them."""

    ALLOW_SELECT = False

    class Grouped(Message):
        """Another grouping was clicked."""

        def __init__(self, grouping: Grouping) -> None:
            super().__init__()
            self.grouping = grouping

    class LayerClicked(Message):
        """The limit to one layer was clicked."""

    def __init__(self) -> None:
        super().__init__(id="waste-arrangement")
        self._shown = WasteView()
        self._layer = 0
        self._bytes = self._hidden_bytes = 0

    def show(self, shown: WasteView, layer: int, bytes_: int, hidden: int) -> None:
        """Shows a view of the waste, its bytes, the hidden bytes, and the selected layer."""
        self._shown, self._layer, self._bytes, self._hidden_bytes = shown, layer, bytes_, hidden
        self.refresh()

    def render(self) -> Content:
        """Returns the words that fit."""
        shown, hidden = self._shown, size(self._hidden_bytes)
        words = " ".join(_word(grouping, grouping is shown.grouping) for grouping in Grouping)
        choices = [f"[$faint-text]by[/] {words}", words]
        if shown.layer is None:
            choices.insert(0, f"{choices[0]}  [$faint-text]│[/] [$muted][@click=layer]only layer {self._layer}[/][/]")
        else:
            only = f"[bold $key][@click=layer]✓ only layer {shown.layer}[/][/][$muted]"
            long, short = f"{only}: {size(self._bytes)} ({hidden} not shown)[/]", f"{only} ({hidden} not shown)[/]"
            choices = [*(f"{choice}  {note}" for note in (long, short) for choice in choices), f"{short}  {words}"]
        contents = [Content.from_markup(choice) for choice in choices]
        return next((content for content in contents if content.cell_length <= self.size.width), contents[-1])

    def action_group(self, grouping: str) -> None:
        self.post_message(self.Grouped(Grouping(grouping)))

    def action_layer(self) -> None:
        self.post_message(self.LayerClicked())


def _word(grouping: Grouping, is_active: bool) -> str:
    style = "bold $key" if is_active else "$muted"
    return f"[{style}][@click=group('{grouping.value}')]{grouping.value}[/][/]"
