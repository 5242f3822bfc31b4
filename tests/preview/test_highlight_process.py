"""The process that highlights: its answer, its budget and its end."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from explorer.errors import Cancelled
from explorer.preview import highlight_process
from explorer.preview.highlight_process import highlights_in_process
from explorer.preview.highlighting import highlights

SLOW = ["\\[" * 400] * 100
"""A text for which the lexer of ``x.peg`` needs minutes, in one regular expression."""


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were started."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*args: Any, **settings: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **settings))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


def test_same_colours(processes: list[subprocess.Popen[bytes]]) -> None:
    """The process returns the same colours as a call, and is waited for."""
    lines = ["import os", 'x = """two', 'lines"""']
    assert highlights_in_process("x.py", lines, lambda _: None) == highlights("x.py", lines)
    assert [process.returncode for process in processes] == [0]


@pytest.mark.end_to_end
def test_text_larger_than_a_pipe_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of 90 kB is highlighted, also if the process reads it late."""
    monkeypatch.setattr(highlight_process, "_POLL_SECONDS", 0.001)
    lines = ["x = 'a text of thirty characters'"] * 2_700
    assert highlights_in_process("x.py", lines, lambda _: None) == highlights("x.py", lines)


def test_slow_lexer(processes: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A text made for a lexer stays plain, and its process is killed and waited for."""
    monkeypatch.setattr(highlight_process, "_MAX_SECONDS", 0.3)
    assert highlights_in_process("x.peg", SLOW, lambda _: None) == {}
    assert [process.returncode for process in processes] == [-9]


def test_leaving_kills_the_process(processes: list[subprocess.Popen[bytes]]) -> None:
    """Progress that raises Cancelled ends the process at once."""
    calls = []

    def stop(_: int) -> None:
        calls.append(1)
        if len(calls) == 3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        highlights_in_process("x.peg", SLOW, stop)
    assert [process.returncode for process in processes] == [-9]


def test_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Python to run, the text stays plain."""
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert highlights_in_process("x.py", ["import os"], lambda _: None) == {}
    monkeypatch.setattr(sys, "executable", "")
    assert highlights_in_process("x.py", ["import os"], lambda _: None) == {}
