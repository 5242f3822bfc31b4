"""The screen of two images: its answers, its keys and its sizes."""

from __future__ import annotations

import pytest

from explorer.errors import ImageError
from explorer.model import Watcher
from explorer.pipeline import Exploration, ImageDiff
from explorer.tui.compare.pair_text import pair_title
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.viewer.diff_screen import DiffScreen
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.viewer import Viewer
from tests.images import explored_layers, file, layer
from tests.tui.compare.comparing import loading_pair, showing
from tests.tui.driving import HOSTILE

Pair = tuple[Exploration, Exploration]


async def test_the_head_answers(pair: Pair) -> None:
    """The head has names, sizes, waste, the update, the first break with its cause, and if both are identical."""
    async with showing(loading_pair(*pair)) as screen:
        head = "\n".join(screen.text().splitlines()[:5])
        assert "shop:1 → shop:2" in head
        assert "shipped 6.0 MB → 7.5 MB +1.5 MB" in head
        assert "wasted 3.0 MB → 0 B" in head
        assert "to download (estimated)" in head
        assert "First break: layer 1 (RUN apt-get update && rm -r /var/cache): it was" in head
        assert "Not identical: the images have 4 layers and 3 layers." in head


async def test_the_break_is_selected(pair: Pair) -> None:
    """The first pair that differs is marked and selected, and its details say what differs."""
    async with showing(loading_pair(*pair)) as screen:
        row = screen.pairs.selected
        assert row is not None
        assert row.is_break
        assert pair_title(row) in screen.text()
        assert "RUN apt-get update && rm -r /var/cache" in screen.text()


async def test_the_largest_growth_is_first(pair: Pair) -> None:
    """At first only changes show, the largest growth first, and S reverses the order."""
    async with showing(loading_pair(*pair)) as screen:
        assert screen.names[:3] == ["srv", "model.bin", "main.py"]
        assert "etc" not in screen.names
        await screen.press("tab", "S")
        assert screen.names[0] != "srv"


async def test_orders_follow_each_other(pair: Pair) -> None:
    """Sorting goes from growth to size and name, and back to growth."""
    async with showing(loading_pair(*pair)) as screen:
        orders = []
        for _ in range(3):
            await screen.press("s")
            orders.append(screen.compared.view.sort.value)
        assert orders == ["size", "name", "growth"]


async def test_sizes_of_both_images(pair: Pair) -> None:
    """A row has the size in the old image, in the new one, and the difference."""
    async with showing(loading_pair(*pair)) as screen:
        line = next(line for line in screen.text().splitlines() if line.rstrip("│┃ ").endswith(" tool"))
        assert "1.0 MB" in line
        assert "1.5 MB" in line
        assert "+500 kB" in line


async def test_times_are_hidden_until_asked_for(pair: Pair) -> None:
    """Paths that differ only in their times are counted and hidden; a key shows them."""
    async with showing(loading_pair(*pair)) as screen:
        assert "readme" not in screen.names
        assert "1 only in time hidden" in screen.text()
        await screen.press("t")
        assert "readme" in screen.names
        await screen.press("t")
        assert "readme" not in screen.names


async def test_all_files(pair: Pair) -> None:
    """A key shows all files, and only the changes again."""
    async with showing(loading_pair(*pair)) as screen:
        await screen.press("c")
        assert "etc" in screen.names
        await screen.press("c")
        assert "etc" not in screen.names


async def test_a_pair_narrows_the_files(pair: Pair) -> None:
    """Enter on a pair shows only what its layers ship or remove, and Esc shows all layers again."""
    async with showing(loading_pair(*pair)) as screen:
        assert {"tool", "model.bin"} <= {*screen.names}
        await screen.press("enter")
        assert "tool" in screen.names
        assert "model.bin" not in screen.names
        assert "of layer 1" in screen.text()
        await screen.press("escape")
        assert {"tool", "model.bin"} <= {*screen.names}


@pytest.mark.end_to_end
async def test_the_line_below_tells_both_sides(pair: Pair) -> None:
    """The line below the panes has the path in both images, and what differs."""
    async with showing(loading_pair(*pair), size=(200, 60)) as screen:
        await screen.press("slash", *"tool", "enter", "end")
        assert screen.bottom.startswith("/usr/bin/tool")
        assert "old: 1.0 MB" in screen.bottom
        assert "new: 1.5 MB" in screen.bottom
        assert "differs in bytes" in screen.bottom


@pytest.mark.end_to_end
async def test_view_shows_the_new_file(pair: Pair) -> None:
    """The viewer shows the file of the new image, and names the image."""
    async with showing(loading_pair(*pair)) as screen:
        await screen.press("slash", *"main.py", "enter", "end", "v")
        await screen.loaded()
        assert screen.shows(Viewer)
        assert "the new image" in screen.text()
        assert "print(2)" in screen.text()


async def test_diff_shows_both_versions(pair: Pair) -> None:
    """The differences of a file have the lines of both images."""
    async with showing(loading_pair(*pair)) as screen:
        await screen.press("slash", *"main.py", "enter", "end", "d")
        await screen.loaded()
        assert screen.shows(DiffScreen)
        assert "the old image" in screen.text()
        assert "print(1)" in screen.text()
        assert "print(2)" in screen.text()


