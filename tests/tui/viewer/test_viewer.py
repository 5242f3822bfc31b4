"""The viewer: the content of a file, its metadata and versions."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from explorer.errors import RegistryError
from explorer.pipeline import Exploration
from explorer.tui.dialogs.help_screen import HelpScreen
from explorer.tui.main.screen import MainScreen
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.widgets.footer import KeysFooter
from tests.images import (
    explored_layers,
    file,
    layer,
)
from tests.tui.driving import Show
from tests.tui.viewer.viewing import lines, message, select, settled, slowed, viewer


@pytest.mark.end_to_end
async def test_view(show: Show, rich: Exploration) -> None:
    """v shows a file's text with its path, layer, metadata and encoding; Esc returns to the files."""
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("v")
        await settled(screen)
        text = screen.text()
        for words in ("/code.py", "layer 0", "25 B", "-rw-r--r--", "1000:0", "2023-11-14 22:13:20", "ASCII"):
            assert words in text
        assert "1  import os" in text
        assert "line 1 of 2" in text
        await screen.press("escape")
        assert screen.shows(MainScreen)
        assert screen.app.focused is screen.files


@pytest.mark.end_to_end
async def test_enter_and_click_view_files(show: Show, rich: Exploration) -> None:
    """Enter opens a directory and views a file; a click on the selected file views it, too."""
    async with show(rich) as screen:
        await select(screen, "etc")
        await screen.press("enter")
        assert screen.shows(MainScreen)
        await select(screen, "etc/hosts")
        await screen.press("enter")
        await settled(screen)
        assert screen.shows(Viewer)
        await screen.press("q")
        await screen.pilot.click(screen.files, offset=(30, screen.files.cursor))
        await settled(screen)
        assert lines(screen)[-1] == "new"


@pytest.mark.end_to_end
async def test_version_at_the_selected_layer(show: Show, rich: Exploration) -> None:
    """The version of the selected layer shows; [ and ] go to the versions of other layers."""
    async with show(rich) as screen:
        await select(screen, "etc/hosts", layer=0)
        await screen.press("v")
        await settled(screen)
        assert lines(screen)[-1] == "old"
        assert "version 1 of 2" in screen.text()
        assert "overwritten by layer" in screen.text()
        await screen.press("right_square_bracket")
        await settled(screen)
        assert lines(screen)[-1] == "new"
        await screen.press("right_square_bracket", "left_square_bracket")
        await settled(screen)
        assert lines(screen)[-1] == "old"


@pytest.mark.end_to_end
async def test_versions_have_one_entry(show: Show, rich: Exploration) -> None:
    """One entry of the footer stands for both keys; at the end a key says that there is no other version."""
    async with show(rich, notifications=True) as screen:
        await select(screen, "etc/hosts")
        await screen.press("v")
        await settled(screen)
        assert "[ ] Older, newer" in screen.text()
        await screen.press("]")
        assert screen.said == ["There is no newer version."]
        assert "w Wrap" in screen.text()
        await screen.press("h")
        footer = screen.app.screen.query_one(KeysFooter)
        assert not next(key for key in footer.keys if key.action == "wrap").is_enabled


@pytest.mark.end_to_end
async def test_unchanged_version(show: Show, rich: Exploration) -> None:
    """A version that a later layer shipped again with the same bytes says so."""
    async with show(rich) as screen:
        await select(screen, "touched", layer=0)
        await screen.press("v")
        await settled(screen)
        assert "shipped again unchanged by layer 1" in screen.text()


@pytest.mark.end_to_end
async def test_removed_file(show: Show, rich: Exploration) -> None:
    """A path that the selected layer removed shows its last version, and the layer that removed it."""
    async with show(rich) as screen:
        await select(screen, "etc/gone", layer=1)
        await screen.press("v")
        await settled(screen)
        assert lines(screen) == ["I was here"]
        assert "layer 0 · removed by layer 1" in screen.text()


@pytest.mark.end_to_end
async def test_hostile_content(show: Show, rich: Exploration) -> None:
    """The content of a file moves no cursor and is no markup."""
    async with show(rich) as screen:
        await select(screen, "hostile")
        await screen.press("v")
        await settled(screen)
        assert lines(screen) == ["\\x1b[2Jboo [red]x[/red]\\x07"]
        assert "\x1b" not in screen.text()


@pytest.mark.end_to_end
async def test_without_content(show: Show, rich: Exploration) -> None:
    """A path without content says why."""
    async with show(rich) as screen:
        for path, words in (
            ("empty", "The file is empty."),
            ("link", "A symbolic link to etc/hosts\nThe target is /etc/hosts."),
            ("dangling", "A symbolic link to nowhere\nThe target does not exist."),
            ("null", "A device 1:3: it has no content."),
        ):
            await select(screen, path)
            await screen.press("v")
            await settled(screen)
            assert words in message(screen)
            await screen.press("n", "w", "slash", "h")
            assert screen.shows(Viewer)
            await screen.press("escape")


