"""Highlighting in a process that can be killed.

A lexer may take minutes for a text that was made for it. A regular expression holds Python's interpreter until it ends,
so no thread can stop it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from explorer.preview.highlighting import highlighted_head, highlights

MAX_CPU_SECONDS = 4
"""Time after which the system ends the process. Texts that people write take less than a second."""
_MAX_SECONDS = 15
"""The same on a machine that is busy."""
_POLL_SECONDS = 0.05
_MAX_MEMORY_BYTES = 1 << 30
_RUN = "import sys; sys.path[:] = sys.argv[1:]; from explorer.preview.highlight_process import main; main()"


def highlights_in_process(
    name: str, lines: Sequence[str], on_progress: Callable[[int], None]
) -> Mapping[int, Sequence[tuple[int, int, str]]]:
    """Returns the same as ``highlights``, or nothing if that takes too long.

    It also returns nothing if no process can be started.

    ``on_progress`` is called every 0.05 s; it may raise to stop the process.
    """
    # Imported only here, because most files are never viewed.
    import subprocess
    import tempfile

    head = highlighted_head(lines)
    command = [sys.executable, "-I", "-c", _RUN, *filter(None, sys.path)]
    if not head or not sys.executable or getattr(sys, "frozen", False):
        # An executable that holds the whole program knows no ``-c``.
        return {}
    try:
        # A pipe does not do: ``communicate`` sends no more of a long input after its first timeout.
        with tempfile.TemporaryFile() as request:
            request.write(json.dumps([name, head]).encode())
            request.seek(0)
            process = subprocess.Popen(  # noqa: S603 -- it runs this module
                command, stdin=request, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
    except OSError:
        return {}
    waited = 0.0
    # On leaving, the context manager closes the pipe and waits, so no zombie stays.
    with process:
        try:
            while waited < _MAX_SECONDS:
                on_progress(0)
                try:
                    answer, _ = process.communicate(timeout=_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    waited += _POLL_SECONDS
                    continue
                return _spans(answer) if process.returncode == 0 else {}
        finally:
            process.kill()
    return {}


def _spans(answer: bytes) -> Mapping[int, Sequence[tuple[int, int, str]]]:
    return {line: [(start, end, style) for start, end, style in spans] for line, spans in json.loads(answer)}


def main() -> None:
    """Runs in the process: reads a request, and writes its spans."""
    import fcntl
    import resource

    # Some systems cannot limit the memory of a process.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(0, encoding="utf-8", closefd=False) as request:
        name, lines = json.load(request)
    # Because of O_ASYNC, the system ends this process when the reader closes the pipe.
    output = 1
    flags = fcntl.fcntl(output, fcntl.F_GETFL)
    fcntl.fcntl(output, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(output, fcntl.F_SETFL, flags | os.O_ASYNC)
    spans = highlights(name, lines)
    fcntl.fcntl(output, fcntl.F_SETFL, flags)
    with open(output, "w", encoding="utf-8", closefd=False) as answer:
        json.dump(list(spans.items()), answer)
