"""The output to a terminal that measures characters differently."""

from __future__ import annotations

import io

import pytest

from explorer.tui.terminal import TerminalOutput, pinned


class _Gone(io.StringIO):
    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise OSError(text)


@pytest.mark.parametrize(
    ("name", "cells"), [("❤\ufe0f", 2), ("👩\u200d👧", 2), ("e\u0301", 1), ("🇩", 1), ("\u1ee5\u0323", 1), ("ᄀ", 2)]
)
def test_the_cursor_is_placed_after_an_uncertain_character(name: str, cells: int) -> None:
    """The text after it starts where it was computed to start."""
    written = pinned(f"\x1b[3;5Hab\x1b[1m{name}│\r\n")
    blanks = f"{' ' * cells}\x1b[7G" if cells > 1 else ""
    assert written == f"\x1b[3;5Hab\x1b[1m{blanks}{name}\x1b[{7 + cells}G│\r\n"


@pytest.mark.parametrize("text", ["plain", "─│█ … → ▸", "漢字かなカナ한글", "naïve αβγ Привет"])
def test_certain_characters_pass_unchanged(text: str) -> None:
    """Frames, and the letters on whose widths terminals agree, cost nothing."""
    assert pinned(f"\x1b[1;1H{text}") == f"\x1b[1;1H{text}"


def test_a_terminal_that_is_gone_swallows_output() -> None:
    """A failed write reports the loss and raises nothing."""
    losses: list[None] = []
    output = TerminalOutput(_Gone(), lambda: losses.append(None), lambda _: None)
    output.write("x")
    assert losses


def test_missing_memory_keeps_the_writing_thread_alive() -> None:
    """A write that finds no memory reports its error, so that the screen is left and never waits for ever."""
    failures: list[Exception] = []

    class Full(io.StringIO):
        encoding = "utf-8"

        def write(self, _: str) -> int:
            raise MemoryError

    output = TerminalOutput(Full(), lambda: None, failures.append)
    output.write("x")
    assert isinstance(failures[0], MemoryError)
