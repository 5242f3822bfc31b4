"""Keys and clicks in, state out."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.widgets import ContentSwitcher

from explorer.analysis.changes import changes
from explorer.config.settings import Sort
from explorer.errors import Cancelled, ChoiceNeeded, ExplorerError, ImageNotFound
from explorer.model import Cause, Change, Progress, Variant, Watcher
from explorer.text.units import size
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.dialogs.help_screen import HelpScreen, key_groups, pane_help
from explorer.tui.dialogs.platform_screen import PlatformScreen
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.details import Details
from explorer.tui.main.header import ImageHeader, ImageSummary, summary_line
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.loading_pane import LoadingPane
from explorer.tui.main.screen import MainScreen
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.footer import KeysFooter
from explorer.tui.widgets.prose import MAX_TEXT_CHARS
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from explorer.viewmodel.waste_groups import Group
from tests.images import docker_archive, explored, explored_layers, file, image, layer, whiteout
from tests.tui.driving import HOSTILE, Screen, Show

if TYPE_CHECKING:
    from pathlib import Path

    from textual.binding import Binding

    from explorer.pipeline import Exploration

# Loading


async def test_loaded(show: Show, sample: Exploration) -> None:
    """Once loaded, the top layer is selected, its files show, biggest first, and the layers have the focus."""
    async with show(sample) as screen:
        assert screen.main.view == View(3)
        assert screen.layers.selected_layer == 3
        assert screen.app.focused is screen.layers
        assert screen.names == ["usr", "srv/app", "etc", "bin", "var/cache"]
        assert "9.7 MB wasted" in screen.text()


async def test_found_before_loaded(show: Show, sample: Exploration) -> None:
    """The layers and their commands show as soon as they are known, and then the progress of the reading."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        watcher.layer_read(sample.image.layers[0], sample.tree.layers[0])
        watcher.progress(Progress("Reading layers", 25, 100))
        go_on.wait(10)
        return sample

    async with show(load) as screen:
        while screen.main.query_one(LoadingPane).progress.total is None:
            await screen.pilot.pause()
        text = screen.text()
        assert screen.layers.count == 5
        assert "RUN apt-get" in text
        assert "6.5 MB" in text
        assert "Reading layers" in text
        assert "25 %" in text
        await screen.press("up", "s", "c", "m", "2", "f", "e", "w", "i", "f")
        assert screen.main.view.layer == 2
        go_on.set()
        await screen.loaded()
        assert screen.main.view == View(2)
        assert screen.names


