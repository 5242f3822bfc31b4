"""The running screen for tests: presses keys, and names what tests look at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from textual.message_pump import MessagePump
from textual.pilot import Pilot

from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.tui.app import ExplorerApp
from explorer.tui.files.file_tree import FileTree
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.loading import Load
from explorer.tui.main.screen import MainScreen
from explorer.tui.waste.waste_list import WasteList

HOSTILE = (
    "a[/b].so",
    "[bold red]x",
    "esc\x1b[31mape\x1b]0;t\x07",
    "two\nlines",
    "tab\there",
    "日本語の名前.txt",
    "émoji 🎉 party",
    "rtl\u202egnp.exe",
    "raw\udcff\udc80bytes",
    "@click=app.quit()",
    "$primary",
)
"""Names that try to disturb the terminal."""
_MAX_PAUSES = 200
"""Pauses in which the screen must settle."""


class Screen:
    """The running screen, with names for what tests look at."""

    def __init__(self, app: ExplorerApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def main(self) -> MainScreen:
        found = self.app.screen_stack[0]
        assert isinstance(found, MainScreen)
        return found

    def shows(self, kind: type[object]) -> bool:
        """True if a screen of this kind has the focus."""
        return isinstance(self.app.screen, kind)

    @property
    def files(self) -> FileTree:
        return self.main.query_one(FileTree)

    @property
    def layers(self) -> LayerList:
        return self.main.query_one(LayerList)

    @property
    def waste(self) -> WasteList:
        return self.main.query_one(WasteList)

    @property
    def names(self) -> list[str]:
        """The names of the file pane's rows."""
        return [row.name for row in self.files.rows or ()]

    @property
    def said(self) -> list[str]:
        """The messages that the screen shows for a while."""
        return [each.message for each in self.app._notifications]

    @property
    def selected(self) -> str:
        """The path of the selected file."""
        assert self.files.selected is not None
        return self.files.selected.node.path

    async def press(self, *keys: str) -> None:
        """Presses keys, and waits until their effects are complete."""
        await self.pilot.press(*keys)
        await self.settled()

    async def resize(self, width: int, height: int) -> None:
        """Resizes the terminal, and waits until the layout is complete."""
        await self.pilot.resize_terminal(width, height)
        await self.settled()

    async def loaded(self) -> None:
        """Waits until the image, its verdict and its fixes are shown."""
        for _ in range(2):
            await self.app.workers.wait_for_complete()
            await self.settled()

    async def settled(self) -> None:
        """Waits until no message, callback, resize or layout is pending.

        One pause of the pilot is not enough: it takes a process that gets no processor time for an idle one.
        """
        for _ in range(_MAX_PAUSES):
            await self.pilot.pause()
            if not self._is_busy():
                return
        raise AssertionError("the screen does not settle")

    def _is_busy(self) -> bool:
        """True if the application or the front screen has work to do."""
        app = self.app
        if not app.is_running or not app.screen_stack:
            return False
        front = app.screen
        pumps: list[MessagePump] = [app, *front.walk_children(with_self=True)]
        return bool(
            app._resize_event
            or app._resize_timer
            or front._layout_required
            or front._scroll_required
            or front._callbacks
            or any(pump._next_callbacks or not pump._message_queue.empty() for pump in pumps if pump.is_running)
        )

    def text(self) -> str:
        """The text of the whole screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)


Show = Callable[..., AbstractAsyncContextManager[Screen]]


def loading(exploration: Exploration) -> Load:
    """A load that returns a finished exploration."""

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        watcher.image_opened(exploration.image)
        return exploration

    return load
