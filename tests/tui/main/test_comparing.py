"""Comparing two layers, and the sums of the differences."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.analysis.changes import changes
from explorer.analysis.comparison import compared
from explorer.pipeline import Exploration
from explorer.tui.main.header import ImageHeader, ImageSummary, comparison_line, comparison_summary
from explorer.viewmodel.view import View
from tests.images import explored_layers, file, hardlink, layer, whiteout
from tests.tui.driving import Show


def test_comparison(tmp_path: Path) -> None:
    """The sums are the bytes that one layer sees more or less than the other, in both directions."""
    found = explored_layers(
        tmp_path,
        layer(file("a", b"1" * 1000), file("b", b"1" * 100), hardlink("c", "b"), file("d", b"1")),
        layer(file("a", b"1" * 1500), whiteout("b"), file("e", b"1" * 7)),
    )
    forth, back = (compared(found.tree, changes(found.tree, *points)) for points in ((0, 1), (1, 0)))
    assert (forth.more, forth.less) == (507, 0)
    assert (back.more, back.less) == (0, 507)
    assert comparison_summary(forth).plain == "layer 0 → layer 1  + 1 ~ 1 − 1 files  +507 B"
    assert comparison_summary(back).plain == "layer 1 → layer 0  reversed  + 1 ~ 1 − 1 files  −507 B"


@pytest.mark.end_to_end
async def test_comparing_says_so(show: Show, sample: Exploration) -> None:
    """While two layers are compared, the header names them and their difference, and a key swaps them."""
    async with show(sample) as screen:
        headline = screen.main.query_one(ImageHeader)
        await screen.press("home", "m")
        assert "Compare layer 0 with …: pick a layer" in headline.render().plain
        await screen.press("end")
        assert "layer 0 → layer 3  + 3 ~ 2 − 1 files  +7.5 MB" in headline.render().plain
        assert screen.layers.render_line(0).text.startswith("◆")
        await screen.press("M")
        assert screen.main.view == View(0, base=3)
        assert "layer 3 → layer 0  reversed" in headline.render().plain
        assert screen.layers.render_line(5).text.startswith("◆")
        await screen.press("escape")
        assert "shipped" in headline.render().plain
        assert "◆" not in screen.text()


@pytest.mark.end_to_end
@pytest.mark.parametrize("pane", ["f", "w", "i"])
@pytest.mark.parametrize("key", ["escape", "m"])
async def test_the_end_of_a_comparison(show: Show, sample: Exploration, pane: str, key: str) -> None:
    """Esc or the same key ends a comparison and moves the focus back to the pane that it began in."""
    async with show(sample) as screen:
        await screen.press(pane)
        focused = screen.app.focused
        await screen.press("m")
        assert screen.app.focused is screen.layers
        await screen.press(key)
        assert screen.main.view.base is None
        assert screen.app.focused is focused


@pytest.mark.parametrize("width", range(1, 201, 7))
def test_a_comparison_fits(sample: Exploration, width: int) -> None:
    """The comparison fits every width; the name of the image gives way."""
    content = comparison_line(ImageSummary("made:1"), compared(sample.tree, changes(sample.tree, 0, 3)), width)
    assert content.cell_length <= width
    assert "layer 0 → layer 3" in content.plain or width < 20
