"""What the screens about one path have in common: the path, what is known of it, and a text that can be searched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from explorer.text.printable import printable
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.dialogs.error_screen import error_texts
from explorer.tui.palette import ActionProvider
from explorer.tui.viewer.pager import Pager, SearchState
from explorer.tui.widgets.drawing import cut_start
from explorer.tui.widgets.footer import KeysFooter

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.command import Provider


class PathLine(Widget):
    """A path in one line; where it has no room its beginning is missing, for the name is at its end."""

    path: reactive[str] = reactive("")
    """Printable."""

    def render(self) -> Content:
        return Content.styled(cut_start(self.path, self.content_size.width), "bold")


class TextScreen(ActionOwner, Screen[None]):
    """A path, what is known of it, and below that a pager that can be searched."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", tooltip="Back to the files", id="viewer.leave"),
        Binding("slash", "search", "Search", key_display="/", tooltip="Search in the text", id="viewer.search"),
        Binding("n", "match(1)", "Next", show=False, tooltip="Go to the next match", id="viewer.next"),
        Binding("N", "match(-1)", "Previous", show=False, tooltip="Go to the match before", id="viewer.previous"),
        Binding("w", "wrap", "Wrap", tooltip="Wrap long lines, or cut them", id="viewer.wrap"),
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}
    AUTO_FOCUS = "Pager"
    _not_found = ""
    """Why the last search leads nowhere; empty where it leads somewhere, or there was none."""
    _before: tuple[str, SearchState] = ("", SearchState())
    """What was searched for and found before a search is typed."""

    def compose(self) -> ComposeResult:
        yield PathLine(id="viewer-path")
        yield Static(id="viewer-facts")
        yield Static(id="viewer-notes")
        yield Static(id="viewer-message")
        yield Pager()
        yield Input(id="viewer-search", placeholder="Search; small letters find large ones, too", compact=True)
        yield KeysFooter()

    def head(self, path: str, facts: Content) -> None:
        """Show the two lines at the top; the path is printable."""
        self.query_one(PathLine).path = path
        self.query_one("#viewer-facts", Static).update(facts)

    def notes(self, text: Content) -> None:
        """Show what is to be said above the pager; nothing takes no room."""
        static = self.query_one("#viewer-notes", Static)
        static.display = bool(text.plain)
        static.update(text)

    @property
    def searched(self) -> str:
        """What a search looks through, for people."""
        return "it"

    @property
    def pager(self) -> Pager:
        return self.query_one(Pager)

    def message(self, text: Content | None) -> None:
        """Show a few words instead of the pager; None: the pager."""
        if not self.query(Pager):
            # The screen is being left.
            return
        static = self.query_one("#viewer-message", Static)
        is_other = self.pager.display is (text is not None)
        static.display = text is not None
        self.pager.display = text is None
        if text is not None:
            static.update(text)
        elif not self.query_one(Input).has_focus:
            self.pager.focus()
        if is_other:
            self.refresh_bindings()

    def message_error(self, error: Exception) -> None:
        """Show what went wrong instead of the pager."""
        told, hint = error_texts(error)
        self.message(Content.assemble((told, "$text-error"), f"\n\n{hint}" if hint else ""))

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        """What needs a text is out of reach without one."""
        if action in ("search", "wrap") and self.is_mounted and not self.pager.display:
            return "There is no text to read."
        if action == "match" and self.is_mounted and not self.pager.matches:
            return self._not_found or "Nothing is searched for: press / first."
        return True

    def action_leave(self) -> None:
        """Leave the search, or else the screen."""
        if self.query_one(Input).has_focus:
            self._undo_search()
        elif self.pager.matches:
            self.pager.find("")
            self._tell_place()
            self.refresh_bindings()
        else:
            self.dismiss()

    def action_wrap(self) -> None:
        self.pager.wraps = not self.pager.wraps

    def action_search(self) -> None:
        box = self.query_one(Input)
        self._before = (box.value, self.pager.found)
        box.display = True
        box.focus()

    @on(Input.Changed)
    def search_as_typed(self, message: Input.Changed) -> None:
        """Mark all matches, and go to the first one from where the search began."""
        message.stop()
        # What was typed before Esc may be heard of after it.
        if message.input.has_focus:
            self._search(message.value)

    def _search(self, wanted: str) -> None:
        self.pager.show_found(replace(self._before[1], wanted="", matches=(), match=None))
        self.pager.find(wanted)
        self.pager.go_to_match(1)
        self._tell_place()
        self.refresh_bindings()

    def _undo_search(self) -> None:
        """Have all as it was before the search was typed."""
        self._end_search()
        box = self.query_one(Input)
        with box.prevent(Input.Changed):
            box.value = self._before[0]
        self.pager.show_found(self._before[1])
        self._tell_place()
        self.refresh_bindings()

    @on(Input.Submitted)
    def search(self, message: Input.Submitted) -> None:
        """Keep the search, and go to the text."""
        message.stop()
        self._end_search()
        if message.value != self.pager.found.wanted:
            self._search(message.value)
        self._not_found = ""
        if message.value and not self.pager.matches:
            self._not_found = f"“{printable(message.value)}” is not in {self.searched}"
            self.notify(self._not_found, severity="warning", markup=False)

    def _end_search(self) -> None:
        self.query_one(Input).display = False
        self.pager.focus()

    def action_match(self, step: int) -> None:
        self.pager.go_to_match(step)

    @on(Pager.PlaceChanged)
    def tell_place(self, message: Pager.PlaceChanged) -> None:
        message.stop()
        self._tell_place()

    def _tell_place(self) -> None:
        pager = self.pager
        place = f"line {pager.top + 1:,} of {len(pager.lines):,}" if pager.lines else ""
        if pager.matches:
            number = f"{pager.match + 1:,} of " if pager.match is not None else ""
            place = f"match {number}{len(pager.matches):,} · {place}"
        elif pager.found.wanted:
            place = f"no match · {place}"
        pager.border_subtitle = Content(place)
