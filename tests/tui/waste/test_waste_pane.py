"""The waste pane: keys and clicks in; groups, jumps, advice and cut texts out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Static

from explorer.analysis.advice.advice import Advice, Reason
from explorer.analysis.advice.sentences import sentence
from explorer.model import Cause, Waste
from explorer.pipeline import Exploration
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.waste.advice_box import AdviceBox, AdviceText
from explorer.tui.waste.toolbar import WasteToolbar
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.box_text import all_lines, cut_lines
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.footer import KeysFooter
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_view import Grouping, WasteOrder, WasteView
from tests.images import explored_layers, file, layer, whiteout
from tests.tui.driving import HOSTILE, Screen, Show


def group(screen: Screen) -> Group:
    """The selected row, which is a group."""
    assert isinstance(screen.waste.selected, Group)
    return screen.waste.selected


def waste(screen: Screen) -> Waste:
    """The selected row, which is a file."""
    assert isinstance(screen.waste.selected, Waste)
    return screen.waste.selected


@pytest.mark.end_to_end
async def test_cleanup_that_did_not_work(show_causes: Show, sample: Exploration) -> None:
    """Two keys after the start, the pane names the late command, the fix, and what the fix saves."""
    async with show_causes(sample, size=(180, 40)) as screen:
        await screen.press("w", "down")
        text = " ".join(screen.text().split())
        assert group(screen).directory == "var/cache"
        assert "Layer 3 (RUN rm -rf /var/cache/*) is too late" in text
        assert "Delete them in the RUN of layer 1" in text
        assert "4.2 MB (24 MB → 20 MB)." in text
        await screen.press("home")
        assert "The largest of 2 places in this group" in screen.text()
        assert "All 2 places in this group: 4.2 MB (→ 20 MB)." in " ".join(screen.text().split())


@pytest.mark.end_to_end
async def test_grouping_by_keys_and_clicks(show_causes: Show, sample: Exploration) -> None:
    """A key and a click on its name change the grouping in turn; the cursor stays at its file."""
    async with show_causes(sample, size=(200, 40)) as screen:
        await screen.press("w", "end")
        assert waste(screen).cause is Cause.OVERWRITTEN
        for grouping in (Grouping.LAYERS, Grouping.PACKAGE, Grouping.DIRECTORY, Grouping.FILE):
            await screen.press("b")
            assert screen.waste.view.grouping is grouping
            assert waste(screen).path == "etc/passwd"
        line = screen.main.query_one(WasteToolbar)
        assert line.render().plain.startswith("b: by fix · cause · ")
        at = line.render().plain.index("directory")
        await screen.pilot.click(WasteToolbar, offset=(at + line.gutter.left + 1, 0))
        await screen.pilot.pause()
        assert screen.waste.view.grouping is Grouping.DIRECTORY
        assert waste(screen).path == "etc/passwd"


@pytest.mark.end_to_end
async def test_state_is_kept(show_causes: Show, sample: Exploration) -> None:
    """Other panes change neither grouping nor open groups nor the cursor."""
    async with show_causes(sample) as screen:
        await screen.press("w", "b", "b", "b", "E", "down", "f", "i", "w")
        assert screen.waste.view.grouping is Grouping.DIRECTORY
        assert screen.waste.cursor == 1
        assert screen.waste.opened == set()
        await screen.press("b", "b", "b", "b", "b", "b")
        assert screen.waste.view.grouping is Grouping.DIRECTORY
        assert waste(screen).path == "usr/bin/tool"


@pytest.mark.end_to_end
async def test_both_layers_of_a_file(show_causes: Show, sample: Exploration) -> None:
    """One key shows the file at its shipping layer, another at its hiding layer; of a group, its largest file."""
    async with show_causes(sample) as screen:
        await screen.press("w", "down", "right", "right", "o")
        assert screen.main.view.layer == 3
        assert screen.selected == "var/cache/index"
        await screen.press("w", "enter")
        assert screen.main.view.layer == 1
        assert screen.selected == "var/cache/index"
        await screen.press("w", "home", "o")
        assert screen.main.view.layer == 3
        assert screen.selected == "var/cache/index"


@pytest.mark.end_to_end
async def test_one_layer_alone(show_causes: Show, sample: Exploration) -> None:
    """A key limits the waste to the selected layer and follows the selection; Escape shows all again."""
    async with show_causes(sample, size=(240, 36)) as screen:
        screen.main.view = replace(screen.main.view, layer=1)
        await screen.press("w")
        assert "only layer 1" in screen.text()
        screen.main.view = replace(screen.main.view, layer=3)
        await screen.pilot.pause()
        everything = screen.waste.count
        await screen.press("t")
        assert screen.waste.view.layer == 3
        assert "✓ only layer 3: it ships or hides " in screen.text()
        assert "(11 B not shown)" in screen.text()
        screen.main.view = replace(screen.main.view, layer=1)
        await screen.pilot.pause()
        assert screen.waste.view == WasteView(Grouping.CAUSE, layer=1)
        assert 0 < screen.waste.count < everything
        screen.main.view = replace(screen.main.view, layer=2)
        await screen.pilot.pause()
        assert not screen.waste.count
        assert "Nothing is wasted or hidden by layer 2" in screen.text()
        await screen.press("enter", "o", "left", "space", "e", "s", "b", "b", "b", "b", "b", "b", "s")
        await screen.press("escape")
        assert screen.waste.view == WasteView(Grouping.CAUSE)
        await screen.press("e")
        assert screen.waste.count == everything


@pytest.mark.end_to_end
async def test_escape_is_offered_only_when_it_works(show_causes: Show, sample: Exploration) -> None:
    """The footer shows Escape for all layers only while one is shown alone."""
    async with show_causes(sample, size=(200, 40)) as screen:

        async def shown() -> set[str]:
            for _ in range(3):
                await screen.pilot.pause()
            return {key.words for key in screen.main.query_one(KeysFooter).keys}

        await screen.press("w")
        assert "All layers" not in await shown()
        await screen.press("t")
        assert "All layers" in await shown()
        await screen.press("escape")
        assert "All layers" not in await shown()


@pytest.mark.end_to_end
async def test_mouse(show_causes: Show, sample: Exploration) -> None:
    """A click on a header sorts, on an arrow folds, on the layer limits the waste; a second click shows a file."""
    async with show_causes(sample, size=(160, 40)) as screen:
        await screen.press("w")
        heads = screen.main.query_one(WastePane).query_one(ColumnHeaders)
        left = screen.waste.columns.last_at
        await screen.pilot.click(heads, offset=(left + 4, 0))
        await screen.pilot.pause()
        assert screen.waste.view.order is WasteOrder.PATH
        assert "path▾" in screen.text()
        count = screen.waste.count
        await screen.pilot.click(screen.waste, offset=(left, 0))
        await screen.pilot.pause()
        assert screen.waste.count < count
        line = screen.main.query_one(WasteToolbar)
        at = line.render().plain.index("only layer")
        await screen.pilot.click(WasteToolbar, offset=(at + line.gutter.left, 0))
        await screen.pilot.pause()
        assert screen.waste.view.layer == 3
        await screen.press("e", "end")
        last = waste(screen)
        await screen.pilot.click(screen.waste, offset=(left + 6, screen.waste.cursor), times=2)
        await screen.pilot.pause()
        assert screen.selected == last.path
        assert screen.main.view.layer == last.shipped_in


@pytest.mark.end_to_end
async def test_folding(show_causes: Show, sample: Exploration) -> None:
    """Left goes up and closes, right opens and goes in; a file does not change."""
    async with show_causes(sample) as screen:
        await screen.press("w", "end", "right", "space")
        assert waste(screen).path == "etc/passwd"
        await screen.press("left")
        assert group(screen).cause is Cause.OVERWRITTEN
        count = screen.waste.count
        await screen.press("h", "h")
        assert screen.waste.count == count - 1
        await screen.press("l", "l")
        assert waste(screen).path == "etc/passwd"


@pytest.mark.end_to_end
async def test_line_below(show_causes: Show, sample: Exploration) -> None:
    """The history bar describes a group in full, and shows the history of a file."""
    async with show_causes(sample, size=(160, 40)) as screen:

        def shown() -> str:
            return screen.main.query_one(HistoryBar).render().plain

        await screen.press("w")
        assert "removed: deleted by a later layer" in shown()
        await screen.press("down")
        assert shown().startswith("/var/cache   removed   4.2 MB in 2 files   shipped by layer 1, hidden by layer 3")
        await screen.press("down")
        assert shown() == "History of /var/cache/index   1: added, 3.0 MB › 3: removed"


@pytest.mark.end_to_end
async def test_line_below_in_eighty_columns(show_causes: Show, sample: Exploration) -> None:
    """In 80 columns a group's path loses its beginning; the cause, the sum and the layers stay."""
    async with show_causes(sample, size=(80, 24)) as screen:
        line = screen.main.query_one(HistoryBar)
        await screen.press("w", "down")
        for path in ("var/cache", "opt/" + "long/" * 20 + "cache"):
            history = screen.main.query_one(WastePane).path_history()
            assert history is not None
            line.show(history._replace(path=path))
            shown = line.render().plain
            assert shown.endswith("/cache   removed   4.2 MB in 2 files   1 → 3")
            assert len(shown) <= 78


