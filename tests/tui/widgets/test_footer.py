"""The footer: as many whole keys as fit, the most important first."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explorer.pipeline import Exploration
from explorer.tui.widgets.footer import KeysFooter, PlacedKey, indexes_that_fit
from tests.tui.driving import Screen, Show


async def keys(screen: Screen) -> list[PlacedKey]:
    """Returns the keys that show."""
    # The footer follows one or two refreshes later.
    for _ in range(4):
        await screen.pilot.pause()
    return screen.app.screen.query_one(KeysFooter).placed


def test_indexes_that_fit() -> None:
    """Lower ranks are placed first, equal ranks in order, as long as they fit."""
    assert {*indexes_that_fit([5, 5, 5], [2, 0, 1], 11)} == {1, 2}
    assert {*indexes_that_fit([5, 5, 5], [0, 0, 0], 14)} == {0, 1}
    assert {*indexes_that_fit([9, 5, 5], [0, 0, 0], 8)} == {1}
    assert {*indexes_that_fit([5], [0], 4)} == set()


@pytest.mark.end_to_end
@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 120, 139, 140, 200])
async def test_keys_are_whole(show: Show, sample: Exploration, width: int) -> None:
    """Each key shows all of its words; from 60 columns on the most important ones show."""
    async with show(sample, size=(width, 24)) as screen:
        for pane in ("f", "w", "i"):
            await screen.press(pane)
            shown = await keys(screen)
            assert shown
            assert shown[-1].end <= width
            assert all(one.end <= other.x for one, other in pairwise(shown))
            painted = screen.app.screen.query_one(KeysFooter).render()
            assert painted.cell_length <= width
            assert all(f"{placed.key.display} {placed.key.words}" in painted.plain for placed in shown)
            assert width < 40 or {"Next pane", "Help", "Quit"} <= {placed.key.words for placed in shown}
            if width >= 60:
                assert {"Next pane", "Quit", "Filter", "Help"} <= {placed.key.words for placed in shown}


@pytest.mark.end_to_end
async def test_keys_work_by_the_mouse(show: Show, sample: Exploration) -> None:
    """A click on a key presses it; the mouse over it shows its tooltip."""
    async with show(sample, size=(160, 40)) as screen:
        waste = next(placed for placed in await keys(screen) if placed.key.words == "Waste")
        footer = screen.app.screen.query_one(KeysFooter)
        await screen.pilot.hover(footer, offset=(waste.x + 2, 0))
        assert (footer.hovered, footer.tooltip) == (waste.key.key, waste.key.tooltip)
        await screen.pilot.click(footer, offset=(waste.end - 2, 0))
        await screen.pilot.pause()
        assert screen.main.pane == "waste"


@pytest.mark.end_to_end
async def test_keys_follow_the_terminal(show: Show, sample: Exploration) -> None:
    """A wider terminal shows more keys, a narrower one fewer."""
    async with show(sample, size=(80, 24)) as screen:
        await screen.press("w")
        few = len(await keys(screen))
        await screen.pilot.resize_terminal(200, 24)
        many = len(await keys(screen))
        await screen.pilot.resize_terminal(80, 24)
        assert few < many
        assert len(await keys(screen)) == few


@pytest.mark.end_to_end
async def test_enter_is_called_what_it_does(show: Show, sample: Exploration) -> None:
    """Enter in the waste is called Fold, Unfold or Show file, after the selected row; View is dim for a group."""

    async def enter() -> tuple[str, bool]:
        by_key = {placed.key.key: placed.key for placed in await keys(screen)}
        return by_key["enter"].words, not by_key["v"].is_enabled

    async with show(sample, size=(160, 40)) as screen:
        await screen.press("w", "b", "home")
        assert await enter() == ("Fold", True)
        await screen.press("enter")
        assert await enter() == ("Unfold", True)
        await screen.press("enter")
        assert await enter() == ("Fold", True)
        await screen.press("e", "end")
        assert await enter() == ("Show file", False)
