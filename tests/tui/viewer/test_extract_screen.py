"""The prompt for a destination, and saving."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, RadioSet, Static

from explorer.errors import RegistryError
from explorer.pipeline import Exploration
from explorer.tui.main.screen import MainScreen
from explorer.tui.run_in_thread import wait_for_cleaning
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.viewer import Viewer
from tests.images import directory, explored_layers, file, layer
from tests.tui.driving import Screen, Show
from tests.tui.viewer.viewing import select, settled, slowed


def said(screen: Screen) -> str:
    return str(screen.app.screen.query_one("#save-message", Static).content)


@pytest.mark.end_to_end
async def test_blanks_around_a_destination(
    show: Show, rich: Exploration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blanks before and after a destination do not belong to it."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("x")
        screen.app.screen.query_one(Input).value = " copy.py "
        await screen.press("enter")
        await settled(screen)
        assert [path.name for path in here.iterdir()] == ["copy.py"]


@pytest.mark.end_to_end
async def test_save_from_the_viewer(show: Show, rich: Exploration, here: Path) -> None:
    """x in the viewer saves the version that shows, from the layer that shipped it."""
    async with show(rich) as screen:
        await select(screen, "etc/hosts")
        await screen.press("v", "left_square_bracket")
        await settled(screen)
        await screen.press("x")
        assert screen.shows(ExtractScreen)
        await screen.press("enter")
        await settled(screen)
        assert screen.shows(Viewer)
        assert (here / "hosts").read_bytes().endswith(b"old\n")


async def test_save(show: Show, rich: Exploration, here: Path) -> None:
    """x asks for a destination; Enter saves in the background, and a message says where and how much."""
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("x")
        assert screen.shows(ExtractScreen)
        assert f"→ {here}/code.py" in said(screen).replace("\n", "")
        await screen.press("enter")
        await settled(screen)
        assert screen.shows(MainScreen)
        assert (here / "code.py").read_bytes() == b"import os\nprint('hello')\n"
        notes = [note.message for note in screen.app._notifications]
        assert notes == ["Saved 1 file, 25 B, to ./code.py"]


@pytest.mark.end_to_end
async def test_save_asks_before_it_replaces(show: Show, rich: Exploration, here: Path) -> None:
    """An existing file is replaced only after a second Enter; another destination asks again."""
    (here / "code.py").write_bytes(b"mine")
    (here / "other").write_bytes(b"mine")
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("x", "enter")
        await settled(screen)
        assert "exists. It will be replaced. Press Enter again" in said(screen)
        for text in ("code", "code.py"):
            screen.app.screen.query_one(Input).value = text
            await screen.pilot.pause()
        await screen.press("enter")
        await settled(screen)
        assert (here / "code.py").read_bytes() == b"mine", "a text that was changed asks again"
        screen.app.screen.query_one(Input).value = "other"
        await screen.press("enter")
        await settled(screen)
        assert (here / "other").read_bytes() == b"mine"
        await screen.press("enter")
        await settled(screen)
        assert (here / "other").read_bytes().startswith(b"import")
        assert (here / "code.py").read_bytes() == b"mine"


@pytest.mark.end_to_end
async def test_save_directory(show: Show, rich: Exploration, here: Path) -> None:
    """A directory is saved as a container sees it, or only with the files of the selected layer."""
    async with show(rich) as screen:
        await select(screen, "etc", layer=1)
        await screen.press("x")
        assert "1 file, 104 B" in screen.text()
        assert "⏎ save · ⇥ what to save" in screen.text()
        screen.app.screen.query_one(RadioSet).focus()
        await screen.press("down")
        assert "⏎ choose" in screen.text()
        await screen.press("enter")
        assert "1 removal" in screen.text()
        # The next Enter saves.
        await screen.press("enter")
        await settled(screen)
        assert [path.name for path in (here / "etc").iterdir()] == ["hosts"]
        notes = [note.message for note in screen.app._notifications]
        assert notes[-1] == "1 removal"


@pytest.mark.end_to_end
async def test_directories_of_a_layer_are_no_choice(show: Show, tmp_path: Path, here: Path) -> None:
    """A layer that ships only directories is no choice of what to save."""
    found = explored_layers(tmp_path, layer(file("d/a", b"1")), layer(directory("d", mode=0o700)))
    async with show(found) as screen:
        await screen.press("f", "x")
        assert isinstance(screen.app.screen, ExtractScreen)
        assert not screen.app.screen.query(RadioSet)


@pytest.mark.end_to_end
async def test_save_bad_destination(show: Show, rich: Exploration, here: Path) -> None:
    """An impossible destination shows its error while it is typed, and Enter does nothing."""
    (here / "a-file").write_bytes(b"")
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("x")
        for text, words in (
            ("", "no destination"),
            ("no/such", "no does not exist"),
            ("a-file/x", "a-file is not a directory"),
        ):
            screen.app.screen.query_one(Input).value = text
            await screen.press("enter")
            assert words in said(screen)
            assert screen.shows(ExtractScreen)
        await screen.press("escape")
        assert screen.shows(MainScreen)
        assert [path.name for path in here.iterdir()] == ["a-file"]


@pytest.mark.end_to_end
async def test_save_can_be_stopped(show: Show, rich: Exploration, here: Path) -> None:
    """Esc stops the saving, and no partial file stays."""
    slow_image, slow = slowed(rich)
    async with show(slow_image) as screen:
        await select(screen, "code.py")
        await screen.press("x", "enter")
        assert "Saving" in said(screen)
        await screen.press("enter", "escape")
        assert screen.shows(MainScreen)
        assert slow.stopped.wait(5)
        assert list(here.iterdir()) == []


@pytest.mark.end_to_end
async def test_destination_of_a_directory(show: Show, rich: Exploration, here: Path) -> None:
    """The prompt says whether the destination of a directory will be created or exists."""
    (here / "there").mkdir()
    async with show(rich) as screen:
        await select(screen, "etc")
        await screen.press("x")
        assert said(screen).endswith("The directory will be created.")
        for text, words in (("new", "new\nThe directory will be created."), ("there/etc", "etc\nThe directory")):
            screen.app.screen.query_one(Input).value = text
            await screen.pilot.pause()
            assert words in said(screen)
        (here / "there/etc").mkdir()
        screen.app.screen.query_one(Input).value = "there/"
        await screen.pilot.pause()
        assert said(screen).endswith("It exists. You will be asked before anything is replaced.")


@pytest.mark.end_to_end
async def test_saving_of_a_directory_is_stopped(show: Show, rich: Exploration, here: Path) -> None:
    """Esc stops saving; the message comes after the new files are removed, and is true."""
    slow_image, slow = slowed(rich)
    async with show(slow_image) as screen:
        await select(screen, "etc", layer=0)
        await screen.press("x", "enter")
        assert "━" in said(screen)
        assert "0 of 2 files" in said(screen)
        await screen.press("escape")
        await settled(screen)
        assert slow.stopped.is_set()
        assert [note.message for note in screen.app._notifications] == ["Stopped. Nothing is saved."]
        assert list(here.iterdir()) == []
        assert screen.shows(MainScreen)


@pytest.mark.end_to_end
async def test_a_layer_that_never_answers_is_left(show: Show, rich: Exploration, here: Path) -> None:
    """A second Esc leaves a save that cannot stop yet, and claims nothing."""
    slow_image, slow = slowed(rich)
    async with show(slow_image) as screen:
        await select(screen, "etc", layer=0)
        await screen.press("x", "enter")
        dialog = screen.app.screen
        assert isinstance(dialog, ExtractScreen)
        dialog._is_stopped = True
        await screen.press("escape")
        assert "Still stopping" in str([note.message for note in screen.app._notifications])
        slow.go_on.set()
        wait_for_cleaning()
        assert list(here.iterdir()) == []


@pytest.mark.end_to_end
async def test_save_fails(show: Show, rich: Exploration, here: Path) -> None:
    """An error while saving shows with its hint, and the user can try another destination."""
    slow_image, slow = slowed(rich, RegistryError("the registry refuses", "Log in first."))
    slow.go_on.set()
    async with show(slow_image) as screen:
        await select(screen, "code.py")
        await screen.press("x", "enter")
        await settled(screen)
        assert said(screen) == "the registry refuses\nLog in first."
        slow.error = None
        await screen.press("enter")
        await settled(screen)
        assert (here / "code.py").exists()


@pytest.mark.end_to_end
async def test_nothing_to_save(show: Show, rich: Exploration, here: Path) -> None:
    """A device cannot be saved, and a message says so."""
    async with show(rich) as screen:
        await select(screen, "null")
        await screen.press("x")
        assert screen.shows(MainScreen)
        assert ["nothing that can be saved" in note.message for note in screen.app._notifications] == [True]
