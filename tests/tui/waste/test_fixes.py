"""The waste pane by fix: keys and clicks in; rows, the box and copied texts out."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.analysis.advice.sentences import sentence
from explorer.analysis.disposables.disposables import Disposable
from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.model import Waste
from explorer.pipeline import Exploration
from explorer.report.fixes import fix_as_text, fixes_markdown
from explorer.tui.waste.advice_box import AdviceBox
from explorer.tui.waste.fix_text import FixText
from explorer.tui.waste.waste_columns import layer_ranges
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.box_text import all_lines, cut_lines
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.viewmodel.waste_groups import Group
from explorer.viewmodel.waste_tree import WasteTree
from explorer.viewmodel.waste_view import Grouping, WasteOrder
from tests.images import explored_layers, file, layer
from tests.tui.driving import HOSTILE, Screen, Show
from tests.tui.waste.fixable import fixable


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An image with six fixes."""
    return fixable(tmp_path_factory.mktemp("fixable"))


def titles(screen: Screen) -> list[str]:
    """The ID of each fix that has a row."""
    items = [row.item for row in screen.waste.rows.rows]
    return [item.fix.id for item in items if isinstance(item, Group) and item.fix and not item.directory]


@pytest.mark.end_to_end
async def test_the_pane_opens_with_the_fixes(show: Show, image: Exploration) -> None:
    """One key shows what all fixes save, a row for each, and what the first one changes."""
    async with show(image, size=(200, 50)) as screen:
        await screen.press("1", "w")
        assert screen.waste.view.grouping is Grouping.FIX
        assert titles(screen) == ["apt", "leave-out-2", "attributes-3", "base"]
        text = " ".join(screen.text().split())
        assert "Do all 5: 63.8 kB → 21.7 kB 12 kB wasted + ◌ 30 kB disposable, base 700 B; merge in this order" in text
        assert "▸ 2 smaller fixes" in text
        assert "Fix 1 of 5 · layer 1 · y copies it, Y all" in text
        assert "- RUN apt-get update && apt-get install -y git" in text
        assert "Saves 35 kB: 5.0 kB wasted + ◌ 30 kB disposable (63.8 kB → 28.8 kB)." in text
        await screen.press("G")
        assert " The base image " in screen.text()


@pytest.mark.end_to_end
async def test_keys_of_a_fix(show: Show, image: Exploration) -> None:
    """Enter opens a fix and its parts down to the files, and the small fixes; a disposable file has its mark."""
    async with show(image, size=(160, 40)) as screen:
        await screen.press("1", "w", "enter")
        assert "◌ disposable" in screen.text()
        await screen.press("down", "enter", "down")
        assert isinstance(screen.waste.selected, Disposable)
        assert "◌ /var/cache/apt/pkgcache.bin" in screen.text()
        await screen.press("o")
        assert screen.said == ["No layer hides it: it is still in the image."]
        await screen.press("right_curly_bracket", "right_curly_bracket", "right_curly_bracket", "enter")
        assert titles(screen)[-3:] == ["documentation", "logs", "base"]
        await screen.press("left_curly_bracket")
        assert screen.waste.selected_fix is not None
        assert screen.waste.selected_fix.id == "attributes-3"


@pytest.mark.end_to_end
async def test_the_way_to_a_disposable_file(show: Show, image: Exploration) -> None:
    """Enter on a disposable file shows it among the files, and the file keys work on it."""
    async with show(image) as screen:
        await screen.press("1", "w", "enter", "down", "enter", "down")
        assert screen.main.query_one(WastePane).check_action("view", ())
        await screen.press("d", "escape", "enter")
        assert screen.selected == "var/cache/apt/pkgcache.bin"
        assert screen.main.view.layer == 1


@pytest.mark.end_to_end
async def test_copied_texts(show: Show, image: Exploration) -> None:
    """``y`` copies the selected fix, ``Y`` all fixes as Markdown; on a file ``y`` copies its path."""
    async with show(image) as screen:
        await screen.press("1", "w", "y")
        assert screen.app.clipboard == fix_as_text(image.fixes[0])
        assert screen.app.clipboard.startswith("Delete apt's lists and cache in the RUN that uses apt: 35 kB\n")
        assert "\n+ RUN apt-get update && " in screen.app.clipboard
        await screen.press("tab")
        assert screen.main.query_one(AdviceBox).has_focus
        await screen.press("Y")
        assert screen.app.clipboard == fixes_markdown(image)
        await screen.press("escape", "enter", "down", "enter", "down", "y")
        assert screen.app.clipboard == "/var/cache/apt/pkgcache.bin"


