"""Looking inside: the viewer, the diff, saving and copying, with keys in and state out."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from textual.widgets import Input, RadioSet, Static

from explorer.errors import Cancelled, RegistryError
from explorer.tui.dialogs.help_screen import HelpScreen
from explorer.tui.main.screen import MainScreen
from explorer.tui.viewer.diff_screen import DiffScreen
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.pager import Pager
from explorer.tui.viewer.text_screen import TextScreen
from explorer.tui.viewer.viewer import Viewer
from tests.images import (
    device,
    directory,
    docker_archive,
    explored,
    explored_layers,
    file,
    gzipped,
    image,
    layer,
    symlink,
    whiteout,
)
from tests.tui.driving import Screen, Show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from explorer.model import Entry, LayerContents
    from explorer.pipeline import Exploration

LONG = b"".join(b"line %d of many\n" % number for number in range(2000))


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Exploration:
    """An image with files of each kind, some changed, some removed."""
    path = tmp_path_factory.mktemp("rich") / "image.tar"
    path.write_bytes(
        docker_archive(
            image(
                layer(
                    file("code.py", b"import os\nprint('hello')\n", uid=1000),
                    file("etc/hosts", b"127.0.0.1 localhost\n" * 5 + b"old\n"),
                    file("etc/gone", b"I was here\n"),
                    file("hostile", b"\x1b[2Jboo [red]x[/red]\x07\n"),
                    file("empty"),
                    file("bin", bytes(range(256)) * 40),
                    file("touched", bytes(200)),
                    symlink("link", "etc/hosts"),
                    symlink("dangling", "nowhere"),
                    device("null", 1, 3),
                ),
                layer(
                    file("etc/hosts", b"127.0.0.1 localhost\n" * 5 + b"new\n", mode=0o600),
                    whiteout("etc/gone"),
                    file("bin", bytes(reversed(range(256))) * 40, xattrs={"user.a": "1"}),
                    file("touched", bytes(200), mode=0o755),
                    file("long.txt", LONG + b"wide " * 300),
                    directory("new"),
                ),
            ),
            compress=gzipped,
        )
    )
    return explored(path)


async def select(screen: Screen, path: str, layer: int | None = None) -> None:
    """Go to a path in the file pane, at a layer."""
    if layer is not None:
        screen.main.view = replace(screen.main.view, layer=layer)
    await screen.press("f")
    screen.files.action_open_all()
    await screen.pilot.pause()
    rows = screen.files.rows
    assert rows is not None
    screen.files.cursor = next(number for number, row in enumerate(rows) if row.node.path == path)
    await screen.pilot.pause()


async def settled(screen: Screen) -> None:
    await screen.app.workers.wait_for_complete()
    await screen.pilot.pause()


def lines(screen: Screen) -> list[str]:
    return list(screen.app.screen.query_one(Pager).lines)


def message(screen: Screen) -> str:
    return str(screen.app.screen.query_one("#viewer-message", Static).content)


def viewer(screen: Screen) -> Viewer:
    assert isinstance(screen.app.screen, Viewer)
    return screen.app.screen


# The viewer


async def test_view(show: Show, rich: Exploration) -> None:
    """v shows a file's text with its path, layer, size, mode, owner, time and encoding; Esc leads back."""
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


async def test_enter_and_click_view_files(show: Show, rich: Exploration) -> None:
    """Enter opens a directory, and looks into a file; a click on a selected file does, too."""
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


async def test_version_at_the_selected_layer(show: Show, rich: Exploration) -> None:
    """The version of the selected layer shows; [ and ] lead to those of other layers."""
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


async def test_removed_file(show: Show, rich: Exploration) -> None:
    """Of a path that the selected layer removed, what was below it shows, and which layer removed it."""
    async with show(rich) as screen:
        await select(screen, "etc/gone", layer=1)
        await screen.press("v")
        await settled(screen)
        assert lines(screen) == ["I was here"]
        assert "layer 0 · removed by layer 1" in screen.text()


