"""The files: opening, order, what is hidden, the mouse, and the reasons for an empty pane."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from explorer.analysis.changes import changes
from explorer.config.settings import Sort
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.tui.files.file_columns import FILE_CELLS, FileFacts
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.details import Details
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.viewmodel.file_rows import FileRows
from explorer.viewmodel.view import View
from explorer.viewmodel.view_cache import ViewCache
from tests.images import big, explored_layers, file, layer, whiteout
from tests.tui.driving import Show


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_open_all(show: Show, sample: Exploration) -> None:
    """One key opens all directories, another closes them, and the cursor stays with its path."""
    async with show(sample) as screen:
        await screen.press("f", "down", "e")
        assert "model.bin" in screen.names
        assert screen.selected == "srv/app"
        await screen.press("E")
        assert screen.names == ["usr", "srv/app", "etc", "bin", "var/cache"]
        assert screen.selected == "srv/app"


@pytest.mark.end_to_end
async def test_sort(show: Show, sample: Exploration) -> None:
    """The key goes through the orders; a click on a header chooses one."""
    async with show(sample) as screen:
        await screen.press("f", "s")
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


@pytest.mark.end_to_end
async def test_changes_only(show: Show, sample: Exploration) -> None:
    """A key hides unchanged paths, and Escape shows them again."""
    async with show(sample) as screen:
        await screen.press("c")
        assert screen.names == ["var/cache", "usr/bin", "srv/app", "etc"]
        assert "changes only" in screen.text()
        await screen.press("escape")
        assert not screen.main.view.hidden


@pytest.mark.end_to_end
async def test_hiding_kinds(show: Show, sample: Exploration) -> None:
    """Each kind of change has its mark as key, which hides it and shows it again."""
    async with show(sample) as screen:
        await screen.press("f")
        for key, kind in zip(("plus", "tilde", "minus", "full_stop"), Change, strict=True):
            await screen.press(key)
            assert screen.main.view.hidden == {kind}
            await screen.press(key)
            assert not screen.main.view.hidden


@pytest.mark.end_to_end
async def test_hiding_kinds_from_elsewhere(show: Show, sample: Exploration) -> None:
    """The keys for kinds act in all panes while the files show, and else name the key that shows the files."""
    async with show(sample, size=(120, 20)) as screen:
        for pane in (screen.layers, screen.main.query_one(HistoryBar)):
            pane.focus()
            await screen.press("plus", "minus")
            assert screen.main.view.hidden == {Change.ADDED, Change.REMOVED}
            await screen.press("plus", "minus")
        for way in ("w", "i"):
            await screen.press(way, "plus", "tilde", "minus", "full_stop")
            assert (screen.main.view.layer, screen.main.view.hidden) == (3, frozenset())
            assert screen.said[-1] == "This works for the files only. Press f first."
        await screen.press("f")
        screen.main.query_one(Details).focus()
        await screen.pilot.pause()
        await screen.press("1")
        assert (screen.main.view.layer, screen.main.view.hidden) == (1, frozenset())
        assert isinstance(screen.app.focused, Details)


@pytest.mark.end_to_end
async def test_few_changes_show_at_once(show: Show, tmp_path: Path) -> None:
    """With only changes, the directories above a few small changes are open."""
    found = explored_layers(tmp_path, layer(file("bin/sh", b"1" * 5000)), layer(file("root/a/.ssh/key", b"1" * 15)))
    async with show(found, as_opened=True) as screen:
        await screen.press("1", "c")
        assert screen.names[-1].endswith("key")
        assert screen.selected == "root/a/.ssh/key", "the only changed file is selected, so that the next key views it"


@pytest.mark.end_to_end
async def test_closing_at_the_top(show: Show, sample: Exploration) -> None:
    """With nothing open and no directory above, the key that closes says so."""
    async with show(sample) as screen:
        await screen.press("f", "home", "h")
        assert screen.said == ["Nothing is open here, and no directory is above."]


@pytest.mark.end_to_end
async def test_empty_states(show: Show, sample: Exploration) -> None:
    """An empty file pane says why it is empty."""
    async with show(sample) as screen:
        await screen.press("up", "c")
        assert "Layer 2 changed nothing" in screen.text()
        await screen.press("m")
        assert "Pick the layer to compare with layer 2" in screen.text()
        await screen.press("escape", "3", "f", "plus", "tilde", "minus")
        assert "is hidden" in screen.text()
        await screen.press("f", "enter", "left", "right", "e", "E", "down", "G")
        await screen.press("escape")
        assert screen.names


@pytest.mark.end_to_end
async def test_layer_of_the_same_files_again(show: Show, tmp_path: Path) -> None:
    """A layer that only ships files again says so, in the details and in place of the files."""
    again = [file(f"f{number}", b"1" * 1000) for number in range(3)]
    async with show(explored_layers(tmp_path, layer(*again), layer(*again)), size=(160, 36)) as screen:
        await screen.press("c")
        assert "Layer 1 changes no file." in screen.text()
        assert "It ships 3 files again unchanged (3.0 kB): press w to see them." in screen.text()
        details = "\n".join(map(str, screen.main.query_one(Details).wrapped(200)))
        assert "3 files rewritten unchanged: 3.0 kB, see Waste (w)" in details
        assert "Ships 3.0 kB from layer 0 again unchanged." in details


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_clicks_again(show: Show, sample: Exploration) -> None:
    """A click on a selected directory and a double click on any directory open it; on a file they view it."""
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


@pytest.mark.end_to_end
async def test_columns_stay(show: Show, tmp_path: Path) -> None:
    """Columns depend on the width of the pane alone; a name that does not fit loses its middle."""
    path = "usr/lib/python3/dist-packages/a_package_with_a_name/" + "x" * 60 + "_the_end.py"
    deep = explored_layers(tmp_path, layer(file("short"), file(path, b"1"), file("usr/bin/y"), file("usr/lib/z")))
    async with show(deep, size=(140, 36)) as screen:
        before = screen.files.columns
        assert not before.cells["mode"]
        await screen.press("f", "e")
        assert screen.files.columns == before
        assert "x…" in screen.text()
        assert "_the_end.py" in screen.text()
        await screen.press("z")
        assert screen.files.columns.cells["mode"]
        assert screen.files.columns.cells["owner"]


@pytest.mark.end_to_end
async def test_biggest_directories_are_open_at_first(show: Show, sample: Exploration) -> None:
    """The biggest directories are open until the user opens or closes one; a folded row opens with Enter."""
    async with show(sample, as_opened=True) as screen:
        assert screen.names[:3] == ["usr", "bin", "compiler"]
        await screen.press("up", "up", "up")
        assert "index" not in screen.names
        await screen.press("f", "left", "left", "left")
        assert "compiler" not in screen.names
        await screen.press("[", "]")
        assert "compiler" not in screen.names


@pytest.mark.end_to_end
async def test_small_entries_share_a_row(show: Show, tmp_path: Path) -> None:
    """Enter on the row of the small entries shows each of them; names and filters never share a row."""
    small = [file(f"d/{number}", b"1") for number in range(5)]
    async with show(explored_layers(tmp_path, layer(big("d/big", 1), *small))) as screen:
        await screen.press("f", "enter", "G")
        assert screen.names == ["d", "big", "5 entries under 1 kB"]
        assert "+ 5 entries under 1 kB" in screen.text()
        await screen.press("s")
        assert "0" in screen.names
        await screen.press("s", "s")
        assert screen.names[-1] == "5 entries under 1 kB"
        await screen.press("enter")
        assert screen.names == ["d", "big", "0", "1", "2", "3", "4"]
        assert screen.selected == "d/0"


@pytest.mark.end_to_end
async def test_cursor_returns_to_the_path_asked_for(show: Show, sample: Exploration) -> None:
    """A path that a layer does not have is selected again where a layer has it."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("compiler")
        await screen.settled()
        screen.layers.select(0)
        await screen.settled()
        assert screen.selected == "usr/bin"
        screen.layers.select(1)
        await screen.settled()
        assert screen.selected == "usr/bin/compiler"
        screen.layers.select(0)
        await screen.press("down", "up")
        screen.layers.select(1)
        await screen.settled()
        assert screen.selected == "usr/bin"


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_remembered_listings(show: Show, sample: Exploration) -> None:
    """Cached views show the same rows as new ones, however often views change."""
    async with show(sample) as screen:
        await screen.press("e", *"smscskmsc1j2sk", "escape", "escape", "home", "3", "f")
        await screen.press(*("s" * ((3 - list(Sort).index(screen.main.view.sort)) % 3)))
        listing = screen.files.visible_tree
        assert screen.main.view == View(3)
        assert listing is not None
        assert listing.nodes.changes.by_node == changes(sample.tree, 2, 3).by_node
        fresh = ViewCache(sample).of(View(3))
        assert list(screen.files.rows or ()) == list(FileRows(fresh, screen.files.opened))


