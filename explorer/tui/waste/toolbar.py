"""The line above the waste: how it is grouped, and what is left out."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from explorer.text.units import size
from explorer.viewmodel.waste_view import Grouping, WasteView


class WasteToolbar(Widget):
    """One line that says how the waste is grouped and what is left out; a click on a word changes it."""

    ALLOW_SELECT = False

    class Grouped(Message):
        """Another grouping is wanted."""

        def __init__(self, grouping: Grouping) -> None:
            super().__init__()
            self.grouping = grouping

    class LayerClicked(Message):
        """One layer's waste is wanted, or that of all of them again."""

    def __init__(self) -> None:
        super().__init__(id="waste-arrangement")
        self._shown = WasteView()
        self._layer = 0
        self._bytes = self._left_out = 0

    def show(self, shown: WasteView, layer: int, bytes_: int, left_out: int) -> None:
        """Show how it is; ``layer`` is the one selected elsewhere, the bytes those shown and those left out."""
        self._shown, self._layer, self._bytes, self._left_out = shown, layer, bytes_, left_out
        self.refresh()

    def render(self) -> Content:
        """The words, as many as there is room for."""
        shown, left_out = self._shown, size(self._left_out)
        words = " ".join(_word(grouping, grouping is shown.grouping) for grouping in Grouping)
        choices = [f"[$faint-text]by[/] {words}", words]
        if shown.layer is None:
            choices.insert(0, f"{choices[0]}  [$faint-text]│[/] [$muted][@click=layer]only layer {self._layer}[/][/]")
        else:
            only = f"[bold $key][@click=layer]✓ only layer {shown.layer}[/][/][$muted]"
            long, short = f"{only}: {size(self._bytes)}, without {left_out}[/]", f"{only} without {left_out}[/]"
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
