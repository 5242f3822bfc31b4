"""The page of a text: it fits the width, and has colours only where they are seen."""

from __future__ import annotations

import pytest

from explorer.analysis.fixes.dockerfile_diff import DiffLine
from explorer.report.as_text import report_text
from explorer.report.page import Page, Style, cells
from tests.images import NOW, explored


@pytest.mark.end_to_end
@pytest.mark.parametrize("width", [48, 60, 80, 99, 100, 200])
def test_every_line_fits_the_terminal(width: int) -> None:
    """No line of a report is wider than the terminal."""
    text = report_text(explored("demo"), NOW, Page(width, is_terminal=True))
    assert max(map(cells, text.splitlines())) <= width


def test_colours_only_on_request() -> None:
    """A page without colours has no escape sequence; one with colours has the same words."""
    demo = explored("demo")
    plain, coloured = (report_text(demo, NOW, Page(100, is_terminal=True, has_colours=each)) for each in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[1mFixes\x1b[m" in coloured
    assert "\x1b[32m              + RUN apt-get update" in coloured


def test_a_terminal_shows_what_a_line_adds() -> None:
    """On a terminal, a line that only adds to the one before it shows its beginning and its end; a file has it all."""
    lines = [DiffLine("-", "RUN make a b"), DiffLine("+", "RUN make a b && rm -rf /c")]
    assert list(Page(is_terminal=True).diff(lines, "  ")) == ["  - RUN make a b", "  + RUN … && rm -rf /c"]
    assert list(Page().diff(lines, "  ")) == ["  - RUN make a b", "  + RUN make a b && rm -rf /c"]


def test_commands_are_cut_on_a_terminal_only() -> None:
    """A terminal shows two lines of a long command; a file has all of it."""
    text = "RUN " + "apt-get install -y x && " * 9 + "done"
    assert len(Page(40).wrapped(text, max_lines=2)) > 2
    lines = Page(40, is_terminal=True).wrapped(text, max_lines=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")


def test_a_path_that_is_too_long_is_cut_in_the_middle() -> None:
    """Both ends of a path stay on a terminal; a file has the whole path."""
    path = "/usr/lib/" + "x" * 90 + "/end"
    assert Page(40, is_terminal=True).fitted(path, 8) == "/usr/lib/xxxxxx…xxxxxxxxxxxx/end"
    assert Page(40).fitted(path, 8) == path


def test_tables_drop_empty_columns_and_put_commands_below_on_little_room() -> None:
    """Columns without content vanish; the last column goes below the others if its room is too small."""
    rows = [("0", "", "1.0 MB", "RUN make"), ("1", "", "2 B", "COPY . .")]
    wide = list(Page(100).table(("Layer", "Added", "Size", "Command"), rows))
    assert wide == [["Layer    Size  Command"], ["    0  1.0 MB  RUN make"], ["    1     2 B  COPY . ."]]
    narrow = list(Page(30).table(("Layer", "Added", "Size", "Command"), rows))
    assert narrow[1] == ["    0  1.0 MB", "      RUN make"]


@pytest.mark.parametrize(("share", "bar"), [(0, "    "), (0.001, "▏   "), (0.5, "██  "), (1, "████")])
def test_bars_are_true_to_scale(share: float, bar: str) -> None:
    """A bar has eighths of a cell; something is never nothing."""
    page = Page(has_colours=True)
    assert page.bar(share, 4) == page.styled(bar, Style.BAR) + " "
    assert Page().bar(share, 4) == ""