@pytest.mark.end_to_end
async def test_wide_characters_align(show: Show, hostile: Exploration) -> None:
    """Rows with wide characters are exactly as wide as all others."""
    async with show(hostile, size=(80, 40)) as screen:
        await screen.press("f")
        widths = {screen.files.render_line(y).cell_length for y in range(screen.files.size.height)}
        assert len(widths) == 1


@pytest.mark.end_to_end
async def test_a_jump_happens_once(show: Show, sample: Exploration) -> None:
    """A jump selects a path once: another order keeps the path that was selected later."""
    async with show(sample) as screen:
        index = sample.tree.find("var/cache/index")
        assert index is not None
        screen.main.go_to(index, 1)
        await screen.pilot.pause()
        assert screen.selected == "var/cache/index"
        await screen.press("home", "s")
        assert screen.selected != "var/cache/index"


@pytest.mark.end_to_end
async def test_disposable_files_are_marked(show: Show, tmp_path: Path) -> None:
    """A mark stands before disposable files, and the bottom line says what they are and how to keep them out."""
    cache = "var/cache/apt/archives"
    found = explored_layers(tmp_path, layer(big(f"{cache}/a.deb", 2), big("var/lib/x", 1), file("y")))
    async with show(found, size=(150, 36), as_opened=True) as screen:
        await screen.press("f")
        rows = [line[screen.files.region.x :] for line in screen.text().splitlines()]
        lines = {name: line for line in rows for name in ("archives", "lib", "y") if name in line}
        assert "◌" in lines["archives"]
        assert "◌" not in lines["lib"]
        assert "◌ 2.0 MB of 3.0 MB disposable" in screen.text()
        await screen.press("down")
        assert "◌ apt's cache: Delete apt's lists and cache" in screen.text()
        assert " 2 " in next(line for line in screen.text().splitlines() if "▾ var" in line)


