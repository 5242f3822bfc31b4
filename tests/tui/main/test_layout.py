"""Settings, borders that move, zoomed panes, the mouse, and the keys in the footer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from textual.system_commands import SystemCommandsProvider
from textual.timer import Timer

from explorer.config.settings import Settings, Sort
from explorer.config.state import UiState
from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.bindings import keymap, settings_schema
from explorer.tui.dialogs.help_screen import HelpBox, key_groups, pane_help
from explorer.tui.files.file_tree import FileTree
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.key_table import keys_of_screen
from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.main.header import ImageHeader
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.screen import MainScreen
from explorer.tui.main.splitter import MIN_SIZE, Splitter
from explorer.tui.waste.advice_box import AdviceBox
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.widgets.filter_bar import FILES_PLACEHOLDER
from explorer.tui.widgets.footer import KeysFooter
from tests.images import explored_layers, file, layer
from tests.tui.driving import Screen, loading

Start = Callable[..., AbstractAsyncContextManager[Screen]]
WIDE, NARROW = (120, 36), (80, 24)


@pytest.fixture
def start() -> Start:
    """Runs the screen with the user's settings."""

    @asynccontextmanager
    async def run(shown: Exploration, size: tuple[int, int] = WIDE, **more: Any) -> AsyncIterator[Screen]:
        app = ExplorerApp(partial(MainScreen, "made:1", loading(shown)), **more)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            screen = Screen(app, pilot)
            await screen.loaded()
            yield screen

    return run


@pytest.fixture
def tall(tmp_path: Path) -> Exploration:
    """An image of 25 layers."""
    return explored_layers(tmp_path, *(layer(file(f"f{number}", b"1")) for number in range(25)))


def split(screen: Screen) -> Splitter:
    return screen.main.query_one(Splitter)


def left_width(screen: Screen) -> int:
    return split(screen).left.outer_size.width


def left_height(screen: Screen) -> int:
    return split(screen).left.outer_size.height


def shown(screen: Screen, kind: type[Any]) -> bool:
    """True if a pane has a place on the screen."""
    return bool(screen.main.query_one(kind).region.area)


def offered(screen: Screen) -> list[str]:
    """The names of the footer's keys."""
    return [key.words for key in screen.app.screen.query_one(KeysFooter).keys]


# Settings


@pytest.mark.end_to_end
async def test_starting_as_the_user_likes(start: Start, sample: Exploration) -> None:
    """Theme, sort, pane, hidden kinds and the width of the left side are as in the settings."""
    settings = Settings("layers-light", "name", "waste", changes_only=True, empty_steps=False, left_percent=30)
    async with start(sample, settings=settings) as screen:
        assert screen.app.theme == "layers-light"
        assert screen.main.view.sort is Sort.NAME
        assert screen.main.view.changes_only
        # Four layers, the folded steps, and the line that ends the base.
        assert screen.layers.count == 6
        assert shown(screen, WasteList)
        assert left_width(screen) == 36


@pytest.mark.end_to_end
async def test_other_keys(start: Start, sample: Exploration) -> None:
    """A binding works only with its new keys, also in the footer; a binding that shared the old key keeps it."""
    words = settings_schema()
    changed = keymap({"explore.compare": ("f6",), "list.down": ("f7", "f8")}, words.bindings)
    async with start(sample, keymap=changed) as screen:
        await screen.press("home", "down", "j")
        assert screen.layers.cursor == 0
        await screen.press("f7", "f8", "m")
        assert (screen.layers.cursor, screen.main.view.base) == (3, None)
        await screen.press("f6")
        assert screen.main.view.base is not None
        assert "Stop comparing" in offered(screen)
        await screen.press("m")
        assert screen.main.view.base is None


async def test_every_binding_has_an_id_and_says_what_it_does() -> None:
    """Each binding has an ID for other keys, and words for the help and the palette."""
    for name, bound in settings_schema().bindings.items():
        assert bound.keys, name
        assert bound.tooltip, name


async def test_where_widgets_stand(start: Start, sample: Exploration) -> None:
    """A conflict of keys is found where both keys work: all panes share the keys of the main screen."""
    found = settings_schema().bindings
    async with start(sample) as screen:
        standing = {type(widget).__name__ for widget in screen.main.query("*") if "BINDINGS" in vars(type(widget))}
        standing = {name for name in standing if any(name in bound.places for bound in found.values())}
    assert {"FileTree", "LayerList", "WasteList"} <= standing <= found["explore.sort"].places
    assert not {"HitList", "HelpBox", "Pager"} & found["explore.sort"].places


