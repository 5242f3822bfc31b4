"""The screens with content of their own, and the way back from each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual._styles_cache import StylesCache
from textual.app import App
from textual.screen import Screen

from explorer import gc_control
from explorer.config.settings import Settings
from explorer.config.state import UiState
from explorer.errors import ChoiceNeeded, ExplorerError
from explorer.layers.tree import Tree
from explorer.pipeline.exploration import dismantle_in_thread
from explorer.tui.content_screen import ContentScreen
from explorer.tui.dialogs.error_screen import ErrorScreen
from explorer.tui.dialogs.platform_screen import PlatformScreen
from explorer.tui.loading import Failed, Load
from explorer.tui.main.screen import MainScreen

if TYPE_CHECKING:
    from explorer.tui.compare.loading import PairLoad

_FREEING_SECONDS = 1.0


class ContentApp(App[None]):
    """Opens screens above each other, and frees those that are left."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.remembered = UiState(settings.theme, settings.left_percent, settings.top_percent)
        self.failure: Exception | None = None
        """The error for which the uppermost content cannot be shown."""
        self.is_leaving = False
        """True while a screen that the user left is removed."""

    @property
    def content(self) -> ContentScreen:
        """The uppermost screen with content of its own."""
        return self._contents[-1]

    @property
    def _contents(self) -> list[ContentScreen]:
        return [each for each in self.screen_stack if isinstance(each, ContentScreen)]

    @property
    def failure_code(self) -> int:
        """The exit code for what could not be shown; 0 if all is well."""
        if self.failure is None:
            return 0
        return self.failure.exit_code if isinstance(self.failure, ExplorerError) else ExplorerError.exit_code

    def open_image(self, reference: str, load: Load) -> None:
        """Shows an image above the present screen."""
        self.push_screen(MainScreen(reference, load, self._settings_now))

    @property
    def _settings_now(self) -> Settings:
        """The settings with the border where the user moved it."""
        left, top = self.remembered.left_percent, self.remembered.top_percent
        return replace(self.settings, left_percent=left, top_percent=top)

    def open_comparison(self, old: str, new: str, load: PairLoad) -> None:
        """Shows two images, of which the names are given, above the present screen."""
        from explorer.tui.compare.screen import CompareScreen

        self.push_screen(CompareScreen(old, new, load, self._settings_now))

    def action_leave(self) -> None:
        """Closes the uppermost content and what is above it, and stops its work."""
        content = self.content
        self._close_above(content)
        for node in content.walk_children(with_self=True):
            self.workers.cancel_node(node)
        self.is_leaving, self.failure = True, None
        self.pop_screen()
        # Only then is the screen removed.
        self.call_later(self._free, content.trees)

    def _free(self, trees: Sequence[Tree]) -> None:
        """Frees the memory of a screen that is removed."""
        self.is_leaving = False
        for tree in trees:
            dismantle_in_thread(tree)
        # Textual's last tasks keep the screen until then.
        self.set_timer(_FREEING_SECONDS, partial(self._collect, self.content))

    def _collect(self, shown: ContentScreen) -> None:
        """Collects what is left of another screen, unless the next one is open."""
        # There is none if the user has left the program.
        if self._contents[-1:] == [shown]:
            # Textual keeps the painted lines of a thousand widgets.
            StylesCache.get_inner_outer.cache_clear()
            gc_control.collect_frozen()

    def _close_above(self, screen: Screen[Any]) -> None:
        while self.screen is not screen:
            self.pop_screen()

    def on_failed(self, message: Failed) -> None:
        """Shows the error instead of the content, or the platforms to choose from."""
        content, error = self.content, message.error
        if content.is_read:
            # The user has left the screen that failed.
            return
        self.failure = error
        if not (isinstance(error, ChoiceNeeded) and error.variants and isinstance(content, MainScreen)):
            self.push_screen(ErrorScreen(content.reference, error))
            return
        content.variants = error.variants

        def chosen(platform: str | None) -> None:
            if platform is None:
                self.push_screen(ErrorScreen(content.reference, error))
            else:
                self._load_platform(platform)

        self.push_screen(PlatformScreen(content.variants, ""), chosen)

    def _load_platform(self, platform: str) -> None:
        """Starts again with the image of another platform."""
        content = self.content
        assert isinstance(content, MainScreen)  # noqa: S101 - for the type checker: others have no platforms
        self._close_above(content)
        self.failure = None
        content.platform = platform
        content.start_again()
        content.load_image(platform)