@pytest.mark.end_to_end
async def test_diff_of_a_directory_leaves_out_hidden_times(pair: Pair) -> None:
    """The differences of a directory have no paths that the view hides."""
    async with showing(loading_pair(*pair)) as screen:
        await screen.press("tab", "home", "d")
        await screen.loaded()
        assert "model.bin" in screen.text()
        assert "readme" not in screen.text()


@pytest.mark.end_to_end
async def test_save_asks_for_the_new_file(pair: Pair) -> None:
    """Saving takes the file of the new image."""
    async with showing(loading_pair(*pair)) as screen:
        await screen.press("slash", *"main.py", "enter", "end", "x")
        assert screen.shows(ExtractScreen)
        assert "Save the version in the new image" in screen.text()


@pytest.mark.end_to_end
async def test_other_panes(pair: Pair) -> None:
    """The keys of the tabs show packages, settings and waste."""
    async with showing(loading_pair(*pair)) as screen:
        await screen.press("i")
        assert "ENV MODE" in screen.text()
        assert "live" in screen.text()
        await screen.press("w")
        assert "/var/cache/index" in screen.text()
        await screen.press("P")
        await screen.loaded()
        assert "Neither image has packages" in screen.text()
        await screen.press("f")
        assert screen.app.focused is screen.tree


async def test_swap(pair: Pair) -> None:
    """A key compares the images the other way round."""
    async with showing(loading_pair(*pair)) as screen:
        await screen.press("o")
        await screen.loaded()
        head = screen.text().splitlines()[0]
        assert "shop:2 → shop:1" in head
        assert "7.5 MB → 6.0 MB −1.5 MB" in head


@pytest.mark.parametrize(
    "size",
    [
        (80, 24),
        pytest.param((100, 30), marks=pytest.mark.end_to_end),
        pytest.param((200, 60), marks=pytest.mark.end_to_end),
        (30, 8),
    ],
)
async def test_sizes_of_the_terminal(pair: Pair, size: tuple[int, int]) -> None:
    """In every terminal the names show, and the keys work."""
    async with showing(loading_pair(*pair), size=size) as screen:
        assert "shop:1" in screen.text().splitlines()[0]
        assert len(screen.text().splitlines()) == size[1]
        await screen.press("tab", "down", "z", "z", "P", "i", "w", "f", "question_mark")
        assert "Help" in screen.text()


async def test_an_error_names_both_images() -> None:
    """If an image cannot be read, the error shows below the names of both."""

    def load(old: Watcher, new: Watcher) -> ImageDiff:
        raise ImageError("the new image: no such image")

    async with showing(load) as screen:
        assert screen.shows(ErrorScreen)
        assert "shop:1 → shop:2" in screen.text()
        assert "the new image: no such image" in screen.text()


async def test_progress_of_both_images(pair: Pair) -> None:
    """While images are read, both have a line with their state."""
    from explorer.model import Progress
    from explorer.tui.compare.loading import PairProgressed

    def load(old: Watcher, new: Watcher) -> ImageDiff:
        raise ImageError("enough")

    async with showing(load) as screen:
        screen.app.pop_screen()
        screen.compared.post_message(PairProgressed(0, Progress("Reading layers", 1, 2)))
        await screen.settled()
        assert "old image: Reading layers, 50 %" in screen.text()
        assert "new image: waiting" in screen.text()
        screen.compared.post_message(PairProgressed(1, Progress("Reading layers", 1, 4)))
        await screen.settled()
        assert "old image: read" in screen.text()
        assert "new image: Reading layers, 25 %" in screen.text()


async def test_same_image(pair: Pair) -> None:
    """An image compared with itself has no changes, and the screen says so."""
    async with showing(loading_pair(pair[0], pair[0])) as screen:
        assert "The files of both images are the same." in screen.text()
        assert "No step differs." in screen.text()
        assert "Identical" in screen.text()


@pytest.mark.end_to_end
async def test_images_without_layers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Images without layers show, and all keys answer."""
    empty = explored_layers(tmp_path_factory.mktemp("empty"))
    async with showing(loading_pair(empty, empty)) as screen:
        await screen.press("enter", "tab", "v", "d", "x", "y", "c", "t", "s", "S", "o", "P", "i", "w")
        assert screen.app.fault is None


@pytest.mark.end_to_end
async def test_hostile_names(hostile: Exploration, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Names of files, commands and settings never reach the terminal as they are."""
    names = (*HOSTILE, "long" * 60)
    other = explored_layers(tmp_path_factory.mktemp("hostile"), layer(*(file(name, b"other") for name in names)))
    async with showing(loading_pair(hostile, other), size=(200, 60)) as screen:
        await screen.press("e")
        for keys in ("f", "i", "w", "P", "f", "end", "d"):
            await screen.press(keys)
            assert "\x1b" not in screen.text()
            assert "\u202e" not in screen.text()
        assert screen.app.fault is None


async def test_keys_wait_with_a_reason() -> None:
    """Before the images are read, keys for the files say why they wait."""

    def load(old: Watcher, new: Watcher) -> ImageDiff:
        raise ImageError("never")

    async with showing(load, notifications=True) as screen:
        screen.app.pop_screen()
        await screen.press("c")
        assert screen.said == ["Not before the image is read."]


async def test_narrow_footer_has_the_differences(pair: Pair) -> None:
    """At 80 columns the keys for the differences and the times stay in the last line."""
    async with showing(loading_pair(*pair), (80, 24)) as screen:
        await screen.press("f")
        line = screen.text().splitlines()[-1]
        assert "d Diff" in line
        assert "t Times" in line