@pytest.mark.end_to_end
async def test_walking_from_the_waste(show_causes: Show, sample: Exploration) -> None:
    """Brackets and clicks in the history bar show a wasted file at a layer that touched it."""
    async with show_causes(sample, size=(120, 36)) as screen:
        line = screen.main.query_one(HistoryBar)
        await screen.press("w", "left_square_bracket")
        assert screen.said == ["Select a file first."]
        await screen.press("down", "down")
        assert waste(screen).path == "var/cache/index"
        await screen.press("right_square_bracket")
        assert screen.main.pane == "files"
        assert screen.app.focused is screen.files
        assert (screen.main.view.layer, screen.selected) == (3, "var/cache/index")
        await screen.press("w")
        for layer, words in ((1, "1: added"), (3, "3: removed")):
            await screen.press("w")
            await screen.pilot.click(line, offset=(line.render().plain.index(words) + 2, 0))
            await screen.pilot.pause()
            assert screen.main.pane == "files"
            assert (screen.main.view.layer, screen.selected) == (layer, "var/cache/index")


@pytest.mark.end_to_end
@pytest.mark.parametrize("cells", [(1, 1), (30, 12), (200, 60)])
@pytest.mark.painted
async def test_every_size_and_name(show_causes: Show, hostile: Exploration, cells: tuple[int, int]) -> None:
    """Any screen size and names work, and no escape sequence reaches the terminal."""
    async with show_causes(hostile, size=cells) as screen:
        await screen.press("w")
        for _ in Grouping:
            await screen.press("e", "s", "t", "b", "t")
            assert "\x1b" not in screen.text()
        if cells[0] == 200:
            assert "esc\\x1b[31mape" in screen.text()
            assert "[bold red]x" in screen.text()


