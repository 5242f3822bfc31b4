"""The line of the filter, with the number of matches or the error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from explorer.analysis.filter.query import MAX_QUERY_CHARS, Query

PLACEHOLDER = "name  *.so  size>10M  is:added  -not"


class FilterInput(Input):
    """The expression. Letters typed here are not keys of other widgets."""

    HELP = """\
    # Filter

    Shows what matches, with the directories above it, while you type. Separate terms by spaces; all must match.

    - `word`: part of the name, or of the path if it contains a `/`; case matters if you type a capital
    - `*.so`, `usr/lib/**/*.a`: a glob for the name, or for the path from the root; `?` is one character
    - `/expr/` or `re:expr`: a regular expression
    - `size>10M`, `size>=1kB`, `size<4KiB`: size of files; also of directories with `type:dir`
    - `is:added`, `is:modified`, `is:removed`, `is:unchanged`; `is:wasted`: wasted in any layer
    - `layer:3`, `layer:3-5`: touched by these layers
    - `type:` file, dir, link, symlink, hardlink, device or fifo
    - `-term` or `!term`: does not match; `"a b"`: a word with a space, or one that looks like another term

    **Enter** goes to the rows and keeps the filter, **Esc** clears it. `n` and `N` go from match to match.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # The screen acts at once. Otherwise the next key could still go to this line.
        Binding("enter", "screen.keep_filter", "Keep", tooltip="Go to the rows, filtered", id="filter.keep"),
        Binding("escape", "screen.clear_filter", "Clear", tooltip="Clear the filter", id="filter.clear"),
        Binding("up", "screen.move_filtered(-1)", show=False, tooltip="One row up", id="filter.up"),
        Binding("down", "screen.move_filtered(1)", show=False, tooltip="One row down", id="filter.down"),
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__(
            placeholder=placeholder, max_length=MAX_QUERY_CHARS, compact=True, select_on_focus=False, id="filter-input"
        )


class FilterBar(Vertical):
    """The expression, the number of its matches, and its error."""

    @dataclass
    class QueryChanged(Message):
        """Another expression is typed. The query is None if the expression is invalid."""

        bar: FilterBar
        query: Query | None
