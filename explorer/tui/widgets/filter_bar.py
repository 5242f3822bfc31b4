"""The line of the filter, with the number of matches or the error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from explorer.analysis.filter.query import MAX_QUERY_CHARS, BadQuery, Query
from explorer.text.printable import printable
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.drawing import cut
from explorer.tui.widgets.line_input import LineInput
from explorer.viewmodel.word_query import WordQuery

_MAX_SHOWN_CHARS = 200
FILES_PLACEHOLDER = "name  *.so  size>10M  is:added  -not"


def no_match_words(subject: str, text: str) -> str:
    """Returns the reason for no rows: that ``subject``, as in ``No package``, matches."""
    shown = cut(printable(text), _MAX_SHOWN_CHARS)
    return f"{subject} matches\n\n{shown}\n\nPress {{explore.clear-filter}} to clear the filter."


class FilterInput(LineInput):
    """The expression. Letters typed here are not keys of other widgets."""

    HELP = """\
    # Filter

    Shows what matches, with the directories above it, while you type. Separate terms by spaces; all must match.

    - `word`: part of the name, or of the path if it contains a `/`; case matters if you type a capital
    - `*.so`, `usr/lib/**/*.a`: a glob for the name, or for the path from the root; `?` is one character
    - `/usr/lib/`: what is in a directory
    - `/expr/` or `re:expr`: a regular expression
    - `size>10M`, `size>=1kB`, `size<4KiB`: size of files; also of directories with `type:dir`
    - `is:added`, `is:modified`, `is:removed`, `is:unchanged`; `is:wasted`: wasted in any layer
    - `is:disposable`: a container sees it, but is not expected to need it
    - `package:NAME`: owned by this package; NAME may be a glob; `is:unowned`: owned by no package
    - `kind:shared-libraries`: a kind of file, as the packages pane lists them
    - `layer:3`, `layer:3-5`: touched by these layers
    - `type:` file, dir, link, symlink, hardlink, device or fifo
    - `-term` or `!term`: does not match; `"a b"`: a word with a space, or one that looks like another term

    **{filter.keep}** goes to the rows and keeps the filter, **{filter.clear}** clears it. `{files.next-match}` and
    `{files.previous-match}` go from match to match.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.keep_filter", "Keep", tooltip="Go to the rows, filtered", id="filter.keep"),
        Binding("escape", "screen.clear_filter", "Clear", tooltip="Clear the filter", id="filter.clear"),
        Binding("up", "screen.move_filtered(-1)", show=False, tooltip="One row up", id="filter.up"),
        Binding("down", "screen.move_filtered(1)", show=False, tooltip="One row down", id="filter.down"),
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__(
            placeholder=placeholder, max_length=MAX_QUERY_CHARS, compact=True, select_on_focus=False, id="filter-input"
        )


class WordFilterInput(FilterInput):
    """The expression of a list whose rows are no paths."""

    HELP = """\
    # Filter

    Shows the rows that match, while you type. Separate terms by spaces; all must match.

    - `word`: a part of the name; `lib*`: a glob
    - `-term` or `!term`: does not match

    The other terms depend on the list, whose help explains them: press **{filter.keep}**, then **{app.help}**.
    **{filter.clear}** clears the filter.
    """


class FilterBar(Vertical):
    """The expression, the number of its matches, and its error."""

    @dataclass
    class QueryChanged(Message):
        """Another expression is typed. The query is None if the expression is invalid."""

        bar: FilterBar
        query: Query | WordQuery | None

    def __init__(
        self,
        parse: Callable[[str], Query | WordQuery],
        rows: CursorList,
        placeholder: str,
        input_type: type[FilterInput] = WordFilterInput,
    ) -> None:
        """Takes the parser, which may raise BadQuery, and the list that is filtered."""
        super().__init__()
        self._parse = parse
        self._rows = rows
        self._input = input_type(placeholder)
        self._is_waiting = False

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-slash")
            yield self._input
            yield Static(id="filter-found")
        yield Static(id="filter-error")

    @property
    def text(self) -> str:
        """The expression."""
        return self._input.value

    @property
    def is_typed_in(self) -> bool:
        """True if the expression has the focus."""
        return self.screen.focused is self._input

    @property
    def is_invalid(self) -> bool:
        """True if the expression is invalid."""
        return self.query_one("#filter-error").display

    def open(self) -> None:
        """Shows the line and focuses it at once, so that it gets the next key."""
        self.display = True
        typed = self._input
        # A letter starts a new expression, an arrow edits the old one.
        typed.select_all()
        self.screen.set_focus(typed)

    def keep(self) -> Query | WordQuery | None:
        """Focuses the rows and returns the query.

        Returns None if the expression is not being typed, or is invalid; then the focus stays.
        """
        query = self._query() if self.is_typed_in else None
        if query is not None:
            self.display = bool(self.text.strip())
            self.screen.set_focus(self._rows)
        return query

    def clear(self) -> bool:
        """Clears the expression, focuses the rows, and returns True if it had the focus."""
        is_cancelled = self.is_typed_in
        if is_cancelled:
            self._show_error("")
            self.screen.set_focus(self._rows)
        self.show("", "")
        return is_cancelled

    def move(self, lines: int) -> None:
        """Moves the cursor of the rows."""
        self._rows.action_move(lines)

    def show(self, text: str, match_count: str) -> None:
        """Shows the number of matches, and the expression unless it is being typed."""
        if not self.is_typed_in:
            typed = self._input
            if typed.value.strip() != text:
                with typed.prevent(Input.Changed):
                    typed.value = text
            self.display = bool(text)
            self._show_error("")
        if not self.is_invalid:
            found = self.query_one("#filter-found", Static)
            found.update(Content(match_count), layout=False)
            # Without an expression, its place belongs to the hint.
            found.display = bool(match_count)

    def _show_error(self, words: str) -> None:
        """Shows an error in the place of the number of matches; an empty one removes it."""
        shown = self.query_one("#filter-error", Static)
        # The rows of an earlier expression would look like the answer to this one.
        self._rows.visible = not words
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

    def read_again(self) -> None:
        """Reads an invalid expression again, because what it waited for is known."""
        if self.is_invalid:
            self._read()

    def _read(self) -> None:
        self._is_waiting = False
        self.post_message(self.QueryChanged(self, self._query()))

    def _query(self) -> Query | WordQuery | None:
        """Returns the query of the expression, or shows the error and returns None."""
        try:
            query = self._parse(self.text)
        except BadQuery as problem:
            self._show_error(printable(str(problem)))
            return None
        self._show_error("")
        return query
