"""Filtering the waste in its pane: keys in, rows out."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.filter.query import EVERYTHING, parse
from explorer.model import Waste
from explorer.pipeline import Exploration
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.filter_bar import FilterBar, FilterInput
from explorer.viewmodel.waste_view import Grouping, WasteView
from tests.images import explored_layers, file, layer, whiteout
from tests.tui.driving import HOSTILE, Screen, Show


def typed(screen: Screen) -> FilterInput:
    """The input of the waste's filter."""
    return screen.main.query_one(WastePane).query_one(FilterInput)


async def ask(screen: Screen, text: str, *keys: str) -> None:
    """Shows the waste, filters it, and presses keys."""
    await screen.press("w", "slash")
    typed(screen).value = text
    await screen.pilot.pause()
    if keys:
        await screen.press(*keys)


def paths(screen: Screen) -> list[str]:
    """The paths of the files that show."""
    return [row.item.path for row in screen.waste.rows.rows if isinstance(row.item, Waste)]


@pytest.mark.end_to_end
async def test_filter_in_place(show_causes: Show, sample: Exploration) -> None:
    """A slash filters the waste while letters are typed, with groups opened; the files do not change."""
    async with show_causes(sample) as screen:
        await screen.press("w", "slash")
        assert typed(screen).has_focus
        await screen.press(*"cache")
        assert screen.main.pane == "waste"
        assert paths(screen) == ["var/cache/index", "var/cache/packages"]
        assert "2 of 6" in screen.text()
        await screen.press(*" size", "greater_than_sign", *"2M", "enter")
        assert screen.waste.has_focus
        assert paths(screen) == ["var/cache/index"]
        assert not screen.main.view.query
        await screen.press("b", "e")
        assert screen.waste.view.grouping is Grouping.LAYERS
        assert paths(screen) == ["var/cache/index"]
        await screen.press("b", "b", "f", "w")
        assert paths(screen) == ["var/cache/index"]


@pytest.mark.end_to_end
async def test_escape_clears(show_causes: Show, sample: Exploration) -> None:
    """Escape while typing returns to the row before; later it clears the filter and keeps the selected file."""
    async with show_causes(sample) as screen:
        await screen.press("w", "E", "down")
        before = screen.waste.count, screen.waste.cursor
        await ask(screen, "cache", "escape")
        assert (screen.waste.count, screen.waste.cursor) == before
        assert screen.waste.has_focus
        assert not screen.main.query_one(WastePane).query_one(FilterBar).display
        await ask(screen, "packages", "enter", "end")
        await screen.press("escape")
        assert screen.waste.view == WasteView(Grouping.CAUSE)
        assert isinstance(screen.waste.selected, Waste)
        assert screen.waste.selected.path == "var/cache/packages"


@pytest.mark.end_to_end
async def test_escape_clears_the_filter_before_the_layer(show_causes: Show, sample: Exploration) -> None:
    """With a filter and one layer alone, the first Escape clears the filter and the second shows all layers."""
    async with show_causes(sample) as screen:
        await screen.press("w", "t")
        await ask(screen, "cache", "enter", "escape")
        assert screen.waste.view == WasteView(Grouping.CAUSE, layer=3)
        await screen.press("escape")
        assert screen.waste.view == WasteView(Grouping.CAUSE)


@pytest.mark.end_to_end
async def test_wrong_expression(show_causes: Show, sample: Exploration) -> None:
    """An invalid expression explains the expected form and keeps the focus; the last valid one counts meanwhile."""
    async with show_causes(sample) as screen:
        await ask(screen, "cache")
        typed(screen).value = "cache type:door"
        await screen.pilot.pause()
        await screen.press("enter")
        assert typed(screen).has_focus
        assert typed(screen).value == "cache type:door"
        assert "type: file, dir, link" in screen.text()
        assert screen.waste.view.query == parse("cache")
        assert screen.main.pane == "waste"


@pytest.mark.end_to_end
async def test_nothing_found(show_causes: Show, sample: Exploration) -> None:
    """Without matches the pane shows how to clear the filter, and no key breaks."""
    async with show_causes(sample) as screen:
        await ask(screen, "no[/]where", "down", "up")
        assert "Nothing wasted matches" in screen.text()
        assert "no[/]where" in screen.text()
        await screen.press("enter", "enter", "o", "b", "b", "b", "b", "v", "d", "t", "t", "e", "E", "left", "right")
        assert "Esc to clear the filter" in screen.text()
        await screen.press("escape")
        assert screen.waste.count


