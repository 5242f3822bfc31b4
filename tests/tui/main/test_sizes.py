"""The screen in terminals of any size, and without colours."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from explorer.errors import ImageNotFound
from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.main.header import ImageHeader, ImageSummary, summary_line
from tests.images import big, explored_layers, file, layer, whiteout
from tests.tui.driving import Show


@pytest.mark.end_to_end
@pytest.mark.parametrize("cells", [(1, 1), (20, 10), (200, 60)])
@pytest.mark.painted
async def test_any_size(show: Show, sample: Exploration, cells: tuple[int, int]) -> None:
    """The screen works at any size, in each pane, and recovers."""
    async with show(sample, size=cells) as screen:
        await screen.press("e", "down", "w", "down", "i", "f")
        await screen.resize(120, 36)
        assert "usr" in screen.text()


@pytest.mark.end_to_end
@pytest.mark.painted
async def test_resize_to_nothing_and_back(show: Show, hostile: Exploration) -> None:
    """Shrinking to one cell and growing again through every layout loses nothing."""
    async with show(hostile) as screen:
        await screen.press("f", "e")
        before = screen.text()
        for cells in ((1, 1), (2, 5), (10, 3), (49, 13), (50, 14), (80, 24), (99, 30), (120, 36)):
            await screen.resize(*cells)
        assert screen.text() == before


@pytest.mark.end_to_end
@pytest.mark.painted
async def test_resize_while_loading(show: Show) -> None:
    """A resize before anything is known does no harm."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(10)
        raise ImageNotFound("gone", "")

    async with show(load) as screen:
        for cells in ((1, 1), (200, 60), (80, 24)):
            await screen.resize(*cells)
        assert "Opening the image" in screen.text()
        go_on.set()
        await screen.loaded()


@pytest.mark.end_to_end
async def test_themes(show: Show, sample: Exploration) -> None:
    """Every built-in theme works, and the rows take its colours at once."""
    async with show(sample, size=(80, 24)) as screen:
        await screen.press("f", "e")
        colours = set()
        for theme in screen.app.available_themes:
            screen.app.theme = theme
            await screen.settled()
            assert "usr" in screen.text()
            colours.add(screen.files.render_line(0)._segments[-1].style)
        assert len(colours) > 10


@pytest.mark.end_to_end
async def test_no_color(show: Show, sample: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without colours everything is grey, and marks and glyphs carry the meaning."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with show(sample) as screen:
        await screen.press("f", "e")
        colours = {
            colour.get_truecolor()
            for strip in screen.main._compositor.render_strips()
            for segment in strip
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour
        }
        assert all(red == green == blue for red, green, blue in colours)
        text = screen.text()
        assert all(mark in text for mark in (" + ", " ~ ", " − ", " · ", "█▒"))


@pytest.mark.parametrize("width", range(1, 201, 7))
def test_headline_fits(sample: Exploration, width: int) -> None:
    """The first line fits every width; the least important facts disappear first, the image's name last."""
    content = summary_line(ImageSummary.of("made:1", sample.image, sample), width)
    assert content.cell_length <= width
    for least, words in (
        (8, "made:1"),
        (30, "wasted"),
        (30, "41 %"),
        (50, "24 MB"),
        (70, "visible ━"),
        (70, "layers"),
        (100, "linux/amd64"),
        (120, "shipped in"),
    ):
        assert words in content.plain or width < least


@pytest.mark.end_to_end
async def test_history_line_gives_way(show: Show, sample: Exploration) -> None:
    """A narrow screen cuts the beginning of a long path before its history."""
    async with show(sample, size=(50, 30)) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("packages")
        await screen.settled()
        assert "3: removed" in screen.main.query_one(HistoryBar).render().plain


async def test_headline(show: Show, tmp_path: Path) -> None:
    """The first line shows the shipped bytes, and visible and wasted bytes at both ends of a bar."""
    wasteful = explored_layers(tmp_path, layer(file("a", b"1" * 3000), file("b", b"1" * 1000)), layer(whiteout("a")))
    async with show(wasteful, size=(150, 36)) as screen:
        text = screen.main.query_one(ImageHeader).render().plain
        assert "4.0 kB shipped in 2 layers" in text
        assert re.search(r"1.0 kB visible (━+)(╍+) 3.0 kB wasted, 75 %$", text)
        bar = re.findall("[━╍]", text)
        assert bar.count("╍") == 3 * bar.count("━")
        assert "disposable" not in text


@pytest.mark.end_to_end
async def test_the_headline_has_the_disposable_bytes(show: Show, tmp_path: Path) -> None:
    """The disposable bytes have a figure of their own, once they are known, and change no other."""
    both = explored_layers(
        tmp_path, layer(big("var/cache/apt/archives/a.deb", 3), file("a", b"1")), layer(whiteout("a"))
    )
    async with show(both, size=(150, 36)) as screen:
        text = screen.main.query_one(ImageHeader).render().plain
        assert "◌ 3.0 MB disposable" in text
        assert "3.0 MB visible" in text
        assert "1 B wasted" in text
