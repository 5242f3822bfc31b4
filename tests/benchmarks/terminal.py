"""Runs a program in a terminal of its own and waits until a person could use it.

Usable means: what is to be seen first is there, nothing more has come for a moment, and a key is answered.
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
"""Seconds without output after which a screen counts as drawn. They are part of what is measured."""
_PATIENCE = 10.0
_TAIL = 4096
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^X][^\x1b]*\x1b\\|[ -/]*[0-Z\\^-~])"
    rb"|[\x00-\x09\x0b-\x1a]"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What has to be seen of a program, and the keys to press."""

    signs: tuple[str, ...]
    """Regular expressions; each has to come once. Words of their own: a program need not draw a space anew."""
    key: bytes
    """Has to be answered."""
    leave: bytes


class _Ended(Exception):
    """The program ended before it was usable."""


class _Late(Exception):
    """The time is over."""


def plain(output: bytes) -> bytes:
    """Output without what steers the terminal."""
    return _ESCAPES.sub(b"", output)


def look(
    command: Sequence[str],
    environment: Mapping[str, str],
    scene: Scene,
    limit: float,
    size: tuple[int, int] | None = None,
) -> Run:
    """Start the program, wait until it is usable, leave it. The seconds are those until it was usable."""
    columns, lines = size or (COLUMNS, LINES)
    start = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        with suppress(OSError):
            termios.tcsetwinsize(0, (lines, columns))
            os.execvpe(command[0], list(command), environment)
        os._exit(127)
    output = _Output(terminal, start + limit)
    trouble, seconds, finished = "", limit, False
    try:
        seconds = _until_usable(output, scene) - start
        output.press(scene.leave)
        output.deadline = time.perf_counter() + _PATIENCE
        with suppress(_Ended, _Late):
            while True:
                output.more()
        finished = True
    except _Late:
        trouble = LIMIT
    except _Ended:
        said = plain(output.tail).decode(errors="replace").strip().splitlines()
        trouble = f"it ended: {said[-1] if said else 'without a word'}"
    finally:
        if not (finished and output.ended):
            kill(child)
        status, usage = _waited_for(child)
        os.close(terminal)
    return Run(seconds, peak_of(usage.ru_maxrss), b"", os.waitstatus_to_exitcode(status), trouble)


def _waited_for(child: int) -> tuple[int, resource.struct_rusage]:
    """How the child ended, if need be by force, and what it used."""
    end = time.perf_counter() + _PATIENCE
    while True:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            return status, usage
        if time.perf_counter() > end:
            kill(child)
        time.sleep(0.01)


class _Output:
    """What comes out of the terminal."""

    def __init__(self, terminal: int, deadline: float) -> None:
        self._terminal = terminal
        self.deadline = deadline
        self.tail = b""
        self.ended = False

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._terminal, key)

    def more(self, patience: float | None = None) -> bytes:
        """The next output; nothing when none came in so many seconds. Raises _Ended and _Late."""
        left = self.deadline - time.perf_counter()
        wait = left if patience is None else min(left, patience)
        if wait <= 0 or not select.select([self._terminal], [], [], wait)[0]:
            if patience is None or patience >= left:
                raise _Late
            return b""
        try:
            found = os.read(self._terminal, 1 << 16)
        except OSError:
            # Linux says so when the last program has closed the terminal.
            found = b""
        if not found:
            self.ended = True
            raise _Ended
        self.tail = (self.tail + found)[-_TAIL - len(found) :]
        return found


def _until_usable(output: _Output, scene: Scene) -> float:
    """When the key was answered."""
    missing = [re.compile(sign.encode()) for sign in scene.signs]
    while missing:
        output.more()
        seen = plain(output.tail)
        missing = [sign for sign in missing if not sign.search(seen)]
    while output.more(QUIET):
        pass
    output.press(scene.key)
    while not plain(output.more()).strip():
        pass
    return time.perf_counter()
