"""Screen for an image that cannot be shown: the error, and its hint."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from explorer.errors import ExplorerError, exhausted
from explorer.text.printable import printable
from explorer.tui.widgets.footer import KeysFooter


class ErrorScreen(Screen[None]):
    """One error with its hint."""

    def __init__(self, reference: str, error: Exception) -> None:
        super().__init__()
        self.reference = reference
        self.error = exhausted(error) or error

    def compose(self) -> ComposeResult:
        message, hint = error_texts(self.error)
        with VerticalScroll(id="error") as box:
            box.border_title = Content("Cannot show this image" if isinstance(self.error, ExplorerError) else "A bug")
            yield Static(Content(printable(self.reference)), id="error-reference")
            yield Static(Content(message), id="error-message")
            if hint:
                yield Static(Content(hint), id="error-hint")
        yield KeysFooter(show_command_palette=False)


def error_texts(error: Exception) -> tuple[str, str]:
    """Returns message and hint of an error, printable line by line."""
    error = exhausted(error) or error
    if isinstance(error, ExplorerError):
        return _lines(error.message), _lines(error.hint)
    return (
        f"This is a bug in Layer Explorer, not a fault of the image.\n\n{type(error).__name__}: {_lines(str(error))}",
        "The report command may work for this image. Please report the line above.",
    )


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())
