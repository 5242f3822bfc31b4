"""Filtering the files and finding paths in all layers: keys in, state out."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from explorer.analysis.filter.query import EVERYTHING, parse
from explorer.config.settings import Sort
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.tui.dialogs.finder import Finder, HitList
from explorer.tui.files.files_pane import view_description
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.main.screen import MainScreen
from explorer.tui.widgets.filter_bar import FilterBar, FilterInput
from explorer.viewmodel.layers_read import LayersRead
from explorer.viewmodel.view import View
from tests.images import explored_layers, file, layer
from tests.tui.driving import HOSTILE, Screen, Show


def said(screen: Screen) -> str:
    """Returns the text of the filter line below or beside the expression."""
    bar = screen.main.query_one(FilterBar)
    parts = (bar.query_one("#filter-found"), bar.query_one("#filter-error"))
    return " ".join(str(part.render()) for part in parts if part.display).strip() if bar.display else ""


async def ask(screen: Screen, text: str, *keys: str) -> None:
    """Sets a filter, and then presses keys."""
    await screen.pilot.press("slash")
    screen.main.query_one(FilterInput).value = text
    await screen.pilot.pause()
    if keys:
        await screen.press(*keys)


@pytest.mark.end_to_end
async def test_filter_as_you_type(show: Show, sample: Exploration) -> None:
    """A slash opens a line in which every letter filters at once; matches stand below their opened directories."""
    async with show(sample) as screen:
        await screen.press("slash")
        assert isinstance(screen.app.focused, FilterInput)
        await screen.press("t", "o", "o")
        assert screen.names == ["usr", "bin", "tool", "lib", "libtool.so.1", "libtool.so"]
        assert screen.main.view.query == parse("too")
        assert said(screen) == "3 files, 6.5 MB"
        assert "filter too" in screen.text()
        assert screen.selected == "usr/bin/tool"
        await screen.press("l", "space", "minus", "s", "o")
        assert screen.names == ["usr/bin", "tool"]


@pytest.mark.end_to_end
async def test_keys_that_arrive_at_once(show: Show, sample: Exploration) -> None:
    """A line gets all letters that come in one write with the key that opens it, and the rows get what follows."""
    async with show(sample) as screen:
        for key in ("slash", "t", "o", "o", "enter", "j"):
            screen.app.post_message(events.Key(key, "/" if key == "slash" else None))
        await screen.settled()
        assert screen.main.view.query == parse("too")
        assert screen.app.focused is screen.files
        assert screen.selected == "usr/lib"


@pytest.mark.end_to_end
async def test_escape_restores(show: Show, sample: Exploration) -> None:
    """Escape while typing clears the filter, and restores the open directories and the selected path."""
    async with show(sample) as screen:
        await screen.press("f", "end", "enter")
        before = screen.names, screen.selected
        await ask(screen, "tool", "escape")
        assert (screen.names, screen.selected) == before
        assert screen.app.focused is screen.files
        assert not screen.main.query_one(FilterBar).display
        assert screen.main.view == View(3)


@pytest.mark.end_to_end
async def test_filter_stays(show: Show, sample: Exploration) -> None:
    """Enter keeps the filter; moving, opening, closing, sorting and other layers work, and a slash edits it again."""
    async with show(sample) as screen:
        await ask(screen, "tool", "enter")
        assert screen.app.focused is screen.files
        await screen.press("home", "left", "left")
        assert screen.names == ["usr"]
        await screen.press("s")
        assert (screen.names, screen.main.view.sort) == (["usr"], Sort.NAME)
        await screen.press("right")
        assert screen.names == ["usr", "bin", "tool", "lib", "libtool.so", "libtool.so.1"]
        screen.main.view = View(1, sort=Sort.NAME, query=screen.main.view.query)
        await screen.pilot.pause()
        assert screen.names == ["usr", "bin", "tool", "lib", "libtool.so", "libtool.so.1"]
        await screen.press("slash", "end", "s")
        assert screen.main.query_one(FilterInput).value == "tools"
        assert "Press Esc to clear the filter" in screen.text()
        assert "no match" in said(screen)


@pytest.mark.end_to_end
async def test_another_filter_replaces_the_first(show: Show, sample: Exploration) -> None:
    """A slash selects the old expression, so that the next letter replaces it."""
    async with show(sample) as screen:
        await ask(screen, "tool", "enter")
        await screen.press("slash", *"etc")
        assert screen.main.query_one(FilterInput).value == "etc"


@pytest.mark.end_to_end
async def test_escape_in_the_rows_clears_first(show: Show, sample: Exploration) -> None:
    """In the rows Escape clears the filter before a comparison, and the selected path stays selected and in sight."""
    async with show(sample) as screen:
        await screen.press("m", "f")
        await ask(screen, "tool", "enter", "n")
        selected = screen.selected
        assert screen.main.view.base is not None
        await screen.press("escape")
        assert not screen.main.view.query
        assert screen.main.view.base is not None
        assert screen.selected == selected
        await screen.press("escape")
        assert screen.main.view.base is None


@pytest.mark.end_to_end
async def test_next_match(show: Show, sample: Exploration) -> None:
    """n and N go from match to match and start again at the ends; without a filter they do nothing."""
    async with show(sample) as screen:
        await screen.press("f", "n")
        assert screen.files.cursor == 0
        await ask(screen, "tool", "enter")
        seen = [screen.selected]
        for key in ("n", "n", "n", "N"):
            await screen.press(key)
            seen.append(screen.selected)
        assert seen == [
            "usr/bin/tool", "usr/lib/libtool.so.1", "usr/lib/libtool.so", "usr/bin/tool", "usr/lib/libtool.so",
        ]  # fmt: skip


@pytest.mark.end_to_end
async def test_wrong_expression(show: Show, sample: Exploration) -> None:
    """An invalid expression explains the expected form in place of rows, and Enter keeps the focus."""
    async with show(sample) as screen:
        await ask(screen, "tool")
        screen.main.query_one(FilterInput).value = "tool is:"
        await screen.pilot.pause()
        assert said(screen).startswith("is:")
        assert "added, modified, removed, unchanged, wasted, disposable or unowned" in said(screen)
        assert "libtool" not in screen.text()
        await screen.press("enter")
        assert screen.main.query_one(FilterInput).value == "tool is:"
        assert isinstance(screen.app.focused, FilterInput)
        assert said(screen).startswith("is:")
        await screen.press("end", *"added", "enter")
        assert screen.files.has_focus
        assert screen.main.view.query == parse("tool is:added")
        await ask(screen, "tool re:(a", "escape")
        assert said(screen) == ""
        assert screen.main.view.query == EVERYTHING


@pytest.mark.end_to_end
async def test_wrong_expression_stands_alone(show: Show, sample: Exploration) -> None:
    """An invalid expression hides the match count of the last valid one; a valid one shows a count again."""
    async with show(sample, size=(80, 30)) as screen:
        await ask(screen, "nowhere")
        assert "Nothing at layer 3" in screen.text()
        screen.main.query_one(FilterInput).value = "nowhere size>"
        await screen.pilot.pause()
        assert "Nothing at layer 3" not in screen.text()
        assert "match" not in said(screen)
        screen.main.query_one(FilterInput).value = "nowhere"
        await screen.pilot.pause()
        assert "Nothing at layer 3 matches" in screen.text()
        assert "Some kinds of change are hidden." not in screen.text()
        screen.main.action_kind("added")
        await screen.resize(100, 30)
        assert "Nothing at layer 3 matches" in screen.text()
        assert "Some kinds of change are hidden." in screen.text()


@pytest.mark.end_to_end
async def test_filter_left_by_keys_in_a_hurry(show: Show, sample: Exploration) -> None:
    """Fast keys have the same result as slow keys."""
    async with show(sample) as screen:
        await screen.pilot.press("slash", "t", "o", "o", "enter", "s", "escape", "c")
        await screen.pilot.pause()
        assert not screen.main.view.query
        assert screen.main.view.sort is Sort.NAME
        assert screen.main.view.changes_only
        assert screen.app.focused is screen.files


@pytest.mark.end_to_end
async def test_highlight(show: Show, sample: Exploration) -> None:
    """The part of a name that matches looks different from the rest."""
    async with show(sample) as screen:
        await ask(screen, "tool", "enter", "home")
        row = screen.names.index("libtool.so.1")
        parts = {segment.text: segment.style for segment in screen.files.render_line(row)}
        assert parts["tool"] is not None
        assert parts["tool"].underline
        assert parts[".so.1"] is not None
        assert not parts[".so.1"].underline


@pytest.mark.end_to_end
async def test_rows_move_while_typing(show: Show, sample: Exploration) -> None:
    """The arrows move through the rows while the filter is typed; letters that are keys elsewhere are just letters."""
    async with show(sample) as screen:
        await ask(screen, "lib", "down", "up", "down", "q", "backspace")
        assert isinstance(screen.app.focused, FilterInput)
        assert screen.main.query_one(FilterInput).value == "lib"
        assert screen.app.is_running


@pytest.mark.end_to_end
async def test_enter_in_a_hurry_keeps_what_was_typed(show: Show, sample: Exploration) -> None:
    """Enter right after the last letter filters by all letters, and keeps the focus on an invalid expression."""
    async with show(sample) as screen:
        await ask(screen, "to")
        typed = screen.main.query_one(FilterInput)
        with typed.prevent(Input.Changed):
            typed.value = "tool is:"
        screen.main.action_keep_filter()
        await screen.pilot.pause()
        assert typed.has_focus
        assert typed.value == "tool is:"
        with typed.prevent(Input.Changed):
            typed.value = "tool"
        screen.main.action_keep_filter()
        assert screen.app.focused is screen.files
        assert screen.main.view.query == parse("tool")
        assert said(screen) == "3 files, 6.5 MB"
        screen.main.action_filter()
        with typed.prevent(Input.Changed):
            typed.value = "lib"
        screen.main.action_keep_filter()
        screen.main.action_clear_filter()
        await screen.pilot.pause()
        assert not screen.main.view.query
        assert said(screen) == ""


@pytest.mark.end_to_end
async def test_filter_from_another_pane(show: Show, sample: Exploration) -> None:
    """The filter key in a pane without a filter shows the files."""
    async with show(sample) as screen:
        await screen.press("i")
        await ask(screen, "tool", "enter")
        assert screen.main.pane == "files"
        assert "usr/bin/tool" in screen.selected


@pytest.mark.end_to_end
async def test_clicked_line(show: Show, sample: Exploration) -> None:
    """A click on the line edits the filter again."""
    async with show(sample) as screen:
        await ask(screen, "tool", "enter")
        await screen.pilot.click(FilterInput)
        assert isinstance(screen.app.focused, FilterInput)


@pytest.mark.end_to_end
async def test_jump_out_of_the_filter(show: Show, sample: Exploration) -> None:
    """A jump to a path clears a filter that might not show it."""
    async with show(sample) as screen:
        await ask(screen, "tool", "enter")
        index = sample.tree.find("var/cache/index")
        assert index is not None
        screen.main.go_to(index, 1)
        await screen.pilot.pause()
        assert screen.main.view == View(1)
        assert screen.selected == "var/cache/index"


@pytest.mark.end_to_end
async def test_jump_keeps_changes_only(show: Show, sample: Exploration) -> None:
    """A jump to a changed path keeps what is hidden; a jump to an unchanged one shows it."""
    async with show(sample) as screen:
        await screen.press("c")
        changed, unchanged = sample.tree.find("var/cache/index"), sample.tree.find("usr/lib/libtool.so.1")
        assert changed is not None
        assert unchanged is not None
        screen.main.go_to(changed, 1)
        assert screen.main.view.changes_only
        screen.main.go_to(unchanged, 1)
        assert not screen.main.view.changes_only


@pytest.mark.end_to_end
async def test_hostile_names_filtered(show: Show, hostile: Exploration) -> None:
    """Any names can be filtered, highlighted and found, and the terminal stays undisturbed."""
    async with show(hostile) as screen:
        for letters in ("e", "\\", "[", "/./", "*", "re:."):
            screen.main.view = View(0, query=parse(letters))
            await screen.pilot.pause()
            assert "\x1b" not in screen.text()
        await screen.press("L")
        assert "\x1b" not in screen.text()
        assert screen.app.screen.query_one(HitList).count == len(HOSTILE)


async def test_description_names_the_filter() -> None:
    """The pane's subtitle shows the filter, printable and shortened."""
    words = view_description(View(1, query=parse("a\x1bb" + "c" * 90)), LayersRead(2, 2)).plain
    assert "filter a\\x1bb" in words
    assert len(words) < 70


