"""Actions on the selected path."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from explorer.pipeline import Exploration
from explorer.tui.viewer.extract_screen import ExtractScreen
from explorer.tui.viewer.text_screen import TextScreen
from tests.images import (
    explored_layers,
    file,
    layer,
)
from tests.tui.driving import Show
from tests.tui.viewer.viewing import select, settled


@pytest.mark.end_to_end
async def test_copy(show: Show, rich: Exploration) -> None:
    """y copies the path, Y the layer's command."""
    async with show(rich) as screen:
        await select(screen, "etc/hosts")
        await screen.press("y")
        assert screen.app.clipboard == "/etc/hosts"
        await screen.press("Y")
        assert screen.app.clipboard == "RUN step 1"


@pytest.mark.end_to_end
async def test_no_keys_before_the_files_are_there(show: Show, rich: Exploration) -> None:
    """The keys do nothing until the image is loaded."""
    go_on = threading.Event()

    def load(watcher: Any, platform: str | None = None) -> Exploration:
        watcher.image_opened(rich.image)
        go_on.wait(10)
        return rich

    async with show(load) as screen:
        await screen.press("v", "d", "x", "y", "Y", "enter")
        assert not isinstance(screen.app.screen, TextScreen | ExtractScreen)
        go_on.set()
        await screen.loaded()


@pytest.mark.end_to_end
async def test_long_paths_keep_their_names(show: Show, tmp_path: Path) -> None:
    """A path that is too long for a title loses its beginning and keeps its name."""
    path = "/".join([*(f"directory-{number}" for number in range(12)), "the-name.txt"])
    async with show(explored_layers(tmp_path, layer(file(path, b"text\n"))), size=(80, 24)) as screen:
        await select(screen, path)
        for keys in (("v",), ("escape", "x"), ("escape", "d")):
            await screen.press(*keys)
            await settled(screen)
            first = next(line for line in screen.text().splitlines() if "directory-11" in line)
            assert "/directory-11/the-name.txt" in first
            assert "…" in first
