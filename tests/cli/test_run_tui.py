"""The end of the screen: exit codes, and what the terminal shows after it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from explorer.cli import run_tui
from explorer.cli.image_options import RequestedImage
from explorer.cli.output import errors_as_exit_codes
from explorer.model import Watcher
from explorer.pipeline import Exploration
from explorer.sources.request import LayerAccess
from explorer.tui.app import ExplorerApp
from tests.cli.in_terminal import program

Drive = Callable[[Pilot[object]], Coroutine[Any, Any, None]]

_REFUSE = """
import threading
start = threading.Thread.start
def refuse(thread):
    if thread.name == "{thread}":
        raise RuntimeError("can't start new thread")
    start(thread)
threading.Thread.start = refuse
"""


def code_of(monkeypatch: pytest.MonkeyPatch, drive: Drive) -> object:
    """Returns the exit code of the screen that a test drives while its image loads."""
    run = App[None].run
    is_left = threading.Event()

    def explore(_: RequestedImage, watcher: Watcher, __: int) -> Exploration:
        is_left.wait()
        raise MemoryError

    monkeypatch.setattr(RequestedImage, "explore", explore)
    monkeypatch.setattr(ExplorerApp, "run", lambda app: run(app, headless=True, auto_pilot=drive))
    with pytest.raises(SystemExit) as ended, errors_as_exit_codes():
        run_tui.show(RequestedImage("demo", None, LayerAccess.AUTO, None))
    is_left.set()
    return ended.value.code


@pytest.mark.end_to_end
def test_control_c_while_the_image_loads(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The key interrupts the program: exit code 130, and nothing is printed."""

    async def press(pilot: Pilot[object]) -> None:
        await pilot.press("ctrl+c")

    assert code_of(monkeypatch, press) == 130
    assert capsys.readouterr().err == ""


def test_an_interrupt_while_the_image_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal interrupts the program: exit code 130."""

    async def interrupt(_: Pilot[object]) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    assert code_of(monkeypatch, interrupt) == 130


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError(0), "this is a bug in Layer Explorer: KeyError: 0\nLAYER_EXPLORER_DEBUG=1 shows where.\n"),
        (RecursionError("deep"), "this is a bug in Layer Explorer: RecursionError: deep\n"),
        (MemoryError(), "there is not enough memory\n"),
    ],
)
def test_an_error_in_a_handler(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, message: str
) -> None:
    """The screen ends, and the command line reports the error without a traceback: exit code 3."""

    def fail() -> None:
        raise error

    async def call(pilot: Pilot[object]) -> None:
        pilot.app.call_later(fail)

    assert code_of(monkeypatch, call) == 3
    printed = capsys.readouterr()
    assert printed.err.startswith(f"layer-explorer: {message}")
    assert "Traceback" not in printed.out + printed.err


def test_the_traceback_of_an_error_in_a_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    """LAYER_EXPLORER_DEBUG shows the traceback, as for commands."""

    def fail() -> None:
        raise KeyError(0)

    async def call(pilot: Pilot[object]) -> None:
        pilot.app.call_later(fail)

    monkeypatch.setenv("LAYER_EXPLORER_DEBUG", "1")
    with pytest.raises(KeyError):
        code_of(monkeypatch, call)


@pytest.mark.end_to_end
@pytest.mark.parametrize("thread", ["textual-output", "textual-input"])
def test_no_thread_for_the_terminal(tmp_path: Path, thread: str) -> None:
    """If the system starts no thread for the terminal, its modes are restored and the error names the limit."""
    (tmp_path / "sitecustomize.py").write_text(_REFUSE.format(thread=thread))
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    with program("demo", PYTHONPATH=paths) as terminal:
        assert terminal.wait() == 3
        assert terminal.changed_modes == []
        assert b"layer-explorer: the system starts no more threads" in terminal.output
        assert b"Traceback" not in terminal.output