async def test_found_twice(show: Show, sample: Exploration, hostile: Exploration) -> None:
    """A second finding replaces the first, as when an engine gives a preview."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        watcher.image_opened(hostile.image)
        return hostile

    async with show(load) as screen:
        await screen.loaded()
        assert screen.layers.count == 2
        assert screen.main.view.layer == 1


async def test_quit_while_loading_blocks(show: Show) -> None:
    """A load that never comes back does not keep the program from ending, and is not heard of again."""
    release, stopped = threading.Event(), threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        release.wait(20)
        try:
            watcher.progress(Progress("too late", 1, 2))
        except Cancelled:
            stopped.set()
        raise AssertionError("nobody hears of this")

    async with show(load) as screen:
        await screen.press("q")
        assert screen.app.return_code == 0
    release.set()
    assert stopped.wait(5)


async def test_error(show: Show) -> None:
    """An error that the user can act on shows its words and its hint, and decides the exit code."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        raise ImageNotFound("there is no image [/]\x1b[2J", "Try another\nname.")

    async with show(load) as screen:
        await screen.loaded()
        assert screen.shows(ErrorScreen)
        text = screen.text()
        assert "there is no image [/]\\x1b[2J" in text
        assert "Try another" in text
        await screen.press("q")
    assert screen.app.return_code == 3


async def test_bug(show: Show) -> None:
    """Any other exception is called what it is, without a traceback."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        raise KeyError("surprise")

    async with show(load) as screen:
        await screen.loaded()
        assert "bug" in screen.text()
        assert "KeyError" in screen.text()
        assert "Traceback" not in screen.text()
        await screen.press("q")
    assert screen.app.return_code == ExplorerError.exit_code


async def test_error_after_found(show: Show, sample: Exploration) -> None:
    """An image that turns out to be damaged gives way to the error."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(sample.image)
        raise ImageNotFound("gone", "")

    async with show(load) as screen:
        await screen.loaded()
        assert screen.shows(ErrorScreen)


VARIANTS = (
    Variant("linux/amd64", 24_000_000, ("made:1",)),
    Variant("linux/arm64/v8", None),
    Variant("[red]\x1b/s390x"),
)


async def test_choosing_another_platform(show: Show, sample: Exploration, hostile: Exploration) -> None:
    """With several platforms a key lists them, the present one marked; Enter loads the chosen one."""
    asked: list[str | None] = []

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        asked.append(platform)
        found = hostile if platform else sample
        image = replace(found.image, platform=platform or "linux/amd64", variants=VARIANTS)
        watcher.image_opened(image)
        return replace(found, image=image)

    async with show(load) as screen:
        await screen.loaded()
        await screen.press("m", "w", "p")
        assert screen.shows(PlatformScreen)
        text = screen.text()
        assert "● linux/amd64" in text
        assert "24 MB" in text
        assert "[red]\\x1b/s390x" in text
        await screen.press("enter")
        assert screen.shows(MainScreen)
        await screen.press("p", "escape", "p", "j", "k", "j", "enter")
        await screen.loaded()
        assert asked == [None, "linux/arm64/v8"]
        assert screen.layers.count == 2
        assert screen.main.view == View(1)
        assert "linux/arm64/v8" in screen.text()


async def test_platform_key_needs_several(show: Show, sample: Exploration) -> None:
    """An image of one platform offers no choice."""
    async with show(sample) as screen:
        await screen.press("p")
        assert screen.shows(MainScreen)
        assert "Platform" not in screen.text()


async def test_choice_needed(show: Show, sample: Exploration) -> None:
    """Where a platform has to be chosen, the list comes instead of the error, and the error when nothing is chosen."""

    def load(watcher: Watcher, platform: str | None) -> Exploration:
        if platform == "linux/amd64":
            return sample
        raise ChoiceNeeded("choose one", "", VARIANTS) if platform is None else ImageNotFound("no such thing")

    async with show(load) as screen:
        await screen.loaded()
        await screen.press("escape")
        assert screen.shows(ErrorScreen)
        assert "choose one" in screen.text()
        await screen.press("p", "down", "enter")
        await screen.loaded()
        assert screen.shows(ErrorScreen)
        assert "no such thing" in screen.text()
        await screen.press("p", "home", "enter")
        await screen.loaded()
        assert screen.shows(MainScreen)
        assert screen.names
        await screen.press("q")
    assert screen.app.return_code == 0


# Layers


async def test_moving_through_the_layers(show: Show, sample: Exploration) -> None:
    """The files and the details follow the selected layer, by arrows, vi keys, pages and ends."""
    async with show(sample) as screen:
        await screen.press("up")
        assert screen.main.view.layer == 2
        assert screen.main.query_one(Details).border_title == "Layer 2"
        await screen.press("k", "k")
        assert screen.main.view.layer == 0
        assert "srv" not in " ".join(screen.names)
        await screen.press("j")
        assert screen.main.view.layer == 1
        await screen.press("G")
        assert screen.main.view.layer == 3
        await screen.press("g")
        assert screen.main.view.layer == 0
        await screen.press("pagedown")
        assert screen.main.view.layer == 3
        await screen.press("home", "end", "down")
        assert screen.main.view.layer == 3


async def test_selected_path_stays(show: Show, sample: Exploration) -> None:
    """Going to another layer keeps the selected path, or the nearest one above it."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("compiler")
        await screen.press("shift+tab", "shift+tab")
        screen.layers.focus()
        await screen.press("up")
        assert screen.selected == "usr/bin/compiler"
        await screen.press("home")
        assert screen.selected == "usr/bin"


async def test_compare_from_here(show: Show, sample: Exploration) -> None:
    """Compared with a layer, the marks tell all that happened since; the key again, or Escape, ends it."""
    async with show(sample) as screen:
        await screen.press("home", "m", "end")
        assert screen.main.view == View(3, base=0)
        assert "changes from layer 0 → layer 3" in screen.text()
        compiler = sample.tree.find("usr/bin/compiler")
        assert compiler is not None
        assert screen.files.visible_tree is not None
        assert screen.files.visible_tree.nodes.change(compiler) is Change.ADDED
        await screen.press("m")
        assert screen.main.view.base is None
        await screen.press("m", "c", "escape")
        assert screen.main.view == View(3, hidden=frozenset({Change.UNCHANGED}))
        await screen.press("escape")
        assert screen.main.view == View(3)


async def test_compare_in_a_hurry(show: Show, sample: Exploration) -> None:
    """Keys that come faster than they are dealt with mean the layer that the cursor has reached."""
    async with show(sample) as screen:
        screen.layers.action_first()
        screen.main.action_compare()
        await screen.pilot.pause()
        assert screen.main.view == View(0, base=0)
        screen.main.action_pane("files")
        assert screen.main.focused is screen.files


async def test_compare_with_a_later_layer(show: Show, sample: Exploration) -> None:
    """Compared with a later layer, the title says in which direction the changes go."""
    async with show(sample) as screen:
        await screen.press("m", "home")
        assert "changes from layer 3 → layer 0" in screen.text()


async def test_enter_goes_to_the_files(show: Show, sample: Exploration) -> None:
    """Enter on a layer goes to its files."""
    async with show(sample) as screen:
        await screen.press("w")
        screen.layers.focus()
        await screen.press("enter")
        assert screen.app.focused is screen.files
        assert screen.main.pane == "files"


# Files


async def test_open_and_close(show: Show, sample: Exploration) -> None:
    """Arrows open, enter, close and leave directories; Enter and Space do both."""
    async with show(sample) as screen:
        await screen.press("f", "right")
        assert screen.names[:3] == ["usr", "bin", "lib"]
        await screen.press("right")
        assert screen.selected == "usr/bin"
        await screen.press("l", "l")
        assert screen.selected == "usr/bin/compiler"
        await screen.press("left")
        assert screen.selected == "usr/bin"
        await screen.press("h", "h")
        assert screen.selected == "usr"
        await screen.press("left")
        assert screen.names[0:2] == ["usr", "srv/app"]
        await screen.press("enter")
        assert "lib" in screen.names
        await screen.press("space")
        assert "lib" not in screen.names


async def test_open_all(show: Show, sample: Exploration) -> None:
    """One key opens all directories, another closes them, and the cursor stays with its path."""
    async with show(sample) as screen:
        await screen.press("f", "down", "e")
        assert "model.bin" in screen.names
        assert screen.selected == "srv/app"
        await screen.press("E")
        assert screen.names == ["usr", "srv/app", "etc", "bin", "var/cache"]
        assert screen.selected == "srv/app"


async def test_sort(show: Show, sample: Exploration) -> None:
    """The key goes through the orders; a click on a head chooses one."""
    async with show(sample) as screen:
        await screen.press("s")
        assert screen.main.view == View(3, sort=Sort.NAME)
        assert screen.names == ["bin", "etc", "srv/app", "usr", "var/cache"]
        await screen.press("s")
        assert screen.main.view == View(3, sort=Sort.CHANGE)
        heads = screen.main.query_one("#files").query_one(ColumnHeaders)
        await screen.pilot.click(heads, offset=(8, 0))
        await screen.pilot.pause()
        assert screen.main.view == View(3, sort=Sort.SIZE)
        await screen.pilot.click(heads, offset=(heads.size.width - 3, 0))
        await screen.pilot.pause()
        assert screen.main.view == View(3, sort=Sort.NAME)
        await screen.pilot.click(heads, offset=(1, 0))
        await screen.pilot.pause()
        assert screen.main.view == View(3, sort=Sort.CHANGE)


async def test_changes_only(show: Show, sample: Exploration) -> None:
    """What did not change can be left out, and Escape brings it back."""
    async with show(sample) as screen:
        await screen.press("c")
        assert screen.names == ["var/cache", "usr/bin", "srv/app", "etc"]
        assert "changes only" in screen.text()
        await screen.press("escape")
        assert not screen.main.view.hidden


async def test_hiding_kinds(show: Show, sample: Exploration) -> None:
    """A key for each kind of change hides it and shows it again."""
    async with show(sample) as screen:
        await screen.press("f")
        for key, kind in zip("1234", Change, strict=True):
            await screen.press(key)
            assert screen.main.view.hidden == {kind}
            await screen.press(key)
            assert not screen.main.view.hidden


async def test_hiding_kinds_from_elsewhere(show: Show, sample: Exploration) -> None:
    """Where the keys are not among the files these hide nothing; from a layer's details they go to another layer."""
    async with show(sample, size=(80, 24)) as screen:
        screen.main.query_one(HistoryBar).focus()
        await screen.pilot.pause()
        for way in ((), ("w",), ("i",)):
            await screen.press(*way, "1", "2", "3", "4")
            assert (screen.main.view.layer, screen.main.view.hidden) == (3, frozenset())
        await screen.press("f")
        screen.main.query_one(Details).focus()
        await screen.pilot.pause()
        await screen.press("1")
        assert (screen.main.view.layer, screen.main.view.hidden) == (1, frozenset())
        assert isinstance(screen.app.focused, Details)


async def test_empty_states(show: Show, sample: Exploration) -> None:
    """An empty file pane says why it is empty."""
    async with show(sample) as screen:
        await screen.press("up", "c")
        assert "Layer 2 changed nothing" in screen.text()
        await screen.press("m")
        assert "Pick the layer to compare with layer 2" in screen.text()
        await screen.press("escape", "down", "f", "1", "2", "3")
        assert "is hidden" in screen.text()
        await screen.press("f", "enter", "left", "right", "e", "E", "down", "G")
        await screen.press("escape")
        assert screen.names


async def test_layer_of_the_same_files_again(show: Show, tmp_path: Path) -> None:
    """A layer that changes no path and ships files again says so, in the details and in place of the files."""
    again = [file(f"f{number}", b"1" * 1000) for number in range(3)]
    async with show(explored_layers(tmp_path, layer(*again), layer(*again))) as screen:
        await screen.press("c")
        assert "Layer 1 changes no file." in screen.text()
        assert "It ships 3 files again unchanged (3.0 kB): press w to see them." in screen.text()
        details = "\n".join(map(str, screen.main.query_one(Details).wrapped(200)))
        assert "3 files rewritten unchanged: 3.0 kB, see Waste (w)" in details
        assert "Deletes or replaces 3.0 kB from layer 0; the image gets no smaller." in details


async def test_hidden_bytes_show_in_the_list(show: Show, sample: Exploration) -> None:
    """What a layer hid of lower ones stands beside what it wastes itself, where there is room."""
    hides = sample.layers[3].hides_bytes
    async with show(sample) as screen:
        line = screen.layers.render_line(4).text
        assert size(hides) in line
        assert size(sample.layers[3].wasted_bytes) in line
        await screen.pilot.resize_terminal(36, 30)
        await screen.pilot.pause()
        assert size(hides) not in screen.layers.render_line(4).text


async def test_layers_out_of_sight(show: Show, tmp_path: Path) -> None:
    """A list that is too long for its pane says how many layers are above and below."""
    tall = explored_layers(tmp_path, *(layer(file(f"f{number}", b"1")) for number in range(20)))
    async with show(tall, size=(80, 24)) as screen:
        height = screen.layers.scrollable_content_region.height
        assert f"▲ {20 - height} more" in screen.text()
        await screen.press("home")
        assert f"▼ {20 - height} more" in screen.text()
        assert "▲" not in screen.text()


async def test_history_line(show: Show, sample: Exploration) -> None:
    """The line below tells the selected path's way through the layers."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("tool")
        await screen.pilot.pause()
        assert screen.text().splitlines()[-2].strip() == "/usr/bin/tool   0 + 4.0 MB   3 ~ 4.0 MB owner 0:0 → 1000:1000"
        screen.files.cursor = screen.names.index("index")
        await screen.pilot.pause()
        assert screen.text().splitlines()[-2].strip() == "/var/cache/index   1 + 3.0 MB   3 −"


async def test_clicks_on_rows(show: Show, sample: Exploration) -> None:
    """A click selects a row; a click on its arrow opens it."""
    async with show(sample) as screen:
        await screen.pilot.click(screen.files, offset=(10, 1))
        await screen.pilot.pause()
        assert screen.selected == "srv/app"
        assert screen.app.focused is screen.files
        arrow = screen.files.columns.last_at
        await screen.pilot.click(screen.files, offset=(arrow, 0))
        await screen.pilot.pause()
        assert screen.selected == "usr"
        assert "lib" in screen.names
        await screen.pilot.click(screen.files, offset=(10, 25))
        assert screen.selected == "usr"
        await screen.pilot.click(screen.layers, offset=(10, 0))
        await screen.pilot.pause()
        assert screen.main.view.layer == 0


async def test_clicks_again(show: Show, sample: Exploration) -> None:
    """A click on a selected directory opens it, a double click on another one too; on a file it looks inside."""
    async with show(sample) as screen:
        name = screen.files.columns.last_at + 6
        await screen.pilot.click(screen.files, offset=(name, 0))
        await screen.pilot.pause()
        assert "lib" in screen.names
        await screen.pilot.click(screen.files, offset=(name, 3))
        await screen.pilot.pause()
        assert screen.selected == "srv/app"
        assert "main.py" not in screen.names
        await screen.pilot.click(screen.files, offset=(name, 1), times=2)
        await screen.pilot.pause()
        assert screen.selected == "usr/bin"
        assert "tool" in screen.names
        await screen.pilot.click(screen.files, offset=(name, 2), times=2)
        await screen.pilot.pause()
        assert screen.shows(Viewer)
        await screen.press("escape")
        await screen.pilot.pause()
        assert not screen.shows(Viewer)
        assert "tool" in screen.names
        await screen.pilot.double_click(screen.layers, offset=(name, 0))
        await screen.pilot.pause()
        assert screen.main.view.layer == 0
        assert screen.app.focused is screen.files


async def test_long_names(show: Show, tmp_path: Path) -> None:
    """Owner and mode make room for long names; what still does not fit loses its middle and keeps both ends."""
    path = "usr/lib/python3/dist-packages/a_package_with_a_name/" + "x" * 60 + "_the_end.py"
    deep = explored_layers(tmp_path, layer(file("short"), file(path, b"1"), file("usr/bin/y"), file("usr/lib/z")))
    async with show(deep) as screen:
        assert screen.files.columns.cells["mode"]
        assert "mode" in screen.text()
        await screen.press("f", "e")
        assert not screen.files.columns.cells["mode"]
        assert not screen.files.columns.cells["owner"]
        assert "mode" not in screen.text()
        assert "x…" in screen.text()
        assert "_the_end.py" in screen.text()
        await screen.press("E")
        assert screen.files.columns.cells["mode"]


async def test_wheel(show: Show, tmp_path: Path) -> None:
    """The wheel scrolls the rows and leaves the cursor where it is."""
    many = explored_layers(tmp_path, layer(*(file(f"f{number:03}") for number in range(200))))
    async with show(many) as screen:
        screen.files.post_message(events.MouseScrollDown(screen.files, 1, 1, 0, 1, 0, False, False, False))
        await screen.pilot.pause()
        assert screen.files.scroll_offset.y > 0
        assert screen.files.cursor == 0
        await screen.press("f", "pagedown", "pagedown", "end")
        assert screen.selected == "f199"
        assert screen.files.scroll_offset.y > 150
        await screen.press("pageup", "home")
        assert screen.files.scroll_offset.y == 0


# Waste


async def test_waste_pane(show: Show, sample: Exploration) -> None:
    """The waste is grouped by cause, each row with bytes and both layers."""
    async with show(sample) as screen:
        await screen.press("w")
        text = screen.text()
        assert screen.app.focused is screen.waste
        assert "removed" in text
        assert "recopied" in text
        assert "duplicate" in text
        await screen.press("down")
        assert "shipped by layer 1, hidden by layer 3" in screen.text()


async def test_waste_jumps_to_the_file(show: Show, sample: Exploration) -> None:
    """Enter shows a wasted file at the layer that shipped it, whatever was hidden or compared before."""
    async with show(sample) as screen:
        await screen.press("m", "c", "w", "down", "right", "right", "enter")
        assert screen.main.view == View(1)
        assert screen.layers.selected_layer == 1
        assert screen.main.pane == "files"
        assert screen.app.focused is screen.files
        assert screen.selected in ("usr/bin/tool", "var/cache/index")


async def test_waste_jumps_within_the_view(show: Show, sample: Exploration) -> None:
    """The jump works also when the layer is the selected one already."""
    async with show(sample) as screen:
        found = [row for row in sample.usage.wasted if row.path == "var/cache/index"]
        screen.layers.select(1)
        await screen.pilot.pause()
        await screen.press("w")
        while getattr(screen.waste.selected, "path", "") != found[0].path:
            await screen.press("down")
        await screen.press("enter")
        assert screen.selected == "var/cache/index"


async def test_jump_shows_the_directory(show: Show, tmp_path: Path) -> None:
    """After a jump the file's directory shows above it, or some of its neighbours where that is too far away."""
    many = [file(f"d/{number:03}/f{name:02}", b"1" * (99 - name)) for number in range(40) for name in range(50)]
    found = explored_layers(tmp_path, layer(*many), layer(whiteout("d/030/f10"), whiteout("d/030/f45")))
    async with show(found) as screen:
        await screen.press("f", "e", "w", "down", "down", "enter")
        assert screen.selected == "d/030/f10"
        first = screen.files.scroll_offset.y
        assert screen.names[first] == "030"
        await screen.press("w", "end", "enter")
        assert screen.selected == "d/030/f45"
        assert screen.files.cursor - screen.files.scroll_offset.y >= 3


async def test_folding_all_causes(show: Show, sample: Exploration) -> None:
    """One key folds all causes, another unfolds them; the cursor stays as near as it can."""
    async with show(sample) as screen:
        await screen.press("w", "down", "E")
        assert screen.waste.count == 4
        assert isinstance(screen.waste.selected, Group)
        assert screen.waste.selected.cause is Cause.REMOVED
        await screen.press("e")
        assert screen.waste.count > 4


async def test_folding_causes(show: Show, sample: Exploration) -> None:
    """A cause folds and unfolds by keys and by a click on its arrow."""
    async with show(sample) as screen:
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


async def test_nothing_wasted(show: Show, tmp_path: Path) -> None:
    """Without waste the pane says so."""
    async with show(explored_layers(tmp_path, layer(file("a", b"1")))) as screen:
        await screen.press("w", "enter", "down", "space")
        assert "Nothing is wasted: all 1 B shipped are visible." in screen.text()


# Image


async def test_image_pane(show: Show, sample: Exploration) -> None:
    """The image pane shows the metadata of the image, and every step of its history."""
    async with show(sample, size=(160, 60)) as screen:
        await screen.press("i")
        text = screen.text()
        for words in (
            "linux/amd64",
            "Ada",
            "PATH=/usr/bin:/bin",
            '/srv/app/main.py --name "two words"',
            "8080/tcp",
            "/data",
            "org.opencontainers.image.title=sample",
            'CMD ["sh"]',
            "WORKDIR /srv/app",
        ):
            assert words in text
        assert screen.app.focused is screen.main.query_one(ImagePane)
        await screen.press("j", "k", "G", "g")


async def test_vast_texts_are_cut(show: Show, tmp_path: Path) -> None:
    """Of endless texts a part is laid out, and how much was left out is said."""
    made = image(
        layer(file("a", b"1")),
        config={"Labels": {f"label{number:06}": "x" for number in range(100_000)}, "User": "u" * 1_000_000},
        history=[
            {"created_by": "RUN " + "x" * 1_000_000},
            *({"created_by": f"ENV N={number}", "empty_layer": True} for number in range(9_000)),
        ],
    )
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(made))
    async with show(explored(path)) as screen:
        await screen.press("i")
        text = "\n".join(line.plain for line in screen.main.query_one(ImagePane).wrapped(10_000))
        assert "label000000=x" in text
        assert "label009000=x" not in text
        assert f"… and {1_000_000 - MAX_TEXT_CHARS:,} more characters" in text
        assert f"… and {100_000 - text.count('label0'):,} more" in text
        assert f"… and {9_000 - text.count('ENV N='):,} more" in text
        assert f"… and {1_000_004 - MAX_TEXT_CHARS:,} more characters" in text