@pytest.mark.end_to_end
async def test_the_number_of_files(show: Show, tmp_path: Path) -> None:
    """At 120 columns a directory shows its number of files, shortened if it is large."""
    found = explored_layers(tmp_path, layer(*(file(f"d/{number}", b"1") for number in range(3))))
    async with show(found) as screen:
        assert " 3   ▸ d" in screen.text()
    facts = FileFacts(Change.ADDED, contains_changes=False, bytes=1, largest_bytes=1, total_bytes=1, files=56_940)
    column = next(column for column in FILE_CELLS if column.name == "files")
    assert FILE_CELLS[column](facts, 5) == ("  57k", "file--muted")
    assert FILE_CELLS[column](facts, 7) == (" 56,940", "file--muted")


@pytest.mark.end_to_end
async def test_removed_bytes_are_marked(show: Show, tmp_path: Path) -> None:
    """With only changes, the mark of a directory says if its bytes are those of removed files."""
    found = explored_layers(
        tmp_path,
        layer(file("gone/a", b"1" * 3000), file("gone/kept"), file("mixed/b", b"1" * 2000)),
        layer(whiteout("gone/a"), whiteout("mixed/b"), file("mixed/c", b"2" * 500), file("new/d", b"2")),
    )
    async with show(found) as screen:
        assert "·−" not in screen.text()
        await screen.press("1", "c")
        lines = screen.text().splitlines()
        marks = {name: line for name in ("gone", "mixed", "new") for line in lines if f"▸ {name}" in line}
        assert "·−" in marks["gone"]
        assert "·±" in marks["mixed"]
        assert "·−" not in marks["new"]


@pytest.mark.end_to_end
async def test_enter_closes_an_open_directory(show: Show, sample: Exploration) -> None:
    """The footer says "Close" on an open directory, and "Open" on a closed one."""
    async with show(sample) as screen:
        await screen.press("tab", "home")
        assert "⏎ Open" in screen.text()
        await screen.press("enter")
        assert "⏎ Close" in screen.text()
        await screen.press("enter")
        assert "⏎ Open" in screen.text()
