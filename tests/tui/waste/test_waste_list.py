"""The list of the waste: folding, and the ways from a wasted file to the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.model import Cause, Change
from explorer.pipeline import Exploration
from explorer.viewmodel.view import View
from explorer.viewmodel.waste_groups import Group
from tests.images import explored_layers, file, layer, whiteout
from tests.tui.driving import Show


async def test_waste_pane(show_causes: Show, sample: Exploration) -> None:
    """The waste is grouped by cause, each row with bytes and both layers."""
    async with show_causes(sample) as screen:
        await screen.press("w")
        text = screen.text()
        assert screen.app.focused is screen.waste
        assert "removed" in text
        assert "recopied" in text
        assert "duplicate" in text
        await screen.press("down")
        assert "shipped by layer 1, hidden by layer 3" in screen.text()


@pytest.mark.end_to_end
async def test_waste_jumps_to_the_file(show_causes: Show, sample: Exploration) -> None:
    """Enter shows a wasted file at its shipping layer, even if it was hidden or compared before."""
    async with show_causes(sample) as screen:
        await screen.press("m", "c", "w", "down", "right", "right", "enter")
        assert screen.main.view == View(1, hidden=frozenset({Change.UNCHANGED}))
        assert screen.layers.selected_layer == 1
        assert screen.main.pane == "files"
        assert screen.app.focused is screen.files
        assert screen.selected in ("usr/bin/tool", "var/cache/index")


@pytest.mark.end_to_end
async def test_waste_jumps_within_the_view(show_causes: Show, sample: Exploration) -> None:
    """The jump works also when the layer is the selected one already."""
    async with show_causes(sample) as screen:
        found = [row for row in sample.usage.wasted if row.path == "var/cache/index"]
        screen.layers.select(1)
        await screen.pilot.pause()
        await screen.press("w")
        while getattr(screen.waste.selected, "path", "") != found[0].path:
            await screen.press("down")
        await screen.press("enter")
        assert screen.selected == "var/cache/index"


@pytest.mark.end_to_end
async def test_jump_shows_the_directory(show_causes: Show, tmp_path: Path) -> None:
    """After a jump the file's directory is visible above it, or some neighbours if it is too far away."""
    many = [file(f"d/{number:03}/f{name:02}", b"1" * (99 - name)) for number in range(40) for name in range(50)]
    found = explored_layers(tmp_path, layer(*many), layer(whiteout("d/030/f10"), whiteout("d/030/f45")))
    async with show_causes(found) as screen:
        await screen.press("f", "e", "w", "down", "down", "enter")
        assert screen.selected == "d/030/f10"
        first = screen.files.scroll_offset.y
        assert screen.names[first] == "030"
        await screen.press("w", "end", "enter")
        assert screen.selected == "d/030/f45"
        assert screen.files.cursor - screen.files.scroll_offset.y >= 3


@pytest.mark.end_to_end
async def test_folding_all_causes(show_causes: Show, sample: Exploration) -> None:
    """One key closes all causes, another opens them; the cursor stays as near as possible."""
    async with show_causes(sample) as screen:
        await screen.press("w", "down", "E")
        assert screen.waste.count == 4
        assert isinstance(screen.waste.selected, Group)
        assert screen.waste.selected.cause is Cause.REMOVED
        await screen.press("e")
        assert screen.waste.count > 4


@pytest.mark.end_to_end
async def test_folding_causes(show_causes: Show, sample: Exploration) -> None:
    """A cause opens and closes by keys and by a click on its arrow."""
    async with show_causes(sample) as screen:
        await screen.press("w", "home")
        count = screen.waste.count
        await screen.press("down", "left", "left", "left")
        assert isinstance(screen.waste.selected, Group)
        assert screen.waste.count < count
        await screen.press("e", "home")
        assert screen.waste.count == count
        await screen.press("enter", "space")
        assert screen.waste.count == count
        await screen.pilot.click(screen.waste, offset=(0, 0))
        await screen.pilot.pause()
        assert screen.waste.count < count


@pytest.mark.end_to_end
async def test_nothing_wasted(show_causes: Show, tmp_path: Path) -> None:
    """Without waste the pane says that there is none."""
    async with show_causes(explored_layers(tmp_path, layer(file("a", b"1")))) as screen:
        await screen.press("w", "enter", "down", "space")
        assert "Nothing is wasted: all 1 B shipped are visible." in screen.text()
