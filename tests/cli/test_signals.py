"""Signals, Ctrl+C and Ctrl+Z, and terminals that cannot show the screen."""

from __future__ import annotations

import os
import signal

import pytest

from explorer.cli.run_tui import correct_environment, missing_ability
from explorer.cli.signals import COMMAND_SIGNALS, end_program, handling
from tests.cli.in_terminal import program

_LEFT = b"\x1b[?1049l"
_UNTIL_STOPPED = "until jobs %1 | grep -q Stopped; do sleep 0.05; done"


def _is_open(output: bytes) -> bool:
    return b"MB" in output and "━".encode() in output


class TestHandling:
    @pytest.mark.parametrize("number", COMMAND_SIGNALS)
    def test_a_signal_exits_after_cleanup(self, number: int) -> None:
        """The program runs its cleanup and exits with 128 and the signal's number."""
        cleaned = []

        def work() -> None:
            with handling([number], end_program):
                try:
                    os.kill(os.getpid(), number)
                finally:
                    # As ``timeout`` does it, the signal comes again.
                    os.kill(os.getpid(), number)
                    cleaned.append(number)

        with pytest.raises(SystemExit) as ended:
            work()
        assert ended.value.code == 128 + number
        assert cleaned == [number]

    def test_an_ignored_signal_stays_ignored(self) -> None:
        """A program that ``nohup`` started survives the end of its session."""
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with handling(COMMAND_SIGNALS, end_program):
                os.kill(os.getpid(), signal.SIGHUP)
        finally:
            signal.signal(signal.SIGHUP, before)


