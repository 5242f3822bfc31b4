"""Progress on one line of a terminal, while a command reads an image."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from explorer.model import Progress, Watcher
from explorer.text.pace import Pace, fitted
from explorer.text.printable import printable

_SILENT_SECONDS = 1.0
"""A command that ends sooner shows nothing, so that nothing flickers."""
_REDRAW_SECONDS = 0.2
_DEFAULT_COLUMNS = 80


class ProgressLine(Watcher):
    """Progress on one line of stderr, if that is a terminal; it disappears at the end."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._is_shown = self._stream.isatty()
        self._began = clock()
        self._drawn = 0.0
        self._width = 0
        self._pace: Pace | None = None

    def progress(self, progress: Progress) -> None:
        """Shows the step and its figures."""
        if not self._is_shown:
            return
        now = self._clock()
        self._pace = self._pace.after(progress, now) if self._pace else Pace.of(progress, now)
        if now - self._began < _SILENT_SECONDS or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        line = progress_line(self._pace, now, self._columns() - 1)
        self._stream.write(f"\r{line:<{self._width}}")
        self._stream.flush()
        self._width = len(line)

    def close(self) -> None:
        """Clears the line."""
        if self._width:
            with suppress(OSError):
                self._stream.write(f"\r{'':<{self._width}}\r")
                self._stream.flush()

    def _columns(self) -> int:
        with suppress(OSError, ValueError):
            return os.get_terminal_size(self._stream.fileno()).columns or _DEFAULT_COLUMNS
        return _DEFAULT_COLUMNS


def progress_line(pace: Pace, now: float, max_chars: int) -> str:
    """Returns the step and its figures on a line that does not wrap."""
    step = printable(pace.progress.step)
    figures = pace.words(now)
    if figures and not pace.progress.done and not pace.progress.total:
        line = f"{step} ({figures[0]})"
    else:
        line = fitted([step, *figures], max_chars, "  ") or step
    return line[: max(max_chars, 1)]
