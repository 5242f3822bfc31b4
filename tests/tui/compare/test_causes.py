"""The causes why two builds differ, on the screen of two images."""

from __future__ import annotations

import pytest

from explorer.pipeline import Exploration
from explorer.tui.compare.cause_list import CauseList
from tests.tui.compare.comparing import Comparison, loading_pair, showing

Pair = tuple[Exploration, Exploration]


def _select(screen: Comparison, name: str) -> None:
    """Selects the place with a name."""
    causes = screen.compared.query_one(CauseList)
    names = [getattr(row.item, "place", None) for row in causes.rows.rows]
    causes.cursor = next(index for index, place in enumerate(names) if place is not None and place.name == name)


async def test_causes_of_two_builds(builds: Pair) -> None:
    """A tab has the causes with the number of their places, the places, and what to do."""
    async with showing(loading_pair(*builds)) as screen:
        await screen.press("C")
        text = screen.text()
        assert "Causes 3" in text
        assert "Dates and durations in files  1 place" in text
        assert "/out/stamp  layer 1  in 1 line" in text
        assert "Use SOURCE_DATE_EPOCH in place" in text


async def test_enter_goes_to_the_file(builds: Pair) -> None:
    """Enter on a place shows the files with that file selected, and the line below names the cause."""
    async with showing(loading_pair(*builds)) as screen:
        await screen.press("C")
        _select(screen, "/out/tool")
        await screen.press("enter")
        assert screen.compared.pane == "files"
        assert "/out/tool" in screen.bottom
        assert "Other contents" in screen.bottom


@pytest.mark.end_to_end
async def test_enter_shows_hidden_times(builds: Pair) -> None:
    """Enter on a file that differs only in its time shows the file although such files are hidden."""
    async with showing(loading_pair(*builds)) as screen:
        assert "later" not in screen.names
        await screen.press("C")
        _select(screen, "/out/later")
        await screen.press("enter")
        assert "/out/later" in screen.bottom
        assert not screen.compared.view.changes_only or "later" in screen.names


async def test_no_rebuild_has_no_causes(pair: Pair) -> None:
    """Images of other steps have no causes, and the key says why."""
    async with showing(loading_pair(*pair), notifications=True) as screen:
        await screen.press("C")
        assert screen.compared.pane == "files"
        assert "Causes are read for two builds of the same steps" in screen.text()


@pytest.mark.end_to_end
async def test_diff_of_binaries_says_what_is_known(builds: Pair) -> None:
    """The differences of two binaries have the first byte that differs, and the cause."""
    async with showing(loading_pair(*builds)) as screen:
        await screen.press("C")
        _select(screen, "/out/tool")
        await screen.press("enter", "d")
        await screen.loaded()
        assert "The first difference is at byte 80 (0x50), counted from 0." in screen.text()
        assert "Other contents." in screen.text()