@pytest.mark.end_to_end
async def test_what_was_chosen_is_told(start: Start, sample: Exploration) -> None:
    """A chosen theme and a moved border are saved together; unchanged values are not."""
    saved: list[UiState] = []
    async with start(sample, remember=saved.append) as screen:
        assert saved == []
        screen.app.theme = "nord"
        await screen.press("greater_than_sign")
        await screen.press("equals_sign")
    assert saved[0] == UiState("nord")
    assert saved[1].theme == "nord"
    assert saved[1].left_percent
    assert saved[2:] == [UiState("nord")]


async def test_a_theme_that_is_gone(start: Start, sample: Exploration) -> None:
    """A saved theme that no longer exists is replaced by the default."""
    async with start(sample, settings=Settings("no-such-theme")) as screen:
        assert screen.app.theme == "layers"


@pytest.mark.end_to_end
async def test_a_theme_repaints_everything(start: Start, sample: Exploration) -> None:
    """After a change of the theme, every cell looks as if the program had started with it."""
    looks: list[list[str]] = []
    for first in ("layers", "layers-light"):
        async with start(sample, settings=Settings(first)) as screen:
            # Each pane has been painted before.
            await screen.pilot.press("w", "i", "f")
            screen.app.theme = "layers-light"
            await screen.settled()
            looks.append([])
            for key in ("f", "w", "i"):
                await screen.press(key)
                looks[-1] += [str(list(strip)) for strip in screen.app.screen._compositor.render_strips()]
    assert looks[0] == looks[1]


# The border


@pytest.mark.end_to_end
async def test_the_border_moves_by_keys(start: Start, sample: Exploration) -> None:
    """< and > move the border in steps until one side is minimal; = resets it."""
    async with start(sample) as screen:
        first = left_width(screen)
        await screen.press("less_than_sign")
        assert left_width(screen) < first
        await screen.press("greater_than_sign", "greater_than_sign")
        assert left_width(screen) > first
        await screen.press("equals_sign")
        assert left_width(screen) == first
        await screen.press(*["less_than_sign"] * 20)
        assert left_width(screen) == MIN_SIZE.width
        await screen.press(*["greater_than_sign"] * 20)
        assert left_width(screen) == 120 - MIN_SIZE.width


@pytest.mark.end_to_end
async def test_the_border_is_dragged(start: Start, sample: Exploration) -> None:
    """Both lines of the border can be dragged, also beyond the edges; a double click resets it."""
    async with start(sample) as screen:
        first = left_width(screen)
        for line in (-1, 0):
            at = split(screen).right.region.x + line
            await screen.pilot.mouse_down(offset=(at, 10))
            await screen.pilot.hover(offset=(30, 12))
            assert left_width(screen) == 31
            await screen.pilot.hover(offset=(119, 12))
            assert left_width(screen) == 120 - MIN_SIZE.width
            await screen.pilot.hover(offset=(60, 12))
            await screen.pilot.mouse_up(offset=(60, 12))
            await screen.pilot.hover(offset=(90, 12))
            assert left_width(screen) == 61
        await screen.pilot.click(offset=(60, 10), times=2)
        await screen.settled()
        assert left_width(screen) == first


@pytest.mark.end_to_end
async def test_the_border_on_a_narrow_screen(start: Start, sample: Exploration) -> None:
    """With the layers above the files, the border changes their height, and the tabs below stay clickable."""
    async with start(sample, NARROW) as screen:
        first = left_height(screen)
        await screen.press("greater_than_sign")
        assert left_height(screen) > first
        top = split(screen).right.region.y
        await screen.pilot.mouse_down(offset=(20, top - 1))
        await screen.pilot.hover(offset=(20, 7))
        await screen.pilot.mouse_up(offset=(20, 7))
        await screen.settled()
        assert left_height(screen) in (6, 7, 8)
        await screen.pilot.click(offset=(11, split(screen).right.region.y))
        await screen.settled()
        assert screen.main.pane == "waste"


@pytest.mark.end_to_end
async def test_a_share_outlives_sizes(start: Start, sample: Exploration) -> None:
    """The border keeps its share when the terminal changes, and nothing breaks in a tiny one."""
    async with start(sample, settings=Settings(left_percent=30)) as screen:
        for width, height, left in ((200, 60, 60), (80, 10, 80), (1, 1, 1), (120, 36, 36)):
            await screen.resize(width, height)
            assert left_width(screen) == left
            await screen.press("z", "z")


