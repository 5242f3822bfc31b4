"""Copying to the terminal's clipboard, with a word about it: the clipboard itself cannot be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.text.printable import printable
from explorer.tui.widgets.drawing import cut_middle

if TYPE_CHECKING:
    from textual.widget import Widget

_WIDEST = 50
"""Cells of a copied text that are repeated, or half of the screen's, so that the word takes one line."""


def copy(widget: Widget, text: str) -> None:
    """Copy a text, and say so. It can be encoded."""
    app = widget.app
    app.copy_to_clipboard(text)
    app.notify(f"Copied {cut_middle(printable(text), min(_WIDEST, app.size.width // 2))}", markup=False)