async def test_hostile_content(show: Show, rich: Exploration) -> None:
    """What a file holds moves no cursor and is no markup."""
    async with show(rich) as screen:
        await select(screen, "hostile")
        await screen.press("v")
        await settled(screen)
        assert lines(screen) == ["\\x1b[2Jboo [red]x[/red]\\x07"]
        assert "\x1b" not in screen.text()


async def test_without_content(show: Show, rich: Exploration) -> None:
    """What has no bytes says what it is."""
    async with show(rich) as screen:
        for path, words in (
            ("empty", "The file is empty."),
            ("link", "A symbolic link to etc/hosts:\nthat is /etc/hosts."),
            ("dangling", "A symbolic link to nowhere:\nthere is nothing there in the image."),
            ("null", "A device 1:3: nothing to read"),
        ):
            await select(screen, path)
            await screen.press("v")
            await settled(screen)
            assert words in message(screen)
            await screen.press("n", "w", "slash", "h")
            assert screen.shows(Viewer)
            await screen.press("escape")


async def test_follow_link(show: Show, rich: Exploration) -> None:
    """Enter on a link shows what it leads to in the image."""
    async with show(rich) as screen:
        await select(screen, "dangling")
        await screen.press("v", "enter")
        assert viewer(screen).subject.path == "/dangling"
        await screen.press("escape")
        await select(screen, "link")
        await screen.press("v", "enter")
        await settled(screen)
        assert viewer(screen).subject.path == "/etc/hosts"
        assert lines(screen)[-1] == "new"


async def test_binary(show: Show, rich: Exploration) -> None:
    """Bytes that are no text show in hexadecimal; a text can be shown so, too."""
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


async def test_hexadecimal_fits_eighty_columns(show: Show, rich: Exploration) -> None:
    """Eighty columns hold all of a line in hexadecimal: nothing is to be scrolled sideways."""
    async with show(rich, size=(80, 24)) as screen:
        await select(screen, "bin", layer=0)
        await screen.press("v")
        await settled(screen)
        assert viewer(screen).pager.max_scroll_x == 0
        assert lines(screen)[4] in screen.text()


async def test_directory_has_nothing_to_view(show: Show, rich: Exploration) -> None:
    """v does nothing on a directory."""
    async with show(rich) as screen:
        await select(screen, "etc")
        await screen.press("v")
        assert screen.shows(MainScreen)


async def test_moving(show: Show, rich: Exploration) -> None:
    """Arrows, letters and pages move in the text; w wraps lines, and the line at the top stays."""
    async with show(rich) as screen:
        await select(screen, "long.txt")
        await screen.press("v")
        await settled(screen)
        pager = screen.app.screen.query_one(Pager)
        await screen.press("j", "down", "k")
        assert pager.top == 1
        await screen.press("G")
        assert f"{len(LONG.splitlines()) + 1}  wide wide" in screen.text()
        before = len(pager.rows)
        top = pager.top
        await screen.press("w")
        assert len(pager.rows) > before
        assert pager.top == top
        await screen.press("w", "g", "pagedown", "right")
        assert pager.top > 20
        assert pager.scroll_offset.x == 8
        assert "  of many" in screen.text()
        assert "line 30" not in screen.text()
        await screen.press("left", "pageup")
        assert (pager.top, pager.scroll_offset.x) == (0, 0)


async def test_search(show: Show, rich: Exploration) -> None:
    """/ asks for a text; the matches are counted; n and N go round them; Esc takes the marks away, then leaves."""
    async with show(rich) as screen:
        await select(screen, "long.txt")
        await screen.press("v")
        await settled(screen)
        await screen.press("slash", *"LINE 199", "enter")
        assert not viewer(screen).pager.matches
        await screen.press("n")
        assert screen.said[-1] == "“LINE 199” is not in it"
        await screen.press("slash")
        viewer(screen).query_one(Input).value = "line 199"
        await screen.press("enter")
        pager = viewer(screen).pager
        assert len(pager.matches) == 11
        assert "match 1 of 11" in screen.text()
        await screen.press("n")
        assert "match 2 of 11" in screen.text()
        assert "line 1990 of many" in screen.text()
        await screen.press("N", "N")
        assert pager.match == 10
        await screen.press("escape")
        assert not pager.matches
        await screen.press("escape")
        assert screen.shows(MainScreen)


