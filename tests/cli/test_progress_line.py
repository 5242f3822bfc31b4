"""The line of progress of a command, with a given clock and stream."""

from __future__ import annotations

import io

from explorer.cli.progress_line import ProgressLine, progress_line
from explorer.model import Progress
from explorer.text.pace import Pace

MB = 1_000_000


class Screen(io.StringIO):
    """A terminal of 80 columns that knows no size."""

    def __init__(self, is_terminal: bool = True) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def drawn(*reports: tuple[float, Progress], is_terminal: bool = True) -> list[str]:
    """Returns the lines that reports at some times draw, and what is left at the end."""
    now = 0.0
    screen = Screen(is_terminal)
    line = ProgressLine(screen, lambda: now)
    for now, progress in reports:  # noqa: B007 - the clock reads it
        line.progress(progress)
    line.close()
    return screen.getvalue().split("\r")


def test_a_quick_command_shows_nothing() -> None:
    """In the first second nothing is drawn, and nothing has to be cleared."""
    assert drawn((0.1, Progress("Reading layers", 1, 2)), (0.9, Progress("Reading layers", 2, 2))) == [""]


def test_nothing_without_a_terminal() -> None:
    """A log gets no line."""
    assert drawn((5, Progress("Reading layers", 1, 2)), is_terminal=False) == [""]


def test_a_save() -> None:
    """While the engine packs, the wait counts; then bytes, share, rate and time left show on one line."""
    waiting = Progress("Waiting for the Docker Engine to pack 3.1 GB", 0, None)
    reports = [(0.0, waiting), (12.0, waiting)]
    reports += [(12 + n / 10, Progress("Saving from the Docker Engine", n * 10 * MB, 3100 * MB)) for n in range(31)]
    lines = drawn(*reports)
    assert lines[1] == "Waiting for the Docker Engine to pack 3.1 GB (12 s)"
    assert "Saving from the Docker Engine  110 MB of 3.1 GB  4 %  100 MB/s  30 s left" in lines
    assert lines[-2].strip() == ""
    assert len(lines) < 22


def test_a_narrow_terminal() -> None:
    """The line never wraps: figures are left out first, then the step is cut."""
    pace = Pace.of(Progress("Reading layers", MB, 2 * MB), 0)
    assert progress_line(pace, 0, 40) == "Reading layers  1.0 MB of 2.0 MB  50 %"
    assert progress_line(pace, 0, 35) == "Reading layers  1.0 MB of 2.0 MB"
    assert progress_line(pace, 0, 9) == "Reading l"
    assert progress_line(Pace.of(Progress("\x1b[1mx", 0, None), 0), 0, 40) == "\\x1b[1mx"
