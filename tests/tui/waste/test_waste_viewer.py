"""Viewing wasted files: the version that was shipped, and the one that hid it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from explorer.model import Waste
from explorer.pipeline import Exploration
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.main.screen import MainScreen
from explorer.tui.viewer.diff_screen import DiffScreen
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.pager import Pager
from explorer.tui.viewer.viewer import Viewer
from explorer.viewmodel.waste_view import Grouping, WasteView
from tests.images import directory, explored_layers, file, layer, whiteout
from tests.tui.driving import Screen, Show


@pytest.fixture
def wasteful(tmp_path: Path) -> Exploration:
    """Files that were removed, overwritten, and shipped twice in one layer: as a file, and below a later file."""
    return explored_layers(
        tmp_path,
        layer(file("gone", b"first\n"), file("changed", b"old\n"), file("twice", b"early\n"), file("twice", b"late\n")),
        layer(whiteout("gone"), file("changed", b"new!\n"), file("was/x", b"below\n"), file("was", b"above\n")),
        layer(file("became", b"a file\n"), directory("became")),
    )


async def go_to(screen: Screen, path: str) -> None:
    """Selects a wasted file."""
    await screen.press("w")
    screen.main.view = replace(screen.main.view, waste=WasteView(grouping=Grouping.FILE))
    found = [row.item.path if isinstance(row.item, Waste) else "" for row in screen.waste.rows.rows]
    screen.waste.cursor = found.index(path)
    await screen.pilot.pause()


async def lines(screen: Screen) -> list[str]:
    await screen.loaded()
    return list(screen.app.screen.query_one(Pager).lines)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("path", "content"), [("gone", "first"), ("changed", "old"), ("twice", "early"), ("became", "a file")]
)
async def test_view_what_was_shipped(show_causes: Show, wasteful: Exploration, path: str, content: str) -> None:
    """v shows the bytes that were shipped and hidden, and leads back to the waste."""
    async with show_causes(wasteful) as screen:
        await go_to(screen, path)
        await screen.press("v")
        assert screen.shows(Viewer)
        assert await lines(screen) == [content]
        await screen.press("left_square_bracket", "right_square_bracket", "escape")
        assert screen.main.pane == "waste"
        assert screen.app.focused is screen.waste


@pytest.mark.end_to_end
async def test_diff_with_what_hid_it(show_causes: Show, wasteful: Exploration) -> None:
    """d compares the shipped version with the one that hid it; two copies in one layer are not compared."""
    async with show_causes(wasteful) as screen:
        await go_to(screen, "changed")
        await screen.press("d")
        assert screen.shows(DiffScreen)
        assert {"− old", "+ new!"} <= {*await lines(screen)}
        await screen.press("escape")
        await go_to(screen, "twice")
        await screen.press("d", "x")
        assert screen.shows(MainScreen)


@pytest.mark.end_to_end
async def test_what_is_nowhere_in_the_tree(show_causes: Show, wasteful: Exploration) -> None:
    """A file below a path that became a file in the same layer cannot be viewed, and no key breaks."""
    async with show_causes(wasteful) as screen:
        await go_to(screen, "was/x")
        await screen.press("v", "d", "x", "y", "Y", "enter", "w", "o")


@pytest.mark.end_to_end
async def test_save_what_was_shipped(
    show_causes: Show, wasteful: Exploration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """x saves the shipped version, and shows the destination relative to the current directory."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    async with show_causes(wasteful) as screen:
        await go_to(screen, "changed")
        await screen.press("x")
        assert screen.shows(ExtractScreen)
        await screen.press("enter")
        await screen.loaded()
        assert (here / "changed").read_bytes() == b"old\n"
        messages = [note.message for note in screen.app._notifications]
        assert messages == ["Saved 1 file, 4 B, to ./changed"]


@pytest.mark.end_to_end
async def test_saving_where_the_page_is_served(
    show_causes: Show, wasteful: Exploration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a browser the prompt names the machine that serves the page as the destination."""
    async with show_causes(wasteful) as screen:
        await go_to(screen, "gone")
        for is_web in (False, True):
            monkeypatch.setattr(type(screen.app), "is_web", is_web)
            await screen.press("x")
            what = str(screen.app.screen.query_one("#save-what", Static).content)
            assert ("on the machine that serves this page" in what) is is_web
            assert screen.app.screen.query_one(Input).value == "gone"
            await screen.press("escape")


@pytest.mark.end_to_end
async def test_a_lone_file_says_what_it_belongs_to(show_causes: Show, tmp_path: Path) -> None:
    """A file that is alone in its group shows the group's name before its own, which is cut."""
    cache = "var/cache/apt/pkgcache.bin"
    alone = explored_layers(tmp_path, layer(file(cache, b"1" * 4000)), layer(whiteout(cache)))
    async with show_causes(alone, size=(220, 40)) as screen:
        await screen.press("w", "down")
        assert f"apt's cache  /{cache}" in screen.text()
        await screen.pilot.resize_terminal(60, 24)
        await screen.pilot.pause()
        row = screen.waste.render_line(screen.waste.cursor).text
        assert "apt's cache  …" in row
        assert "cache.bin" in row


@pytest.mark.end_to_end
async def test_a_cause_is_named_at_eighty_columns(show_causes: Show, sample: Exploration) -> None:
    """The history bar names the selected group's cause, shorter in a narrow screen."""
    async with show_causes(sample, size=(80, 24)) as screen:
        await screen.press("w")
        line = screen.main.query_one(HistoryBar)
        for width in (120, 80, 60, 50):
            await screen.pilot.resize_terminal(width, 24)
            await screen.pilot.pause()
            said = line.render().plain
            assert said.startswith("removed")
            assert said.endswith("files")
