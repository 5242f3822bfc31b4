"""Moving and searching in a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from explorer.pipeline import Exploration
from explorer.tui.main.screen import MainScreen
from explorer.tui.viewer.pager import Pager
from tests.images import (
    explored_layers,
    file,
    layer,
)
from tests.tui.driving import Show
from tests.tui.viewer.viewing import LONG, select, settled, viewer


@pytest.mark.end_to_end
async def test_moving(show: Show, rich: Exploration) -> None:
    """Arrows, letters and pages move in the text; w wraps lines, and the line at the top stays."""
    async with show(rich) as screen:
        await select(screen, "long.txt")
        await screen.press("v")
        await settled(screen)
        pager = screen.app.screen.query_one(Pager)
        await screen.press("j", "down", "k")
        assert pager.top == 1
        await screen.press("G")
        assert f"{len(LONG.splitlines()) + 1}  wide wide" in screen.text()
        before = len(pager.rows)
        top = pager.top
        await screen.press("w")
        assert len(pager.rows) > before
        assert pager.top == top
        await screen.press("w", "g", "pagedown", "right")
        assert pager.top > 20
        assert pager.scroll_offset.x == 8
        assert "  of many" in screen.text()
        assert "line 30" not in screen.text()
        await screen.press("left", "pageup")
        assert (pager.top, pager.scroll_offset.x) == (0, 0)


@pytest.mark.end_to_end
async def test_search(show: Show, rich: Exploration) -> None:
    """/ asks for a text and counts its matches; n and N go round them; Esc removes the marks, then leaves."""
    async with show(rich) as screen:
        await select(screen, "long.txt")
        await screen.press("v")
        await settled(screen)
        await screen.press("slash", *"LINE 199", "enter")
        assert not viewer(screen).pager.matches
        await screen.press("n")
        assert screen.said[-1] == "“LINE 199” is not in the text"
        await screen.press("slash")
        viewer(screen).query_one(Input).value = "line 199"
        await screen.press("enter")
        pager = viewer(screen).pager
        assert len(pager.matches) == 11
        assert "match 1 of 11" in screen.text()
        await screen.press("n")
        assert "match 2 of 11" in screen.text()
        assert "line 1990 of many" in screen.text()
        assert "match 2 of 11 · line 1,991 of 2,001" in screen.text(), "the place is that of the match"
        await screen.press("N", "N")
        assert pager.match == 10
        await screen.press("escape")
        assert not pager.matches
        await screen.press("escape")
        assert screen.shows(MainScreen)


@pytest.mark.end_to_end
async def test_search_as_it_is_typed(show: Show, rich: Exploration) -> None:
    """Each letter marks and counts matches from where the search began; Enter keeps them, Esc undoes them."""
    async with show(rich) as screen:
        await select(screen, "long.txt")
        await screen.press("v")
        await settled(screen)
        pager = viewer(screen).pager
        await screen.press("slash", *"line 19")
        assert (len(pager.matches), pager.match) == (111, 0)
        assert "match 1 of 111" in screen.text()
        await screen.press("9", "9")
        assert "match 1 of 1 ·" in screen.text()
        assert "line 1999 of many" in screen.text()
        await screen.press("x")
        assert "no match" in screen.text()
        await screen.press("backspace", "backspace", "enter", "n")
        assert screen.app.focused is pager
        assert "match 2 of 11" in screen.text()
        before = (pager.matches, pager.match, pager.scroll_offset)
        await screen.press("slash", *"many")
        assert "of 2,000" in screen.text()
        await screen.press("escape")
        assert screen.app.focused is pager
        assert (pager.matches, pager.match, pager.scroll_offset) == before
        assert "match 2 of 11" in screen.text()
        await screen.press("slash", "enter")
        assert "match 2 of 11" in screen.text(), "the same search again leaves all as it is"


@pytest.mark.end_to_end
async def test_part_that_a_search_looks_through(show: Show, tmp_path: Path) -> None:
    """A search without matches names the part that it looked through, and how to get the whole file."""
    exploration = explored_layers(
        tmp_path, layer(file("big.bin", bytes(1 << 20)), file("big.txt", b"line\n" * 300_000), file("small", b"a\n"))
    )
    async with show(exploration) as screen:
        for path, keys, words in (
            ("big.bin", "", "in any line of the first 262 kB; x saves the whole file"),
            ("big.txt", "", "in the first 100,000 lines; x saves the whole file"),
            ("big.txt", "h", "in any line of the first 262 kB; x saves the whole file"),
            ("small", "", "in the text"),
            ("small", "h", "in any of its lines"),
        ):
            await select(screen, path)
            await screen.press("v")
            await settled(screen)
            await screen.press(*keys, "slash")
            viewer(screen).query_one(Input).value = "nowhere"
            await screen.press("enter")
            assert [note.message for note in screen.app._notifications][-1] == f"“nowhere” is not {words}"
            await screen.press("escape")
