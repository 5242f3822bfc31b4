"""The line with the verdict on the image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from explorer.model import Progress
from explorer.pipeline import Exploration
from explorer.tui.main.verdict_bar import COMPUTING, VerdictBar, reading_words, verdict_line
from explorer.viewmodel.waste_view import Grouping, WasteView
from tests.images import big, explored_layers, layer, whiteout
from tests.tui.driving import Screen, Show
from tests.viewmodel.savings import example

HISTORY = [{"created_by": "RUN apt-get update"}, {"created_by": "RUN rm -rf /var/lib/apt/lists/*"}]

KEYS = {"explore.waste": "w", "explore.disposable": "D"}


@pytest.fixture
def both(tmp_path: Path) -> Exploration:
    """An image with deleted package lists and a visible package cache."""
    return explored_layers(
        tmp_path,
        layer(big("var/lib/apt/lists/x", 2), big("var/cache/apt/archives/a.deb", 3), big("usr/tool", 1)),
        layer(whiteout("var/lib/apt/lists/x")),
        history=HISTORY,
    )


def line(screen: Screen) -> str:
    return screen.main.query_one(VerdictBar).render().plain


async def test_the_verdict_shows_with_its_keys(show: Show, both: Exploration) -> None:
    """The second line says what the fixes save and what is disposable, with the keys that lead there."""
    async with show(both, size=(160, 36)) as screen:
        assert screen.text().splitlines()[1].strip() == line(screen)
        assert line(screen).startswith("▲ w: 1 fix saves 5.0 MB (2.0 MB wasted + ◌ 3.0 MB).")
        assert "◌ D: 3.0 MB disposable: apt's cache." in line(screen)


async def test_keys_of_the_verdict_follow_the_settings(show: Show, both: Exploration) -> None:
    """The verdict names the keys of the user's settings."""
    async with show(both) as screen:
        screen.app.set_keymap({"explore.waste": "W"})
        screen.main._judge(both)
        await screen.loaded()
        assert line(screen).startswith("▲ W: 1 fix")


@pytest.mark.end_to_end
async def test_parts_lead_to_what_they_are_about(show: Show, both: Exploration) -> None:
    """A click on the fixes shows them, and one on the disposable bytes these files; D does the same."""
    async with show(both, size=(160, 36)) as screen:
        bar = screen.main.query_one(VerdictBar)
        for words, pane in (("fix", "waste"), ("D: ", "files")):
            await screen.pilot.click(bar, offset=(line(screen).index(words) + 1, 0))
            await screen.settled()
            assert screen.main.pane == pane
        assert screen.main.view.query.text == "is:disposable"
        assert "tool" not in "".join(screen.names)
        await screen.press("escape", "w", "b", "slash", *"usr", "enter", "t")
        assert screen.main.view.waste.grouping is not Grouping.FIX
        await screen.pilot.click(bar, offset=(4, 0))
        await screen.settled()
        assert screen.main.view.waste == WasteView()
        await screen.press("0", "D")
        assert screen.main.view.query.text == "is:disposable"
        assert (screen.main.pane, screen.main.view.layer) == ("files", 1)
        assert screen.files.cursor == 0


@pytest.mark.end_to_end
async def test_the_verdict_goes_with_its_image(show: Show, both: Exploration) -> None:
    """While another image is loaded, the verdict on the last one does not show."""
    async with show(both) as screen:
        screen.main.start_again()
        assert line(screen) == ""
        screen.main.query_one(VerdictBar).is_computing = True
        assert line(screen) == COMPUTING


def test_words_of_the_progress() -> None:
    """Steps with a known end have a share, the others dots; both end with one sentence more."""
    assert reading_words(Progress("Reading layers", 42, 100)) == "Reading layers: 42 %. Figures and verdict follow."
    assert reading_words(Progress("Opening the image", 0, None)) == "Opening the image… Figures and verdict follow."


@pytest.mark.parametrize("width", range(1, 200, 7))
def test_the_line_fits(width: int) -> None:
    """The verdict fits every width."""
    assert verdict_line(example(), KEYS.__getitem__, width).cell_length <= max(width, 1)


def test_a_narrow_verdict_names_the_part_of_the_base() -> None:
    """If the base's sentence has no room, its disposable bytes stand beside those of the image, if they fit."""
    savings = replace(example(), base_disposable_bytes=43_000_000)
    lines = [verdict_line(savings, KEYS.__getitem__, width).plain for width in (89, 78, 66)]
    assert lines == [
        "▲ w: 5 fixes save 416 MB (195 MB wasted + ◌ 221 MB).  ◌ D: 264 MB disposable, base 43 MB",
        "▲ w: 5 fixes save 416 MB (195 MB wasted + ◌ 221 MB).  ◌ D: 264 MB disposable.",
        "▲ w: 5 fixes save 416 MB (195 MB wasted).  ◌ D: 264 MB disposable.",
    ]
    assert "The base keeps" in verdict_line(savings, KEYS.__getitem__, 130).plain
