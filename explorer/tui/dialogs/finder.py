"""The search over all layers: a line to type in, and below it the hits, or else the largest files of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from explorer.analysis.filter.query import MAX_QUERY_CHARS, BadQuery, parse
from explorer.analysis.filter.search import Hit, Hits
from explorer.text.printable import printable
from explorer.text.units import size
from explorer.text.words import hidden_by
from explorer.tui.widgets.column_headers import ColumnHeader, ColumnHeaders
from explorer.tui.widgets.cursor_list import CursorList
from explorer.tui.widgets.drawing import cut_or_pad, cut_start
from explorer.tui.widgets.footer import KeysFooter
from explorer.tui.widgets.marks import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from explorer.pipeline import Exploration

_STATE_CELLS = 18


class FinderInput(Input):
    """What is looked for."""

    HELP = """\
    # Find

    Looks in all layers at once, also for what later layers removed or replaced. The words are those of the filter:
    `name`, `*.so`, `usr/**/x`, `/regex/`, `size>10M`, `is:wasted`, `is:removed`, `layer:3`, `type:dir`, `-not`.

    The mark says what became of it: `−` removed, `~` replaced by a later layer. **Enter** goes to the path, at the
    layer that brought it.
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", "Go there", tooltip="Go there, at the layer that brought it", id="find.go"),
        Binding("up", "screen.move(-1)", show=False, tooltip="One up", id="find.up"),
        Binding("down", "screen.move(1)", show=False, tooltip="One down", id="find.down"),
        Binding("pageup", "screen.page(-1)", show=False, tooltip="Page up", id="find.page-up"),
        Binding("pagedown", "screen.page(1)", show=False, tooltip="Page down", id="find.page-down"),
    ]


class HitList(CursorList):
    """What was found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.choose", "Go there", tooltip="Go there, at the layer that brought it", id="find.go"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"hit--unchanged", "hit--modified", "hit--removed", "hit--muted"}

    class Chosen(Message):
        """A hit was clicked twice."""

        def __init__(self, hit: Hit) -> None:
            super().__init__()
            self.hit = hit

    def __init__(self) -> None:
        super().__init__(id="hits")
        self.hits: Sequence[Hit] = ()

    @property
    def count(self) -> int:
        return len(self.hits)

    @property
    def selected(self) -> Hit | None:
        """The hit under the cursor."""
        return self.hits[self.cursor] if self.cursor < len(self.hits) else None

    def show(self, hits: Sequence[Hit]) -> None:
        """Show hits, the first one selected."""
        self.hits = hits
        self.update_lines()
        self.cursor = 0
        self.show_cursor()

    def segments(self, index: int, width: int) -> Sequence[Segment]:
        hit = self.hits[index]
        style = self.style_of(f"hit--{hit.mark.value}")
        segments = [
            Segment(f" {MARKS[hit.mark]} ", style),
            Segment(f"{size(hit.size):>7} {f'layer {hit.layer}':<10} "),
        ]
        if width >= 60:
            state = cut_or_pad(hidden_by(hit.hidden_in, hit.cause, is_short=True), _STATE_CELLS)
            segments.append(Segment(f"{state} ", self.style_of("hit--muted")))
        room = width - sum(segment.cell_length for segment in segments)
        return [*segments, Segment(cut_start(printable(f"/{hit.node.path}"), room), style)]

    def double_clicked(self, index: int) -> None:
        self.post_message(self.Chosen(self.hits[index]))


class Finder(ModalScreen[Hit | None]):
    """The search; gives the chosen hit, or None."""

    AUTO_FOCUS = "FinderInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", tooltip="Leave the search", id="find.leave"),
    ]

    def __init__(self, exploration: Exploration, by_size: bool) -> None:
        super().__init__()
        self._top = exploration.tree.top
        self._by_size = by_size
        self._search = exploration.search

    def compose(self) -> ComposeResult:
        with Vertical(id="finder") as box:
            box.border_title = "Largest files of all layers" if self._by_size else "Find in all layers"
            yield FinderInput(placeholder=self._placeholder, max_length=MAX_QUERY_CHARS, compact=True)
            yield Static(id="find-said")
            yield ColumnHeaders()
            yield HitList()
        yield KeysFooter(show_command_palette=False)

    @property
    def _placeholder(self) -> str:
        return "only those that match" if self._by_size else "part of a name or path, or *.so  is:wasted  size>10M"

    def on_mount(self) -> None:
        self._look("")

    def on_resize(self) -> None:
        heads = [ColumnHeader("", 2), ColumnHeader("size", 7, right=True), ColumnHeader("brought by", 10)]
        heads += (
            [ColumnHeader("now", _STATE_CELLS)] if self.query_one(HitList).scrollable_content_region.width >= 60 else []
        )
        self.query_one(ColumnHeaders).show([*heads, ColumnHeader("path", 0)])

    @on(Input.Changed)
    def look(self, message: Input.Changed) -> None:
        message.stop()
        self._look(message.value)

    def _look(self, text: str) -> None:
        said = self.query_one("#find-said", Static)
        try:
            query = parse(text, self._top)
            hits = self._search.largest(query) if self._by_size else self._search.matches(query)
        except BadQuery as problem:
            said.update(Content(printable(str(problem))))
            said.add_class("-wrong")
            # What an earlier expression found would look like the answer to this one.
            self.query_one(HitList).show(())
            return
        said.remove_class("-wrong")
        said.update(Content(hit_count(hits, asked=bool(query) or self._by_size)))
        self.query_one(HitList).show(hits.shown)

    def action_choose(self) -> None:
        hit = self.query_one(HitList).selected
        if hit is not None:
            self.dismiss(hit)

    @on(HitList.Chosen)
    def choose(self, message: HitList.Chosen) -> None:
        message.stop()
        self.dismiss(message.hit)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_move(self, lines: int) -> None:
        self.query_one(HitList).action_move(lines)

    def action_page(self, pages: int) -> None:
        self.query_one(HitList).action_page(pages)


def hit_count(hits: Hits, asked: bool) -> str:
    """How much was found."""
    if not asked:
        return "Type a part of a name or path."
    if not hits.total:
        return "Nothing in any layer matches."
    return f"{hits.total:,} found" + (f", the first {len(hits.shown):,} shown" if len(hits.shown) < hits.total else "")
