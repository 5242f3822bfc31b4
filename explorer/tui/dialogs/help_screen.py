"""Help: the text of the focused pane, and the keys that work there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from textwrap import dedent
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from explorer.tui.widgets.footer import KeysFooter, bindings_in_order
from explorer.tui.widgets.prose import Prose, hanging_lines

Groups = Mapping[str, Sequence[tuple[str, str]]]
"""Heading to pairs of keys and their meaning."""
_HEADINGS = {
    "layers": "Keys for layers",
    "waste": "Keys for waste",
    "files": "Keys for files",
    "filter": "Keys for the filter",
    "history": "Keys for the history of this path",
    "find": "Keys for the search",
    "viewer": "Keys for a file's content",
    "save": "Keys for saving",
    "list": "Moving",
    "pager": "Moving",
    "text": "Moving",
    "split": "Layout",
    "explore": "Everywhere",
    "app": "Everywhere",
}
"""First part of a binding's ID to its heading, in the order of the help. Textual's own bindings are left out."""
_STYLED = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+)\*")
_STYLES = {"code": "$text-accent", "bold": "bold", "italic": "italic"}
_BULLET = "• "


def pane_help(widget: Widget | None) -> str:
    """Returns the help of a widget, or else of one around it, in Markdown."""
    nodes = widget.ancestors_with_self if widget else []
    return next((dedent(node.HELP.rstrip()) for node in nodes if isinstance(node, Widget) and node.HELP), "")


def key_groups(bindings: Mapping[str, ActiveBinding], name_key: Callable[[Binding], str]) -> Groups:
    """Groups the active keys by heading; ``name_key`` names a key for people."""
    groups: dict[str, dict[str, list[str]]] = {}
    for _, binding, _, _ in bindings_in_order(bindings):
        place, _, key = (binding.id or "").partition(".")
        heading = _HEADINGS.get("explore" if key.isdigit() else place)
        if heading:
            words = binding.tooltip or binding.description
            keys = groups.setdefault(heading, {}).setdefault(words, [])
            keys.append(name_key(binding))
    order = list(dict.fromkeys(_HEADINGS.values()))
    return {
        heading: [(" ".join(dict.fromkeys(keys)), words) for words, keys in groups[heading].items()]
        for heading in order
        if heading in groups
    }


def key_lines(groups: Groups, width: int) -> Iterator[Content]:
    """Yields the keys in lines of at most ``width`` cells."""
    indent = max((cell_len(keys) for lines in groups.values() for keys, _ in lines), default=0) + 2
    for heading, lines in groups.items():
        yield Content.styled(heading, "bold $key")
        for keys, words in lines:
            yield from hanging_lines(Content.styled(keys, "bold"), indent, Content(words), width)
        yield Content("")


def help_lines(words: str, width: int) -> Iterator[Content]:
    """Yields the lines of a help text, at most ``width`` cells wide.

    Textual's Markdown makes a widget for every paragraph, which takes as long as the rest of opening the help.
    """
    for block in words.strip().split("\n\n"):
        if block.startswith("# "):
            yield from Content.styled(block[2:], "bold $primary").wrap(width)
        elif block.startswith("- "):
            for item in block[2:].split("\n- "):
                yield from hanging_lines(Content.styled(_BULLET, "$muted"), len(_BULLET), styled_paragraph(item), width)
        else:
            yield from styled_paragraph(block).wrap(width)
        yield Content("")


def styled_paragraph(text: str) -> Content:
    """Returns a paragraph as one line, with its code, bold and italic parts."""
    text = " ".join(text.split())
    parts: list[Content] = []
    at = 0
    for match in _STYLED.finditer(text):
        kind = match.lastgroup or ""
        parts += [Content(text[at : match.start()]), Content.styled(match[kind], _STYLES[kind])]
        at = match.end()
    return Content("").join([*parts, Content(text[at:])])


class HelpBox(Prose):
    """The whole help, in one text that scrolls."""

    def __init__(self, words: str, keys: Groups) -> None:
        super().__init__(id="help")
        self._words = words
        self._keys = keys

    def wrapped(self, width: int) -> Iterator[Content]:
        width = max(4, width - 4)
        yield from help_lines(self._words, width)
        yield from key_lines(self._keys, width)


class HelpScreen(ModalScreen[None]):
    """The help, beside the pane that it explains."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close", tooltip="Close the help", id="help.close"),
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