@pytest.mark.end_to_end
class TestInTerminal:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
    def test_a_signal_restores_the_terminal(self, number: int) -> None:
        """A signal on the screen leaves the terminal as it was, with 128 and its number."""
        with program("demo") as terminal:
            terminal.read(_is_open)
            terminal.process.send_signal(number)
            assert terminal.wait() == 128 + number
            assert terminal.changed_modes == []

    def test_a_signal_while_the_screen_opens_is_quiet(self) -> None:
        """Ctrl+C before the first picture is complete shows no error."""
        with program("demo") as terminal:
            terminal.read(lambda output: b"\x1b[?1049h" in output)
            terminal.process.send_signal(signal.SIGINT)
            assert terminal.wait() == 130
            assert terminal.changed_modes == []
            assert b"rror" not in terminal.output
            assert b"NoMatches" not in terminal.output

    def test_a_terminal_that_closes_ends_the_program(self) -> None:
        """Without its terminal, the program ends even if SIGHUP is ignored."""
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            with program("demo") as terminal:
                terminal.read(_is_open)
                os.dup2(os.open(os.devnull, os.O_RDWR), terminal.leader)
                os.close(terminal._follower)
                terminal._follower = os.dup(terminal.leader)
                assert terminal.process.wait(60) == 129
        finally:
            signal.signal(signal.SIGHUP, before)

    def test_no_shell_to_continue_means_no_stop(self) -> None:
        """Ctrl+Z in a terminal without a shell shows the screen again at once."""
        with program("demo") as terminal:
            terminal.read(_is_open)
            terminal.press(b"\x1a")
            terminal.read(lambda output: _LEFT in output and b"\x1b[?1049h" in output.partition(_LEFT)[2])
            terminal.press(b"q")
            assert terminal.wait() == 0
            assert terminal.changed_modes == []

    def test_a_stopped_program_gets_its_modes_back(self) -> None:
        """After SIGSTOP and ``fg``, each key acts at once, as before."""
        with program("demo") as terminal:
            terminal.read(_is_open)
            terminal.process.send_signal(signal.SIGSTOP)
            os.waitpid(terminal.process.pid, os.WUNTRACED)
            terminal.use_as_shell()
            terminal.output = b""
            terminal.process.send_signal(signal.SIGCONT)
            terminal.read(_is_open)
            terminal.press(b"q")
            assert terminal.wait() == 0

    def test_a_job_in_the_background_waits_for_the_foreground(self) -> None:
        """A program that a shell starts in the background stops, and shows the screen after ``fg``."""
        with program("demo", script=f'"$@" & {_UNTIL_STOPPED}; fg %1') as terminal:
            terminal.read(_is_open)
            terminal.press(b"q")
            assert terminal.wait() == 0
            assert terminal.changed_modes == []

    def test_a_suspended_program_that_continues_in_the_background(self) -> None:
        """After Ctrl+Z and ``bg``, the program waits for ``fg``, and shows the screen."""
        with program("demo", script=f'"$@"; bg %1; {_UNTIL_STOPPED}; fg %1') as terminal:
            terminal.read(_is_open)
            terminal.press(b"\x1a")
            terminal.read(lambda output: _is_open(output.partition(_LEFT)[2]))
            terminal.press(b"q")
            assert terminal.wait() == 0
            assert terminal.changed_modes == []

    def test_keys_that_are_not_utf_8_are_ignored(self) -> None:
        """Bytes of another encoding, or of an old mouse protocol, end nothing."""
        with program("demo") as terminal:
            terminal.read(_is_open)
            terminal.press(b"\x1b[M\xff\xff\xff\xe9")
            terminal.process.send_signal(signal.SIGTERM)
            assert terminal.wait() == 128 + signal.SIGTERM
            assert b"Traceback" not in terminal.output

    def test_a_terminal_without_a_size_shows_the_screen(self) -> None:
        """A terminal that reports no size, as a serial line, gets the usual one."""
        with program("demo", size=(0, 0)) as terminal:
            terminal.read(_is_open)
            terminal.press(b"q")
            assert terminal.wait() == 0
            assert terminal.changed_modes == []

    def test_a_resized_terminal_counts_more_than_variables(self) -> None:
        """A size in COLUMNS and LINES, which a shell exported, is not used if the terminal knows its size."""
        with program("demo", size=(20, 60), COLUMNS="100", LINES="30") as terminal:
            terminal.read(_is_open)
            terminal.press(b"q")
            assert terminal.wait() == 0
            assert b"\x1b[20;1H" in terminal.output
            assert b"\x1b[30;1H" not in terminal.output

    def test_the_mouse_reports_cells(self) -> None:
        """Reports of sizes by the terminal are switched off, because Textual would take cells for pixels then."""
        with program("demo") as terminal:
            terminal.read(_is_open)
            terminal.press(b"\x1b[<0;10;5M\x1b[<0;10;5mq")
            assert terminal.wait() == 0
            assert b"\x1b[?2048l" in terminal.output
            assert b"\x1b[?2048$p" not in terminal.output
            assert terminal.changed_modes == []

    @pytest.mark.parametrize("kind", ["dumb", "unknown", ""])
    def test_a_terminal_without_a_cursor_gets_a_reason(self, kind: str) -> None:
        """The error says what is missing and names the command that works: exit 2."""
        with program("demo", TERM=kind) as terminal:
            assert terminal.wait() == 2
            assert b"the screen needs a terminal that moves the cursor" in terminal.output
            assert b"layer-explorer report demo" in terminal.output

    def test_a_terminal_without_unicode_gets_plain_characters(self) -> None:
        """In an ASCII terminal, frames and bars are ASCII, and no escape is visible."""
        with program("demo", PYTHONIOENCODING="ascii") as terminal:
            terminal.read(lambda output: b"MB" in output and b"----" in output)
            terminal.press(b"q")
            assert terminal.wait() == 0
            assert terminal.output.isascii()
            assert b"\\u25" not in terminal.output


@pytest.mark.parametrize("kind", ["xterm-256color", "linux", "vt100", "screen", "a-type-without-a-description"])
def test_terminals_that_move_the_cursor_have_the_screen(kind: str) -> None:
    """Common types show the screen, also one that the machine does not describe."""
    assert missing_ability(kind) == ""


@pytest.mark.parametrize(("value", "is_set"), [("1", True), ("", False)])
def test_an_empty_no_color_means_nothing(value: str, is_set: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a NO_COLOR with a value makes the screen grey."""
    monkeypatch.setenv("NO_COLOR", value)
    correct_environment()
    assert ("NO_COLOR" in os.environ) == is_set
