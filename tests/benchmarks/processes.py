"""Runs a program without a screen, and says how long it took and how much memory it needed at its peak."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

LIMIT = "limit"
"""The trouble of a run that took longer than it was given."""
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program."""

    seconds: float
    peak: int
    """Bytes of memory, at most, at any moment. Never less than this process took when it started the program."""
    output: bytes = b""
    exit_code: int = 0
    trouble: str = ""
    """Why there is nothing to measure: ``LIMIT``, or words."""


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    limit: float | None = None,
    *,
    all_output: bool = True,
) -> Run:
    """Run a program to its end; whatever happens here, it and its children do not outlive this call.

    What it writes to stderr comes in the output, unless ``all_output`` is off, and then shows in the terminal.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output if all_output else None,
            env=environment,
            start_new_session=True,
        )
        late = threading.Event()

        def stop() -> None:
            late.set()
            kill(child.pid)

        timer = threading.Timer(limit, stop) if limit else None
        if timer:
            timer.start()
        try:
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - start
            child.returncode = os.waitstatus_to_exitcode(status)
        except BaseException:
            kill(child.pid)
            child.wait()
            raise
        finally:
            if timer:
                timer.cancel()
                timer.join()
        output.seek(0)
        said = output.read()
    return Run(seconds, peak_of(usage.ru_maxrss), said, child.returncode, LIMIT if late.is_set() else "")


def kill(leader: int) -> None:
    """End a process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def peak_of(resident: int) -> int:
    """Bytes of what ``getrusage`` calls the maximum resident set size, in units that differ."""
    return resident * _PEAK_UNIT