@pytest.mark.end_to_end
@pytest.mark.parametrize("place", [16, 84])
async def test_both_sides_stay_of_use(start: Start, sample: Exploration, place: int) -> None:
    """Both sides keep their least cells, even if the border was moved on another terminal."""
    async with start(sample, settings=Settings(left_percent=place, top_percent=place)) as screen:
        for width, height in ((100, 30), (300, 14), (99, 14), (50, 60), (30, 14)):
            await screen.resize(width, height)
            for side in (split(screen).left, split(screen).right):
                assert side.outer_size.width >= MIN_SIZE.width
                assert side.outer_size.height >= MIN_SIZE.height
                assert split(screen).region.contains_region(side.region)


@pytest.mark.end_to_end
async def test_each_layout_has_its_own_border(start: Start, sample: Exploration) -> None:
    """A border moved in one layout stays where it was in the other."""
    saved: list[UiState] = []
    async with start(sample, remember=saved.append) as screen:
        await screen.press("less_than_sign", "less_than_sign")
        wide = left_width(screen)
        await screen.resize(*NARROW)
        assert left_height(screen) == 9
        await screen.press("greater_than_sign")
        assert left_height(screen) == 10
        await screen.resize(*WIDE)
        assert left_width(screen) == wide
    assert saved[-1] == UiState(None, round(100 * wide / 120), round(100 * 10 / 20))
    settings = Settings(left_percent=saved[-1].left_percent, top_percent=saved[-1].top_percent)
    for size, measure, cells in ((WIDE, left_width, wide), (NARROW, left_height, 10)):
        async with start(sample, size, settings=settings) as screen:
            assert measure(screen) == cells


# The room of a narrow screen


@pytest.mark.end_to_end
async def test_the_side_with_the_focus_gets_the_room(start: Start, tall: Exploration) -> None:
    """Above the files, the layers have most lines while they have the focus, and else show the selected one."""
    async with start(tall, NARROW) as screen:
        rows = screen.layers.count
        assert left_height(screen) == 13
        await screen.press("1", "2", "enter")
        assert left_height(screen) == 5
        await screen.press("f", "tab")
        assert left_height(screen) == 5
        first = screen.layers.scroll_offset.y
        assert screen.layers.size.height == 3
        assert first <= screen.layers.cursor < first + 3
        await screen.press("tab")
        assert (left_height(screen), screen.layers.count) == (13, rows)


@pytest.mark.end_to_end
async def test_few_layers_leave_no_empty_lines(start: Start, sample: Exploration) -> None:
    """The layers take no more lines than they have, and a terminal with room for both sides moves nothing."""
    async with start(sample, NARROW) as screen:
        await screen.resize(80, 50)
        before = left_height(screen)
        assert before == screen.layers.count + 3
        await screen.press("w")
        assert left_height(screen) == before


@pytest.mark.end_to_end
async def test_a_chosen_border_stays(start: Start, tall: Exploration) -> None:
    """The focus does not move a border that the user moved, until it is reset."""
    async with start(tall, NARROW) as screen:
        await screen.press("less_than_sign")
        chosen = left_height(screen)
        await screen.press("f")
        assert left_height(screen) == chosen
        await screen.press("equals_sign")
        assert left_height(screen) == 5


