"""The line above the waste: its grouping, and the layer that it is limited to."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from explorer.text.units import size
from explorer.tui.key_words import key_of
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
        words = [_word(grouping, grouping is shown.grouping) for grouping in dict.fromkeys(groupings)]
        joined, dotted = " ".join(words), " [$faint-text]·[/] ".join(words)
        by = f"[bold $key]{key_of(self, 'waste.group')}[/][$faint-text]: by[/]"
        choices = [f"{by} {dotted}", f"{by} {joined}", f"[$faint-text]by[/] {joined}", joined]
        style, mark = ("$muted", "") if shown.layer is None else ("bold $key", "✓ ")
        only = f"[{style}][@click=screen.this_layer]{mark}only layer {layer}[/][/]"
        if shown.layer is None:
            only = f"[bold $key]{key_of(self, 'waste.this')}[/][$faint-text]:[/] {only}"
            choices[:0] = [f"{choice}  [$faint-text]│[/] {only}" for choice in choices[:2]]
        else:
            short = f"{only}[$muted] ({hidden} not shown)[/]"
            long = f"{only}[$muted]: {size(self._bytes)} ({hidden} not shown)[/]"
            # A layer's own details count only what it ships.
            both = f"{only}[$muted]: it ships or hides {size(self._bytes)}"
            # The words of the note go before the key and the "by".
            notes, with_key = (f"{both} ({hidden} not shown)[/]", f"{both}[/]", long, short, only), choices[:2]
            choices = [f"{choice}  {note}" for note in notes[:-1] for choice in with_key]
            choices += [f"{choice}  {note}" for choice in (f"{by} {joined}", joined) for note in notes]
            choices.append(f"{short}  {joined}")
        contents = [Content.from_markup(choice) for choice in choices]
        return next((content for content in contents if content.cell_length <= self.size.width), contents[-1])


def _word(grouping: Grouping, is_active: bool) -> str:
    style = "bold $key" if is_active else "$muted"
    return f"[{style}][@click=screen.group_waste('{grouping.value}')]{grouping.value}[/][/]"