async def test_problems_are_shown(show: Show, tmp_path: Path) -> None:
    """What was odd about a layer stands in its details."""
    odd = explored_layers(tmp_path, layer(file("a"), file("../escape", b"1")))
    assert odd.layers[0].problems
    async with show(odd) as screen:
        assert "escape" in screen.text()


# All of it


async def test_panes_by_mouse(show: Show, sample: Exploration) -> None:
    """A click on a pane's name in the border shows it."""
    async with show(sample) as screen:
        right = screen.main.query_one("#right")
        title = screen.text().splitlines()[right.region.y]
        await screen.pilot.click(offset=(title.index("Waste") + 1, right.region.y))
        await screen.pilot.pause()
        assert screen.main.query_one(ContentSwitcher).current == "waste"


async def test_tab_goes_round(show: Show, sample: Exploration) -> None:
    """Tab goes through the panes and comes back."""
    async with show(sample) as screen:
        seen = [screen.app.focused]
        for _ in range(3):
            await screen.press("tab")
            seen.append(screen.app.focused)
        assert seen == [screen.layers, screen.files, screen.main.query_one(HistoryBar), screen.layers]


async def test_details_have_the_focus_only_to_scroll(show: Show, sample: Exploration) -> None:
    """Details that do not fit their pane come last, after the layers and the files."""
    async with show(sample, size=(80, 24)) as screen:
        details = screen.main.query_one(Details)
        assert details.max_scroll_y
        await screen.press("tab", "tab")
        assert screen.app.focused is details
        await screen.press("j", "G")
        assert details.scroll_offset.y == details.max_scroll_y


