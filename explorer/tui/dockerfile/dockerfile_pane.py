"""The Dockerfile pane: name, headers, and the lines or the reason for none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from explorer.preview.highlight_process import highlights_in_process
from explorer.text.printable import printable
from explorer.tui.dockerfile.dockerfile_list import DockerfileList
from explorer.tui.key_words import with_keys
from explorer.tui.run_in_thread import run_in_thread
from explorer.tui.widgets.column_headers import ColumnHeaders
from explorer.tui.widgets.drawing import cut, cut_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.analysis.dockerfile.instruction_usage import InstructionUsage
    from explorer.analysis.dockerfile.map_steps import DockerfileMap

_COMPARING = "Comparing the Dockerfile with the image…"
_NONE = """\
No Dockerfile is known.
lx --dockerfile FILE IMAGE shows yours,
with the bytes of each line.

lx build shows the one that it builds.
An image with provenance brings its own,
if the builder kept it (mode=max).

Press {explore.image} for the steps
that the image records."""
_MIN_HEIGHT_WITH_NAME = 6
_MIN_HEIGHT_WITH_HEADERS = 5
_MAX_PROBLEM_LINES = 4
_MIN_HEIGHT_WITH_REMARK = 9
"""With less, a remark has the rest of one line."""
_GAP = "   "
_LANGUAGE = "Dockerfile"
"""The name of a file in the language of the colours."""


class DockerfilePane(Vertical):
    """The Dockerfile, with what each line made."""

    _mapped: DockerfileMap | None = None
    _words = _COMPARING
    """Shown in place of the lines."""
    _is_coloured = False

    def compose(self) -> ComposeResult:
        yield Static(id="dockerfile-name")
        yield ColumnHeaders()
        yield Static(id="dockerfile-empty")
        yield DockerfileList()

    def wait(self, reason: str = "") -> None:
        """Shows why the lines are not known yet."""
        self._mapped, self._words = None, reason or _COMPARING
        self.query_one(DockerfileList).show(None)
        self._fit()

    def show(self, mapped: DockerfileMap | None, usages: Sequence[InstructionUsage]) -> None:
        """Shows a Dockerfile; None says how to get one."""
        # Not at the top, because the screen would start later.
        from explorer.viewmodel.dockerfile_rows import dockerfile_rows

        self._mapped, self._is_coloured = mapped, False
        self._words = _NONE if mapped is None else "" if mapped.dockerfile.lines else self._problem(mapped)
        self.query_one(DockerfileList).show(None if mapped is None else dockerfile_rows(mapped, usages))
        self._fit()
        self.on_show()

    def select(self, layer: int, step: int | None) -> None:
        """Marks the lines of a layer, or of a step of the history."""
        listed = self.query_one(DockerfileList)
        if listed.lines is not None:
            listed.mark(listed.lines.lines_of(layer, step))

    def on_show(self) -> None:
        """Colours the lines once they are seen."""
        listed = self.query_one(DockerfileList)
        if self.display and listed.count and not self._is_coloured:
            self._is_coloured = True
            self._colour()

    @work(exclusive=True)
    async def _colour(self) -> None:
        listed = self.query_one(DockerfileList)
        lines = listed.lines
        if lines is None:
            return
        texts = [row.text for row in lines.rows]
        try:
            colours = await run_in_thread(partial(highlights_in_process, _LANGUAGE, texts), lambda _: None)
        except Exception:  # noqa: BLE001 -- an error of a lexer costs the colours, not the text
            return
        if listed.lines is lines:
            listed.colour(colours)

    @on(DockerfileList.CursorMoved)
    def follow_line(self) -> None:
        """Updates the keys. The message goes on to the screen."""
        self.refresh_bindings()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Shows what has room, and the headers of the columns that fit."""
        listed, height = self.query_one(DockerfileList), self.size.height
        name, heads, empty = (
            self.query_one("#dockerfile-name", Static),
            self.query_one(ColumnHeaders),
            self.query_one("#dockerfile-empty", Static),
        )
        name.display = bool(listed.count) and height >= _MIN_HEIGHT_WITH_NAME
        name.update(self._head(max(1, self.size.width - 2)))
        heads.display = bool(listed.count) and height >= _MIN_HEIGHT_WITH_HEADERS
        heads.show(listed.columns.headers)
        empty.display = bool(self._words)
        # Not hidden, because it keeps the focus.
        listed.styles.height = 1 if self._words else None
        if self._words:
            empty.update(Content(with_keys(self, self._words)))

    def _head(self, width: int) -> Content:
        """Returns the name, with the reason for no figures or a remark."""
        mapped = self._mapped
        if mapped is None:
            return Content("")
        name = Content.styled(cut_start(printable(mapped.dockerfile.name), width), "bold")
        if mapped.problem:
            words = f"No figures, because this Dockerfile does not fit the image. {self._problem(mapped)}"
            lines = Content.styled(words, "$text-warning").wrap(width)
            return Content("\n").join([name, *lines[:_MAX_PROBLEM_LINES]])
        if not mapped.remark:
            return name
        room = width - name.cell_length - len(_GAP)
        if cell_len(mapped.remark) <= room or self.size.height < _MIN_HEIGHT_WITH_REMARK:
            return Content.assemble(name, _GAP, (cut(mapped.remark, room), "$muted"))
        remark = f"{mapped.remark[:1].upper()}{mapped.remark[1:]}."
        return Content("\n").join([name, *Content.styled(remark, "$muted").wrap(width)[:_MAX_PROBLEM_LINES]])

    def _problem(self, mapped: DockerfileMap) -> str:
        """Returns the reason for no figures, or for no lines, as a sentence."""
        problem = mapped.problem or "the Dockerfile is empty"
        return f"{problem[:1].upper()}{problem[1:]}."