@pytest.mark.end_to_end
async def test_an_image_without_waste_has_fixes(show: Show, tmp_path: Path) -> None:
    """Disposable bytes alone have a fix; the other groupings are not offered."""
    found = explored_layers(tmp_path, layer(file("bin/sh", b"1")), layer(file("var/cache/apt/a.bin", b"1" * 50)))
    assert not found.usage.wasted
    async with show(found, size=(160, 40)) as screen:
        await screen.press("1", "w")
        assert titles(screen) == ["apt"]
        assert "Do it: 51 B → 1 B" in screen.text()
        assert "by fix  │" in screen.text()
        await screen.press("b", "s", "S", "t", "t", "e", "E")
        assert screen.said == ["Nothing is wasted."]
        assert screen.waste.view.grouping is Grouping.FIX


@pytest.mark.end_to_end
async def test_order(show: Show, image: Exploration) -> None:
    """A second click on a header reverses the order, and so does a key."""
    async with show(image, size=(160, 40)) as screen:
        await screen.press("1", "w", "S")
        assert titles(screen) == ["attributes-3", "leave-out-2", "apt", "base"]
        assert "saves▴" in screen.text()
        heads = screen.main.query_one(WastePane).query_one(ColumnHeaders)
        for order, is_reversed in ((WasteOrder.PATH, False), (WasteOrder.PATH, True)):
            await screen.pilot.click(heads, offset=(screen.waste.columns.last_at + 4, 0))
            await screen.settled()
            assert (screen.waste.view.order, screen.waste.view.is_reversed) == (order, is_reversed)
        assert "fix▴" in screen.text()


@pytest.mark.end_to_end
async def test_filter_and_layer(show: Show, image: Exploration) -> None:
    """A filter and a layer show the matching files of the fixes, wasted and disposable."""
    async with show(image, size=(160, 40)) as screen:
        await screen.press("1", "w", "slash", *"doc", "enter")
        paths = [row.item.path for row in screen.waste.rows.rows if isinstance(row.item, Waste | Disposable)]
        assert sorted(paths) == ["usr/share/doc/base/copyright", "usr/share/doc/git/README"]
        await screen.press("escape", "4", "t")
        assert screen.waste.view.layer == 4
        assert titles(screen) == ["apt", "leave-out-2", "logs"]


@pytest.mark.end_to_end
async def test_a_fix_in_the_bottom_line(show: Show, image: Exploration) -> None:
    """On a narrow screen, the bottom line has the whole title of the selected fix."""
    async with show(image, size=(80, 24)) as screen:
        await screen.press("1", "w")
        assert screen.waste.selected_fix is not None
        assert f"   {screen.waste.selected_fix.title}" in screen.text()


@pytest.mark.end_to_end
async def test_the_box_takes_the_empty_lines(show: Show, image: Exploration) -> None:
    """The box of a fix has the lines that the list leaves empty, and gives them back to opened rows."""
    async with show(image, size=(120, 50)) as screen:
        await screen.press("1", "w")
        assert screen.waste.region.height == screen.waste.count
        before = screen.waste.count
        await screen.press("enter")
        assert screen.waste.region.height == screen.waste.count > before


@pytest.mark.end_to_end
async def test_one_layer_of_a_fix(show: Show, image: Exploration) -> None:
    """For one layer, the box says which part of the fix the row shows, and no column is empty."""
    async with show(image, size=(160, 40)) as screen:
        await screen.press("4", "w", "t", "home")
        assert "The row shows 5.0 kB of it." in " ".join(screen.text().split())
        assert "→ image" not in screen.text()
        assert "by fix" in screen.text()
        await screen.press("t")
        assert "→ image" in screen.text()
        assert "The row shows" not in screen.text()