async def test_search_as_it_is_typed(show: Show, rich: Exploration) -> None:
    """Each letter marks and counts what is found, from where the search began; Enter keeps that, Esc undoes it."""
    async with show(rich) as screen:
        await select(screen, "long.txt")
        await screen.press("v")
        await settled(screen)
        pager = viewer(screen).pager
        await screen.press("slash", *"line 19")
        assert (len(pager.matches), pager.match) == (111, 0)
        assert "match 1 of 111" in screen.text()
        await screen.press("9", "9")
        assert "match 1 of 1 ·" in screen.text()
        assert "line 1999 of many" in screen.text()
        await screen.press("x")
        assert "no match" in screen.text()
        await screen.press("backspace", "backspace", "enter", "n")
        assert screen.app.focused is pager
        assert "match 2 of 11" in screen.text()
        before = (pager.matches, pager.match, pager.scroll_offset)
        await screen.press("slash", *"many")
        assert "of 2,000" in screen.text()
        await screen.press("escape")
        assert screen.app.focused is pager
        assert (pager.matches, pager.match, pager.scroll_offset) == before
        assert "match 2 of 11" in screen.text()
        await screen.press("slash", "enter")
        assert "match 2 of 11" in screen.text(), "the same search again leaves all as it is"


async def test_long_paths_keep_their_names(show: Show, tmp_path: Path) -> None:
    """Where a path has no room in a title its beginning is missing, for the name is at its end."""
    path = "/".join([*(f"directory-{number}" for number in range(12)), "the-name.txt"])
    async with show(explored_layers(tmp_path, layer(file(path, b"text\n"))), size=(80, 24)) as screen:
        await select(screen, path)
        for keys in (("v",), ("escape", "x"), ("escape", "d")):
            await screen.press(*keys)
            await settled(screen)
            first = next(line for line in screen.text().splitlines() if "directory-11" in line)
            assert "/directory-11/the-name.txt" in first
            assert "…" in first