async def test_hostile_text(show: Show, hostile: Exploration) -> None:
    """Names, links, commands and labels reach the terminal as harmless text, in every pane."""
    async with show(hostile, size=(160, 50)) as screen:
        for keys in (("home", "f", "e"), ("w", "down"), ("i",)):
            await screen.press(*keys)
            text = screen.text()
            assert "\x1b" not in text
            assert "\x07" not in text
            assert "\u202e" not in text
        await screen.press("f")
        text = screen.text()
        for name in (
            "a[/b].so",
            "[bold red]x",
            "esc\\x1b[31mape",
            "two\\nlines",
            "日本語の名前.txt",
            "raw\\xff\\x80bytes",
            "$primary",
        ):
            assert name in text
        for number in range(len(HOSTILE)):
            screen.files.cursor = number
            await screen.pilot.pause()
            assert screen.text()


async def test_wide_characters_align(show: Show, hostile: Exploration) -> None:
    """FileRows with wide characters are exactly as wide as all others."""
    async with show(hostile, size=(80, 40)) as screen:
        await screen.press("f")
        widths = {screen.files.render_line(y).cell_length for y in range(screen.files.size.height)}
        assert len(widths) == 1


@pytest.mark.parametrize("cells", [(1, 1), (20, 10), (200, 60)])
@pytest.mark.painted
async def test_any_size(show: Show, sample: Exploration, cells: tuple[int, int]) -> None:
    """The screen takes any size, in each pane, and comes back."""
    async with show(sample, size=cells) as screen:
        await screen.press("e", "down", "w", "down", "i", "f")
        await screen.pilot.resize_terminal(120, 36)
        await screen.pilot.pause()
        assert "usr" in screen.text()


