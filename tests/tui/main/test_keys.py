"""Help, palette and footer offer the keys that work."""

from __future__ import annotations

import threading

from textual.binding import Binding

from explorer.config.settings import Sort
from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.dialogs.help_screen import HelpScreen, key_groups, pane_help
from explorer.tui.main.screen import MainScreen
from explorer.tui.widgets.footer import KeysFooter
from tests.tui.driving import Screen, Show


async def test_help(show: Show, sample: Exploration) -> None:
    """The question mark explains the focused pane and our keys; it scrolls, and Escape or the same key closes it."""
    async with show(sample, size=(80, 24)) as screen:
        for key in ("escape", "question_mark", "q"):
            await screen.press("w", "question_mark")
            assert screen.shows(HelpScreen)
            assert "wasted = shipped − visible" in screen.text()
            await screen.press("G")
            text = screen.text()
            assert "Show wasted space" in text
            assert "copy" not in text.lower()
            await screen.press(key)
            assert screen.shows(MainScreen)


async def test_help_of_every_pane(show: Show, sample: Exploration) -> None:
    """Each pane has words of its own, and its own keys come first."""
    async with show(sample) as screen:
        own = (("", "Keys for layers"), ("f", "Keys for files"), ("w", "Keys for waste"), ("i", "Moving"))
        for key, heading in own:
            await screen.press(*key)
            assert pane_help(screen.app.focused).startswith("# ")
            assert next(iter(key_groups(screen.main.active_bindings, screen.app.get_key_display))) == heading


def _bindings(screen: Screen) -> list[Binding]:
    return [found.binding for found in screen.main.active_bindings.values()]


async def test_every_key_of_ours_is_named(show: Show, sample: Exploration) -> None:
    """Every key has an ID, no ID has two actions, and each key of the footer has a tooltip."""
    async with show(sample) as screen:
        ids: dict[str, str] = {}
        for pane in ("layers", "f", "w", "i"):
            if pane != "layers":
                await screen.press(pane)
            for binding in _bindings(screen):
                if binding.id and "." in binding.id:
                    assert ids.setdefault(binding.id, binding.action) == binding.action
                    assert binding.tooltip or not binding.show
        assert {"explore.sort", "explore.compare", "files.open-all", "waste.enter-fold", "app.quit"} <= ids.keys()


async def test_palette(show: Show, sample: Exploration) -> None:
    """The palette finds the actions by their words and takes them."""
    async with show(sample) as screen:
        await screen.press("ctrl+p")
        await screen.press(*"sort by size")
        await screen.app.workers.wait_for_complete()
        await screen.pilot.pause()
        await screen.press("enter")
        await screen.app.workers.wait_for_complete()
        await screen.pilot.pause()
        assert screen.main.view.sort is Sort.NAME


async def test_remapped_key(show: Show, sample: Exploration) -> None:
    """A key can be moved by its id."""
    async with show(sample) as screen:
        screen.app.set_keymap({"explore.sort": "o"})
        await screen.press("o")
        assert screen.main.view.sort is Sort.NAME


async def test_footer_has_no_dead_keys(show: Show, sample: Exploration) -> None:
    """The footer shows only keys that work, while loading and during a comparison, too."""
    go_on = threading.Event()

    async def shown() -> set[str]:
        for _ in range(3):
            # The footer follows the keys a refresh or two later.
            await screen.pilot.pause()
        return {key.words for key in screen.main.query_one(KeysFooter).keys if key.is_enabled} - {"palette"}

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(10)
        return sample

    async with show(load) as screen:
        assert await shown() == {"Quit", "Help", "Files", "Waste"}
        go_on.set()
        await screen.loaded()
        assert await shown() == {
            "Quit", "Help", "Files", "Waste", "Image", "Filter", "Sort", "Changes", "Compare",
        }  # fmt: skip
        await screen.press("m", "c")
        others = {"Quit", "Help", "Files", "Waste", "Image", "Filter", "Sort", "Changes"}
        assert {"Stop comparing"} == await shown() - others
        await screen.press("m")
        assert "Show all" in await shown()
