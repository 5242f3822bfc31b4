"""Help, palette and footer offer the keys that work."""

from __future__ import annotations

import re
import threading

import pytest
from textual.binding import Binding

from explorer.config.settings import Sort
from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.dialogs.help_screen import HelpBox, HelpScreen, key_groups, pane_help
from explorer.tui.key_table import keys_of_screen
from explorer.tui.main.screen import MainScreen
from explorer.tui.widgets.footer import KeysFooter
from tests.tui.driving import Screen, Show


@pytest.mark.end_to_end
async def test_help(show: Show, sample: Exploration) -> None:
    """The question mark explains the focused pane and our keys; it scrolls, and Escape or the same key closes it."""
    async with show(sample, size=(80, 24)) as screen:
        for key in ("escape", "question_mark", "q"):
            await screen.press("w", "question_mark")
            assert screen.shows(HelpScreen)
            assert "each row is one change" in screen.text()
            await screen.press("G")
            text = screen.text()
            assert "Leave the program" in text
            assert "copy selected" not in text.lower()
            await screen.press(key)
            assert screen.shows(MainScreen)


@pytest.mark.end_to_end
async def test_help_of_every_pane(show: Show, sample: Exploration) -> None:
    """Each pane has words of its own, and its own keys come first."""
    async with show(sample) as screen:
        own = (("", "Keys for layers"), ("f", "Keys for files"), ("w", "Keys for waste"), ("i", "Keys for the image"))
        for key, heading in own:
            await screen.press(*key)
            assert pane_help(screen.app.focused).startswith("# ")
            groups = key_groups(keys_of_screen(screen.main), screen.app.get_key_display)
            assert [*groups][:2] == ["Panes", heading]
            assert groups["Panes"][0].words == "Go to the next pane"


@pytest.mark.end_to_end
async def test_the_help_has_all_keys(show: Show, sample: Exploration) -> None:
    """The help has keys that do nothing now, too, and those are dim; many digits take one line."""
    async with show(sample) as screen:
        await screen.press("w")
        groups = key_groups(keys_of_screen(screen.main), screen.app.get_key_display)
        lines = {line.words: line for lines in groups.values() for line in lines}
        for words, key, is_enabled in (
            ("Clear the filter", "esc", False),
            ("Put the border back", "=", False),
            ("Show the image for another platform", "p", False),
            ("Show only changes, or everything", "c", False),
            ("Leave the program", "^q q", True),
            ("List every action", "^p", True),
            ("Go to the layer of this number; type several digits quickly", "0 … 9", True),
        ):
            assert (lines[words].keys, lines[words].is_enabled) == (key, is_enabled)


@pytest.mark.end_to_end
async def test_the_help_hides_not_what_it_explains(show: Show, sample: Exploration) -> None:
    """The help opens on the other side than its pane, and says that it scrolls only if it does."""
    async with show(sample, size=(200, 150)) as screen:
        for key, is_left in (("", False), ("f", True), ("w", True)):
            await screen.press(*key)
            pane = screen.app.focused
            assert pane is not None
            await screen.press("question_mark")
            box = screen.app.screen.query_one(HelpBox)
            assert (box.region.x == 0) is is_left
            assert not box.region.overlaps(pane.region)
            assert box.border_subtitle == ""
            await screen.resize(200, 20)
            assert "scroll" in str(box.border_subtitle)
            await screen.resize(200, 150)
            await screen.press("escape")


def _bindings(screen: Screen) -> list[Binding]:
    return [found.binding for found in screen.main.active_bindings.values()]


@pytest.mark.end_to_end
async def test_every_key_of_ours_is_named(show: Show, sample: Exploration) -> None:
    """Every key has an ID, no ID has two actions, and each key of the footer has a tooltip."""
    async with show(sample) as screen:
        ids: dict[str, str] = {}
        for pane in ("layers", "f", "w", "i"):
            if pane != "layers":
                await screen.press(pane)
            for binding in _bindings(screen):
                if binding.id and "." in binding.id:
                    action = re.sub(r"run_file_action\('(\w+)'\)", r"\1", binding.action)
                    assert ids.setdefault(binding.id, action) == action
                    assert binding.tooltip or not binding.show
        assert {"explore.sort", "explore.compare", "files.open-all", "waste.enter-unfold", "app.quit"} <= ids.keys()


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_remapped_key(show: Show, sample: Exploration) -> None:
    """A key can be moved by its id."""
    async with show(sample) as screen:
        screen.app.set_keymap({"explore.sort": "o"})
        await screen.press("o")
        assert screen.main.view.sort is Sort.NAME


@pytest.mark.end_to_end
async def test_footer_has_no_dead_keys(show: Show, sample: Exploration) -> None:
    """The footer shows only keys that work, while loading and during a comparison, too."""
    go_on = threading.Event()

    async def shown() -> set[str]:
        for _ in range(3):
            # The footer follows the keys a refresh or two later.
            await screen.pilot.pause()
        return {key.words for key in screen.main.query_one(KeysFooter).keys if key.is_enabled} - {"Palette"}

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(10)
        return sample

    async with show(load) as screen:
        assert await shown() == {
            "Quit",
            "Help",
            "Files",
            "Waste",
            "Packages",
            "Findings",
            "Dockerfile",
            "Next pane",
            "Files so far",
            "Zoom",
        }
        go_on.set()
        await screen.loaded()
        assert await shown() == {
            "Quit", "Help", "Zoom", "Files", "Waste", "Packages", "Findings", "Dockerfile", "Image", "Filter", "Sort",
            "Only changes", "Compare", "Next pane", "Files so far", "Find", "Largest",
        }  # fmt: skip
        await screen.press("m", "c")
        others = {
            "Quit",
            "Help",
            "Zoom",
            "Files",
            "Waste",
            "Packages",
            "Findings",
            "Dockerfile",
            "Image",
            "Filter",
            "Sort",
            "Only changes",
        }
        others |= {"Next pane", "Files so far", "Find", "Largest"}
        assert {"Stop comparing"} == await shown() - others
        await screen.press("m")
        assert "Show all" in await shown()
