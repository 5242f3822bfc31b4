"""The keys in words: those that are bound, whatever the settings say."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import explorer.tui
from explorer.pipeline import Exploration
from explorer.tui.bindings import keymap, settings_schema
from explorer.tui.dialogs.help_screen import HelpBox
from explorer.tui.key_words import key_of, with_keys
from explorer.tui.waste.advice_box import AdviceBox
from explorer.tui.waste.waste_list import WasteList
from explorer.viewmodel.waste_view import Grouping
from tests.tui.driving import Screen, Show

_KEYS = {
    "explore.files": ("F",),
    "explore.compare": ("f6",),
    "explore.waste": ("W",),
    "explore.filter": ("f7",),
    "waste.copy-fix": ("f8",),
    "explore.clear-filter": ("f9",),
    "waste.group": ("B",),
}


def remap(screen: Screen) -> None:
    """Gives keys of the main screen others."""
    screen.app.set_keymap(keymap(_KEYS, settings_schema().bindings))


@pytest.mark.end_to_end
@pytest.mark.parametrize("name", sorted(str(path) for path in Path(explorer.tui.__path__[0]).rglob("*.py")))
def test_words_name_keys_that_exist(name: str) -> None:
    """Each ID of a key in words is that of a binding."""
    texts = [node.value for node in ast.walk(ast.parse(Path(name).read_text())) if isinstance(node, ast.Constant)]
    found = {key for text in texts if isinstance(text, str) for key in re.findall(r"\{([a-z]+\.[a-z0-9-]+)\}", text)}
    assert found <= {*settings_schema().bindings}


@pytest.mark.end_to_end
async def test_default_keys(show: Show, sample: Exploration) -> None:
    """Words name Esc and Enter as sentences do, and leave other braces as they are."""
    async with show(sample) as screen:
        assert with_keys(screen.main, "{explore.stop-comparing} {files.toggle} {app.help}") == "Esc Enter ?"
        assert with_keys(screen.main, "{a.b} {} {explore}") == "{a.b} {} {explore}"


@pytest.mark.end_to_end
async def test_keys_have_names(show: Show, sample: Exploration) -> None:
    """The keys of bindings are those of the settings."""
    async with show(sample) as screen:
        screen.app.set_keymap({"explore.waste": "W"})
        assert [key_of(screen.main, name) for name in ("explore.waste", "explore.files", "app.help")] == ["W", "f", "?"]
        await screen.press("W")
        assert "W" in str(screen.main.query_one("#right").border_title)


@pytest.mark.end_to_end
async def test_reasons_name_the_bound_key(show: Show, sample: Exploration) -> None:
    """The reasons of keys that do nothing name the keys of the settings."""
    async with show(sample) as screen:
        remap(screen)
        await screen.press("M")
        assert [each.message for each in screen.app._notifications] == ["Not comparing. Press f6 to start."]
        screen.app.clear_notifications()
        await screen.press("W", "c")
        assert [each.message for each in screen.app._notifications] == ["This works for the files only. Press F first."]


@pytest.mark.end_to_end
async def test_panes_name_the_bound_key(show: Show, sample: Exploration) -> None:
    """Empty panes, the box of a fix and the help name the keys of the settings."""
    async with show(sample) as screen:
        remap(screen)
        await screen.press("f7", *"zzzzz", "enter")
        assert "Press f9 to clear the filter, ^f to search" in screen.text().replace("ctrl+f", "^f")
        await screen.press("f9", "W", "end")
        assert screen.main.query_one(WasteList).view.grouping is Grouping.FIX
        assert "f8 copies the advice, Y all" in str(screen.main.query_one(AdviceBox).border_title)
        await screen.press("question_mark")
        words = "\n".join(line.plain for line in screen.app.screen.query_one(HelpBox).wrapped(200))
        assert "B changes the grouping" in words
        assert "{waste." not in words
