"""Small terminals: the focused pane can be used, and the selected row is visible."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.screen import Screen as AnyScreen

from explorer.model import Variant
from explorer.pipeline import Exploration
from explorer.tui.dialogs.finder import Finder
from explorer.tui.dialogs.help_screen import HelpScreen
from explorer.tui.dialogs.platform_screen import PlatformScreen
from explorer.tui.layers.layers_pane import LayersPane
from explorer.tui.main.screen import MainScreen
from explorer.tui.main.splitter import Splitter
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.widgets.cursor_list import CursorList
from tests.images import explored_layers, file, layer
from tests.tui.driving import Screen, Show

VARIANTS = (Variant("linux/amd64", None), Variant("linux/arm64", None))
SMALL = [(30, 8), *(pytest.param(size, marks=pytest.mark.end_to_end) for size in ((40, 10), (60, 9), (120, 8)))]
"""Sizes of terminals; one of them is enough for the fast tests."""


def in_sight(rows: CursorList) -> bool:
    """True if the selected row is visible, and at least one beside it."""
    height = rows.scrollable_content_region.height
    return height >= 2 and 0 <= rows.cursor - rows.scroll_offset.y < height and bool(rows.region.area)


def sides(screen: Screen) -> tuple[int, int]:
    """Returns the lines of the left or upper side, and of the other one."""
    split = screen.main.query_one(Splitter)
    return split.left.outer_size.height, split.right.outer_size.height


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", SMALL)
@pytest.mark.painted
async def test_what_is_selected_is_in_sight(show: Show, sample: Exploration, size: tuple[int, int]) -> None:
    """The selected row of the layers, files and waste is visible at both ends, also with a filter."""
    async with show(sample, size=size) as screen:
        for pane, rows in (("", screen.layers), ("f", screen.files), ("w", screen.waste), ("f", screen.files)):
            await screen.press(*([pane] if pane else []))
            assert screen.app.focused is rows
            for key in ("E", "e", "G", "g", "down", "pagedown"):
                await screen.press(key)
                assert in_sight(rows), (pane, key)
        await screen.press("slash", *"tool", "enter")
        assert screen.files.scrollable_content_region.height
        assert 0 <= screen.files.cursor - screen.files.scroll_offset.y < screen.files.scrollable_content_region.height


@pytest.mark.end_to_end
@pytest.mark.parametrize("count", [0, 1, 120])
@pytest.mark.painted
async def test_the_frame_holds_any_number_of_layers(show: Show, tmp_path: Path, count: int) -> None:
    """With no layer, one or many, the smallest screen has its headline, one side, the other's title and the footer."""
    layers = [layer(file(f"f{number}", b"x" * (number + 1))) for number in range(count)]
    async with show(explored_layers(tmp_path, *layers), size=(30, 8)) as screen:
        for keys in ((), ("f",), ("w",), ("i",), ("shift+tab", "1", "1", "9")):
            await screen.press(*keys)
            lines = screen.text().splitlines()
            assert len(lines) == 8
            assert "image.tar" in lines[0]
            # Of the tabs, that of the shown pane has its title.
            assert all(title in "".join(lines) for title in ("Layers", screen.main.pane.title(), "Help"))
        if count:
            assert screen.main.view.layer == count - 1
            assert 0 <= screen.layers.cursor - screen.layers.scroll_offset.y < 4


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", [(30, 8), (60, 9)])
async def test_the_room_goes_with_the_focus(show: Show, sample: Exploration, size: tuple[int, int]) -> None:
    """Without room for both sides, the focused one shows; a click on the other's title or Tab leads there."""
    async with show(sample, size=size) as screen:
        room = size[1] - 2
        assert sides(screen) == (room - 1, 1)
        await screen.press("tab")
        assert screen.files.has_focus
        assert sides(screen) == (1, room - 1)
        await screen.press("shift+tab")
        assert sides(screen) == (room - 1, 1)
        tabs = screen.main.query_one(Splitter).right.region
        # Where the title has no room, its key stands alone.
        place = re.search("Waste|w", screen.text().splitlines()[tabs.y])
        assert place is not None
        await screen.pilot.click(offset=(place.start(), tabs.y))
        await screen.pilot.pause()
        assert screen.waste.has_focus
        assert sides(screen) == (1, room - 1)
        await screen.resize(120, 36)
        assert screen.main.query_one(LayersPane).region.height == 6 + 3


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        (("f", "e", "end", "v"), Viewer),
        (("L",), Finder),
        (("f", "x"), ExtractScreen),
        (("question_mark",), HelpScreen),
    ],
)
async def test_other_screens(
    show: Show, sample: Exploration, size: tuple[int, int], keys: tuple[str, ...], kind: type[AnyScreen[object]]
) -> None:
    """Every other screen opens, shows its main part, and closes."""
    async with show(sample, size=size) as screen:
        await screen.press(*keys)
        await screen.loaded()
        shown = screen.app.screen
        assert isinstance(shown, kind)
        assert shown.focused is not None
        assert shown.region.contains_region(shown.focused.region)
        assert shown.focused.region.area
        for rows in shown.query("CursorList, Pager"):
            assert rows.content_region.height
        await screen.press("escape")
        assert screen.shows(MainScreen)


@pytest.mark.end_to_end
@pytest.mark.parametrize("size", SMALL)
async def test_choosing_a_platform(show: Show, sample: Exploration, size: tuple[int, int]) -> None:
    """The list of platforms fits."""
    async with show(sample, size=size) as screen:
        screen.main.variants = VARIANTS
        await screen.press("p")
        assert screen.shows(PlatformScreen)
        assert "linux/arm64" in screen.text()