@pytest.mark.end_to_end
async def test_nothing_is_selected_by_an_invalid_filter(show: Show, sample: Exploration) -> None:
    """While the expression is invalid, no path shows in the bottom line, and the frame names no filter."""
    async with show(sample) as screen:
        await screen.press("slash", *"size>abc")
        assert screen.main.query_one(HistoryBar).shown == ("", ())
        assert "filter size" not in screen.text()
        await screen.press(*["backspace"] * 3, "1")
        assert screen.main.query_one(HistoryBar).shown[0]


def test_description_below_the_top() -> None:
    """Below the top layer, the subtitle says so, and which number shows the whole image."""
    read = LayersRead(5, 5)
    assert view_description(View(1), read).plain == "as of layer 1 · 4: whole image · by size"
    assert view_description(View(4), read).plain == "layer 4: whole image · by size"
    assert "whole" not in view_description(View(4).toggled(Change.UNCHANGED), read).plain
    assert "whole image" not in view_description(View(1, base=0), read).plain
    assert view_description(View(1), read, 35).plain == "as of layer 1 · 4: whole image"
    assert view_description(View(1), read, 20).plain == "as of layer 1"
    assert view_description(View(1, base=1), read).plain.startswith("Compare layer 1 with …: pick a layer")


def test_description_while_layers_are_read() -> None:
    """Until the image is read, the subtitle says how many layers are, and offers no key for the whole image."""
    read = LayersRead(2, 5)
    assert view_description(View(1), read).plain == "as of layer 1 · 2 of 5 layers ready · by size"


