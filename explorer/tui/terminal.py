"""The terminal: what Textual's driver leaves out.

Terminals disagree about the widths of emoji, of combining marks and of new characters. The cursor is placed after each
of these characters, so that a row stays as wide as it was computed. Neovim does the same.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, TextIO

from rich.cells import cell_len, split_graphemes
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from explorer import SIGNAL_EXIT_CODE
from explorer.errors import exhausted
from explorer.text.plain import is_unicode, plain

_HANGUP_EXIT_CODE = SIGNAL_EXIT_CODE + signal.SIGHUP
_CHECK_SECONDS = 1.0
_RICH_SIZE = (80, 25)
_CERTAIN = (
    "\x00-\xac\xae-\u02ff\u0370-\u0377\u037a-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25fc\u2800-\u28ff"
    "\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
)
"""Ranges of characters whose width is the same in all terminals, if ambiguous ones are narrow."""
_UNCERTAIN = re.compile(f"[^{_CERTAIN}]")
_TOKENS = re.compile(
    r"\x1b\[(?:\d+;(\d+)H|[0-?]*[ -/]*[@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x1f]|[^\x00-\x1f]+"
)
"""Escape sequences, control characters and texts; the group is the column of a cursor position."""


def pinned(output: str) -> str:
    """Places the cursor after each character of uncertain width in terminal output."""
    return "".join(_pinned(output)) if _UNCERTAIN.search(output) else output


def _pinned(output: str) -> Iterator[str]:
    column = 1
    for token in _TOKENS.finditer(output):
        text = token[0]
        if token[1]:
            column = int(token[1])
        elif text == "\r":
            column = 1
        elif text[0] >= " ":
            if _UNCERTAIN.search(text):
                yield from _pinned_text(text, column)
                column += cell_len(text)
                continue
            column += cell_len(text)
        yield text


def _pinned_text(text: str, column: int) -> Iterator[str]:
    for start, end, cells in split_graphemes(text)[0]:
        grapheme = text[start:end]
        if _UNCERTAIN.search(grapheme):
            # The blanks remain where the terminal draws the character narrower.
            blanks = f"{' ' * cells}\x1b[{column}G" if cells > 1 else ""
            yield f"{blanks}{grapheme}\x1b[{column + cells}G"
        else:
            yield grapheme
        column += cells


class TerminalOutput:
    """A terminal's output file, in its encoding; output is lost once it is gone."""

    def __init__(self, file: TextIO, gone: Callable[[], object], failed: Callable[[Exception], object]) -> None:
        self._file = file
        self._gone = gone
        self._failed = failed
        self._is_unicode = is_unicode(file.encoding or "ascii")

    def write(self, text: str) -> None:
        """Writes text that Textual has painted."""
        self._attempt(
            lambda: self._file.write(pinned(text if self._is_unicode else plain(text, self._file.encoding, cell_len)))
        )

    def flush(self) -> None:
        """Sends everything to the terminal."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """Returns the descriptor of the terminal."""
        return self._file.fileno()

    def _attempt(self, output: Callable[[], object]) -> None:
        try:
            output()
        # If the thread that writes ended, the queue to it would fill up, and the screen would wait for ever.
        except OSError:
            self._gone()
        except Exception as error:  # noqa: BLE001 -- the command line shows any error
            self._failed(error)


class TerminalDriver(LinuxDriver):
    """Textual's driver for Unix, on a terminal that may go away and come back."""

    _file: Any
    _screen_modes: list[Any]

    def __init__(self, app: App[Any], **settings: Any) -> None:
        super().__init__(app, **settings)
        self._file = TerminalOutput(self._file, self._leave, self._fail)
        self._is_gone = self._is_suspended = False
        signal.signal(signal.SIGCONT, self._continue)
        app.set_interval(_CHECK_SECONDS, self._check)

    def start_application_mode(self) -> None:
        self._wait_for_foreground()
        self._is_suspended = False
        try:
            super().start_application_mode()  # type: ignore[no-untyped-call]
        except Exception:
            # The system starts no thread for the keys, and the terminal has other modes already.
            self.stop_application_mode()
            raise
        with suppress(termios.error):
            self._screen_modes = termios.tcgetattr(self.fileno)

    def _wait_for_foreground(self) -> None:
        """Stops until a shell brings its job ``lx &`` or ``bg`` to the foreground.

        Textual would continue without a screen.
        """
        before = signal.signal(signal.SIGCONT, signal.SIG_DFL)
        # The error is of a terminal that controls no jobs.
        with suppress(OSError):
            while os.tcgetpgrp(self.fileno) != os.getpgrp():
                os.kill(os.getpid(), signal.SIGSTOP)
        signal.signal(signal.SIGCONT, before)

    def suspend_application_mode(self) -> None:
        self._is_suspended = True
        super().suspend_application_mode()

    def _query_in_band_window_resize(self) -> None:
        # With reports of sizes, Textual takes all positions of the mouse for pixels. Some terminals send cells then, or
        # know no size in pixels. SIGWINCH reports the same.
        self.write("\x1b[?2048l")

    def close(self) -> None:
        # The thread that writes was never started.
        with suppress(RuntimeError):
            super().close()

    def _continue(self, number: int, frame: FrameType | None) -> None:
        """Starts again what was suspended; a stop by SIGSTOP suspended nothing."""
        if self._is_suspended:
            self._sigcont_application(number, frame)
        else:
            # The shell used the terminal in between, with modes of its own.
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self._screen_modes)
            self._loop.call_soon_threadsafe(partial(self._app.refresh, layout=True))

    def _get_terminal_size(self) -> tuple[int, int]:
        try:
            is_known = all(os.get_terminal_size(self.fileno))
        except OSError:
            is_known = False
        if is_known:
            return super()._get_terminal_size()
        # Serial lines know no size. Two different guesses, Textual's and Rich's, would resize the screen for ever. Both
        # take COLUMNS and LINES first.
        return shutil.get_terminal_size(_RICH_SIZE)

    def run_input_thread(self) -> None:
        try:
            while not self.exit_event.is_set():
                # A key that is not UTF-8, of another encoding or of an old mouse protocol, must not end the program.
                with suppress(UnicodeDecodeError):
                    super().run_input_thread()
        except OSError:
            self._leave()
        except Exception as error:  # noqa: BLE001 -- the command line shows any error
            self._fail(error)

    def _check(self) -> None:
        """Leaves if the terminal is gone, because SIGHUP may be ignored."""
        try:
            termios.tcgetattr(self.fileno)
        except termios.error:
            self._leave()

    def _leave(self) -> None:
        if not self._is_gone and not self._loop.is_closed():
            self._is_gone = True
            self._loop.call_soon_threadsafe(partial(self._app.exit, return_code=_HANGUP_EXIT_CODE))

    def _fail(self, error: Exception) -> None:
        """Leaves after an error in a thread of the terminal."""
        error = exhausted(error) or error
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)
