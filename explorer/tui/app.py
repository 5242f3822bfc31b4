"""The application: the theme, the keys and the way between screens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic
from typing import ClassVar

from textual import events
from textual.actions import ActionParseResult
from textual.app import SuspendNotSupported, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.driver import Driver
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import WorkerFailed

from explorer.config.settings import Settings
from explorer.config.state import UiState
from explorer.errors import Cancelled, ExplorerError, exhausted
from explorer.text.printable import printable
from explorer.tui import theme
from explorer.tui.availability import disabled_reason, hidden_reason
from explorer.tui.content_app import ContentApp
from explorer.tui.content_screen import ContentScreen
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.dialogs.help_screen import HelpScreen, key_groups, pane_help
from explorer.tui.dialogs.platform_screen import PlatformScreen
from explorer.tui.key_pause import THREAD_SWITCH_SECONDS, note_key
from explorer.tui.key_table import dead_key_reason, dead_key_reason_above, keys_of_screen
from explorer.tui.key_words import with_keys
from explorer.tui.layers.layer_list import LayerList
from explorer.tui.main.screen import MainScreen
from explorer.tui.main.splitter import MIN_FLAT_CELLS, MIN_TALL_CELLS, Splitter
from explorer.tui.palette import Palette
from explorer.tui.screenshot import save_picture

_REASON_SECONDS = 3.0


class ExplorerApp(ContentApp):
    """Shows the first screen, and those that open above it."""

    TITLE = "Layer Explorer"
    CSS_PATH = "explorer.tcss"
    ENABLE_COMMAND_PALETTE = True
    VERTICAL_BREAKPOINTS = [(0, "-low"), (MIN_FLAT_CELLS, "-flat"), (MIN_TALL_CELLS, "-tall")]  # noqa: RUF012 - so does Textual declare it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", tooltip="Leave the program", id="app.quit"),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="Explain keys", id="app.help"),
        Binding("ctrl+p", "command_palette", "Palette", tooltip="List every action", priority=True, id="app.palette"),
        Binding("escape", "leave", "Back", tooltip="Go back to the screen before this one", id="app.leave"),
        Binding("p", "platform", "Platform", tooltip="Show the image for another platform", id="app.platform"),
        # Because Textual's own binding only tells which key quits.
        Binding("ctrl+c", "interrupt", show=False, system=True, priority=True),
        Binding(
            "ctrl+z", "suspend_process", show=False, tooltip="Suspend the program", priority=True, id="app.suspend"
        ),
    ]

    def __init__(
        self,
        first: Callable[[Settings], ContentScreen],
        settings: Settings = Settings(),  # noqa: B008 - it is frozen
        keymap: Mapping[str, str] | None = None,
        remember: Callable[[UiState], object] | None = None,
    ) -> None:
        """Prepares the application.

        Args:
            first: Makes the first screen, of which no key leads back.
            settings: The user's settings, for all screens.
            keymap: That of ``App.set_keymap``.
            remember: Called with the UI state to keep for the next start.
        """
        super().__init__(settings)
        self._first = first
        self._remember = remember
        self.fault: Exception | None = None
        """The error that ended the screen although it should not; the command line reports it."""
        self._event_loop: asyncio.AbstractEventLoop | None = None
        self._last_reason: tuple[str, float] = ("", 0.0)
        """The last reason for a dim key, and the time when it disappears."""
        for own in theme.THEMES:
            self.register_theme(own)
        self.theme = settings.theme if settings.theme in self.available_themes else theme.OWN.name
        if keymap:
            self.set_keymap(dict(keymap))

    def get_driver_class(self) -> type[Driver]:
        standard = super().get_driver_class()
        if standard.__module__ != "textual.drivers.linux_driver":
            return standard
        # Windows lacks its modules.
        from explorer.tui.terminal import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        return self._first(self.settings)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.derived(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Returns the commands of Textual that are useful here."""
        for command in super().get_system_commands(screen):
            if command.title == "Theme":
                yield command._replace(title="Theme: choose other colours")
            elif command.title == "Screenshot":
                yield command

    def on_load(self) -> None:
        sys.setswitchinterval(THREAD_SWITCH_SECONDS)
        self._event_loop = asyncio.get_running_loop()

    def end(self, exit_code: int) -> None:
        """Leaves the screen; any thread and a signal handler may call it.

        Raises SystemExit if there is no screen yet, or no longer.
        """
        if self._event_loop is None or self._event_loop.is_closed():
            raise SystemExit(exit_code)
        self._event_loop.call_soon_threadsafe(partial(self.exit, return_code=exit_code))

    def watch_theme(self, old: str, new: str) -> None:
        if self.is_running and old != new:
            self._keep(replace(self.remembered, theme=new))

    def on_splitter_moved(self, message: Splitter.Moved) -> None:
        """Remembers where the user moved the border."""
        message.stop()
        left, top = message.left_percent, message.top_percent
        self._keep(replace(self.remembered, left_percent=left, top_percent=top))

    def _keep(self, remembered: UiState) -> None:
        if self._remember is not None and remembered != self.remembered:
            self._remember(remembered)
        self.remembered = remembered

    # Keys

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Runs an action as Textual does, or shows why it cannot be taken now."""
        if await super().run_action(action, default_namespace, namespaces):
            return True
        reason = disabled_reason(self, action, default_namespace)
        if action == "platform" and self.screen is self.content:
            # The footer hides the key, but it is a key of the whole program, so nothing else answers.
            reason = hidden_reason(action)
        if reason:
            self._show_reason(reason)
        return bool(reason)

    async def on_event(self, event: events.Event) -> None:
        """Notes that the user acts, because then the selected layer stays."""
        if isinstance(event, events.Key | events.MouseDown) and self.screen_stack:
            self.content.is_untouched = False
            note_key()
        await super().on_event(event)

    async def _on_key(self, event: events.Key) -> None:
        """Gives a letter to the line that a key before it opened.

        Keys that arrive at once go to the widget that has the focus at first. A line keeps its letters, so a letter
        that comes here was not typed in it.
        """
        if isinstance(self.focused, Input) and event.is_printable:
            await self.focused._on_key(event)
        else:
            await super()._on_key(event)
        event.prevent_default()

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Takes the action of a key, or says why the key does nothing here."""
        if not key.isdigit():
            layers = self.content.query_one_optional(LayerList)
            # There is none yet if the key comes while the screen starts.
            if layers is not None:
                layers.end_number()
        if await super()._check_bindings(key, priority):
            return True
        screen, content = self.screen, self.content
        if not priority and not isinstance(screen, CommandPalette):
            if screen is content:
                reason = dead_key_reason(screen, key, is_read=content.is_read)
            else:
                reason = dead_key_reason_above(screen, content, key)
            if reason:
                self._show_reason(reason)
        return False

    def _show_reason(self, reason: str) -> None:
        """Shows why a key is dim, unless the same reason still shows."""
        reason = with_keys(self.screen, reason)
        last, until = self._last_reason
        if reason != last or monotonic() >= until:
            self._last_reason = reason, monotonic() + _REASON_SECONDS
            self.notify(reason, severity="warning", timeout=_REASON_SECONDS, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Hides the keys that need several platforms or a screen below.

        False for Ctrl+C, too, if it copies a selection and quits nothing.
        """
        if action == "interrupt":
            focused = self.focused
            return not (isinstance(focused, Input) and focused.selected_text) and not self.screen.get_selected_text()
        if action == "platform":
            return isinstance(self.content, MainScreen) and len(self.content.variants) > 1
        if action == "leave":
            return len(self._contents) > 1 and (self.screen is self.content or isinstance(self.screen, ErrorScreen))
        return True

    def _handle_exception(self, error: Exception) -> None:
        """Leaves the screen after an error in a handler, without Textual's traceback."""
        shown = exhausted(error) or error
        # Textual composes no widgets once the program is being left, and removes those that there are. So a screen that
        # just opens misses its own, and so does a worker that shows an image. The same goes for a screen that is left.
        missing = error.error if isinstance(error, WorkerFailed) else error
        if (self._exit or self.is_leaving) and isinstance(missing, NoMatches):
            return
        self.fault = self.fault or shown
        self._return_code = ExplorerError.exit_code
        self._close_messages_no_wait()
        # Textual's tests raise it.
        self._exception = self.fault
        self._exception_event.set()

    def action_interrupt(self) -> None:
        """Leaves the program; this interrupts it unless the content is shown, or an error."""
        is_loading = not self.content.is_read and self.failure is None
        self.exit(return_code=Cancelled.exit_code if is_loading else self.failure_code)

    def action_suspend_process(self) -> None:
        """Gives the terminal back to the shell until it continues this job."""
        try:
            with self.suspend():
                # The kernel ignores this signal if no shell could continue the program. SIGSTOP would stop it for ever.
                before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
                # The other programs of a pipeline stop, too.
                os.kill(0, signal.SIGTSTP)
                signal.signal(signal.SIGTSTP, signal.SIG_DFL)
                signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
                signal.signal(signal.SIGTSTP, before)
        except SuspendNotSupported:
            self.notify("Only a terminal can suspend the program.", severity="warning")

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Saves a picture and says where, or why not; a browser downloads it."""
        if self.is_web:
            return super().deliver_screenshot(filename, path, time_format)
        try:
            saved = save_picture(self.export_screenshot(), self.title, datetime.now().astimezone())
        except OSError as error:
            reason = printable(error.strerror or str(error))
            self.notify(f"The picture cannot be saved: {reason}", severity="error", markup=False)
        else:
            self.notify(f"Saved {printable(str(saved))}", markup=False)
        return None

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette(id="--command-palette"))

    def action_platform(self) -> None:
        content = self.content

        def chosen(platform: str | None) -> None:
            if isinstance(content, MainScreen) and platform not in (None, content.platform):
                self._load_platform(platform)

        if isinstance(content, MainScreen):
            self.push_screen(PlatformScreen(content.variants, content.platform), chosen)

    async def action_quit(self) -> None:
        self.exit(return_code=self.failure_code)

    def _is_out_of_help(self, action: str) -> bool:
        return self.screen is self.content and self.content.leaves_out_of_help(action)

    def action_help(self) -> None:
        pane = self.focused
        is_at_right = pane is not None and pane.region.x >= self.size.width // 4
        listed = (key for key in keys_of_screen(self.screen) if not self._is_out_of_help(key.binding.action))
        keys = key_groups(listed, self.get_key_display)
        self.push_screen(HelpScreen(with_keys(pane or self.screen, pane_help(pane)), keys, is_left=is_at_right))
