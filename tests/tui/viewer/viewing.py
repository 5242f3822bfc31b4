"""Steps of a user in the viewer, and an image that is slow to read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from textual.widgets import Static

from explorer.errors import Cancelled
from explorer.model import Entry, LayerContents, Watcher
from explorer.pipeline import Exploration
from explorer.tui.viewer.pager import Pager
from explorer.tui.viewer.viewer import Viewer
from tests.tui.driving import Screen

LONG = b"".join(b"line %d of many\n" % number for number in range(2000))


async def select(screen: Screen, path: str, layer: int | None = None) -> None:
    """Selects a path in the file pane, at a layer."""
    if layer is not None:
        screen.main.view = replace(screen.main.view, layer=layer)
    await screen.press("f")
    screen.files.action_open_all()
    await screen.pilot.pause()
    rows = screen.files.rows
    assert rows is not None
    screen.files.cursor = next(number for number, row in enumerate(rows) if row.node.path == path)
    await screen.pilot.pause()


async def settled(screen: Screen) -> None:
    await screen.app.workers.wait_for_complete()
    await screen.pilot.pause()


def lines(screen: Screen) -> list[str]:
    return list(screen.app.screen.query_one(Pager).lines)


def message(screen: Screen) -> str:
    return str(screen.app.screen.query_one("#viewer-message", Static).content)


def viewer(screen: Screen) -> Viewer:
    assert isinstance(screen.app.screen, Viewer)
    return screen.app.screen


@dataclass
class Slow:
    """Contents that wait for ``go_on``, and then come or fail."""

    contents: LayerContents
    go_on: threading.Event
    stopped: threading.Event
    error: Exception | None = None
    streams: bool = True
    stored_bytes: int = 39_000_000

    def read(self, index: Any, entries: Iterable[Entry], on_progress: Callable[[int], None]) -> Any:
        try:
            on_progress(12_000_000)
            while not self.go_on.wait(0.01):
                on_progress(12_000_000)
        except Cancelled:
            self.stopped.set()
            raise
        if self.error:
            raise self.error
        return self.contents.read(index, entries, on_progress)


def slowed(exploration: Exploration, error: Exception | None = None) -> tuple[Exploration, Slow]:
    slow = Slow(exploration.image.layers[0].contents, threading.Event(), threading.Event(), error)
    layers = (replace(exploration.image.layers[0], contents=cast("LayerContents", slow)), *exploration.image.layers[1:])
    slow_exploration = replace(exploration, image=replace(exploration.image, layers=layers))
    # The search for secrets reads all files in the background, and would wait for these.
    slow_exploration.__dict__["findings"] = exploration.read_findings(Watcher())
    return slow_exploration, slow
