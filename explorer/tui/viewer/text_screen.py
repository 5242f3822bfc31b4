"""Base of the screens about one path: its metadata, and a searchable text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from explorer.preview.versions import ImageContents
from explorer.text.printable import printable
from explorer.tui.availability import ActionOwner, Availability
from explorer.tui.dialogs.error_screen import error_texts
from explorer.tui.palette import ActionProvider
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.viewer.pager import Pager, SearchState
from explorer.tui.widgets.drawing import cut_start
from explorer.tui.widgets.footer import KeysFooter
from explorer.tui.widgets.line_input import LineInput

_Result = TypeVar("_Result")


class PathLine(Widget):
    """One line with a path. A long path loses its beginning and keeps its name."""

    path: reactive[str] = reactive("")
    """The path, printable."""

    def render(self) -> Content:
        return Content.styled(cut_start(self.path, self.content_size.width), "bold")


class TextScreen(ActionOwner, Screen[None]):
    """A path with its metadata, above a pager that can be searched."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", tooltip="Back to the files", id="viewer.leave"),
        Binding("slash", "search", "Search", key_display="/", tooltip="Search in the text", id="viewer.search"),
        Binding("n", "match(1)", "Next", show=False, tooltip="Go to the next match", id="viewer.next"),
        Binding("N", "match(-1)", "Previous", show=False, tooltip="Go to the previous match", id="viewer.previous"),
        Binding("w", "wrap", "Wrap", tooltip="Wrap long lines, or cut them", id="viewer.wrap"),
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}
    AUTO_FOCUS = "Pager"
    searched_part = "the text"
    """The part of the file that a search looks through, for people."""
    shown_part = ""
    """The part of a long file that shows, for people; empty if all of it does."""
    _not_found = ""
    """The sentence about a search without matches; empty if the last one had some."""
    _before: tuple[str, SearchState] = ("", SearchState())
    """The search box and the pager as they were before a search is typed."""

    def __init__(self, contents: ImageContents) -> None:
        super().__init__()
        self.contents = contents

    def compose(self) -> ComposeResult:
        yield PathLine(id="viewer-path")
        yield Static(id="viewer-facts")
        yield Static(id="viewer-notes")
        yield Static(id="viewer-message")
        yield Pager()
        yield LineInput(id="viewer-search", placeholder="Search; small letters match any case", compact=True)
        yield KeysFooter()

    def on_unmount(self) -> None:
        """Lets go of the tree, which may be one of fewer layers than the image has.

        The collector leaves out screens that were made while an image is read, and each of them is in a cycle.
        """
        del self.contents

    @property
    def pager(self) -> Pager:
        """The pager."""
        return self.query_one(Pager)

    def show_head(self, path: str, facts: Content) -> None:
        """Shows the two lines at the top; the path is printable."""
        self.query_one(PathLine).path = path
        self.query_one("#viewer-facts", Static).update(facts)

    def show_notes(self, text: Content) -> None:
        """Shows notes above the pager; an empty text takes no room."""
        notes = self.query_one("#viewer-notes", Static)
        notes.display = bool(text.plain)
        notes.update(text)

    def show_message(self, text: Content | None) -> None:
        """Shows a message in place of the pager; with None, the pager again."""
        if not self.query(Pager):
            # The screen is closing.
            return
        message = self.query_one("#viewer-message", Static)
        changes = self.pager.display is (text is not None)
        message.display = text is not None
        self.pager.display = text is None
        if text is not None:
            message.update(text)
        elif not self.query_one(Input).has_focus:
            self.pager.focus()
        if changes:
            self.refresh_bindings()

    def show_lines(self) -> None:
        """Shows the pager after its lines were replaced."""
        self.show_message(None)
        self._show_place()

    async def read_in_thread(
        self, work: Callable[[Callable[[int], None]], _Result], progress: Callable[[int], str]
    ) -> _Result | None:
        """Returns the result of ``work`` in a thread; None after an error, which it shows.

        ``work`` reports the bytes that were read; ``progress`` returns words for them.
        """
        try:
            return await run_in_thread(work, lambda done: self.show_message(Content(progress(done))))
        except Exception as error:  # noqa: BLE001 -- the screen shows any error
            message, hint = error_texts(error)
            self.show_message(Content.assemble((message, "$text-error"), f"\n\n{hint}" if hint else ""))
            return None

    def availability(self, action: str, parameters: tuple[object, ...]) -> Availability:  # noqa: ARG002 - of the base
        """Returns a reason for actions that need a text, or matches."""
        if action in ("search", "wrap") and self.is_mounted and not self.pager.display:
            return "There is no text to read."
        if action == "wrap" and self.is_mounted and not self.pager.can_wrap:
            return "No line is longer than the screen is wide."
        if action == "match" and self.is_mounted and not self.pager.matches:
            return self._not_found or "No search yet. Press {viewer.search} to start."
        return True

    def action_leave(self) -> None:
        """Leaves the search, or else the screen."""
        if self.query_one(Input).has_focus:
            self._undo_search()
        elif self.pager.matches:
            self.pager.find("")
            self._search_changed()
        else:
            self.dismiss()

    def action_wrap(self) -> None:
        self.pager.wraps = not self.pager.wraps

    # Search

    def action_search(self) -> None:
        box = self.query_one(Input)
        self._before = (box.value, self.pager.search)
        box.display = True
        box.focus()

    @on(Input.Changed)
    def search_as_typed(self, message: Input.Changed) -> None:
        """Marks all matches, and goes to the first one from where the search began."""
        message.stop()
        # A letter typed before Esc may arrive after it.
        if message.input.has_focus:
            self._search(message.value)

    def _search(self, text: str) -> None:
        self.pager.restore_search(replace(self._before[1], text="", matches=(), match=None))
        self.pager.find(text)
        self.pager.go_to_match(1)
        self._search_changed()

    def _undo_search(self) -> None:
        self._close_search()
        box = self.query_one(Input)
        with box.prevent(Input.Changed):
            box.value = self._before[0]
        self.pager.restore_search(self._before[1])
        self._search_changed()

    @on(Input.Submitted)
    def search(self, message: Input.Submitted) -> None:
        """Keeps the search, and goes to the text."""
        message.stop()
        self._close_search()
        if message.value != self.pager.search.text:
            self._search(message.value)
        self._not_found = ""
        if message.value and not self.pager.matches:
            self._not_found = f"“{printable(message.value)}” is not in {self.searched_part}"
            self.notify(self._not_found, severity="warning", markup=False)

    def _close_search(self) -> None:
        self.query_one(Input).display = False
        self.pager.focus()

    def _search_changed(self) -> None:
        self._show_place()
        self.refresh_bindings()

    def action_match(self, step: int) -> None:
        self.pager.go_to_match(step)

    @on(Pager.PlaceChanged)
    def follow_pager(self, message: Pager.PlaceChanged) -> None:
        """Shows the line and the match that the pager went to."""
        message.stop()
        self._show_place()

    def _show_place(self) -> None:
        pager, search = self.pager, self.pager.search
        place = f"line {pager.place + 1:,} of {len(pager.lines):,}" if pager.lines else ""
        if place and self.shown_part:
            place = f"{place} · {self.shown_part}"
        if search.match is not None:
            place = f"match {search.match + 1:,} of {len(search.matches):,} · {place}"
        elif search.text:
            place = f"no match · {place}"
        pager.border_subtitle = Content(place)
