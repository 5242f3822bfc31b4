"""Choice of a platform, for references with several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets.option_list import Option

from explorer.model import Variant
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.tui.widgets.choice_list import ChoiceList
from explorer.tui.widgets.footer import KeysFooter


def choice(variant: Variant, is_current: bool, width: int) -> Content:
    """Returns a platform's line: mark of the current one, name, size and tags."""
    platform = printable(variant.platform)
    bytes_ = size(variant.download_bytes) if variant.download_bytes is not None else ""
    return Content.assemble(
        ("● " if is_current else "  ", "$key"),
        platform + " " * (width - cell_len(platform)),
        f"  {bytes_:>7}",
        (f"  {' '.join(map(printable, variant.tags))}", "$muted"),
    )


class PlatformScreen(ModalScreen[str | None]):
    """The list of platforms. Its result is the chosen one, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", tooltip="Keep the current platform", id="platform.leave"),
        Binding("j", "app.simulate_key('down')", "Down", show=False, id="platform.down"),
        Binding("k", "app.simulate_key('up')", "Up", show=False, id="platform.up"),
    ]

    def __init__(self, variants: Sequence[Variant], current: str) -> None:
        super().__init__()
        self.variants = variants
        self.current = next((i for i, variant in enumerate(variants) if variant.platform == current), None)

    def compose(self) -> ComposeResult:
        width = max(cell_len(printable(variant.platform)) for variant in self.variants)
        options = [Option(choice(variant, i == self.current, width)) for i, variant in enumerate(self.variants)]
        with Vertical(id="platforms") as box:
            are_platforms = not any("@" in variant.platform for variant in self.variants)
            box.border_title = f"Choose {'a platform' if are_platforms else 'an image'}"
            box.border_subtitle = "⏎ show"
            yield ChoiceList(*options)
        yield KeysFooter(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(ChoiceList).highlighted = self.current or 0

    @on(ChoiceList.OptionSelected)
    def choose(self, message: ChoiceList.OptionSelected) -> None:
        """Closes the list with the chosen platform."""
        message.stop()
        self.dismiss(self.variants[message.option_index].platform)