@pytest.mark.painted
async def test_resize_to_nothing_and_back(show: Show, hostile: Exploration) -> None:
    """Shrinking to one cell and growing again, by way of every layout, loses nothing."""
    async with show(hostile) as screen:
        await screen.press("f", "e")
        before = screen.text()
        for cells in ((1, 1), (2, 5), (10, 3), (49, 13), (50, 14), (80, 24), (99, 30), (120, 36)):
            await screen.pilot.resize_terminal(*cells)
            await screen.pilot.pause()
        assert screen.text() == before


@pytest.mark.painted
async def test_resize_while_loading(show: Show) -> None:
    """A terminal that changes its size while nothing is known yet does no harm."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(10)
        raise ImageNotFound("gone", "")

    async with show(load) as screen:
        for cells in ((1, 1), (200, 60), (80, 24)):
            await screen.pilot.resize_terminal(*cells)
            await screen.pilot.pause()
        assert "Opening the image" in screen.text()
        go_on.set()
        await screen.loaded()


async def test_empty_image(show: Show, tmp_path: Path) -> None:
    """An image without layers, and one with an empty layer, can be looked at."""
    async with show(explored_layers(tmp_path)) as screen:
        assert "This image has no layers" in screen.text()
        await screen.press("down", "m", "m", "s", "c", "c", "f", "enter", "e", "w", "enter", "i", "f")
    async with show(explored_layers(tmp_path, layer())) as screen:
        assert "There are no files up to layer" in screen.text()


async def test_help(show: Show, sample: Exploration) -> None:
    """The question mark explains the focused pane and our keys; it scrolls, and Escape or the same key closes it."""
    async with show(sample, size=(80, 24)) as screen:
        for key in ("escape", "question_mark", "q"):
            await screen.press("w", "question_mark")
            assert screen.shows(HelpScreen)
            assert "wasted = shipped − visible" in screen.text()
            await screen.press("G")
            text = screen.text()
            assert "Show wasted space" in text
            assert "copy" not in text.lower()
            await screen.press(key)
            assert screen.shows(MainScreen)


async def test_help_of_every_pane(show: Show, sample: Exploration) -> None:
    """Each pane has words of its own, and its own keys come first."""
    async with show(sample) as screen:
        own = (("", "Keys for layers"), ("f", "Keys for files"), ("w", "Keys for waste"), ("i", "Moving"))
        for key, heading in own:
            await screen.press(*key)
            assert pane_help(screen.app.focused).startswith("# ")
            assert next(iter(key_groups(screen.main.active_bindings, screen.app.get_key_display))) == heading


def _bindings(screen: Screen) -> list[Binding]:
    return [found.binding for found in screen.main.active_bindings.values()]


async def test_every_key_of_ours_is_named(show: Show, sample: Exploration) -> None:
    """Every key has an id to remap it by, no id belongs to two actions, and what the footer shows has a tooltip."""
    async with show(sample) as screen:
        ids: dict[str, str] = {}
        for pane in ("layers", "f", "w", "i"):
            if pane != "layers":
                await screen.press(pane)
            for binding in _bindings(screen):
                if binding.id and "." in binding.id:
                    assert ids.setdefault(binding.id, binding.action) == binding.action
                    assert binding.tooltip or not binding.show
        assert {"explore.sort", "explore.compare", "files.open-all", "waste.enter-fold", "app.quit"} <= ids.keys()


async def test_palette(show: Show, sample: Exploration) -> None:
    """The palette finds the actions by their words and takes them."""
    async with show(sample) as screen:
        await screen.press("ctrl+p")
        await screen.press(*"sort by size")
        await screen.app.workers.wait_for_complete()
        await screen.pilot.pause()
        await screen.press("enter")
        await screen.app.workers.wait_for_complete()
        await screen.pilot.pause()
        assert screen.main.view.sort is Sort.NAME


async def test_remapped_key(show: Show, sample: Exploration) -> None:
    """A key can be moved by its id."""
    async with show(sample) as screen:
        screen.app.set_keymap({"explore.sort": "o"})
        await screen.press("o")
        assert screen.main.view.sort is Sort.NAME


async def test_footer_has_no_dead_keys(show: Show, sample: Exploration) -> None:
    """The footer offers what works: less while loading, and what ends a comparison only while there is one."""
    go_on = threading.Event()

    async def shown() -> set[str]:
        for _ in range(3):
            # The footer follows the keys a refresh or two later.
            await screen.pilot.pause()
        return {key.words for key in screen.main.query_one(KeysFooter).keys if key.is_enabled} - {"palette"}

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(10)
        return sample

    async with show(load) as screen:
        assert await shown() == {"Quit", "Help", "Files", "Waste"}
        go_on.set()
        await screen.loaded()
        assert await shown() == {
            "Quit", "Help", "Files", "Waste", "Image", "Filter", "Sort", "Changes", "Compare",
        }  # fmt: skip
        await screen.press("m", "c")
        others = {"Quit", "Help", "Files", "Waste", "Image", "Filter", "Sort", "Changes"}
        assert {"Stop comparing"} == await shown() - others
        await screen.press("m")
        assert "Show all" in await shown()


async def test_themes(show: Show, sample: Exploration) -> None:
    """Every built-in theme works, and the rows take its colours at once."""
    async with show(sample, size=(80, 24)) as screen:
        await screen.press("f", "e")
        colours = set()
        for theme in screen.app.available_themes:
            screen.app.theme = theme
            await screen.pilot.pause()
            assert "usr" in screen.text()
            colours.add(screen.files.render_line(0)._segments[-1].style)
        assert len(colours) > 10


async def test_no_color(show: Show, sample: Exploration, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without colours all is grey, and the marks and glyphs say it all."""
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
    """The headline fits every width; it drops what matters least, and the image's name last."""
    content = summary_line(ImageSummary.of("made:1", sample.image, sample), width)
    assert content.cell_length <= width
    for least, words in (
        (8, "made:1"),
        (30, "59 %"),
        (30, "wasted"),
        (60, "shipped"),
        (100, "linux/amd64"),
        (100, "effic"),
    ):
        assert words in content.plain or width < least


