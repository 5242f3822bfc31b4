"""Runs a program without a screen, and measures time and peak memory."""

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
"""The trouble of a run that reached its time limit."""
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a program."""

    seconds: float
    peak: int
    """Peak memory in bytes; never less than this process had at the start."""
    output: bytes = b""
    exit_code: int = 0
    first_seconds: float = 0.0
    """Seconds until the first files of a screen showed; 0 if they were not waited for."""
    trouble: str = ""
    """``LIMIT``, or the reason why there is no measurement."""


def run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    limit: float | None = None,
    *,
    all_output: bool = True,
) -> Run:
    """Runs a program to its end. It and its children never outlive this call.

    Args:
        command: The program and its arguments.
        environment: Its environment variables; by default those of this process.
        limit: Seconds after which it is killed.
        all_output: False to let its stderr go to the terminal instead of the output.
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
        text = output.read()
    return Run(seconds, peak_of(usage.ru_maxrss), text, child.returncode, trouble=LIMIT if late.is_set() else "")


def kill(leader: int) -> None:
    """Kills a process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def peak_of(resident: int) -> int:
    """Returns the maximum resident set size of ``getrusage`` in bytes.

    Its unit differs between systems.
    """
    return resident * _PEAK_UNIT
