"""Measures keys on the screen.

``python -m tests.benchmarks.keys ARCHIVE PRESSES`` prints the seconds of each key as JSON. Textual's Pilot sends the
key as a terminal would. The time ends when all effects are done and the screen is painted, including the text for the
terminal. Pilot sleeps shorter here than usual, and paints at once what would otherwise wait for the next frame. It also
sends no message of its own to each widget, because users wait for none. A key that does nothing, in an application of
one empty line, is measured in the same way, so that it can be subtracted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

from textual import _wait
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from explorer.pipeline import Exploration, explore
from explorer.sources import open_image
from explorer.sources.request import Request
from explorer.tui import app as app_module
from explorer.tui.app import ExplorerApp
from explorer.tui.files.file_tree import FileTree
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.screen import MainScreen
from explorer.tui.widgets.filter_bar import FilterInput
from tests.benchmarks.terminal import COLUMNS, LINES

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from explorer.model import Watcher

_WARM_UP = 2
_QUIET_TURNS = 2
"""Turns of the event loop without a message, after which there are no more effects."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action and its keys."""

    name: str
    keys: tuple[str, ...]
    """Keys to press in a cycle; each one is measured."""
    before: tuple[str, ...] = ()
    """Keys to press before each measured key."""
    pane: type[FileTree | LayerList | FilterInput] = FileTree


def actions(layers: int) -> list[Action]:
    """Returns the measured actions for an image with this number of layers."""
    typed = [key for word in ("python", "escape", "locale") for key in (*word, *["backspace"] * len(word))]
    there_and_back = ("up",) * (layers - 1) + ("down",) * (layers - 1)
    return [
        Action("move down", ("j",)),
        Action("page down", ("pagedown",)),
        Action("go to the end and back", ("end", "home")),
        Action("expand all", ("e",), before=("E",)),
        Action("collapse all", ("E",), before=("e",)),
        Action("sort", ("s",)),
        Action("changes only, and back", ("c",)),
        *([Action("change the layer", there_and_back, pane=LayerList)] if layers > 1 else []),
        Action("filter", tuple(typed), pane=FilterInput),
    ]


class _Empty(App[None]):
    """The smallest possible application."""

    def compose(self) -> ComposeResult:
        yield Static()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        _write(self, renderable)
        super()._display(screen, renderable)


class _Measured(ExplorerApp):
    """The application, which also makes the text for a terminal."""

    CSS_PATH = str(Path(app_module.__file__).with_name("explorer.tcss"))

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        _write(self, renderable)
        super()._display(screen, renderable)


def _write(app: App[None], renderable: object) -> None:
    """Makes the text for the terminal, which Textual omits without a terminal."""
    if isinstance(renderable, CompositorUpdate):
        renderable.render_segments(app.console)


async def _wait_for_messages(pilot: Pilot[None], timeout: float = 30.0) -> bool:
    """Waits until no widget has a message, in place of ``Pilot._wait_for_screen``."""
    pumps: list[MessagePump] = [pilot.app, *pilot.app.screen.walk_children(with_self=True)]
    quiet = 0
    while quiet < _QUIET_TURNS:
        is_busy = any(pump.message_queue_size + len(pump._next_callbacks) for pump in pumps)
        quiet = 0 if is_busy else quiet + 1
        await asyncio.sleep(0)
    return True


async def _press(pilot: Pilot[None], key: str) -> float:
    """Presses a key, and returns the seconds until the screen is painted."""
    start = time.perf_counter()
    await pilot.press(key)
    # Because painting may cause more changes.
    await pilot.pause()
    await pilot.pause()
    return time.perf_counter() - start


async def _times(pilot: Pilot[None], action: Action, presses: int) -> list[float]:
    times = []
    for key in islice(cycle(action.keys), presses + _WARM_UP):
        for other in action.before:
            await _press(pilot, other)
        times.append(await _press(pilot, key))
    return times[_WARM_UP:]


async def _in_empty_app(presses: int) -> list[float]:
    app = _Empty()
    app.animation_level = "none"
    async with app.run_test(size=(COLUMNS, LINES)) as pilot:
        await _press(pilot, "j")
        return await _times(pilot, Action("", ("j",)), presses)


async def _in_ours(reference: str, presses: int) -> tuple[int, dict[str, list[float]]]:
    """Returns the number of open rows, and the times by action."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        return explore(open_image(Request(reference, watcher, platform=platform)), watcher)

    app = _Measured(partial(MainScreen, reference, load))
    app.animation_level = "none"
    async with app.run_test(size=(COLUMNS, LINES)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        files = app.screen.query_one(FileTree)
        layers = app.screen.query_one(LayerList)
        times, count = {}, 0
        for action in actions(layers.count):
            files.focus()
            files.action_open_all()
            files.action_first()
            await pilot.pause()
            count = max(count, files.count)
            if action.pane is FilterInput:
                await pilot.press("slash")
            app.screen.query_one(action.pane).focus()
            await pilot.pause()
            times[action.name] = await _times(pilot, action, presses)
        return count, times


def measure(reference: str, presses: int) -> dict[str, object]:
    """Returns all times of all actions, in seconds."""
    _wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.001, 0.0005
    Pilot._wait_for_screen = _wait_for_messages  # type: ignore[assignment,method-assign]
    empty = asyncio.run(_in_empty_app(presses))
    rows, times = asyncio.run(_in_ours(reference, presses))
    return {"empty": empty, "rows": rows, "actions": times}


if __name__ == "__main__":
    json.dump(measure(sys.argv[1], int(sys.argv[2])), sys.stdout)