@pytest.mark.end_to_end
async def test_the_whole_path_of_a_hit(show: Show, tmp_path: Path) -> None:
    """The frame of the finder has the path of the selected hit, which a narrow row cuts."""
    found = explored_layers(tmp_path, layer(file("var/cache/apt/archives/libstdc++-12-dev_12.2.0_amd64.deb", b"1")))
    async with show(found, size=(80, 24)) as screen:
        await screen.press("L")
        box = screen.app.screen.query_one("#finder")
        assert str(box.border_subtitle) == "/var/cache/apt/archives/libstdc++-12-dev_12.2.0_amd64.deb"
        await screen.press(*"zzz")
        assert not box.border_subtitle


@pytest.mark.end_to_end
async def test_find_in_any_layer(show: Show, sample: Exploration) -> None:
    """The finder also finds removed files; Enter goes to a hit at the layer that brought it."""
    async with show(sample) as screen:
        await ask(screen, "tool", "enter", "ctrl+f")
        assert screen.shows(Finder)
        screen.app.screen.query_one(Input).value = "cache/pack"
        await screen.pilot.pause()
        assert "removed by 3" in screen.text()
        await screen.press("enter")
        assert screen.shows(MainScreen)
        assert screen.main.view == View(1)
        assert screen.selected == "var/cache/packages"
        assert screen.app.focused is screen.files