@pytest.mark.end_to_end
async def test_wide_names(show_causes: Show, tmp_path: Path) -> None:
    """Wide characters and emoji take the right number of cells, in names of files and directories."""
    names = [f"{name}/{other}" for name in HOSTILE[5:8] for other in HOSTILE[5:8]]
    found = explored_layers(tmp_path, layer(*(file(name, b"1") for name in names)), layer(*map(whiteout, names)))
    async with show_causes(found, size=(60, 30)) as screen:
        for _ in Grouping:
            await screen.press("w", "b", "e")
            assert all(strip.cell_length == 60 for strip in screen.app.screen._compositor.render_strips())
        assert "日本語" in screen.text()


@pytest.mark.end_to_end
async def test_nothing_wasted(show_causes: Show, tmp_path: Path) -> None:
    """Without waste the pane shows a sentence and no groups, and no key breaks."""
    async with show_causes(explored_layers(tmp_path, layer(file("a", b"1" * 2000)))) as screen:
        await screen.press("w", "enter", "o", "b", "b", "s", "t", "t", "e", "E", "left", "right", "escape", "end")
        assert "Nothing is wasted: all 2.0 kB shipped are visible." in screen.text()
        assert "only layer" not in screen.text()
        assert "How to fix it" not in screen.text()


@pytest.mark.end_to_end
async def test_all_of_the_remedy_can_be_read(show_causes: Show, tmp_path: Path) -> None:
    """If the advice is cut, the box names the key that shows it all; then it grows or scrolls; Esc leads back."""
    names = [f"var/lib/apt/lists/{name}" for name in "ab"]
    found = explored_layers(tmp_path, layer(*(file(name, b"1" * 2000) for name in names)), layer(*map(whiteout, names)))
    async with show_causes(found, size=(70, 30)) as screen:
        await screen.press("w", "down")
        box = screen.main.query_one(AdviceBox)
        before = box.region
        assert "Tab: all of it" in screen.text()
        await screen.press("tab")
        assert box.has_focus
        assert box.region.height > before.height
        shown = str(box.query_one(Static).content)
        assert shown.splitlines() == [line.plain for line in all_lines(box.text, box.scrollable_content_region.width)]
        assert all(line in screen.text() for line in shown.splitlines())
        assert "Back" in {key.words for key in screen.main.query_one(KeysFooter).keys}
        await screen.press("escape")
        assert screen.waste.has_focus
        assert box.region == before
        await screen.resize(50, 22)
        await screen.press("tab")
        await screen.press("G")
        assert box.scroll_y == box.max_scroll_y > 0
        assert str(box.query_one(Static).content).splitlines()[-1].split()[-1] in screen.text()
        await screen.press("tab", "w")
        assert box.scroll_y == 0


