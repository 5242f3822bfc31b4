"""Search in all layers: an input, and below it the hits or the largest files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from explorer.analysis.filter.query import MAX_QUERY_CHARS, BadQuery, parse
from explorer.analysis.filter.search import Hit, Hits
from explorer.pipeline import Exploration
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import hidden_by
from explorer.tui.widgets.column_headers import Column, ColumnHeaders, Columns, fit_columns
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.drawing import cut_or_pad, cut_start
from explorer.tui.widgets.footer import KeysFooter
from explorer.tui.widgets.line_input import LineInput
from explorer.tui.widgets.marks import MARKS
from explorer.viewmodel.layers_read import reason_against_owners

HIT_COLUMNS = (
    Column("mark", "", ((0, 2),)),
    Column("size", "size", ((0, 7),), right=True),
    Column("from", " from", ((0, 9),)),
    Column("state", "state", ((60, 17),)),
    Column("path", "path"),
)


class FinderInput(LineInput):
    """Input of the search."""

    HELP = """\
    # Find

    Searches all layers at once, also for files that later layers removed or replaced. The search uses the words of the
    filter: `name`, `*.so`, `usr/**/x`, `/regex/`, `size>10M`, `is:wasted`, `is:disposable`, `is:removed`, `layer:3`,
    `type:dir`, `-not`.

    The mark shows the state: `−` removed, `~` replaced by a later layer. **{find.go}** goes to the path in the layer
    that shipped it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "screen.choose", "Go there", tooltip="Go to the path in the layer that shipped it", id="find.go"
        ),
        Binding("up", "screen.move(-1)", show=False, tooltip="One up", id="find.up"),
        Binding("down", "screen.move(1)", show=False, tooltip="One down", id="find.down"),
        Binding("pageup", "screen.page(-1)", show=False, tooltip="Page up", id="find.page-up"),
        Binding("pagedown", "screen.page(1)", show=False, tooltip="Page down", id="find.page-down"),
    ]


class HitList(CursorList):
    """The hits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "screen.choose", "Go there", tooltip="Go to the path in the layer that shipped it", id="find.go"
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"hit--unchanged", "hit--modified", "hit--removed", "hit--muted"}

    def __init__(self) -> None:
        super().__init__(id="hits")
        self.hits: Sequence[Hit] = ()

    @property
    def count(self) -> int:
        return len(self.hits)

    @property
    def columns(self) -> Columns:
        """The columns that fit."""
        return fit_columns(HIT_COLUMNS, self.scrollable_content_region.width)

    @property
    def selected(self) -> Hit | None:
        """The hit under the cursor."""
        return self.hits[self.cursor] if self.cursor < len(self.hits) else None

    def show(self, hits: Sequence[Hit]) -> None:
        """Shows hits, the first one selected."""
        self.hits = hits
        self.update_lines()
        self.cursor = 0
        self.show_cursor()

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        hit, columns = self.hits[index], self.columns
        style = self.style_of(f"hit--{hit.mark.value}")
        segments = [
            Segment(f" {MARKS[hit.mark]} ", style),
            Segment(f"{size(hit.size):>7} {f' layer {hit.layer}':<9} "),
        ]
        if state_cells := columns.cells["state"]:
            state = cut_or_pad(hidden_by(hit.hidden_in, hit.cause, is_short=True), state_cells)
            segments.append(Segment(f"{state} ", self.style_of("hit--muted")))
        return [*segments, Segment(cut_start(printable(f"/{hit.node.path}"), width - columns.last_at), style)]

    def double_clicked(self, index: int) -> None:  # noqa: ARG002 - the cursor is there
        self.call_later(self.run_action, "screen.choose")


class Finder(ModalScreen[Hit | None]):
    """The search. Its result is the chosen hit, or None."""

    AUTO_FOCUS = "FinderInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back", tooltip="Leave the search", id="find.leave"),
    ]

    def __init__(self, exploration: Exploration, by_size: bool, text: str = "") -> None:
        """Takes the text to search for at first."""
        super().__init__()
        self._text = text
        """The text whose hits show."""
        self._top = exploration.tree.top
        self._by_size = by_size
        self._search = exploration.search
        self._exploration = exploration

    def compose(self) -> ComposeResult:
        with Vertical(id="finder") as box:
            box.border_title = "Largest files of all layers" if self._by_size else "Find in all layers"
            yield FinderInput(self._text, self._placeholder, max_length=MAX_QUERY_CHARS, compact=True)
            yield Static(id="find-message")
            yield ColumnHeaders()
            yield HitList()
        yield KeysFooter(show_command_palette=False)

    @property
    def _placeholder(self) -> str:
        return "filter, like *.so" if self._by_size else "part of a name or path, or *.so  is:wasted  size>10M"

    def on_mount(self) -> None:
        self._show_hits(self._text)

    def on_resize(self) -> None:
        self.query_one(ColumnHeaders).show(self.query_one(HitList).columns.headers)
        self.call_after_refresh(self._show_path)

    @on(Input.Changed)
    def search_as_typed(self, message: Input.Changed) -> None:
        """Shows the hits of the typed text."""
        message.stop()
        self._show_hits(message.value)

    def _show_hits(self, text: str) -> None:
        self._text = text
        message = self.query_one("#find-message", Static)
        try:
            query = parse(text, self._top)
            if query.needs_packages and (reason := reason_against_owners(self._exploration)):
                raise BadQuery(reason)
            hits = self._search.largest(query) if self._by_size else self._search.matches(query)
        except BadQuery as error:
            message.update(Content(printable(str(error))))
            message.add_class("-wrong")
            # The hits of an earlier query would look like the answer to this one.
            self.query_one(HitList).show(())
            self._show_path()
            return
        message.remove_class("-wrong")
        message.update(Content(hit_count(hits, asked=bool(query) or self._by_size)))
        self.query_one(HitList).show(hits.shown)
        self._show_path()

    @on(HitList.CursorMoved)
    def show_path(self, message: HitList.CursorMoved) -> None:
        """Shows the path of the selected hit, which its row may cut."""
        message.stop()
        self._show_path()

    def _show_path(self) -> None:
        box, hit = self.query_one("#finder"), self.query_one(HitList).selected
        room = max(1, box.size.width - 2)
        box.border_subtitle = Content(cut_start(printable(f"/{hit.node.path}"), room)) if hit is not None else ""

    def action_choose(self) -> None:
        text = self.query_one(FinderInput).value
        if text != self._text:
            # Letters wait that were typed before this key: the hits are those of a part of the text.
            self._show_hits(text)
        hit = self.query_one(HitList).selected
        if hit is not None:
            self.dismiss(hit)

    def action_move(self, lines: int) -> None:
        self.query_one(HitList).action_move(lines)

    def action_page(self, pages: int) -> None:
        self.query_one(HitList).action_page(pages)


def hit_count(hits: Hits, asked: bool) -> str:
    """Returns the number of hits, for people."""
    if not asked:
        return "Type a part of a name or path."
    if not hits.total:
        return "Nothing in any layer matches."
    return f"{hits.total:,} found" + (f", the first {len(hits.shown):,} shown" if len(hits.shown) < hits.total else "")
