"""Copies to the terminal's clipboard, which cannot be seen, with a message."""

from __future__ import annotations

from textual.widget import Widget

from explorer.text.printable import printable
from explorer.tui.widgets.drawing import cut_middle

_MAX_CELLS = 50
"""Cells of the text in the message, or half of the screen's, so that the message takes one line."""


def copy(widget: Widget, text: str) -> None:
    """Copies a text, which must be encodable, and shows a message."""
    app = widget.app
    app.copy_to_clipboard(text)
    app.notify(f"Copied {cut_middle(printable(text), min(_MAX_CELLS, app.size.width // 2))}", markup=False)