@pytest.mark.end_to_end
async def test_a_remedy_that_fits_says_no_more(show_causes: Show, sample: Exploration) -> None:
    """If the whole advice fits, the box names no key."""
    async with show_causes(sample, size=(160, 40)) as screen:
        await screen.press("w", "end")
        assert "Saves" in screen.text()
        assert "all of it" not in screen.text()


ADVICE = Advice(Reason(Cause.REMOVED, 1, 2, ""), 40, 3, "rm", sentence("Why " * 30), sentence("Do `this` " * 20))


@pytest.mark.parametrize("width", [1, 7, 20, 60, 200])
@pytest.mark.parametrize("height", range(10))
def test_remedy_fits(width: int, height: int) -> None:
    """The advice never takes more lines than there are, and of few lines it gets the most itself."""
    text = AdviceText([ADVICE, ADVICE], 100)
    found = cut_lines(text, width, height)
    assert len(found) <= height
    assert all(line.cell_length <= max(1, width) for line in found)
    if width >= 20 and height:
        assert any("this" in line.plain for line in found)
        assert height < 5 or found[0].plain.startswith("Why")
    assert not cut_lines(None, width, height)
    cut = found != all_lines(text, width)
    assert any("Tab: all of it" in line.plain for line in found) is (cut and width >= 60 and height > 0)


@pytest.mark.end_to_end
async def test_another_grouping_starts_at_its_largest_group(show: Show, sample: Exploration) -> None:
    """From a fix, the cursor goes to the first row of another grouping, which is the largest."""
    async with show(sample) as screen:
        await screen.press("w", "down")
        assert (screen.waste.view.grouping, screen.waste.cursor) == (Grouping.FIX, 1)
        await screen.press("b")
        assert (screen.waste.view.grouping, screen.waste.cursor) == (Grouping.CAUSE, 0)
