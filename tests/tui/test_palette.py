"""The palette: the actions of the main screen by the footer's words, and the layers by command."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandList

from explorer.config.settings import Sort
from explorer.model import Change
from explorer.pipeline import Exploration
from explorer.tui.bindings import settings_schema
from explorer.tui.files.file_tree import FileTree
from explorer.tui.history.history_bar import HistoryBar
from explorer.tui.layers.details import Details
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.image_pane import ImagePane
from explorer.tui.main.screen import MainScreen
from explorer.tui.main.splitter import Splitter
from explorer.tui.packages.package_list import PackageList
from explorer.tui.palette import ActionProvider, Command, LayerProvider, Palette
from explorer.tui.viewer.viewer import Viewer
from explorer.tui.waste.waste_list import WasteList
from explorer.tui.waste.waste_pane import WastePane
from explorer.tui.widgets.footer import KeysFooter
from tests.images import docker_archive, explored, file, image, layer
from tests.tui.driving import Screen, Show

PLACES = {
    "layers": (),
    "layers beside the waste": ("w", "tab", "tab"),
    "files": ("f",),
    "waste": ("w",),
    "packages": ("P",),
    "image": ("i",),
}


def commands(screen: Screen) -> dict[str, Command]:
    """The commands of the palette by name."""
    found = list(ActionProvider(screen.main).commands())
    assert len(found) == len({command.name for command in found})
    return {command.name: command for command in found}


async def best(screen: Screen, query: str) -> str:
    """The first match for a query."""
    providers = ActionProvider(screen.main), LayerProvider(screen.main)
    hits = [hit for provider in providers for hit in [hit async for hit in provider.search(query)]]
    return str(max(hits, key=lambda hit: hit.score).text)


def focused(screen: Screen) -> str | None:
    """The ID of the focused widget."""
    return screen.app.focused.id if screen.app.focused else None


async def take(screen: Screen, name: str) -> None:
    """Takes an action of the palette."""
    await commands(screen)[name].call()
    await screen.pilot.pause()


@pytest.mark.end_to_end
@pytest.mark.parametrize("place", PLACES)
async def test_every_action_is_found_from_everywhere(show: Show, sample: Exploration, place: str) -> None:
    """Each action of the main screen with a key and a tooltip is in the palette, in every pane."""
    panes = {
        kind.__name__
        for kind in (MainScreen, Splitter, LayerList, Details, FileTree, WasteList, WastePane, PackageList, ImagePane)
    }
    async with show(sample, size=(80, 24)) as screen:
        await screen.press(*PLACES[place])
        words = " ".join(commands(screen)).lower()
        for name, bound in settings_schema().bindings.items():
            if bound.places & panes and not name.startswith(("list.", "text.")) and not name[-1].isdigit():
                assert bound.tooltip.lower() in words, name


@pytest.mark.end_to_end
@pytest.mark.parametrize("place", PLACES)
async def test_the_words_of_the_footer_find_it(show: Show, sample: Exploration, place: str) -> None:
    """The best match for a footer's word is the action that it stands for."""
    wanted = {
        "expand": "Expand: ",
        "view": "View the file",
        "hid it": "Layer that hid it: show it at the layer that hid it",
        "save": "Save the file or the directory to disk",
        "diff": "Diff: show the differences from the version below",
        "swap": "Swap the two layers that are compared",
        "unchanged": "Show or hide unchanged files",
        "group by": "Group by: group the packages"
        if place == "packages"
        else "Group by fix, cause, layers, package, directory, or not at all",
    }
    async with show(sample, size=(200, 40)) as screen:
        await screen.press(*PLACES[place])
        for query, name in wanted.items():
            assert (await best(screen, query)).startswith(name), query
        for _ in range(4):
            await screen.pilot.pause()
        for key in screen.main.query_one(KeysFooter).keys:
            if key.action not in ("command_palette", "next_pane(1)"):
                found = [hit async for hit in ActionProvider(screen.main).search(key.words)]
                assert any(key.words.lower() in str(hit.text).lower() for hit in found), key.words


