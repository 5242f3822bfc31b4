"""The line in which the filter is typed, with the number of matches, or what is wrong with the expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from explorer.analysis.filter.query import MAX_QUERY_CHARS, BadQuery
from explorer.text.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from explorer.analysis.filter.query import Query
    from explorer.tui.widgets.cursor_list import CursorList

PLACEHOLDER = "name  *.so  size>10M  is:added  -not"


class FilterInput(Input):
    """The expression. What is typed here is no key of anything else."""

    HELP = """\
    # Filter

    Shows what matches, with the directories above it, while you type. Terms are joined by spaces; each must match.

    - `word`: a part of the name, or of the path if there is a `/` in it; capitals matter if you type some
    - `*.so`, `usr/lib/**/*.a`: a glob of the name, or of the path from the root; `?` is one character
    - `/expr/` or `re:expr`: a regular expression
    - `size>10M`, `size>=1kB`, `size<4KiB`: bytes of files; of directories too with `type:dir`
    - `is:added`, `is:modified`, `is:removed`, `is:unchanged`; `is:wasted`: shipped for nothing in any layer
    - `layer:3`, `layer:3-5`: brought or touched by these layers
    - `type:` file, dir, link, symlink, hardlink, device or fifo
    - `-term` or `!term`: the contrary; `"a b"`: a word with a space, or one that looks like something else

    **Enter** goes to the rows and keeps the filter, **Esc** clears it. `n` and `N` go from match to match.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # The screen acts at once, so that the next key, however soon, goes to the rows.
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
    """The expression, what it found, and what is wrong with it."""

    class QueryChanged(Message):
        """Another expression is typed. The query is None if the expression is invalid."""

        def __init__(self, query: Query | None) -> None:
            super().__init__()
            self.query = query

    def __init__(self, understand: Callable[[str], Query], rows: CursorList, placeholder: str = PLACEHOLDER) -> None:
        """``understand`` makes a query of what is typed, or raises BadQuery; ``rows`` is what is filtered."""
        super().__init__()
        self._understand = understand
        self._rows = rows
        self._placeholder = placeholder
        self._is_waiting = False

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-slash")
            yield FilterInput(self._placeholder)
            yield Static(id="filter-found")
        yield Static(id="filter-error")

    @property
    def text(self) -> str:
        """What was typed."""
        return self.query_one(FilterInput).value

    @property
    def is_typed_in(self) -> bool:
        """Whether the keys go there."""
        return self.screen.focused is self.query_one(FilterInput)

    @property
    def is_wrong(self) -> bool:
        """Whether what is typed means nothing."""
        return self.query_one("#filter-error").display

    def open(self) -> None:
        """Show the line and give it the keys, at once, so that the next key, however soon, goes there."""
        self.display = True
        typed = self.query_one(FilterInput)
        # Another letter begins anew, and an arrow goes on with what was typed before.
        typed.select_all()
        self.screen.set_focus(typed)

    def keep(self) -> Query | None:
        """Give the keys to the rows; what counts from now on.

        None where what is typed means nothing: then it stays, to be mended.
        """
        query = self._asked() if self.is_typed_in else None
        if query is not None:
            self.display = bool(self.text.strip())
            self.screen.set_focus(self._rows)
        return query

    def clear(self) -> bool:
        """Forget what is typed, and give the keys back to the rows; whether they were not there."""
        is_cancelled = self.is_typed_in
        if is_cancelled:
            self.screen.set_focus(self._rows)
        self.show("", "")
        return is_cancelled

    def move(self, lines: int) -> None:
        """Move through the rows."""
        self._rows.action_move(lines)

    def show(self, text: str, found: str) -> None:
        """Say how much was found; and what was asked, unless somebody types just now."""
        if not self.is_typed_in:
            typed = self.query_one(FilterInput)
            if typed.value.strip() != text:
                with typed.prevent(Input.Changed):
                    typed.value = text
            self.display = bool(text)
            self._complain("")
        if not self.is_wrong:
            self.query_one("#filter-found", Static).update(Content(found), layout=False)

    def _complain(self, words: str) -> None:
        """Say what is wrong and nothing else, or no longer anything."""
        shown = self.query_one("#filter-error", Static)
        if words:
            self.query_one("#filter-found", Static).update("", layout=False)
        if words or shown.display:
            shown.display = bool(words)
            shown.update(Content(words))

    @on(Input.Changed)
    def read_later(self, message: Input.Changed) -> None:
        """Reads the expression once for all letters that wait, however fast they come."""
        message.stop()
        if not self._is_waiting:
            self._is_waiting = True
            self.call_later(self._read)

    def _read(self) -> None:
        self._is_waiting = False
        self.post_message(self.QueryChanged(self._asked()))

    def _asked(self) -> Query | None:
        """What is asked for; None, and a word about it, where that means nothing."""
        try:
            query = self._understand(self.text)
        except BadQuery as problem:
            self._complain(printable(str(problem)))
            return None
        self._complain("")
        return query
