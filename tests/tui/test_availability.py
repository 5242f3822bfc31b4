"""Keys that cannot be used show why, messages cover nothing important, and Ctrl+C quits."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.widgets import Input
from textual.widgets._toast import Toast

from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.details import Details
from explorer.tui.viewer.diff_screen import DiffScreen
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.widgets.footer import KeysFooter
from explorer.viewmodel.layers_read import NOT_YET_READ
from tests.images import explored_layers, file, layer
from tests.tui.driving import Screen, Show


async def dim(screen: Screen) -> set[str]:
    """Returns the dim keys of the footer."""
    for _ in range(4):
        # The footer follows the keys a refresh or two later.
        await screen.pilot.pause()
    return {each.key for each in screen.app.screen.query_one(KeysFooter).keys if not each.is_enabled}


@pytest.mark.end_to_end
async def test_every_dim_key_says_why(show: Show, sample: Exploration) -> None:
    """In each pane, before and after the image is read, a dim key answers in one line."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(20)
        return sample

    async with show(load, size=(200, 40)) as screen:
        try:
            asked = await dim(screen)
            assert {"slash", "i", "s"} <= asked
            await screen.press("s")
            assert screen.said == [NOT_YET_READ]
        finally:
            go_on.set()
        await screen.loaded()
        for pane in ("f", "w", "i"):
            await screen.press(pane)
            for key in sorted(await dim(screen)):
                screen.app.clear_notifications()
                screen.app._last_reason = "", 0.0
                await screen.press(key)
                assert len(screen.said) == 1, (pane, key)
                assert screen.said[0].endswith(".")


@pytest.mark.end_to_end
async def test_a_directory_has_nothing_to_view(show: Show, sample: Exploration) -> None:
    """View is dim on a directory and shows why; on a file it works."""
    async with show(sample, size=(160, 40)) as screen:
        await screen.press("f", "e")
        assert "v" in await dim(screen)
        await screen.press("v")
        assert screen.said == ["A directory has nothing to view."]
        screen.files.cursor = screen.names.index("tool")
        assert "v" not in await dim(screen)
        screen.files.cursor = 0
        assert "v" in await dim(screen)


@pytest.mark.end_to_end
async def test_nothing_to_walk_to(show: Show, sample: Exploration) -> None:
    """Without another layer that touched the path, [ and ] show why once, also in the history bar."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("passwd")
        await screen.pilot.pause()
        await screen.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert screen.said == ["No later layer touched this path."]
        screen.app.clear_notifications()
        await screen.press("left_square_bracket")
        assert screen.said == []
        assert screen.main.view.layer == 1
        screen.main.query_one(HistoryBar).focus()
        await screen.press("left", "left")
        assert screen.main.view.layer == 0
        assert screen.said == ["No earlier layer touched this path."]
        screen.files.cursor = screen.names.index("libtool.so.1")
        await screen.pilot.pause()
        await screen.press("right")
        assert screen.said[-1] == "Only layer 0 touched this path."


@pytest.mark.end_to_end
async def test_a_click_on_a_dim_key_says_why(show: Show, sample: Exploration) -> None:
    """A click on a dim key of the footer has the effect of the key."""
    async with show(sample, size=(160, 40)) as screen:
        await screen.press("f")
        await dim(screen)
        footer = screen.app.screen.query_one(KeysFooter)
        view = next(each for each in footer.placed if each.key.key == "v")
        await screen.pilot.click(footer, offset=(view.x + 1, 0))
        await screen.pilot.pause()
        assert screen.said == ["A directory has nothing to view."]


@pytest.mark.end_to_end
async def test_the_layer_is_copied_from_its_details(show: Show, sample: Exploration) -> None:
    """In the details y copies the layer's digest and Y its command; a step has no digest."""
    async with show(sample, size=(120, 20)) as screen:
        screen.main.query_one(Details).focus()
        await screen.press("y")
        assert screen.app.clipboard == sample.image.layers[3].diff_id
        await screen.press("0", "Y")
        assert screen.app.clipboard == "ADD … /"
        screen.layers.focus()
        await screen.press("home", "down")
        screen.main.query_one(Details).focus()
        await screen.press("y")
        assert screen.said[-1] == "A metadata-only step has no digest."


@pytest.mark.end_to_end
@pytest.mark.parametrize("pane", ["f", "w"])
async def test_the_path_is_looked_into_from_its_history(show: Show, sample: Exploration, pane: str) -> None:
    """In the history bar, the file keys use its path at its layer."""
    async with show(sample) as screen:
        await screen.press(pane, "e", "end")
        path = screen.selected if pane == "f" else screen.main.query_one(HistoryBar).shown[0].removeprefix("/")
        for key, shown in (("v", Viewer), ("d", DiffScreen), ("x", ExtractScreen)):
            screen.main.query_one(HistoryBar).focus()
            await screen.press(key)
            assert screen.shows(shown), key
            await screen.press("escape")
        await screen.press("y")
        assert screen.app.clipboard == f"/{path}"
        await screen.press("Y")
        assert screen.said[-1].startswith("Copied ")
        assert screen.app.clipboard != f"/{path}"