@pytest.mark.end_to_end
async def test_actions_are_done_where_they_belong(show: Show, sample: Exploration) -> None:
    """An action of another pane shows that pane first; the focus stays if the pane is visible."""
    async with show(sample) as screen:
        before = screen.files.count
        await take(screen, "Expand: open all directories")
        assert screen.files.count > before
        assert focused(screen) == screen.files.id
        await take(screen, "Group by fix, cause, layers, package, directory, or not at all")
        assert screen.main.pane == "waste"
        assert focused(screen) == screen.waste.id
        await take(screen, "Show or hide added files")
        assert screen.main.pane == "files"
        assert screen.main.view.hidden == {Change.ADDED}
        await take(screen, "Show all: show what is hidden")
        await screen.press("i")
        await take(screen, "Sort by size, name or change")
        assert screen.main.pane == "files"
        assert screen.main.view.sort is Sort.NAME
        screen.layers.focus()
        await screen.pilot.pause()
        await take(screen, "Sort by size, name or change")
        assert focused(screen) == screen.layers.id


@pytest.mark.end_to_end
async def test_the_selected_row_is_looked_into_from_the_layers(show: Show, sample: Exploration) -> None:
    """View uses the wasted file beside the layers, also while they have the focus."""
    async with show(sample) as screen:
        await screen.press("w", "e", "end")
        screen.layers.focus()
        await screen.pilot.pause()
        await take(screen, "View the file")
        assert screen.main.pane == "waste"
        assert screen.shows(Viewer)


@pytest.mark.end_to_end
async def test_what_cannot_be_done_says_why(show: Show, sample: Exploration) -> None:
    """An action that cannot be taken now is found, shows why, and is not among the first ones."""
    async with show(sample) as screen:
        refused = {
            "Swap the two layers that are compared": "Not comparing. Press m to start.",
            "Stop comparing": "Not comparing. Press m to start.",
            "Clear filter: clear the filter": "Nothing is filtered.",
            "Unzoom: show all panes again": "No pane is zoomed.",
            "Next match: go to the next match": "No other row matches a filter. Press / to filter.",
        }
        for name, words in refused.items():
            assert commands(screen)[name].reason == words
            assert words in commands(screen)[name].help
            await take(screen, name)
            assert screen.said[-1] == words
        offered = {hit.text async for hit in ActionProvider(screen.main).discover()}
        assert not offered & refused.keys()
        assert "Expand: open all directories" in offered
        assert all(command.reason != "That does nothing here now." for command in commands(screen).values())


async def test_layers_come_after_actions(show: Show, tmp_path: Path) -> None:
    """An action comes before a layer whose command matches equally well; commands match as written."""
    names = "save", "view", "set -eux && apt-get install [/] [bold]"
    layers = [layer(file(name.split()[0], b"1")) for name in names]
    history = [{"created_by": f"RUN {name}"} for name in names]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(image(*layers, history=history)))
    async with show(explored(path)) as screen:
        assert (await best(screen, "save")).startswith("Save")
        assert (await best(screen, "view")).startswith("View")
        assert await best(screen, "apt-get") == "Go to layer 2: RUN set -eux && apt-get install [/] [bold]"
        assert [hit async for hit in LayerProvider(screen.main).search("stgal")] == []


@pytest.mark.end_to_end
async def test_the_history_is_no_second_pane(show: Show, sample: Exploration) -> None:
    """An action that the history bar shares with a pane appears once, for the pane."""
    async with show(sample) as screen:
        await screen.press("f", "e")
        screen.files.cursor = screen.names.index("passwd")
        screen.main.query_one(HistoryBar).focus()
        await screen.pilot.pause()
        await take(screen, "Copy the path")
        assert screen.app.clipboard == "/etc/passwd"


@pytest.mark.end_to_end
async def test_page_keys_without_lines_do_nothing(show: Show, sample: Exploration) -> None:
    """A page key does nothing while the palette's list has options but no room for a line."""
    async with show(sample, size=(1, 1)) as screen:
        await screen.press("ctrl+p")
        assert screen.app.screen.query_one(CommandList).option_count
        await screen.press("pagedown", "pageup", "pagedown")
        assert screen.app.is_running


@pytest.mark.end_to_end
async def test_closing_twice_closes_once(show: Show, sample: Exploration) -> None:
    """A palette that is closed already closes no other screen."""
    async with show(sample) as screen:
        await screen.press("ctrl+p")
        palette = screen.app.screen
        assert isinstance(palette, Palette)
        palette.dismiss()
        await screen.settled()
        palette.dismiss()
        await screen.settled()
        assert screen.app.is_running
        assert len(screen.app.screen_stack) == 1
