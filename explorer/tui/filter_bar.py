"""The line in which the filter is typed, with the number of matches, or what is wrong with the expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from explorer.analysis.query import LONGEST

if TYPE_CHECKING:
    from textual.app import ComposeResult

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
    - `is:added`, `is:modified`, `is:removed`, `is:unchanged`, `is:wasted`
    - `layer:3`, `layer:3-5`: brought or touched by these layers
    - `type:` file, dir, link, symlink, hardlink, device or fifo
    - `-term` or `!term`: the contrary; `"a b"`: a word with a space, or one that looks like something else

    **Enter** goes to the rows and keeps the filter, **Esc** clears it. `n` and `N` go from match to match.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # The screen acts at once, so that the next key, however soon, goes to the rows.
        Binding("enter", "screen.keep_filter", "Keep", tooltip="Go to the rows, filtered", id="filter.keep"),
        Binding("escape", "screen.clear_filter", "Clear", tooltip="Clear the filter", id="filter.clear"),
        Binding("up", "screen.move_file(-1)", show=False, tooltip="One row up", id="filter.up"),
        Binding("down", "screen.move_file(1)", show=False, tooltip="One row down", id="filter.down"),
    ]

    def __init__(self) -> None:
        super().__init__(
            placeholder=PLACEHOLDER, max_length=LONGEST, compact=True, select_on_focus=False, id="filter-input"
        )


class FilterBar(Vertical):
    """The expression, what it found, and what is wrong with it."""

    class Typed(Message):
        """There is another expression. When several wait, only the last one counts."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, FilterBar.Typed)

    def compose(self) -> ComposeResult:
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-slash")
            yield FilterInput()
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

    def open(self) -> None:
        """Show the line and give it the keys, at once, so that the next key, however soon, goes there."""
        self.display = True
        typed = self.query_one(FilterInput)
        typed.action_end()
        self.screen.set_focus(typed)

    def show(self, text: str, found: str) -> None:
        """Say how much was found; and what was asked, unless somebody types just now."""
        if not self.is_typed_in:
            typed = self.query_one(FilterInput)
            if typed.value.strip() != text:
                with typed.prevent(Input.Changed):
                    typed.value = text
            self.display = bool(text)
        self.query_one("#filter-found", Static).update(Content(found), layout=False)
        self.complain("")

    def complain(self, words: str) -> None:
        """Say what is wrong and nothing else, or no longer anything."""
        shown = self.query_one("#filter-error", Static)
        if words:
            self.query_one("#filter-found", Static).update("", layout=False)
        if words or shown.display:
            shown.display = bool(words)
            shown.update(Content(words))

    @on(Input.Changed)
    def tell(self, message: Input.Changed) -> None:
        message.stop()
        self.post_message(self.Typed(message.value))
