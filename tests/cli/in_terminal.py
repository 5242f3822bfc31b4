"""The program in a terminal of its own, whose bytes and modes are kept."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

_WAIT_SECONDS = 60
_MODES = re.compile(rb"\x1b\[\?(\d+)([hl])")
_SWITCHED_ON, _SWITCHED_OFF = (1049, 1000, 1003, 1004, 1006, 1015, 1016, 2004, 2048), (7, 25)
"""Modes that the screen switches on or off: they must be as before at the end."""


class Terminal:
    """A terminal with the program in it."""

    def __init__(self, leader: int, follower: int, process: subprocess.Popen[bytes]) -> None:
        self.leader = leader
        self._follower = follower
        self.process = process
        self.output = b""
        self._modes_before = termios.tcgetattr(follower)

    def read(self, until: Callable[[bytes], bool]) -> None:
        """Reads until the output is as expected, or the program ends."""
        while not until(self.output):
            ready, _, _ = select.select(
                [self.leader], [], [], 0.1 if self.process.poll() is not None else _WAIT_SECONDS
            )
            if not ready:
                return
            self.output += os.read(self.leader, 1 << 16)

    def press(self, keys: bytes) -> None:
        os.write(self.leader, keys)

    def use_as_shell(self) -> None:
        """Gives the terminal the modes from before the program, as a shell does."""
        termios.tcsetattr(self._follower, termios.TCSANOW, self._modes_before)

    def wait(self) -> int:
        """Returns the exit code."""
        closer = threading.Timer(_WAIT_SECONDS, self.process.kill)
        closer.start()
        waiter = threading.Thread(target=self.process.wait)
        waiter.start()
        while waiter.is_alive():
            ready, _, _ = select.select([self.leader], [], [], 0.02)
            if ready:
                self.output += os.read(self.leader, 1 << 16)
        closer.cancel()
        self.read(lambda _: False)
        return self.process.returncode

    @property
    def changed_modes(self) -> list[str]:
        """The modes that differ from those before the program."""
        last = {int(number): switch for number, switch in _MODES.findall(self.output)}
        changed = [str(mode) for mode in _SWITCHED_ON if last.get(mode) == b"h"]
        changed += [str(mode) for mode in _SWITCHED_OFF if last.get(mode) == b"l"]
        return changed + (["termios"] if termios.tcgetattr(self._follower) != self._modes_before else [])


@contextmanager
def program(
    *arguments: str, size: tuple[int, int] = (30, 100), script: str = "", **environment: str
) -> Iterator[Terminal]:
    """Starts ``lx`` in a terminal of some lines and columns; empty variables are unset.

    If there is a ``script``, bash runs it with job control, and its arguments are the command.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    merged = {**os.environ, "TERM": "xterm-256color", "CI": "", **environment}
    command: list[Any] = [sys.executable, "-m", "explorer", *arguments]
    if script:
        command = ["bash", "-mc", script, "bash", *command]
    with subprocess.Popen(
        command,
        preexec_fn=partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0) if script else None,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        env={name: value for name, value in merged.items() if value},
    ) as process:
        try:
            yield Terminal(leader, follower, process)
        finally:
            process.kill()
            os.close(follower)
            os.close(leader)