@pytest.mark.end_to_end
async def test_each_pane_has_its_own(show_causes: Show, sample: Exploration) -> None:
    """Files and waste have separate filters, and Escape clears the filter of the visible pane."""
    async with show_causes(sample) as screen:
        await screen.press("f", "slash", *"tool", "enter")
        await ask(screen, "cache", "enter")
        assert (screen.main.view.query, screen.waste.view.query) == (parse("tool"), parse("cache"))
        await screen.press("escape")
        assert (screen.main.view.query, screen.waste.view.query) == (parse("tool"), EVERYTHING)
        await screen.press("f", "escape")
        assert not screen.main.view.query


@pytest.mark.end_to_end
async def test_a_late_letter_filters_its_own_pane(show_causes: Show, sample: Exploration) -> None:
    """Letters typed for the waste filter the waste, even if the files show before they are read."""
    async with show_causes(sample) as screen:
        await screen.press("w", "slash")
        typed(screen).value = "cache"
        screen.main.action_pane("files")
        await screen.pilot.pause()
        assert (screen.main.pane, screen.main.view.query) == ("files", EVERYTHING)
        assert screen.main.view.waste.query == parse("cache")


@pytest.mark.end_to_end
async def test_a_wasted_file_is_gone_to(show_causes: Show, sample: Exploration) -> None:
    """Enter on a match shows it among the files; the filter is still there when the waste returns."""
    async with show_causes(sample) as screen:
        await ask(screen, "index", "enter", "end", "enter")
        assert (screen.main.pane, screen.selected) == ("files", "var/cache/index")
        await screen.press("w")
        assert paths(screen) == ["var/cache/index"]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param((1, 1), marks=pytest.mark.end_to_end),
        (30, 12),
        pytest.param((80, 24), marks=pytest.mark.end_to_end),
    ],
)
async def test_every_size_and_name(show_causes: Show, tmp_path: Path, cells: tuple[int, int]) -> None:
    """Any screen size, names and expression work, and the terminal stays undisturbed."""
    names = [f"{name}/{other}" for name in HOSTILE for other in HOSTILE[:3]]
    found = explored_layers(tmp_path, layer(*(file(name, b"1") for name in names)), layer(*map(whiteout, names)))
    async with show_causes(found, size=cells) as screen:
        for text in ("a", "[", "*", "re:.", "-x", "size>0"):
            await ask(screen, text, "enter", "b", "e")
            assert "\x1b" not in screen.text()


@pytest.mark.end_to_end
async def test_much_that_is_found(show_causes: Show, tmp_path: Path) -> None:
    """With very many matches only the causes open; a narrower filter opens the other groups."""
    names = [f"d{number % 7}/f{number}" for number in range(600)]
    found = explored_layers(tmp_path, layer(*(file(name, b"1") for name in names)), layer(*map(whiteout, names)))
    async with show_causes(found) as screen:
        await ask(screen, "f")
        assert not paths(screen)
        assert screen.waste.count > 1
        await ask(screen, "f59")
        assert len(paths(screen)) == 11


@pytest.mark.end_to_end
async def test_from_match_to_match(show_causes: Show, sample: Exploration) -> None:
    """``n`` and ``N`` go from file to file and open their groups; without a filter they do nothing."""
    async with show_causes(sample) as screen:
        await ask(screen, "a", "enter", "E", "home")
        wanted = [waste.path for waste in screen.waste.waste_tree.files.wasted]
        assert paths(screen) == []
        found = []
        for _ in wanted:
            await screen.press("n")
            item = screen.waste.selected
            if isinstance(item, Waste) and item.path not in found:
                found.append(item.path)
        assert set(found) == {path for path in wanted if "a" in path}
        await screen.press("N")
        item = screen.waste.selected
        assert isinstance(item, Waste)
        assert item.path == found[-2]
        await screen.press("escape")
        assert screen.waste.check_action("next_match", (1,)) is False


@pytest.mark.end_to_end
async def test_the_line_below_tells_what_is_left(show_causes: Show, sample: Exploration) -> None:
    """While the waste is filtered, the history bar describes the selected row as it is now."""
    async with show_causes(sample) as screen:
        await ask(screen, "index", "enter", "home")
        assert not isinstance(screen.waste.selected, Waste)
        before = screen.main.query_one(HistoryBar).shown
        await screen.press("escape")
        assert screen.main.query_one(HistoryBar).shown != before
        history = screen.main.query_one(WastePane).path_history()
        assert history is not None
        assert screen.main.query_one(HistoryBar).shown[1] == tuple(history.items)