@pytest.mark.end_to_end
async def test_the_search_begins_with_the_filter(show: Show, sample: Exploration) -> None:
    """From the filter, also while it is typed, the search has its text; letters replace it, and the list has none."""
    async with show(sample) as screen:
        for keys in (("ctrl+f",), ("enter", "ctrl+f")):
            await ask(screen, "tool")
            await screen.press(*keys)
            assert screen.app.screen.query_one(Input).value == "tool"
            assert screen.app.screen.query_one(HitList).count
            await screen.press("x")
            assert screen.app.screen.query_one(Input).value == "x"
            await screen.press("escape", "escape")
        await ask(screen, "tool", "enter", "L")
        assert not screen.app.screen.query_one(Input).value


@pytest.mark.end_to_end
async def test_enter_goes_to_a_hit_of_the_whole_text(show: Show, sample: Exploration) -> None:
    """Letters that were typed before Enter count, also if their hits do not show yet."""
    async with show(sample) as screen:
        await screen.press("ctrl+f", *"etc")
        finder = screen.app.screen
        assert isinstance(finder, Finder)
        finder.query_one(Input).value = "cache/pack"
        finder.action_choose()
        await screen.settled()
        assert screen.selected == "var/cache/packages"


@pytest.mark.end_to_end
async def test_the_search_covers_a_narrow_screen(show: Show, sample: Exploration) -> None:
    """No mark of the lists below it stands beside its rows."""
    async with show(sample, size=(80, 24)) as screen:
        await screen.press("ctrl+f")
        assert screen.app.screen.query_one("#finder").region.x == 0