async def test_history_line_gives_way(show: Show, sample: Exploration) -> None:
    """A narrow screen cuts the beginning of a long path before its history."""
    async with show(sample, size=(50, 30)) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("packages")
        await screen.pilot.pause()
        assert "3 −" in screen.main.query_one(HistoryBar).render().plain


async def test_remembered_listings(show: Show, sample: Exploration) -> None:
    """However often views change, what shows is what a fresh look shows."""
    async with show(sample) as screen:
        await screen.press("e", *"smscskmsc1j2sk", "escape", "escape", "home", "end")
        await screen.press(*("s" * ((3 - list(Sort).index(screen.main.view.sort)) % 3)))
        listing = screen.files.visible_tree
        assert screen.main.view == View(3)
        assert listing is not None
        assert listing.nodes.changes.by_node == changes(sample.tree, 2, 3).by_node
        fresh = ViewCache(sample).of(View(3))
        assert list(screen.files.rows or ()) == list(FileRows(fresh, screen.files.opened))


async def test_headline(show: Show, tmp_path: Path) -> None:
    """The headline tells shipped, visible and wasted bytes, and the efficiency."""
    wasteful = explored_layers(tmp_path, layer(file("a", b"1" * 3000), file("b", b"1" * 1000)), layer(whiteout("a")))
    async with show(wasteful, size=(150, 36)) as screen:
        text = screen.main.query_one(ImageHeader).render().plain
        assert "2 layers" in text
        assert "4.0 kB shipped   1.0 kB visible   3.0 kB wasted" in text
        assert "25 % efficient" in text
