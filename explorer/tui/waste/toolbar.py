"""The line above the waste: its grouping, and the layer that it is limited to."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from explorer.text.units import size
from explorer.viewmodel.view import View
from explorer.viewmodel.waste_view import Grouping


class WasteToolbar(Widget):
    """The grouping and the layer; a click on a word changes them."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="waste-arrangement")
        self._view = View(0)
        self._bytes = self._hidden_bytes = 0
        self._has_waste = True

    def show(self, view: View, bytes_: int, hidden: int, *, has_waste: bool) -> None:
        """Shows a view of ``bytes_``, which leaves out ``hidden`` bytes.

        Without waste there is nothing to group in another way than by fix.
        """
        self._view, self._bytes, self._hidden_bytes, self._has_waste = view, bytes_, hidden, has_waste
        self.refresh()

    def render(self) -> Content:
        """Returns the words that fit."""
        shown, layer, hidden = self._view.waste, self._view.layer, size(self._hidden_bytes)
        groupings = Grouping if self._has_waste else (Grouping.FIX, shown.grouping)
        words = " ".join(_word(grouping, grouping is shown.grouping) for grouping in dict.fromkeys(groupings))
        choices = [f"[$faint-text]by[/] {words}", words]
        style, mark = ("$muted", "") if shown.layer is None else ("bold $key", "✓ ")
        only = f"[{style}][@click=screen.this_layer]{mark}only layer {layer}[/][/]"
        if shown.layer is None:
            choices.insert(0, f"{choices[0]}  [$faint-text]│[/] {only}")
        else:
            short = f"{only}[$muted] ({hidden} not shown)[/]"
            long = f"{only}[$muted]: {size(self._bytes)} ({hidden} not shown)[/]"
            # The words of the note go before the "by".
            choices = [f"{choice}  {note}" for choice in choices for note in (long, short, only)]
            choices.append(f"{short}  {words}")
        contents = [Content.from_markup(choice) for choice in choices]
        return next((content for content in contents if content.cell_length <= self.size.width), contents[-1])


def _word(grouping: Grouping, is_active: bool) -> str:
    style = "bold $key" if is_active else "$muted"
    return f"[{style}][@click=screen.group_waste('{grouping.value}')]{grouping.value}[/][/]"