@pytest.mark.end_to_end
async def test_find_nothing(show: Show, sample: Exploration) -> None:
    """Without hits Enter does nothing; an invalid expression shows an error; Escape changes nothing."""
    async with show(sample) as screen:
        await screen.press("ctrl+f")
        screen.app.screen.query_one(Input).value = "nothing-like-it"
        await screen.press("enter")
        assert screen.shows(Finder)
        assert "Nothing in any layer matches" in screen.text()
        screen.app.screen.query_one(Input).value = "type:door"
        await screen.pilot.pause()
        assert "file, dir, link" in screen.text()
        screen.app.screen.query_one(Input).value = "tool"
        await screen.pilot.pause()
        assert screen.app.screen.query_one(HitList).count
        screen.app.screen.query_one(Input).value = "tool is:"
        await screen.press("enter")
        assert screen.shows(Finder)
        assert not screen.app.screen.query_one(HitList).count
        await screen.press("escape")
        assert screen.main.view == View(3)


@pytest.mark.end_to_end
async def test_largest_files(show: Show, sample: Exploration) -> None:
    """One key lists the largest files of all layers, also hidden ones; they can be filtered and opened."""
    async with show(sample) as screen:
        await screen.press("L")
        hits = screen.app.screen.query_one(HitList).hits
        assert [hit.node.name for hit in hits[:4]] == ["compiler", "tool", "tool", "index"]
        assert [hit.size for hit in hits] == sorted((hit.size for hit in hits), reverse=True)
        screen.app.screen.query_one(Input).value = "index"
        await screen.press("enter")
        assert (screen.main.view, screen.selected) == (View(1), "var/cache/index")


@pytest.mark.end_to_end
async def test_hits_with_the_mouse(show: Show, sample: Exploration) -> None:
    """A double click on a hit goes there."""
    async with show(sample) as screen:
        await screen.press("L")
        await screen.pilot.click(HitList, offset=(10, 3), times=2)
        await screen.pilot.pause()
        assert screen.shows(MainScreen)
        assert screen.selected == "var/cache/index"


@pytest.mark.end_to_end
async def test_filter_at_any_size(show: Show, sample: Exploration) -> None:
    """The filter line and the finder work at any size."""
    async with show(sample, size=(40, 12)) as screen:
        await ask(screen, "tool is:")
        await ask(screen, "tool", "enter", "ctrl+f", "t")
        for cells in ((1, 1), (20, 6), (200, 60)):
            await screen.pilot.resize_terminal(*cells)
            await screen.pilot.pause()
        assert "found" in screen.text()


@pytest.mark.end_to_end
async def test_filter_on_an_empty_image(show: Show, tmp_path: Path) -> None:
    """An image without layers can be filtered and searched."""
    async with show(explored_layers(tmp_path)) as screen:
        await ask(screen, "tool", "enter", "n", "escape", "ctrl+f", "a", "escape", "L", "escape")
        assert screen.shows(MainScreen)


@pytest.mark.end_to_end
async def test_another_image_forgets_the_filter(show: Show, sample: Exploration, tmp_path: Path) -> None:
    """Loading another image removes the filter and its line."""
    other = explored_layers(tmp_path, layer(file("other", b"1")))
    shown = [sample, other]

    def load(watcher: object, platform: str | None = None) -> Exploration:
        return shown[1 if platform else 0]

    async with show(load) as screen:
        await screen.loaded()
        await ask(screen, "tool", "enter")
        screen.app._load_platform("linux/arm64")
        await screen.loaded()
        assert screen.names == ["other"]
        assert not screen.main.query_one(FilterBar).display