@pytest.mark.end_to_end
async def test_follow_link(show: Show, rich: Exploration) -> None:
    """Enter on a link shows its target in the image."""
    async with show(rich) as screen:
        await select(screen, "dangling")
        await screen.press("v", "enter")
        assert viewer(screen).version.path == "/dangling"
        await screen.press("escape")
        await select(screen, "link")
        await screen.press("v", "enter")
        await settled(screen)
        assert viewer(screen).version.path == "/etc/hosts"
        assert lines(screen)[-1] == "new"


@pytest.mark.end_to_end
async def test_binary(show: Show, rich: Exploration) -> None:
    """Bytes that are no text show in hexadecimal; h switches for a text."""
    async with show(rich) as screen:
        await select(screen, "bin", layer=0)
        await screen.press("v")
        await settled(screen)
        assert lines(screen)[2] == "00000020  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f   !\"#$%&'()*+,-./"
        assert "binary" in screen.text()
        await screen.press("escape")
        await select(screen, "code.py")
        await screen.press("v")
        await settled(screen)
        await screen.press("h")
        assert lines(screen)[0].startswith("00000000  69 6d")
        await screen.press("h")
        assert lines(screen)[0] == "import os"


@pytest.mark.end_to_end
async def test_keys_of_text_in_hexadecimal(show: Show, rich: Exploration) -> None:
    """For bytes that are no text, the keys for text say so."""
    async with show(rich) as screen:
        await select(screen, "bin", layer=0)
        await screen.press("v")
        await settled(screen)
        await screen.press("w", "h")
        assert screen.said == [
            "Lines in hexadecimal do not wrap.",
            "These bytes are no text, so they show in hexadecimal only.",
        ]


@pytest.mark.end_to_end
async def test_hexadecimal_fits_eighty_columns(show: Show, rich: Exploration) -> None:
    """A line in hexadecimal fits 80 columns, without scrolling sideways."""
    async with show(rich, size=(80, 24)) as screen:
        await select(screen, "bin", layer=0)
        await screen.press("v")
        await settled(screen)
        assert viewer(screen).pager.max_scroll_x == 0
        assert lines(screen)[4] in screen.text()


@pytest.mark.end_to_end
async def test_directory_has_nothing_to_view(show: Show, rich: Exploration) -> None:
    """v does nothing on a directory."""
    async with show(rich) as screen:
        await select(screen, "etc")
        await screen.press("v")
        assert screen.shows(MainScreen)


@pytest.mark.end_to_end
async def test_how_much_shows(show: Show, tmp_path: Path) -> None:
    """A note above a file that is cut says how much of it shows; hexadecimal shows less than text."""
    exploration = explored_layers(tmp_path, layer(file("big.txt", b"x" * 99 + b"\n" * 1_000_000)))
    async with show(exploration) as screen:
        await select(screen, "big.txt")
        await screen.press("v")
        await settled(screen)
        assert "the first 100,000 lines of 1.0 MB" in screen.text()
        await screen.press("h")
        assert "the first 262 kB of 1.0 MB" in screen.text()
        assert "line 1 of 16,384 · the first 262 kB of 1.0 MB" in screen.text()


@pytest.mark.end_to_end
async def test_help_and_palette(show: Show, rich: Exploration) -> None:
    """The help explains the viewer and lists its keys."""
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("v")
        await settled(screen)
        await screen.press("question_mark")
        assert screen.shows(HelpScreen)
        assert "Keys for a file's content" in screen.text()
        await screen.press("escape")
        assert screen.shows(Viewer)


@pytest.mark.end_to_end
async def test_reading_takes_long(show: Show, rich: Exploration) -> None:
    """While a file is read the viewer shows the progress, and Esc stops the work at once."""
    exploration, slow = slowed(rich)
    async with show(exploration) as screen:
        await select(screen, "code.py")
        await screen.press("v")
        while "12 MB of 39 MB" not in message(screen):
            await screen.pilot.pause()
        await screen.press("j", "slash", "n", "w")
        await screen.press("escape")
        assert screen.shows(MainScreen)
        assert slow.stopped.wait(5)
        slow.go_on.set()
        await screen.press("v")
        await settled(screen)
        assert lines(screen)[0] == "import os"


@pytest.mark.end_to_end
async def test_reading_fails(show: Show, rich: Exploration) -> None:
    """An error shows with its hint, and nothing of it is markup."""
    exploration, slow = slowed(rich, RegistryError("the registry [/] refuses\x1b", "Log in first."))
    slow.go_on.set()
    async with show(exploration) as screen:
        await select(screen, "code.py", layer=0)
        for key in "vd":
            await screen.press(key)
            await settled(screen)
            assert message(screen) == "the registry [/] refuses\\x1b\n\nLog in first."
            await screen.press("escape")


async def test_packed_text(show: Show, tmp_path: Path) -> None:
    """A gzipped text shows uncompressed, with a note; h shows the compressed bytes."""
    packed = gzip.compress(b"# Changes\nmany\n")
    async with show(explored_layers(tmp_path, layer(file("changelog.gz", packed)))) as screen:
        await select(screen, "changelog.gz")
        await screen.press("v")
        await settled(screen)
        assert lines(screen) == ["# Changes", "many"]
        assert "gzip archive · text inside: ASCII" in screen.text()
        await screen.press("h")
        assert "1f 8b" in lines(screen)[0]
