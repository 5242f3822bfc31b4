"""The help: what the focused pane shows, and the keys that work there, ours alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import dedent
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from explorer.tui.dialogs.help_text import help_lines
from explorer.tui.widgets.footer import KeysFooter, bindings_in_order
from explorer.tui.widgets.prose import Prose, hanging_lines

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import ActiveBinding

Groups = Mapping[str, Sequence[tuple[str, str]]]
"""Heading to keys and what they do."""
_HEADINGS = {
    "layers": "Keys for layers",
    "waste": "Keys for waste",
    "files": "Keys for files",
    "filter": "Keys of the filter",
    "history": "Keys of the path's history",
    "find": "Keys to find",
    "viewer": "Keys inside a file",
    "save": "Keys to save",
    "list": "Moving",
    "pager": "Moving",
    "text": "Moving",
    "split": "Layout",
    "explore": "Everywhere",
    "app": "Everywhere",
}
"""First part of a binding's id to its heading, in the order of the help; what has another or no id is not ours."""


def pane_help(widget: Widget | None) -> str:
    """What a widget, or else one around it, has to say of itself, in Markdown."""
    around = widget.ancestors_with_self if widget else []
    return next((dedent(node.HELP.rstrip()) for node in around if isinstance(node, Widget) and node.HELP), "")


def key_groups(bindings: Mapping[str, ActiveBinding], name_key: Callable[[Binding], str]) -> Groups:
    """Those of the keys that are ours; ``name_key`` says how people call a key."""
    found: dict[str, dict[str, list[str]]] = {}
    for _, binding, _, _ in bindings_in_order(bindings):
        heading = _HEADINGS.get((binding.id or "").partition(".")[0])
        if heading:
            words = binding.tooltip or binding.description
            keys = found.setdefault(heading, {}).setdefault(words, [])
            keys.append(name_key(binding))
    order = list(dict.fromkeys(_HEADINGS.values()))
    return {
        heading: [(" ".join(dict.fromkeys(keys)), words) for words, keys in found[heading].items()]
        for heading in order
        if heading in found
    }


def key_lines(shown: Groups, width: int) -> Iterator[Content]:
    """The keys in lines of at most ``width`` cells."""
    indent = max((cell_len(keys) for lines in shown.values() for keys, _ in lines), default=0) + 2
    for heading, lines in shown.items():
        yield Content.styled(heading, "bold $key")
        for keys, words in lines:
            yield from hanging_lines(Content.styled(keys, "bold"), indent, Content(words), width)
        yield Content("")


class HelpBox(VerticalScroll):
    """All of it, in one text that scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = Prose.BINDINGS

    def __init__(self, words: str, keys: Groups) -> None:
        super().__init__(id="help")
        self._words = words
        self._keys = keys

    def compose(self) -> ComposeResult:
        yield Static(id="help-text")

    def on_resize(self) -> None:
        width = max(4, self.scrollable_content_region.width - 4)
        lines = [*help_lines(self._words, width), *key_lines(self._keys, width)]
        self.query_one("#help-text", Static).update(Content("\n").join(lines))


class HelpScreen(ModalScreen[None]):
    """The help, beside what it explains."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "leave", "Close", tooltip="Close the help", id="help.close"),
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (64, "-wide")]  # noqa: RUF012 - so does Textual declare it

    def __init__(self, words: str, keys: Groups) -> None:
        super().__init__()
        self._words = words
        self._keys = keys

    def compose(self) -> ComposeResult:
        box = HelpBox(self._words, self._keys)
        box.border_title = "Help"
        box.border_subtitle = "↑ ↓ scroll"
        yield box
        yield KeysFooter(show_command_palette=False)

    def action_leave(self) -> None:
        self.dismiss()
