"""A box below a list: about the selected row, cut to the lines that it has.

Beside the list, each part is cut to its share of the few lines. With the focus, the box shows everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from explorer.tui.key_words import with_keys
from explorer.tui.widgets.box_text import BoxText, all_lines, cut_lines
from explorer.tui.widgets.prose import Prose


class TextBox(Prose):
    """The box of a text about the selected row."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.text: BoxText | None = None

    def show(self, text: BoxText | None) -> None:
        """Shows a text; None shows nothing."""
        if text != self.text:
            self.text = text
            # The title may be a name that others chose, so it has no markup.
            self.border_title = Content(with_keys(self, text.title)) if text is not None else self.BORDER_TITLE
            # Beside the list, the height does not depend on the text.
            self._write(layout=self.has_focus)

    @property
    def needed(self) -> int:
        """Number of lines of the whole text."""
        return len(all_lines(self.text, self.scrollable_content_region.width))

    def on_resize(self) -> None:
        self.rewrite()

    def rewrite(self) -> None:
        self._write(layout=True)

    def wrapped(self, width: int) -> Sequence[Content]:
        if self.has_focus:
            return all_lines(self.text, width)
        return cut_lines(self.text, width, self.scrollable_content_region.height)

    def _write(self, *, layout: bool) -> None:
        lines = self.wrapped(self.scrollable_content_region.width)
        self.query_one(Static).update(Content("\n").join(lines), layout=layout)
