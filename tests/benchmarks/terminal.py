"""Runs a program in its own terminal, and waits until it is usable.

Usable means: the first screen is complete, no output came for a moment, and a key has an effect.
"""

from __future__ import annotations

import os
import pty
import re
import resource
import select
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.benchmarks.processes import LIMIT, Run, kill, peak_of

COLUMNS, LINES = 120, 36
QUIET = 0.05
"""Silence after which a screen counts as drawn, in seconds; it is measured, too."""
_MAX_END_SECONDS = 10.0
_TAIL_BYTES = 4096
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^X][^\x1b]*\x1b\\|[ -/]*[0-Z\\^-~])"
    rb"|[\x00-\x09\x0b-\x1a]"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """The expected output of a program, and the keys to press."""

    signs: tuple[str, ...]
    """Regular expressions that must each match once.

    Each is a single word, because a program may skip spaces that are on the screen already.
    """
    key: bytes
    """A key that must have an effect."""
    leave: bytes
    first: str = ""
    """A regular expression that matches once the first files show, maybe long before the whole screen."""


class _Ended(Exception):
    """The program ended before it was usable."""


class _Late(Exception):
    """The time limit is reached."""


def plain(output: bytes) -> bytes:
    """Returns the output without control sequences."""
    return _ESCAPES.sub(b"", output)


def look(
    command: Sequence[str],
    environment: Mapping[str, str],
    scene: Scene,
    limit: float,
    size: tuple[int, int] | None = None,
) -> Run:
    """Starts the program, waits until it is usable, and leaves it.

    The seconds of the result are those until it was usable.
    """
    columns, lines = size or (COLUMNS, LINES)
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        with suppress(OSError):
            termios.tcsetwinsize(0, (lines, columns))
            os.execvpe(command[0], list(command), environment)
        os._exit(127)
    output = _Output(terminal, start + limit)
    trouble, seconds, first_seconds, finished = "", limit, 0.0, False
    try:
        first, usable = _until_usable(output, scene)
        seconds, first_seconds = usable - start, first - start
        output.press(scene.leave)
        output.deadline = time.perf_counter() + _MAX_END_SECONDS
        with suppress(_Ended, _Late):
            while True:
                output.more()
        finished = True
    except _Late:
        trouble = LIMIT
    except _Ended:
        printed = plain(output.tail).decode(errors="replace").strip().splitlines()
        trouble = f"it ended: {printed[-1] if printed else 'without output'}"
    finally:
        if not (finished and output.ended):
            kill(child)
        status, usage = _waited_for(child)
        os.close(terminal)
    return Run(seconds, peak_of(usage.ru_maxrss), b"", os.waitstatus_to_exitcode(status), first_seconds, trouble)


def _waited_for(child: int) -> tuple[int, resource.struct_rusage]:
    """Waits for the child, kills it if it is late, and returns its status and usage."""
    end = time.perf_counter() + _MAX_END_SECONDS
    while True:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            return status, usage
        if time.perf_counter() > end:
            kill(child)
        time.sleep(0.01)


class _Output:
    """The output of a terminal."""

    def __init__(self, terminal: int, deadline: float) -> None:
        self._terminal = terminal
        self.deadline = deadline
        self.tail = b""
        self.ended = False

    def press(self, key: bytes) -> None:
        """Presses a key."""
        os.write(self._terminal, key)

    def more(self, patience: float | None = None) -> bytes:
        """Returns the next output, or nothing after ``patience`` seconds.

        Raises _Ended and _Late.
        """
        left = self.deadline - time.perf_counter()
        wait = left if patience is None else min(left, patience)
        if wait <= 0 or not select.select([self._terminal], [], [], wait)[0]:
            if patience is None or patience >= left:
                raise _Late
            return b""
        try:
            output = os.read(self._terminal, 1 << 16)
        except OSError:
            # Because Linux raises this when the last program has closed the terminal.
            output = b""
        if not output:
            self.ended = True
            raise _Ended
        self.tail = (self.tail + output)[-_TAIL_BYTES - len(output) :]
        return output


def _until_usable(output: _Output, scene: Scene) -> tuple[float, float]:
    """Returns the times at which the first files showed, and the key had an effect."""
    missing = [re.compile(sign.encode()) for sign in scene.signs]
    first = 0.0
    while missing:
        output.more()
        seen = plain(output.tail)
        if not first and re.search(scene.first.encode(), seen):
            first = time.perf_counter()
        missing = [sign for sign in missing if not sign.search(seen)]
    while output.more(QUIET):
        pass
    output.press(scene.key)
    while not plain(output.more()).strip():
        pass
    return first, time.perf_counter()
