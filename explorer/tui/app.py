"""The application: its theme, its palette, and the one worker that loads the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType

from explorer.errors import ExplorerError
from explorer.tui import theme
from explorer.tui.error_screen import ErrorScreen
from explorer.tui.explore import Explore
from explorer.tui.loading import Failed, Load, load_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.screen import Screen


class ExplorerApp(App[None]):
    """Shows one image, which ``load`` brings."""

    TITLE = "Layer Explorer"
    CSS_PATH = "explorer.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", tooltip="Leave the program", id="app.quit"),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="Explain keys", id="app.help"),
    ]

    def __init__(self, reference: str, load: Load) -> None:
        super().__init__()
        self.reference = reference
        self._load = load
        self.failure_code = 0
        self.register_theme(theme.OWN)
        self.theme = theme.OWN.name

    def get_default_screen(self) -> Screen[None]:
        return Explore(self.reference)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.derived(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Those of Textual that make sense here."""
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Screenshot"):
                yield command

    def on_mount(self) -> None:
        self.load_image()

    @work(exclusive=True, group="load", exit_on_error=False)
    async def load_image(self) -> None:
        """Load the image; the main screen gets the messages."""
        await load_in_thread(self._load, self.screen_stack[0].post_message)

    def on_failed(self, message: Failed) -> None:
        """Show what went wrong instead of the image."""
        error = message.error
        self.failure_code = error.exit_code if isinstance(error, ExplorerError) else ExplorerError.exit_code
        self.push_screen(ErrorScreen(self.reference, error))

    async def action_quit(self) -> None:
        self.exit(return_code=self.failure_code)

    def action_help(self) -> None:
        """Show the help beside the screen, or take it away."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()