@pytest.mark.end_to_end
async def test_the_history_of_a_directory_says_why_not(show: Show, sample: Exploration) -> None:
    """In the history bar, too, View is dim for a directory and shows why."""
    async with show(sample, size=(160, 40)) as screen:
        await screen.press("f")
        screen.main.query_one(HistoryBar).focus()
        assert "v" in await dim(screen)
        await screen.press("v")
        assert screen.said == ["A directory has nothing to view."]


@pytest.mark.end_to_end
async def test_without_waste_there_is_nothing_to_do(show: Show, tmp_path: Path) -> None:
    """Without waste, the keys that arrange it are dim and show why."""
    async with show(explored_layers(tmp_path, layer(file("a", b"1"))), size=(200, 40)) as screen:
        await screen.press("w")
        assert {"o", "b", "t"} <= await dim(screen)
        for key in "obtseE":
            screen.app.clear_notifications()
            screen.app._last_reason = "", 0.0
            await screen.press(key)
            assert screen.said == ["Nothing is wasted."], key


@pytest.mark.end_to_end
async def test_a_filter_that_finds_no_waste(show: Show, sample: Exploration) -> None:
    """If a filter leaves no row, there is no file to go to, and the grouping can still be changed."""
    async with show(sample, size=(200, 40)) as screen:
        await screen.press("w", "slash", *"nothing", "enter")
        dimmed = await dim(screen)
        assert "o" in dimmed
        assert "b" not in dimmed
        await screen.press("o")
        assert screen.said == ["No waste is shown."]
        await screen.press("escape")
        assert "o" not in await dim(screen)


@pytest.mark.end_to_end
async def test_no_files_have_nothing_to_expand(show: Show, sample: Exploration) -> None:
    """Expand is dim if there are no rows, and shows why."""
    async with show(sample, size=(200, 40)) as screen:
        await screen.press("f", "plus", "tilde", "minus", "full_stop")
        assert not screen.names
        assert "e" in await dim(screen)
        await screen.press("e")
        assert screen.said == ["No files are shown."]
        await screen.press("full_stop")
        assert "e" not in await dim(screen)


@pytest.mark.end_to_end
@pytest.mark.parametrize("pane", ["f", "w"])
async def test_a_next_match_is_another_one(show: Show, sample: Exploration, pane: str) -> None:
    """The key to the next match works if there is a match besides the selected row."""
    async with show(sample, size=(200, 40)) as screen:
        for query, is_offered in (("packages", False), ("tool", pane == "f")):
            await screen.press(pane, "slash", *query, "enter")
            if pane == "w":
                await screen.press("e", "end")
            await dim(screen)
            shown = {each.words for each in screen.main.query_one(KeysFooter).keys}
            assert ("Next match" in shown) is is_offered, query
            await screen.press("home", *(["left", "left"] if pane == "f" else []))
            await dim(screen)
            shown = {each.words for each in screen.main.query_one(KeysFooter).keys}
            assert "Next match" in shown
            await screen.press("escape")


@pytest.mark.end_to_end
async def test_what_is_hidden_among_the_files_is_shown_there(show: Show, sample: Exploration) -> None:
    """Escape shows hidden files only in the files pane."""
    async with show(sample, size=(200, 40)) as screen:
        await screen.press("c")
        for pane, is_offered in (("f", True), ("w", False), ("i", False), ("f", True)):
            await screen.press(pane)
            await dim(screen)
            keys = screen.main.query_one(KeysFooter).keys
            assert ("Show all" in {each.words for each in keys}) is is_offered, pane
        await screen.press("w", "escape")
        assert screen.main.view.changes_only


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_words_cover_no_line_below(show: Show, sample: Exploration, size: tuple[int, int]) -> None:
    """A message about a key covers neither the footer nor the history bar, and fits one line if possible."""
    async with show(sample, size=size, notifications=True) as screen:
        await screen.press("f", "v")
        toast, history = screen.app.screen.query_one(Toast), screen.main.query_one(HistoryBar)
        footer = screen.main.query_one(KeysFooter)
        assert toast.region.area
        assert toast.region.bottom <= (history.region.y if history.region.area else footer.region.y)
        assert toast.region.height == 1 or size[0] < 80


# Ctrl+C


@pytest.mark.end_to_end
@pytest.mark.parametrize("keys", [(), ("w",), ("slash", "a"), ("question_mark",), ("f", "e", "end", "v"), ("ctrl+f",)])
async def test_ctrl_c_quits(show: Show, sample: Exploration, keys: tuple[str, ...]) -> None:
    """Ctrl+C quits from everywhere, also while text is typed."""
    async with show(sample) as screen:
        await screen.press(*keys)
        assert screen.app.is_running
        await screen.press("ctrl+c")
        assert screen.app._exit


@pytest.mark.end_to_end
async def test_ctrl_c_copies_what_is_selected(show: Show, sample: Exploration) -> None:
    """With selected text in an input, Ctrl+C copies it and does not quit."""
    async with show(sample) as screen:
        await screen.press("slash", *"tool", "shift+left", "shift+left", "ctrl+c")
        assert isinstance(screen.app.focused, Input)
        assert screen.app.clipboard == "ol"
        assert not screen.app._exit
        await screen.press("left", "ctrl+c")
        assert screen.app._exit


@pytest.mark.end_to_end
async def test_the_platform_key_says_why_not(show: Show, sample: Exploration) -> None:
    """Without another platform, the key says so."""
    async with show(sample) as screen:
        await screen.press("p")
        assert screen.said[-1] == "No other platform is known."