@pytest.mark.end_to_end
async def test_the_fixes_take_their_time(show: Show, image: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the fixes are found, the pane says so, and keys work; a grouping that is chosen meanwhile stays."""
    may_go_on = threading.Event()
    complete = WasteTree.complete

    def slow(exploration: Exploration) -> WasteTree:
        may_go_on.wait(10)
        return complete(exploration)

    monkeypatch.setattr(WasteTree, "complete", slow)

    def load(*_: object) -> Exploration:
        return image

    async with show(load) as screen:
        while screen.main.exploration is None:
            await screen.pilot.pause(0.01)
        await screen.press("1", "w")
        assert "Finding the fixes…" in screen.text()
        await screen.press("enter", "o", "y", "Y", "t", "t", "b")
        assert screen.waste.view.grouping is Grouping.CAUSE
        assert not screen.waste.count
        await screen.press("b", "end")
        selected = screen.waste.selected
        may_go_on.set()
        await screen.loaded()
        assert screen.waste.selected is selected is not None
        assert screen.main.query_one(AdviceBox).text is not None


@pytest.mark.end_to_end
@pytest.mark.parametrize("cells", [(1, 1), (30, 8), (200, 60)])
@pytest.mark.painted
async def test_every_size_and_name(show: Show, tmp_path: Path, cells: tuple[int, int]) -> None:
    """Any screen size and names work, and no escape sequence reaches the terminal."""
    names = [f"var/cache/apt/{name}/{other}" for name in HOSTILE for other in HOSTILE[:2]]
    found = explored_layers(
        tmp_path, layer(*(file(name, b"1") for name in names)), layer(file(names[0], b"22")), layer(file(names[1], b""))
    )
    async with show(found, size=cells) as screen:
        await screen.press(
            "1", "w", "e", "s", "S", "t", "t", "down", "down", "down", "y", "tab", "G", "escape", "e", "end"
        )
        assert "\x1b" not in screen.text()
        assert all(strip.cell_length == cells[0] for strip in screen.app.screen._compositor.render_strips())


@pytest.mark.parametrize("width", [1, 7, 20, 60, 200])
@pytest.mark.parametrize("height", range(1, 20, 3))
def test_a_fix_fits(image: Exploration, width: int, height: int) -> None:
    """The text of a fix never takes more lines than there are; what to do is always among them."""
    for fix in image.fixes:
        text = FixText(fix, "1 of 5", 100, fix.bytes)
        found = cut_lines(text, width, height)
        assert 0 < len(found) <= max(height, len(all_lines(text, width)))
        assert len(found) <= height
        assert all(line.cell_length <= max(1, width) for line in found)
        if width >= 60 and height >= 4 and fix.diff:
            assert any(line.plain.startswith("+") for line in found)


def test_layers_in_a_few_cells() -> None:
    """Layers that follow one another are a range."""
    assert layer_ranges(()) == ""
    assert layer_ranges((3,)) == "3"
    assert layer_ranges((0, 1, 2, 5, 7, 8)) == "0-2 5 7-8"


@pytest.mark.end_to_end
async def test_the_box_on_a_narrow_screen(show: Show, image: Exploration) -> None:
    """At 80x24 the fixes get more room than the layers, so that the rows and the changed lines show."""
    async with show(image, size=(80, 24)) as screen:
        await screen.press("1", "w")
        assert screen.waste.scrollable_content_region.height == min(4, screen.waste.count)
        lines = screen.text()
        assert "- RUN apt-get update" in lines
        assert "+ RUN apt-get update" in lines


@pytest.mark.end_to_end
async def test_the_fix_of_a_layer(show: Show, image: Exploration) -> None:
    """The key of the waste, pressed on a layer, selects its first fix, also a small one; elsewhere the row stays."""
    async with show(image, size=(160, 40)) as screen:
        for layer_, fix in (("2", "leave-out-2"), ("4", "logs")):
            await screen.press(layer_, "w")
            assert screen.waste.selected_fix is not None
            assert screen.waste.selected_fix.id == fix
            await screen.press("home", "f", "w")
            assert screen.waste.cursor == 0
            screen.layers.focus()


def test_a_cut_line_keeps_what_is_new(tmp_path: Path) -> None:
    """A changed line that is cut keeps the words that a fix adds, and the whole text ends with how to merge fixes."""
    fix = fixable(tmp_path).fixes[0]
    install = "RUN apt-get install -y " + " ".join(f"package-{number}" for number in range(9))
    lines = (DiffLine("-", "RUN apt-get update"), DiffLine("-", install))
    added = " && rm -rf /var/lib/apt/lists/*"
    fix = replace(fix, diff=(*lines, DiffLine("+", f"RUN apt-get update && {install[4:]}{added}")))
    text = FixText(fix, "1 of 5", 100, fix.bytes, "Merge them.")
    for width, height in ((60, 4), (78, 5)):
        shown = [line.plain for line in text.cut(width, height)]
        assert any(line.startswith("+ RUN ") and line.endswith(f"…{added}") for line in shown)
    assert text.lines(60)[-1].plain == "Merge them."


def test_a_cut_sentence_keeps_the_end_of_its_code(tmp_path: Path) -> None:
    """A sentence that is cut to one line keeps the end of its first code."""
    fix = fixable(tmp_path).fixes[0]
    do = sentence("Use one RUN: `RUN apt-get update && apt-get install -y … && rm -rf /var/lib/apt/lists/*`; or more.")
    shown = FixText(replace(fix, do=do), "1 of 5", 100, fix.bytes).cut(60, 4)
    assert shown[0].plain.startswith("Do     Use one RUN: …")
    assert shown[0].plain.rstrip().endswith("&& rm -rf /var/lib/apt/lists/*…")


def test_the_first_new_line_stays(tmp_path: Path) -> None:
    """Many old lines before the first new one leave room for it."""
    fix = fixable(tmp_path).fixes[0]
    lines = [*(DiffLine("-", f"RUN {number}") for number in range(5)), DiffLine("+", "RUN 0 && 1"), DiffLine("+", "b")]
    text = FixText(replace(fix, diff=tuple(lines)), "1 of 5", 100, fix.bytes)
    for height in range(3, 10):
        assert any(line.plain.startswith("+ RUN 0") for line in text.cut(78, height))
    assert "… and 5 more lines; layer 1 changes" in [
        line.plain for line in FixText(replace(fix, layers=(1,), diff=tuple(lines)), "", 100, 9).cut(78, 5)
    ]
