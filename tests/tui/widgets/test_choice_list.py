"""Lists of options in dialogs."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.widgets.option_list import Option

from explorer.tui.widgets.choice_list import ChoiceList


class Choices(App[None]):
    """Three options, which get a page key before the list has a size."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.choices = ChoiceList(Option("first"), Option("second"), Option("third"))
        self.early_action = action

    def compose(self) -> ComposeResult:
        yield self.choices

    async def on_mount(self) -> None:
        """Highlights the second option, and runs the action of a key."""
        assert not self.choices.scrollable_content_region
        self.choices.highlighted = 1
        await self.choices.run_action(self.early_action)


@pytest.mark.parametrize(("action", "index"), [("page_up", 0), ("page_down", 2)])
async def test_page_keys_come_early(action: str, index: int) -> None:
    """A page key that comes before the list has its size leads to the first or the last option."""
    app = Choices(action)
    async with app.run_test():
        assert app.choices.highlighted == index


async def test_page_keys() -> None:
    """Page keys move by a page, or to the first and last option."""
    app = Choices("focus")
    async with app.run_test() as pilot:
        await pilot.press("pagedown")
        assert app.choices.highlighted == 2
        await pilot.press("pageup")
        assert app.choices.highlighted == 0