@pytest.mark.end_to_end
async def test_a_click_hits_its_line(start: Start, tall: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """A click, also a double click, moves no line below the mouse; the room follows later."""
    waiting: list[Callable[[], object]] = []

    def set_timer(_: Splitter, delay: float, callback: Callable[[], object]) -> Timer:
        assert delay == ExplorerApp.CLICK_CHAIN_TIME_THRESHOLD
        waiting.append(callback)
        timer: Timer = create_autospec(Timer, instance=True)
        return timer

    monkeypatch.setattr(Splitter, "set_timer", set_timer)
    async with start(tall, NARROW) as screen:
        await screen.press("1", "2", "enter")
        at = screen.layers.region.y
        await screen.pilot.click(offset=(10, at))
        await screen.settled()
        assert (screen.main.view.layer, left_height(screen)) == (11, 5)
        waiting.pop()()
        await screen.settled()
        assert left_height(screen) == 13
        at = screen.layers.region.y + 1
        first = screen.layers.scroll_offset.y
        await screen.pilot.click(offset=(10, at), times=2)
        await screen.settled()
        assert screen.main.view.layer == first + 1
        assert isinstance(screen.main.focused, FileTree)


@pytest.mark.end_to_end
async def test_changes_get_the_focus(start: Start, sample: Exploration) -> None:
    """At all sizes, the key for changes goes to the files, unless the other layer of a comparison is to be picked."""
    for size in (NARROW, WIDE):
        async with start(sample, size) as screen:
            await screen.press("c")
            assert isinstance(screen.main.focused, FileTree)
            await screen.press("c")
            assert not screen.main.view.changes_only
    async with start(sample, WIDE) as screen:
        await screen.press("m", "c")
        assert isinstance(screen.main.focused, LayerList)


@pytest.mark.end_to_end
async def test_a_narrow_footer_has_the_keys_with_answers(start: Start, sample: Exploration) -> None:
    """In 80 columns, the footer names the changes and the search before sorting and comparing."""
    async with start(sample, NARROW) as screen:
        for key, wanted in (("", {"Only changes", "Find"}), ("f", {"Only changes", "Find"}), ("w", {"Find", "Zoom"})):
            await screen.press(*key)
            names = {placed.key.words for placed in screen.main.query_one(KeysFooter).placed}
            assert wanted <= names
            assert not {"Sort", "Compare"} & names


# Zoom


@pytest.mark.end_to_end
async def test_zoom(start: Start, sample: Exploration) -> None:
    """z shows the focused pane alone, and z or Esc restores the layout, at any size."""
    async with start(sample) as screen:
        for size in (WIDE, NARROW, (30, 8)):
            await screen.resize(*size)
            screen.layers.focus()
            await screen.settled()
            region = screen.main.query_one(LayersPane).region
            await screen.press("z")
            assert split(screen).left.region == split(screen).region
            assert shown(screen, Details) is (size == NARROW)
            assert not shown(screen, FileTree)
            await screen.press("z")
            assert screen.main.query_one(LayersPane).region == region
            await screen.press("f", "z")
            assert split(screen).right.region == split(screen).region
            assert not shown(screen, LayerList)
            await screen.press("escape")
            screen.layers.focus()
            await screen.settled()
            assert screen.main.query_one(LayersPane).region == region


@pytest.mark.end_to_end
async def test_zoom_follows_the_focus(start: Start, sample: Exploration) -> None:
    """If a key moves the focus, the zoom shows the pane that has the focus."""
    async with start(sample) as screen:
        await screen.press("z", "enter")
        assert isinstance(screen.app.focused, FileTree)
        assert shown(screen, FileTree)
        assert not shown(screen, LayersPane)
        await screen.press("w")
        assert shown(screen, WasteList)
        await screen.press("i")
        assert shown(screen, ImagePane)
        screen.layers.focus()
        await screen.settled()
        assert shown(screen, LayersPane)
        assert not shown(screen, ImagePane)
        await screen.press("z")
        assert shown(screen, LayersPane)
        assert shown(screen, ImagePane)


@pytest.mark.end_to_end
async def test_escape_zooms_back_first(start: Start, sample: Exploration) -> None:
    """The first Esc ends the zoom, the next one has its other meaning; the footer shows which."""
    async with start(sample) as screen:
        await screen.press("c", "z")
        assert "Unzoom" in offered(screen)
        await screen.press("escape")
        assert split(screen).zoomed == ""
        assert screen.main.view.changes_only
        await screen.press("escape")
        assert not screen.main.view.changes_only


@pytest.mark.end_to_end
async def test_tab_zooms_the_next_pane(start: Start, sample: Exploration) -> None:
    """From a zoomed pane, Tab zooms the next one, through all that is in them; the other lines remain."""
    async with start(sample) as screen:
        await screen.press("f", "z", "tab")
        assert screen.layers.has_focus
        assert all(shown(screen, kind) for kind in (LayersPane, ImageHeader, HistoryBar, KeysFooter))
        assert not shown(screen, FileTree)
        await screen.press("shift+tab")
        assert screen.files.has_focus
        assert not shown(screen, LayersPane)
        await screen.press("w", "tab")
        assert screen.main.query_one(AdviceBox).has_focus
        await screen.press("tab")
        assert screen.layers.has_focus
        await screen.press("z")
        assert shown(screen, LayersPane)
        assert shown(screen, AdviceBox)


@pytest.mark.end_to_end
@pytest.mark.parametrize("key", ["z", "escape"])
async def test_the_zoom_ends_from_the_history(start: Start, sample: Exploration, key: str) -> None:
    """With the focus on the history, z and Escape end the zoom; z zooms the pane above it."""
    async with start(sample) as screen:
        await screen.press("f", "z")
        screen.main.query_one(HistoryBar).focus()
        await screen.press(key)
        assert shown(screen, LayersPane)
        await screen.press("z")
        assert not shown(screen, LayersPane)


@pytest.mark.end_to_end
async def test_zoomed_details(start: Start, sample: Exploration) -> None:
    """The details can be zoomed if they have the focus."""
    async with start(sample, (120, 20)) as screen:
        await screen.press("tab", "tab")
        assert isinstance(screen.app.focused, Details)
        await screen.press("z")
        assert screen.main.query_one(Details).region == split(screen).region
        await screen.press("z")
        assert shown(screen, LayersPane)


# What is offered


@pytest.mark.end_to_end
async def test_the_footer_offers_what_applies(start: Start, sample: Exploration) -> None:
    """The keys to sort files and to hide unchanged ones show with the files only."""
    async with start(sample) as screen:
        assert {"Sort", "Only changes"} <= {*offered(screen)}
        await screen.press("i")
        assert not {"Sort", "Only changes"} & {*offered(screen)}
        await screen.press("c")
        assert not screen.main.view.changes_only
        await screen.press("w")
        assert "Only changes" not in offered(screen)
        await screen.press("f")
        assert {"Sort", "Only changes"} <= {*offered(screen)}


@pytest.mark.end_to_end
async def test_the_help_fits(start: Start, sample: Exploration) -> None:
    """The help stays inside a screen of any size, and scrolls to its end."""
    async with start(sample, NARROW) as screen:
        await screen.press("question_mark")
        for size in (NARROW, (30, 10), (1, 1), (160, 50)):
            await screen.resize(*size)
            box = screen.app.screen.query_one(HelpBox)
            assert box.region.right <= max(2, size[0])
            await screen.press("G")
            assert box.scroll_y == box.max_scroll_y
        assert "Suspend the program" in screen.text()


# The mouse on the headline


@pytest.mark.end_to_end
async def test_the_headline_leads(start: Start, sample: Exploration) -> None:
    """A click on the wasted bytes or the bar shows the waste; on the visible bytes, the files."""
    async with start(sample, (160, 40)) as screen:
        line = screen.main.query_one(ImageHeader)
        text = screen.text().splitlines()[0]
        for words, pane in (("wasted", "waste"), ("visible", "files"), ("━", "waste")):
            await screen.pilot.click(line, offset=(text.index(words) - line.region.x - 1, 0))
            await screen.settled()
            assert screen.main.pane == pane, words
        for words in ("layers", "shipped"):
            await screen.press("f")
            await screen.pilot.click(line, offset=(text.index(words) - 1, 0))
            await screen.settled()
            assert screen.app.focused is screen.layers


@pytest.mark.end_to_end
@pytest.mark.parametrize("query", ["theme", "colour", "color"])
async def test_themes_are_found_by_what_they_are(start: Start, sample: Exploration, query: str) -> None:
    """A search for colours in the palette finds the themes."""
    async with start(sample) as screen:
        found = [hit async for hit in SystemCommandsProvider(screen.main).search(query)]
        assert any("Theme" in str(hit.text) for hit in found)


@pytest.mark.end_to_end
@pytest.mark.parametrize("pane", ["f", "w", "i", "slash", ""])
async def test_the_help_has_each_heading_once(start: Start, sample: Exploration, pane: str) -> None:
    """The headings of a pane's help and of its keys differ."""
    async with start(sample, (120, 200)) as screen:
        await screen.press(*([pane] if pane else []))
        words, keys = pane_help(screen.app.focused), key_groups(keys_of_screen(screen.main), screen.app.get_key_display)
        titles = [line.lstrip("# ") for line in words.splitlines() if line.startswith("#")] + [*keys]
        assert len(titles) > 1
        assert len(titles) == len({*titles})


@pytest.mark.end_to_end
async def test_the_filter_is_introduced_in_full(start: Start, sample: Exploration) -> None:
    """The hint in the empty filter fits at 80 and 120 columns."""
    async with start(sample, NARROW) as screen:
        for size in (NARROW, WIDE):
            await screen.resize(*size)
            await screen.press("slash")
            assert FILES_PLACEHOLDER in screen.text()
            await screen.press("escape")


async def test_no_border_to_move_in_a_low_screen(start: Start, sample: Exploration) -> None:
    """A narrow screen of few lines leaves the border to the style sheet."""
    async with start(sample, (80, 13)) as screen:
        first = left_height(screen)
        await screen.press("greater_than_sign", "greater_than_sign")
        assert split(screen).percent is None
        assert left_height(screen) == first
