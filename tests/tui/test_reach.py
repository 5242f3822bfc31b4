"""Keys that are out of reach say why, words about keys cover nothing that is needed, and Ctrl+C leaves."""

from __future__ import annotations

import threading

import pytest
from textual.widgets import Input
from textual.widgets._toast import Toast

from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.footer import KeysFooter
from explorer.tui.history_line import HistoryLine
from explorer.tui.reach import UNREAD
from tests.tui.driving import Screen, Show


async def dim(screen: Screen) -> set[str]:
    """The keys of the footer that are dim."""
    for _ in range(4):
        # The footer follows the keys a refresh or two later.
        await screen.pilot.pause()
    return {each.key for each in screen.app.screen.query_one(KeysFooter).keys if not each.is_enabled}


async def test_every_dim_key_says_why(show: Show, sample: Exploration) -> None:
    """In each pane, before and after the image is read, a key that is dim in the footer answers in one line."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(20)
        return sample

    async with show(load, size=(200, 40)) as screen:
        try:
            asked = await dim(screen)
            assert {"slash", "i", "s"} <= asked
            await screen.press("s")
            assert screen.said == [UNREAD]
        finally:
            go_on.set()
        await screen.loaded()
        for pane in ("f", "w", "i"):
            await screen.press(pane)
            for key in sorted(await dim(screen)):
                screen.app.clear_notifications()
                screen.app._refused = "", 0.0
                await screen.press(key)
                assert len(screen.said) == 1, (pane, key)
                assert screen.said[0].endswith(".")


async def test_a_directory_has_nothing_to_view(show: Show, sample: Exploration) -> None:
    """View is dim on a directory, and says why; it is not on a file."""
    async with show(sample, size=(160, 40)) as screen:
        await screen.press("f", "e")
        assert "v" in await dim(screen)
        await screen.press("v")
        assert screen.said == ["A directory has nothing to view."]
        screen.files.cursor = screen.names.index("tool")
        assert "v" not in await dim(screen)
        screen.files.cursor = 0
        assert "v" in await dim(screen)


async def test_nothing_to_walk_to(show: Show, sample: Exploration) -> None:
    """Where no layer before or after touched the path, [ and ] say so, from the line too, and once."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("passwd")
        await screen.pilot.pause()
        await screen.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert screen.said == ["No later layer touched this path."]
        screen.app.clear_notifications()
        await screen.press("left_square_bracket")
        assert screen.said == []
        assert screen.explore.view.layer == 1
        screen.explore.query_one(HistoryLine).focus()
        await screen.press("left", "left")
        assert screen.explore.view.layer == 0
        assert screen.said == ["No earlier layer touched this path."]
        screen.files.cursor = screen.names.index("libtool.so.1")
        await screen.pilot.pause()
        await screen.press("right")
        assert screen.said[-1] == "Nothing to walk to: only layer 0 touched this path."


async def test_a_click_on_a_dim_key_says_why(show: Show, sample: Exploration) -> None:
    """The mouse on a dim key of the footer does what the key does."""
    async with show(sample, size=(160, 40)) as screen:
        await screen.press("f")
        await dim(screen)
        footer = screen.app.screen.query_one(KeysFooter)
        view = next(each for each in footer.placed if each.key.key == "v")
        await screen.pilot.click(footer, offset=(view.x + 1, 0))
        await screen.pilot.pause()
        assert screen.said == ["A directory has nothing to view."]


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_words_cover_no_line_below(show: Show, sample: Exploration, size: tuple[int, int]) -> None:
    """A word about a key leaves the keys and the path's history free, and takes one line where it has room."""
    async with show(sample, size=size, notifications=True) as screen:
        await screen.press("f", "v")
        toast, history = screen.app.screen.query_one(Toast), screen.explore.query_one(HistoryLine)
        footer = screen.explore.query_one(KeysFooter)
        assert toast.region.area
        assert toast.region.bottom <= (history.region.y if history.region.area else footer.region.y)
        assert toast.region.height == 1 or size[0] < 80


# Ctrl+C


@pytest.mark.parametrize("keys", [(), ("w",), ("slash", "a"), ("question_mark",), ("f", "e", "end", "v"), ("ctrl+f",)])
async def test_ctrl_c_quits(show: Show, sample: Exploration, keys: tuple[str, ...]) -> None:
    """Ctrl+C leaves from everywhere, also while something is typed."""
    async with show(sample) as screen:
        await screen.press(*keys)
        assert screen.app.is_running
        await screen.press("ctrl+c")
        assert screen.app._exit


async def test_ctrl_c_copies_what_is_selected(show: Show, sample: Exploration) -> None:
    """In a box in which some text is selected Ctrl+C copies that, and leaves nothing."""
    async with show(sample) as screen:
        await screen.press("slash", *"tool", "shift+left", "shift+left", "ctrl+c")
        assert isinstance(screen.app.focused, Input)
        assert screen.app.clipboard == "ol"
        assert not screen.app._exit
        await screen.press("left", "ctrl+c")
        assert screen.app._exit
