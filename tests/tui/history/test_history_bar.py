"""The line with the history of the selected path."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.content import Content

from explorer.analysis.directories import Directories
from explorer.analysis.path_history import PathChange, history
from explorer.analysis.sizes import directory_sizes
from explorer.model import Change, Entry, Kind
from explorer.pipeline import Exploration
from explorer.tui.history.fitting import FittedItem, fit_items
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.history.history_items import HistoryItem, history_items
from explorer.viewmodel.view import View
from tests.images import explored_layers, file, layer
from tests.tui.driving import Screen, Show


def the_line(screen: Screen) -> HistoryBar:
    return screen.main.query_one(HistoryBar)


def test_differences_have_values(tmp_path: Path) -> None:
    """Differences of mode and owner show the values before and after."""
    found = explored_layers(
        tmp_path, layer(file("a", b"1", mode=0o644)), layer(file("a", b"1", mode=0o4755, uid=65534))
    )
    node = found.tree.find("a")
    assert node is not None
    changes_ = list(history(Directories(found.tree), directory_sizes(found.tree), node))
    long, short = history_items(changes_, False)[1].long.plain, history_items(changes_, False)[1].short.plain
    assert long == "1: changed, 1 B, mode 0644 → 4755, owner 0:0 → 65534:0"
    assert short == "1: changed, 1 B, mode, owner"


def directory_items(*sizes: int) -> list[HistoryItem]:
    """The history of a directory that each layer touches, with a size after each."""
    first, *others = sizes
    changes = [PathChange(0, Change.ADDED, first)]
    changes += [PathChange(layer, Change.UNCHANGED, size) for layer, size in enumerate(others, 1)]
    return history_items(changes, is_directory=True)


def words(fitted: list[FittedItem]) -> str:
    """The fitted items as one text."""
    return " › ".join(item.text.plain for item in fitted)


NOTE = HistoryItem(Content("◌ 12 MB of 21 MB disposable, the largest part logs"), Content("◌ 12 MB of 21 MB"))


@pytest.mark.parametrize("room", range(0, 200, 9))
@pytest.mark.parametrize("place", [None, 0, 7, 19])
def test_the_selected_item_stays_visible(room: int, place: int | None) -> None:
    """The selected, the last and the first layer stay before others, and dots stand only for layers left out."""
    old, new = (Entry("a", Kind.FILE, 1, mode, 0, 0, 0, "", (), 0) for mode in (0o644, 0o600))
    pieces = history_items([PathChange(layer, Change.MODIFIED, 1, ("mode",), old, new) for layer in range(20)], False)
    fitted = fit_items([*pieces, NOTE], room, place)
    kept = [item.layer for item in fitted if item.layer is not None]
    shown = [item.layer for item in fitted if not item.is_note]
    assert place is None or [item.layer for item in fitted if item.is_selected] == [place]
    place = 19 if place is None else place
    most_wanted = list(dict.fromkeys([place, 19, 0]))
    assert set(kept) >= set(most_wanted[: len(kept)])
    gaps = [index for index, layer in enumerate(shown) if layer is None]
    assert all(shown[i - 1 : i] != [None] for i in gaps), "no dots beside dots"
    assert (None in shown) == (len(kept) < 20)
    assert len(kept) == 1 or sum(item.text.cell_length + 3 for item in fitted) <= room
    assert len(kept) >= min(20, room // 25)


def test_layers_come_before_the_notes() -> None:
    """A note is left out before a layer is, and then no dots stand in its place."""
    pieces = [*directory_items(21_000_000, 24_000_000), NOTE]
    layers = "0: added, 21 MB › 1: 24 MB"
    assert words(fit_items(pieces, 200, 0)) == f"{layers} › {NOTE.long.plain}"
    assert words(fit_items(pieces, 55, 0)) == f"{layers} › {NOTE.short.plain}"
    assert words(fit_items(pieces, 30, 0)) == layers


@pytest.mark.parametrize("room", [-50, 0, 5])
def test_a_note_alone_needs_no_room(room: int) -> None:
    """A terminal that is too narrow for a note without layers cuts it, and ends nothing."""
    assert words(fit_items([NOTE], room, None)) == NOTE.short.plain


def test_layers_far_from_the_selected_one_are_numbers() -> None:
    """If not all layers fit, those in the middle are numbers; dots stand only where the numbers do not fit either."""
    pieces = directory_items(*(1_000_000 * (layer + 1) for layer in range(9)))
    assert words(fit_items(pieces, 70, 3)) == ("0: added, 1.0 MB › 1 › 2 › 3: 4.0 MB › 4 › 5 › 6 › 7 › 8: 9.0 MB")
    assert words(fit_items(pieces, 43, 3)) == "0 › … › 2 › 3: 4.0 MB › … › 8: 9.0 MB"


def test_a_directory_that_keeps_its_size_is_touched() -> None:
    """A layer that touches what is inside a directory, and leaves its size, has a verb."""
    assert [item.long.plain for item in directory_items(2, 3, 3)] == ["0: added, 2 B", "1: 3 B", "2: touched, 3 B"]


@pytest.mark.end_to_end
async def test_walking_along_the_history(show: Show, sample: Exploration) -> None:
    """Brackets go to the layers that touched the selected path, which stays selected, and stop at the ends."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("index")
        await screen.pilot.pause()
        assert the_line(screen).stops == [1, 3]
        await screen.press("left_square_bracket")
        assert screen.main.view == View(1)
        assert screen.layers.selected_layer == 1
        assert screen.selected == "var/cache/index"
        await screen.press("left_square_bracket")
        assert screen.main.view == View(1)
        await screen.press("right_square_bracket")
        assert screen.main.view == View(3)
        assert screen.selected == "var/cache/index"
        assert screen.app.focused is screen.files


