"""Shows a screen in the terminal, with the user's settings and keys."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from explorer import gc_control
from explorer.cli.head_start import HeadStart
from explorer.cli.image_options import RequestedImage
from explorer.cli.output import print_error
from explorer.cli.signals import SCREEN_SIGNALS, handling
from explorer.config.paths import settings_path
from explorer.config.settings import Settings, read_settings
from explorer.errors import Cancelled, ExplorerError
from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.text.printable import printable

if TYPE_CHECKING:
    from explorer.cli.two_images import RequestedPair
    from explorer.tui.content_screen import ContentScreen

_DUMB_TYPES = ("dumb", "unknown")
_ANSI = b"\x1b["


def show(requested: RequestedImage, standard_input: int = 0) -> NoReturn:
    """Shows the screen of an image until the user leaves it, then exits with its code."""
    settings = screen_settings()

    def load(watcher: Watcher, platform: str | None = None) -> Exploration:
        return replace(requested, platform=platform or requested.platform).explore(watcher, standard_input)

    begun = HeadStart(load)

    def first(settings: Settings) -> ContentScreen:
        from explorer.tui.main.screen import MainScreen

        return MainScreen(requested.name or requested.reference, begun, settings)

    run(first, settings)


def show_two(requested: RequestedPair, standard_input: int = 0) -> NoReturn:
    """Shows the screen of two images until the user leaves it, then exits."""
    settings = screen_settings()

    def first(settings: Settings) -> ContentScreen:
        from explorer.tui.compare.screen import CompareScreen

        load = partial(requested.compare, standard_input=standard_input)
        return CompareScreen(requested.old.reference, requested.new.reference, load, settings)

    run(first, settings)


def run(first: Callable[[Settings], ContentScreen], settings: tuple[Settings, dict[str, str]]) -> NoReturn:
    """Shows a first screen and those above it until the user leaves them, then exits.

    Args:
        first: Makes the first screen, once the modules of the screen are loaded.
        settings: Those of ``screen_settings``, read before anything else because they may be at fault.
    """
    # A search for garbage would find nothing while modules are loaded.
    with gc_control.paused():
        from explorer.config import state as ui_state
        from explorer.tui.app import ExplorerApp
        from explorer.tui.run_in_thread import wait_for_cleaning

    written, keymap = settings
    state = ui_state.load(ui_state.state_path())
    correct_environment()
    app = ExplorerApp(
        first,
        replace(
            written,
            theme=written.theme or state.theme,
            left_percent=written.left_percent or state.left_percent,
            top_percent=written.top_percent or state.top_percent,
        ),
        keymap,
        partial(ui_state.save, ui_state.state_path()),
    )
    ended: list[int] = []
    with handling(SCREEN_SIGNALS, app.end):
        app.run()
        # The screen is gone, and a signal must not end the program before the files are removed.
        with handling(SCREEN_SIGNALS, ended.append):
            was_saving = wait_for_cleaning()
    if app.fault is not None:
        raise app.fault
    if app.return_code and isinstance(app.failure, ExplorerError) and not isinstance(app.failure, Cancelled):
        # The screen is gone, so the terminal shows the error.
        print_error(app.failure)
    sys.exit(app.return_code or next(iter(ended), Cancelled.exit_code if was_saving else 0))


def correct_environment() -> None:
    """Removes variables that Textual would misread.

    COLUMNS and LINES may be exported by a shell or set by ``docker exec -e``. They keep the old size when the terminal
    is resized, so they count only if it does not know its size. An empty NO_COLOR means nothing.
    """
    with suppress(OSError):
        if all(os.get_terminal_size(sys.stderr.fileno())):
            os.environ.pop("COLUMNS", None)
            os.environ.pop("LINES", None)
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)


def screen_settings() -> tuple[Settings, dict[str, str]]:
    """The settings of the user's configuration file, and the keys in Textual's format."""
    path = settings_path()
    if not path.exists() and "LAYER_EXPLORER_CONFIG" not in os.environ:
        return Settings(), {}
    from explorer.tui.bindings import keymap, settings_schema

    words = settings_schema()
    settings = read_settings(path, words)
    return settings, keymap(settings.keys, words.bindings)


def terminal_for_keys() -> int:
    """Makes the terminal standard input; returns the descriptor of the old one."""
    pipe = os.dup(0)
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return pipe
    os.dup2(terminal, 0)
    os.close(terminal)
    return pipe


def can_show_screen() -> bool:
    """True if keys come from a terminal that can show the screen."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not missing_ability(os.environ.get("TERM", ""))


def missing_ability(terminal_type: str) -> str:
    """Returns why the screen cannot be shown on a type of terminal; empty if it can."""
    try:
        import curses
    except ImportError:
        # Windows has no types of terminals.
        return ""
    if not terminal_type:
        return "the screen needs a terminal that moves the cursor, but TERM is not set"
    try:
        curses.setupterm(terminal_type)
    except curses.error:
        # Many containers lack the description of a good terminal.
        moves = terminal_type not in _DUMB_TYPES
    else:
        moves = (curses.tigetstr("cup") or b"").startswith(_ANSI)
    return "" if moves else f"the screen needs a terminal that moves the cursor, but TERM is {printable(terminal_type)}"