async def test_blanks_around_a_destination(
    show: Show, rich: Exploration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blank that was typed before or after a destination is no part of it."""
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


async def test_what_a_search_looked_through(show: Show, tmp_path: Path) -> None:
    """What is not found is said to be not in what shows, and of a file that is cut, how to have all of it."""
    found = explored_layers(
        tmp_path, layer(file("big.bin", bytes(1 << 20)), file("big.txt", b"line\n" * 300_000), file("small", b"a\n"))
    )
    async with show(found) as screen:
        for path, keys, words in (
            ("big.bin", "", "in any line of the first 262 kB; x saves the whole file"),
            ("big.txt", "", "in the first 100,000 lines; x saves the whole file"),
            ("big.txt", "h", "in any line of the first 262 kB; x saves the whole file"),
            ("small", "", "in it"),
            ("small", "h", "in any of its lines"),
        ):
            await select(screen, path)
            await screen.press("v")
            await settled(screen)
            await screen.press(*keys, "slash")
            viewer(screen).query_one(Input).value = "nowhere"
            await screen.press("enter")
            assert [note.message for note in screen.app._notifications][-1] == f"“nowhere” is not {words}"
            await screen.press("escape")


async def test_how_much_shows(show: Show, tmp_path: Path) -> None:
    """The line above a file that is cut says how much of it shows, which in hexadecimal is less than as text."""
    found = explored_layers(tmp_path, layer(file("big.txt", b"x" * 99 + b"\n" * 1_000_000)))
    async with show(found) as screen:
        await select(screen, "big.txt")
        await screen.press("v")
        await settled(screen)
        assert "the first 100,000 lines of 1.0 MB" in screen.text()
        await screen.press("h")
        assert "the first 262 kB of 1.0 MB" in screen.text()


async def test_save_from_the_viewer(show: Show, rich: Exploration, here: Path) -> None:
    """x saves here too: the version that shows, from the layer that brought it."""
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


async def test_help_and_palette(show: Show, rich: Exploration) -> None:
    """The help explains the viewer and names its keys."""
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("v")
        await settled(screen)
        await screen.press("question_mark")
        assert screen.shows(HelpScreen)
        assert "Keys inside a file" in screen.text()
        await screen.press("escape")
        assert screen.shows(Viewer)


@dataclass
class Slow:
    """Contents that come when they are told to, or not at all."""

    contents: LayerContents
    go_on: threading.Event
    stopped: threading.Event
    error: Exception | None = None
    streams: bool = True
    stored_bytes: int = 39_000_000

    def read(self, index: Any, entries: Iterable[Entry], on_progress: Callable[[int], None]) -> Any:
        try:
            on_progress(12_000_000)
            while not self.go_on.wait(0.01):
                on_progress(12_000_000)
        except Cancelled:
            self.stopped.set()
            raise
        if self.error:
            raise self.error
        return self.contents.read(index, entries, on_progress)


def slowed(found: Exploration, error: Exception | None = None) -> tuple[Exploration, Slow]:
    slow = Slow(found.image.layers[0].contents, threading.Event(), threading.Event(), error)
    layers = (replace(found.image.layers[0], contents=cast("LayerContents", slow)), *found.image.layers[1:])
    return replace(found, image=replace(found.image, layers=layers)), slow


async def test_reading_takes_long(show: Show, rich: Exploration) -> None:
    """While a file is fetched the viewer says how far it is, and Esc stops the work at once."""
    found, slow = slowed(rich)
    async with show(found) as screen:
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


async def test_reading_fails(show: Show, rich: Exploration) -> None:
    """What goes wrong is said in words, with the remedy, and nothing of it is markup."""
    found, slow = slowed(rich, RegistryError("the registry [/] refuses\x1b", "Log in first."))
    slow.go_on.set()
    async with show(found) as screen:
        await select(screen, "code.py", layer=0)
        for key in "vd":
            await screen.press(key)
            await settled(screen)
            assert message(screen) == "the registry [/] refuses\\x1b\n\nLog in first."
            await screen.press("escape")


# The diff


async def test_diff(show: Show, rich: Exploration) -> None:
    """d shows the metadata that differs first, then the lines, coloured by a mark in front."""
    async with show(rich) as screen:
        await select(screen, "etc/hosts")
        await screen.press("d")
        await settled(screen)
        assert lines(screen) == ["@@ -3,4 +3,4 @@", *["  127.0.0.1 localhost"] * 3, "− old", "+ new"]
        text = screen.text()
        assert "− layer 0   + layer 1" in text
        assert "~ mode         − -rw-r--r--" in text
        await screen.press("escape")
        assert screen.shows(MainScreen)


async def test_diff_of_the_layer_that_brought_it(show: Show, rich: Exploration) -> None:
    """Of a path that the selected layer left alone, what its own layer did shows: of a new one, all lines are new."""
    async with show(rich) as screen:
        await select(screen, "code.py", layer=1)
        await screen.press("d")
        await settled(screen)
        assert lines(screen)[1:] == ["+ import os", "+ print('hello')"]
        assert "− nothing   + layer 0" in screen.text()


async def test_diff_removed(show: Show, rich: Exploration) -> None:
    """Of a removed file all lines are gone."""
    async with show(rich) as screen:
        await select(screen, "etc/gone")
        await screen.press("d")
        await settled(screen)
        assert lines(screen) == ["@@ -1,1 +0,0 @@", "− I was here"]
        assert "+ not there at layer 1" in screen.text()


async def test_diff_of_one_large_file(show: Show, tmp_path: Path) -> None:
    """Of a large file that came or went it is said that there is nothing to compare it with."""
    large = b"line\n" * 300_000
    found = explored_layers(tmp_path, layer(file("old", large)), layer(whiteout("old"), file("new", large)))
    async with show(found) as screen:
        for path, words in (("old", "no newer version to compare"), ("new", "no older version to compare")):
            await select(screen, path)
            await screen.press("d")
            await settled(screen)
            assert words in message(screen)
            assert "line by line" not in message(screen)
            await screen.press("escape")


async def test_diff_of_the_end(show: Show, tmp_path: Path) -> None:
    """A newline that is missing at the end is told, as diff does, whether other lines differ or not."""
    found = explored_layers(
        tmp_path,
        layer(file("both", b"one\ntwo"), file("end", b"one\n")),
        layer(file("both", b"ONE\ntwo\n"), file("end", b"one")),
    )
    missing = "\\ No newline at end of file"
    async with show(found) as screen:
        for path, told in (
            ("both", ["− one", "− two", missing, "+ ONE", "+ two"]),
            ("end", ["− one", "+ one", missing]),
        ):
            await select(screen, path)
            await screen.press("d")
            await settled(screen)
            assert lines(screen)[1:] == told
            await screen.press("escape")


async def test_packed_text(show: Show, tmp_path: Path) -> None:
    """The viewer shows the text that gzip packed and says so; h shows the packed bytes."""
    packed = gzip.compress(b"# Changes\nmany\n")
    async with show(explored_layers(tmp_path, layer(file("changelog.gz", packed)))) as screen:
        await select(screen, "changelog.gz")
        await screen.press("v")
        await settled(screen)
        assert lines(screen) == ["# Changes", "many"]
        assert "gzip archive · text inside: ASCII" in screen.text()
        await screen.press("h")
        assert "1f 8b" in lines(screen)[0]


async def test_diff_binary(show: Show, rich: Exploration) -> None:
    """Of binaries the digests are compared, and attributes that differ are named."""
    async with show(rich) as screen:
        await select(screen, "bin")
        await screen.press("d")
        await settled(screen)
        text = screen.text()
        assert "~ sha256" in text
        assert "~ user.a" in text
        assert "Not text: binary." in text
        assert "sha256" in text


async def test_diff_same_bytes(show: Show, rich: Exploration) -> None:
    """Where only metadata differs, that is said without reading anything."""
    found, _ = slowed(rich)
    async with show(found) as screen:
        await select(screen, "touched")
        await screen.press("d")
        await settled(screen)
        assert "The contents are identical." in screen.text()
        assert "~ mode" in screen.text()


async def test_diff_directory(show: Show, rich: Exploration) -> None:
    """A directory has metadata to compare, and nothing else."""
    async with show(rich) as screen:
        await select(screen, "new")
        await screen.press("d")
        await settled(screen)
        assert isinstance(screen.app.screen, DiffScreen)
        assert "what is in it has changes of its own" in screen.text()


async def test_diff_with_a_base(show: Show, rich: Exploration) -> None:
    """While comparing, the diff is with the base; what is the same there is said to be."""
    async with show(rich) as screen:
        await select(screen, "code.py", layer=1)
        screen.main.view = replace(screen.main.view, base=0)
        await screen.pilot.pause()
        await screen.press("d")
        await settled(screen)
        assert "The same: layer 0 brought it" in screen.text()


# Saving


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory."""
    found = tmp_path / "here"
    found.mkdir()
    monkeypatch.chdir(found)
    return found


def said(screen: Screen) -> str:
    return str(screen.app.screen.query_one("#save-said", Static).content)


async def test_save(show: Show, rich: Exploration, here: Path) -> None:
    """x asks where to; Enter saves in the background, and a word says where, and how much."""
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


async def test_save_asks_before_it_replaces(show: Show, rich: Exploration, here: Path) -> None:
    """What exists is replaced only after a second Enter; another text has to be confirmed anew."""
    (here / "code.py").write_bytes(b"mine")
    (here / "other").write_bytes(b"mine")
    async with show(rich) as screen:
        await select(screen, "code.py")
        await screen.press("x", "enter")
        await settled(screen)
        assert "exists. It will be replaced: Enter once more" in said(screen)
        screen.app.screen.query_one(Input).value = "other"
        await screen.press("enter")
        await settled(screen)
        assert (here / "other").read_bytes() == b"mine"
        await screen.press("enter")
        await settled(screen)
        assert (here / "other").read_bytes().startswith(b"import")
        assert (here / "code.py").read_bytes() == b"mine"


async def test_save_directory(show: Show, rich: Exploration, here: Path) -> None:
    """A directory is saved as a container sees it, or only what the selected layer brought."""
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
        # What is chosen is saved by the next Enter.
        await screen.press("enter")
        await settled(screen)
        assert [path.name for path in (here / "etc").iterdir()] == ["hosts"]
        notes = [note.message for note in screen.app._notifications]
        assert notes[-1] == "1 removal"


async def test_save_bad_destination(show: Show, rich: Exploration, here: Path) -> None:
    """A destination that cannot be is told of while it is typed, and Enter does nothing."""
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


async def test_save_can_be_stopped(show: Show, rich: Exploration, here: Path) -> None:
    """Esc stops what is being saved; nothing half is left."""
    found, slow = slowed(rich)
    async with show(found) as screen:
        await select(screen, "code.py")
        await screen.press("x", "enter")
        assert "Saving" in said(screen)
        await screen.press("enter", "escape")
        assert screen.shows(MainScreen)
        assert slow.stopped.wait(5)
        assert list(here.iterdir()) == []


async def test_a_directory_to_be_made_is_told(show: Show, rich: Exploration, here: Path) -> None:
    """Before a directory is saved the prompt says whether the destination will be made or is there."""
    (here / "there").mkdir()
    async with show(rich) as screen:
        await select(screen, "etc")
        await screen.press("x")
        assert said(screen).endswith("This directory will be made.")
        for text, words in (("new", "new\nThis directory will be made."), ("there/etc", "etc\nThis directory")):
            screen.app.screen.query_one(Input).value = text
            await screen.pilot.pause()
            assert words in said(screen)
        (here / "there/etc").mkdir()
        screen.app.screen.query_one(Input).value = "there/"
        await screen.pilot.pause()
        assert said(screen).endswith("It exists: you will be asked before anything is replaced.")


async def test_what_becomes_of_what_was_stopped(show: Show, rich: Exploration, here: Path) -> None:
    """Stopping the saving of a directory says what goes away again and what cannot come back."""
    found, _ = slowed(rich)
    async with show(found) as screen:
        for press in (("x", "enter"), ("x", "enter", "enter")):
            await select(screen, "etc", layer=0)
            await screen.press(*press)
            assert "Saving" in said(screen)
            await screen.press("escape")
            (here / "etc").mkdir(exist_ok=True)
        told = [note.message for note in screen.app._notifications]
        assert told == [
            "Stopped: what was saved is removed again.",
            "Stopped: new files are removed again, replaced ones stay.",
        ]


async def test_save_fails(show: Show, rich: Exploration, here: Path) -> None:
    """What goes wrong while saving is said in words, and another destination can be tried."""
    found, slow = slowed(rich, RegistryError("the registry refuses", "Log in first."))
    slow.go_on.set()
    async with show(found) as screen:
        await select(screen, "code.py")
        await screen.press("x", "enter")
        await settled(screen)
        assert said(screen) == "the registry refuses\nLog in first."
        slow.error = None
        await screen.press("enter")
        await settled(screen)
        assert (here / "code.py").exists()


async def test_nothing_to_save(show: Show, rich: Exploration, here: Path) -> None:
    """A device cannot be saved, which a word says."""
    async with show(rich) as screen:
        await select(screen, "null")
        await screen.press("x")
        assert screen.shows(MainScreen)
        assert ["nothing that can be saved" in note.message for note in screen.app._notifications] == [True]


# Copying


async def test_copy(show: Show, rich: Exploration) -> None:
    """y copies the path, Y the layer's command."""
    async with show(rich) as screen:
        await select(screen, "etc/hosts")
        await screen.press("y")
        assert screen.app.clipboard == "/etc/hosts"
        await screen.press("Y")
        assert screen.app.clipboard == "RUN step 1"


async def test_no_keys_before_the_files_are_there(show: Show, rich: Exploration) -> None:
    """While the image is being loaded the keys do nothing."""
    go_on = threading.Event()

    def load(watcher: Any, platform: str | None = None) -> Exploration:
        watcher.image_opened(rich.image)
        go_on.wait(10)
        return rich

    async with show(load) as screen:
        await screen.press("v", "d", "x", "y", "Y", "enter")
        assert not isinstance(screen.app.screen, TextScreen | ExtractScreen)
        go_on.set()
        await screen.loaded()
