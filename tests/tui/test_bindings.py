"""Other keys for actions: a user names one ID only."""

from __future__ import annotations

from collections import defaultdict

import pytest
from textual.actions import parse
from textual.widgets import Input

from explorer.pipeline import Exploration
from explorer.tui.bindings import keymap, settings_schema
from explorer.tui.dialogs.finder import Finder
from explorer.tui.dialogs.help_screen import HelpScreen
from explorer.tui.main.screen import MainScreen
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.viewer import Viewer
from tests.tui.driving import Screen, Show

EVERYWHERE = {
    "layers": (),
    "layers compared": ("m",),
    "files": ("f",),
    "waste": ("w",),
    "image": ("i",),
    "finder": ("ctrl+f",),
    "hits": ("L", "tab"),
    "viewer": ("f", "e", "end", "v"),
    "diff": ("f", "e", "end", "d"),
    "saving": ("f", "e", "end", "x"),
    "help": ("question_mark",),
}
"""Places where keys work, and the keys that lead there."""


def remap(screen: Screen, keys: dict[str, str]) -> None:
    """Gives other keys to some IDs, as a configuration file does."""
    wanted = {name: (key,) for name, key in keys.items()}
    screen.app.set_keymap(keymap(wanted, settings_schema().bindings))


@pytest.mark.end_to_end
async def test_an_action_has_one_id(show: Show, sample: Exploration) -> None:
    """An action has the same ID in every place and for all its keys; inputs keep their own keys."""
    async with show(sample) as screen:
        for place, way in EVERYWHERE.items():
            await screen.press(*way)
            ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
            for node, bindings in screen.app.screen._binding_chain:
                for _, binding in bindings:
                    if binding.id and not isinstance(node, Input):
                        _, action, parameters = parse(binding.action)
                        ids[f"{action}{parameters}", binding.tooltip or binding.description].add(binding.id)
            assert {action: several for action, several in ids.items() if len(several) > 1} == {}, place
            assert ids, place
            await screen.press("escape", "escape")


@pytest.mark.end_to_end
async def test_an_action_leaves_its_old_keys(show: Show, sample: Exploration) -> None:
    """Leave, help and the end of a comparison work with new keys only, on every screen."""
    async with show(sample) as screen:
        ids = (
            "app.quit",
            "app.help",
            "viewer.leave",
            "help.close",
            "explore.stop-comparing",
            "save.leave",
            "find.leave",
        )
        remap(screen, dict(zip(ids, ("Q", "f2", "f3", "f4", "f5", "f6", "f7"), strict=True)))
        await screen.press("q", "question_mark")
        assert screen.shows(MainScreen)
        await screen.press("f", "e", "end", "v", "q", "question_mark", "escape")
        assert screen.shows(Viewer)
        await screen.press("f2", "q", "question_mark", "escape")
        assert screen.shows(HelpScreen)
        await screen.press("f4", "f3", "x", "escape")
        assert screen.shows(ExtractScreen)
        await screen.press("f6", "ctrl+f", "escape")
        assert screen.shows(Finder)
        await screen.press("f7", "m", "escape", "m")
        compared = [screen.main.view.base]
        await screen.press("f5")
        assert [*compared, screen.main.view.base] == [3, None]
        assert screen.app.is_running
        await screen.press("Q")
        assert screen.app._exit
