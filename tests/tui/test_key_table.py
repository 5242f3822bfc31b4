"""Keys that do nothing where they are pressed say why."""

from __future__ import annotations

import threading

import pytest

from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.key_table import dead_key_reason
from explorer.tui.viewer.viewer import Viewer
from explorer.viewmodel.layers_read import NOT_YET_READ
from tests.tui.driving import Screen, Show


async def answer(screen: Screen, key: str) -> list[str]:
    """Presses a key and returns the messages that answer it."""
    screen.app.clear_notifications()
    screen.app._last_reason = "", 0.0
    await screen.press(key)
    return screen.said


@pytest.mark.end_to_end
async def test_keys_of_other_panes_name_them(show: Show, sample: Exploration) -> None:
    """A key of another pane says where it works, and which key leads there."""
    async with show(sample) as screen:
        for pane, key, words in (
            (
                "",
                "e",
                "e needs the focus on the files, the waste, the packages or the findings. Press f, w, P or F first.",
            ),
            ("", "b", "b needs the focus on the waste, the packages or the findings. Press w, P or F first."),
            ("w", "plus", "This works for the files only. Press f first."),
            ("f", "a", "a needs the focus on the layers. Press Tab first."),
            ("w", "c", "This works for the files only. Press f first."),
            ("i", "o", "o needs the focus on the waste. Press w first."),
            ("i", "s", "This works for the files only. Press f first."),
            ("i", "v", "Show the files or the waste first, and select a file."),
            ("i", "p", "No other platform is known."),
        ):
            await screen.press(*([pane] if pane else []))
            assert await answer(screen, key) == [words], (pane, key)


@pytest.mark.end_to_end
async def test_no_key_of_the_screen_is_silently_dead(show: Show, sample: Exploration) -> None:
    """In each pane, each letter that means something in any pane acts or answers."""
    keys = "abcdeEnNorStvxyY"
    async with show(sample) as screen:
        for pane in ("", "f", "w", "P", "F", "i"):
            await screen.press(*([pane] if pane else []))
            for key in keys:
                if not any(key == each.binding.key and each.enabled for each in screen.main.active_bindings.values()):
                    assert len(await answer(screen, key)) == 1, (pane, key)


@pytest.mark.end_to_end
async def test_other_keys_stay_silent(show: Show, sample: Exploration) -> None:
    """A key that means nothing anywhere, and Escape without a way back, say nothing."""
    async with show(sample) as screen:
        for key in ("ü", "f12", "escape"):
            assert dead_key_reason(screen.main, key, is_read=True) == ""
            assert await answer(screen, key) == []
        await screen.press("slash", "b")
        assert screen.said == []


async def test_before_the_image_is_read(show: Show, sample: Exploration) -> None:
    """Until the image is read, keys of other panes say that they wait for it."""
    go_on = threading.Event()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        go_on.wait(20)
        return sample

    async with show(load) as screen:
        try:
            assert await answer(screen, "b") == [NOT_YET_READ]
        finally:
            go_on.set()
        await screen.loaded()


@pytest.mark.end_to_end
@pytest.mark.parametrize("key", ["v", "d", "x"])
async def test_the_selected_file_opens_from_the_layers(show: Show, sample: Exploration, key: str) -> None:
    """The keys that open a file use the selected one from the layers, too."""
    async with show(sample) as screen:
        await screen.press("f", "e", "end", "tab")
        screen.layers.focus()
        await screen.press(key)
        assert screen.app.screen is not screen.main
        assert key != "v" or screen.shows(Viewer)


@pytest.mark.end_to_end
async def test_keys_of_the_viewer_and_of_dialogs(show: Show, sample: Exploration) -> None:
    """A key that does nothing in the viewer or a dialog says so, with the key that leads back."""
    async with show(sample) as screen:
        await screen.press("L", "enter", "v")
        await screen.loaded()
        assert screen.shows(Viewer)
        assert await answer(screen, "enter") == ["This is no symbolic link."]
        assert await answer(screen, "c") == ["c does nothing here. Press esc to go back first."]
        assert await answer(screen, "f12") == []
        await screen.press("escape", "question_mark")
        assert await answer(screen, "w") == ["w does nothing here. Press esc to go back first."]
        await screen.press("escape", "i", "y")
        assert await answer(screen, "w") == ["w does nothing here. Press esc to go back first."]
