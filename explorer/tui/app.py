"""The application: its theme, its palette, the one worker that loads the image, and what can come before the image.

That is an error, or the choice of a platform.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.widgets import Input

from explorer.config.settings import Settings
from explorer.config.state import UiState
from explorer.errors import ChoiceNeeded, ExplorerError
from explorer.tui import theme
from explorer.tui.availability import disabled_reason
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.dialogs.help_screen import HelpScreen, key_groups, pane_help
from explorer.tui.dialogs.platform_screen import PlatformScreen
from explorer.tui.loading import Failed, Found, Load, load_in_thread
from explorer.tui.main.screen import MainScreen
from explorer.tui.main.splitter import FLAT, TALL, Splitter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.screen import Screen

    from explorer.model import Variant

_STANDS = 3.0
"""Seconds that a word about a key which is out of reach stands there."""


class ExplorerApp(App[None]):
    """Shows one image, which ``load`` brings."""

    TITLE = "Layer Explorer"
    CSS_PATH = "explorer.tcss"
    ENABLE_COMMAND_PALETTE = True
    VERTICAL_BREAKPOINTS = [(0, "-low"), (FLAT, "-flat"), (TALL, "-tall")]  # noqa: RUF012 - so does Textual declare it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", tooltip="Leave the program", id="app.quit"),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="Explain keys", id="app.help"),
        Binding("p", "platform", "Platform", tooltip="Show the image of another platform", id="app.platform"),
        # Textual's own only tells which key quits. What stands around the focus comes before it, but not to quit.
        Binding("ctrl+c", "interrupt", show=False, system=True, priority=True),
    ]

    def __init__(
        self,
        reference: str,
        load: Load,
        settings: Settings = Settings(),  # noqa: B008 - it is frozen
        keymap: Mapping[str, str] | None = None,
        remember: Callable[[UiState], object] | None = None,
    ) -> None:
        """``keymap`` are the keys of those bindings that have others than their own, as Textual wants them told.

        ``remember`` is told whatever another time may begin with.
        """
        super().__init__()
        self.reference = reference
        self._load = load
        self._settings = settings
        self._remember = remember
        self._remembered = UiState(settings.theme, settings.left_percent, settings.top_percent)
        self.failure_code = 0
        self._variants: tuple[Variant, ...] = ()
        self._platform = ""
        """Of the image that is shown or being loaded, as far as known."""
        self._refused: tuple[str, float] = ("", 0.0)
        """What was said last of a key that is out of reach, and until when it stands there."""
        for own in theme.OURS:
            self.register_theme(own)
        self.theme = settings.theme if settings.theme in self.available_themes else theme.OWN.name
        if keymap:
            self.set_keymap(dict(keymap))

    def get_default_screen(self) -> Screen[None]:
        return MainScreen(self.reference, self._settings)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.derived(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Those of Textual that make sense here."""
        for command in super().get_system_commands(screen):
            if command.title == "Theme":
                yield command._replace(title="Theme: choose other colours")
            elif command.title == "Screenshot":
                yield command

    def on_mount(self) -> None:
        self.load_image()

    def watch_theme(self, old: str, new: str) -> None:
        """Remember a theme that somebody chose."""
        if self.is_running and old != new:
            self._keep(replace(self._remembered, theme=new))

    def on_splitter_moved(self, message: Splitter.Moved) -> None:
        """Remember where the border was moved to."""
        message.stop()
        left, top = message.left_percent, message.top_percent
        self._keep(replace(self._remembered, left_percent=left, top_percent=top))

    def _keep(self, remembered: UiState) -> None:
        if self._remember is not None and remembered != self._remembered:
            self._remember(remembered)
        self._remembered = remembered

    @work(exclusive=True, group="load", exit_on_error=False)
    async def load_image(self, platform: str | None = None) -> None:
        """Load the image; the main screen gets the messages."""
        await load_in_thread(self._load, platform, self._main_screen.post_message)

    @property
    def _main_screen(self) -> MainScreen:
        found = self.screen_stack[0]
        assert isinstance(found, MainScreen)  # noqa: S101 - for the type checker: see get_default_screen
        return found

    def on_found(self, message: Found) -> None:
        """Remember which other platforms there are."""
        self._platform = message.image.platform
        self._variants = message.image.variants or self._variants
        self._main_screen.refresh_bindings()

    def on_failed(self, message: Failed) -> None:
        """Show what went wrong instead of the image, or what there is to choose from."""
        error = message.error
        self.failure_code = error.exit_code if isinstance(error, ExplorerError) else ExplorerError.exit_code
        if not (isinstance(error, ChoiceNeeded) and error.variants):
            self.push_screen(ErrorScreen(self.reference, error))
            return
        self._variants = error.variants

        def chosen(platform: str | None) -> None:
            if platform is None:
                self.push_screen(ErrorScreen(self.reference, error))
            else:
                self._load_platform(platform)

        self.push_screen(PlatformScreen(self._variants, ""), chosen)

    def _load_platform(self, platform: str) -> None:
        """Begin anew with the image of another platform."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.failure_code = 0
        self._platform = platform
        self._main_screen.start_again()
        self.load_image(platform)

    # Keys

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """See App. What is out of reach for now says why."""
        if await super().run_action(action, default_namespace, namespaces):
            return True
        words = disabled_reason(self, action, default_namespace)
        if words:
            self._refuse(words)
        return bool(words)

    def _refuse(self, words: str) -> None:
        """Say why not; not once more, as long as it stands there."""
        said, until = self._refused
        if words != said or monotonic() >= until:
            self._refused = words, monotonic() + _STANDS
            self.notify(words, severity="warning", timeout=_STANDS, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """A platform can be chosen where there are several; what is selected is to be copied and not left."""
        if action == "interrupt":
            focused = self.focused
            return not (isinstance(focused, Input) and focused.selected_text) and not self.screen.get_selected_text()
        return len(self._variants) > 1 if action == "platform" else True

    async def action_interrupt(self) -> None:
        await self.action_quit()

    def action_platform(self) -> None:
        """Choose another platform."""

        def chosen(platform: str | None) -> None:
            if platform is not None and platform != self._platform:
                self._load_platform(platform)

        self.push_screen(PlatformScreen(self._variants, self._platform), chosen)

    async def action_quit(self) -> None:
        self.exit(return_code=self.failure_code)

    def action_help(self) -> None:
        """Explain the focused pane and the keys."""
        self.push_screen(
            HelpScreen(pane_help(self.focused), key_groups(self.screen.active_bindings, self.get_key_display))
        )
