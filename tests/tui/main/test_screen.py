"""The main screen: layers and files follow the selection, panes change, and hostile text is harmless."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import ContentSwitcher

from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.details import Details
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.widgets.prose import MAX_TEXT_CHARS
from explorer.viewmodel.view import View
from tests.images import docker_archive, explored, explored_layers, file, image, layer
from tests.tui.driving import HOSTILE, Show


@pytest.mark.end_to_end
async def test_loaded(show: Show, sample: Exploration) -> None:
    """Once loaded, the top layer is selected, its files show, biggest first, and the layers have the focus."""
    async with show(sample) as screen:
        assert screen.main.view == View(3)
        assert screen.layers.selected_layer == 3
        assert screen.app.focused is screen.layers
        assert screen.names == ["usr", "srv/app", "etc", "bin", "var/cache"]
        assert "9.7 MB wasted" in screen.text()


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_selected_path_stays(show: Show, sample: Exploration) -> None:
    """Another layer keeps the selected path, or the nearest one above it."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("compiler")
        await screen.press("shift+tab", "shift+tab")
        screen.layers.focus()
        await screen.press("up")
        assert screen.selected == "usr/bin/compiler"
        await screen.press("home")
        assert screen.selected == "usr/bin"


@pytest.mark.end_to_end
async def test_compare_from_here(show: Show, sample: Exploration) -> None:
    """In a comparison with a layer, marks show the changes since it; the key again, or Escape, ends it."""
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


@pytest.mark.end_to_end
async def test_compare_in_a_hurry(show: Show, sample: Exploration) -> None:
    """Fast keys compare with the layer that the cursor has reached."""
    async with show(sample) as screen:
        screen.layers.action_first()
        screen.main.action_compare()
        await screen.pilot.pause()
        assert screen.main.view == View(0, base=0)
        screen.main.action_pane("files")
        assert screen.main.focused is screen.files


@pytest.mark.end_to_end
async def test_compare_with_a_later_layer(show: Show, sample: Exploration) -> None:
    """In a comparison with a later layer, the title shows the direction of the changes."""
    async with show(sample) as screen:
        await screen.press("m", "home")
        assert "changes from layer 3 → layer 0" in screen.text()


@pytest.mark.end_to_end
async def test_enter_goes_to_the_files(show: Show, sample: Exploration) -> None:
    """Enter on a layer goes to its files."""
    async with show(sample) as screen:
        await screen.press("w")
        screen.layers.focus()
        await screen.press("enter")
        assert screen.app.focused is screen.files
        assert screen.main.pane == "files"


@pytest.mark.end_to_end
async def test_layers_out_of_sight(show: Show, tmp_path: Path) -> None:
    """A list that is too long for its pane shows how many layers are above and below."""
    tall = explored_layers(tmp_path, *(layer(file(f"f{number}", b"1")) for number in range(20)))
    async with show(tall, size=(80, 24)) as screen:
        height = screen.layers.scrollable_content_region.height
        assert f"▲ {20 - height} more" in screen.text()
        await screen.press("home")
        assert f"▼ {20 - height} more" in screen.text()
        assert "▲" not in screen.text()


@pytest.mark.end_to_end
async def test_history_line(show: Show, sample: Exploration) -> None:
    """The line below shows the history of the selected path."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("tool")
        await screen.pilot.pause()
        line = "History of /usr/bin/tool   0: added, 4.0 MB › 3: changed, 4.0 MB, owner 0:0 → 1000:1000"
        assert screen.text().splitlines()[-2].strip() == line
        screen.files.cursor = screen.names.index("index")
        await screen.pilot.pause()
        assert screen.text().splitlines()[-2].strip() == "History of /var/cache/index   1: added, 3.0 MB › 3: removed"


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_vast_texts_are_cut(show: Show, tmp_path: Path) -> None:
    """Very long texts are cut, and a line says how much is left out."""
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


@pytest.mark.end_to_end
async def test_problems_are_shown(show: Show, tmp_path: Path) -> None:
    """The problems of a layer show in its details."""
    odd = explored_layers(tmp_path, layer(file("a"), file("../escape", b"1")))
    assert odd.layers[0].problems
    async with show(odd) as screen:
        assert "escape" in screen.text()


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_details_have_the_focus_only_to_scroll(show: Show, sample: Exploration) -> None:
    """Details that do not fit their pane get the focus last, after the layers and the files."""
    async with show(sample, size=(120, 22)) as screen:
        details = screen.main.query_one(Details)
        assert details.max_scroll_y
        await screen.press("tab", "tab")
        assert screen.app.focused is details
        await screen.press("j", "G")
        assert details.scroll_offset.y == details.max_scroll_y


@pytest.mark.end_to_end
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


@pytest.mark.end_to_end
async def test_empty_image(show: Show, tmp_path: Path) -> None:
    """An image without layers, and one with an empty layer, can be shown."""
    async with show(explored_layers(tmp_path)) as screen:
        assert "This image has no layers" in screen.text()
        await screen.press("down", "m", "m", "s", "c", "c", "f", "enter", "e", "w", "enter", "i", "f")
    async with show(explored_layers(tmp_path, layer())) as screen:
        assert "There are no files up to layer" in screen.text()


@pytest.mark.end_to_end
@pytest.mark.parametrize(("way", "pane"), [((), "files"), (("i",), "image"), (("f",), "files"), (("w",), "waste")])
async def test_a_cancelled_filter_leads_back(show: Show, sample: Exploration, way: tuple[str, ...], pane: str) -> None:
    """Escape while a filter is typed leads back to the pane and the focus from before it."""
    async with show(sample) as screen:
        await screen.press(*way)
        focused = screen.app.focused
        await screen.press("slash", *"tool", "escape")
        assert (screen.main.pane, screen.app.focused) == (pane, focused)