@pytest.mark.end_to_end
async def test_walking_to_where_the_path_is_hidden(show: Show, sample: Exploration) -> None:
    """Hidden kinds and a comparison end if they would hide the path."""
    async with show(sample) as screen:
        await screen.press("home", "f", "tilde", "e")
        screen.files.cursor = screen.names.index("passwd")
        await screen.pilot.pause()
        await screen.press("right_square_bracket")
        assert screen.main.view == View(1)
        assert screen.selected == "etc/passwd"
        screen.layers.select(3)
        await screen.press("m")
        screen.layers.select(1)
        await screen.pilot.pause()
        screen.files.cursor = screen.names.index("index")
        await screen.press("right_square_bracket")
        assert screen.main.view == View(3)
        assert screen.selected == "var/cache/index"


@pytest.mark.end_to_end
async def test_arrows_and_clicks(show: Show, sample: Exploration) -> None:
    """With the focus the arrow keys go along the history, and a click goes to a layer."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("tool")
        await screen.pilot.pause()
        await screen.press("tab")
        if screen.app.focused is not the_line(screen):
            await screen.press("tab")
        assert screen.app.focused is the_line(screen)
        await screen.press("left")
        assert screen.main.view == View(0)
        await screen.press("end")
        assert screen.main.view == View(3)
        text = the_line(screen).render().plain
        await screen.pilot.click(the_line(screen), offset=(text.index("0: added, 4") + 2, 0))
        await screen.pilot.pause()
        assert screen.main.view == View(0)
        assert screen.selected == "usr/bin/tool"


@pytest.mark.end_to_end
async def test_the_selected_item_is_highlighted(show: Show, sample: Exploration) -> None:
    """The item of the selected layer is highlighted."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("tool")
        await screen.pilot.pause()
        line = the_line(screen)
        assert [span.style for span in line.render().spans if "on $row-cursor" in str(span.style)] == [
            "bold on $row-cursor"
        ]
        await screen.press("left_square_bracket")
        content = line.render()
        found = [content.plain[span.start : span.end] for span in content.spans if span.style == "bold on $row-cursor"]
        assert found == ["0: added, 4.0 MB"]
        line.focus()
        await screen.pilot.pause()
        content = line.render()
        found = [content.plain[span.start : span.end] for span in content.spans if span.style == "reverse"]
        assert found == ["0: added, 4.0 MB"], "with the focus the mark needs no colour"
