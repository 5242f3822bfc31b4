"""Choice of a value of the image to copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets.option_list import Option

from explorer.text.printable import printable, shortened
from explorer.tui.widgets.choice_list import ChoiceList
from explorer.tui.widgets.footer import KeysFooter

_LABEL_CELLS = 12
_MAX_VALUE_CHARS = 200


class CopyScreen(ModalScreen[str | None]):
    """The list of values. Its result is the chosen one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", tooltip="Copy nothing", id="copy.leave"),
        Binding("j", "app.simulate_key('down')", "Down", show=False, id="copy.down"),
        Binding("k", "app.simulate_key('up')", "Up", show=False, id="copy.up"),
    ]

    def __init__(self, values: Sequence[tuple[str, str]]) -> None:
        """Takes labels and values, which come from strangers."""
        super().__init__()
        self._values = values

    def compose(self) -> ComposeResult:
        options = [
            Option(
                Content.assemble(
                    (f"{label:<{_LABEL_CELLS}} ", "$muted"), printable(shortened(value, _MAX_VALUE_CHARS))
                ).truncate(_MAX_VALUE_CHARS, ellipsis=True)
            )
            for label, value in self._values
        ]
        with Vertical(id="values") as box:
            box.border_title = "Copy a value"
            box.border_subtitle = "⏎ copy"
            yield ChoiceList(*options)
        yield KeysFooter(show_command_palette=False)

    @on(ChoiceList.OptionSelected)
    def choose(self, message: ChoiceList.OptionSelected) -> None:
        """Closes the list with the chosen value."""
        message.stop()
        self.dismiss(self._values[message.option_index][1])
