"""Help: the text of the focused pane, and the keys that work there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from textwrap import dedent
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from explorer.tui.key_table import KeyOfNode
from explorer.tui.widgets.footer import KeysFooter
from explorer.tui.widgets.prose import Prose, hanging_lines


class KeyLine(NamedTuple):
    """Keys and their meaning."""

    keys: str
    words: str
    is_enabled: bool = True
    """False if they do nothing now."""


Groups = Mapping[str, Sequence[KeyLine]]
"""Heading to lines."""
_PANES = "Panes"
_EVERYWHERE = "Everywhere"
_HEADING_OF_KEY = {
    "explore.next-pane": _PANES,
    "explore.previous-pane": _PANES,
    "explore.files": _PANES,
    "explore.waste": _PANES,
    "explore.causes": _PANES,
    "explore.packages": _PANES,
    "explore.findings": _PANES,
    "explore.dockerfile": _PANES,
    "explore.image": _PANES,
    "explore.settings": _PANES,
    "split.zoom": _PANES,
    **{f"layers.{digit}": _EVERYWHERE for digit in range(10)},
}
"""ID of a binding to its heading, where that differs from its neighbours'."""
_MIN_RANGE_KEYS = 5
"""More digits with one meaning are named by the first and the last."""
_HEADINGS = {
    "image": "Keys for the image",
    "images": "Keys for images",
    "causes": "Keys for causes",
    "packages": "Keys for packages",
    "findings": "Keys for findings",
    "dockerfile": "Keys for the Dockerfile",
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
    "explore": _EVERYWHERE,
    "app": _EVERYWHERE,
}
"""First part of a binding's ID to its heading, in the order of the help. Textual's own bindings are left out."""
_STYLED = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+)\*")
_STYLES = {"code": "$text-accent", "bold": "bold", "italic": "italic"}
_BULLET = "• "


def pane_help(widget: Widget | None) -> str:
    """Returns the help of a widget, or else of one around it, in Markdown."""
    nodes = widget.ancestors_with_self if widget else []
    return next((dedent(node.HELP.rstrip()) for node in nodes if isinstance(node, Widget) and node.HELP), "")


def key_groups(keys: Iterable[KeyOfNode], name_key: Callable[[Binding], str]) -> Groups:
    """Groups keys by heading; ``name_key`` names a key for people."""
    groups: dict[str, dict[str, dict[str, bool]]] = {}
    keys = list(keys)
    own = {key.binding.action: key.binding for key in keys if _heading(key.binding)}
    for _, binding, reason in keys:
        # Textual has keys of its own for some of these actions.
        named = binding if _heading(binding) else own.get(binding.action)
        if named is None:
            continue
        heading, words = _heading(named), named.tooltip or named.description
        keys_of_words = groups.setdefault(heading, {}).setdefault(words, {})
        key = name_key(binding)
        keys_of_words[key] = keys_of_words.get(key, False) or not reason
    order = dict.fromkeys((_PANES, *_HEADINGS.values()))
    return {
        heading: [KeyLine(_joined(keys), words, any(keys.values())) for words, keys in groups[heading].items()]
        for heading in order
        if heading in groups
    }


def _heading(binding: Binding) -> str:
    """Returns the heading of a key; empty for Textual's own keys."""
    name = binding.id or ""
    return _HEADING_OF_KEY.get(name) or _HEADINGS.get(name.partition(".")[0], "")


def _joined(keys: Collection[str]) -> str:
    """Returns the names of keys, of many digits the first and the last."""
    first, *_, last = [*keys, *keys]
    return f"{first} … {last}" if len(keys) > _MIN_RANGE_KEYS and all(map(str.isdigit, keys)) else " ".join(keys)


def key_lines(groups: Groups, width: int) -> Iterator[Content]:
    """Yields the keys in lines of at most ``width`` cells; dim if they do nothing now."""
    indent = max((cell_len(line.keys) for lines in groups.values() for line in lines), default=0) + 2
    for heading, lines in groups.items():
        yield Content.styled(heading, "bold $key")
        for keys, words, is_enabled in lines:
            style = "" if is_enabled else "$faint-text"
            head = Content.styled(keys, f"bold {style}")
            yield from hanging_lines(head, indent, Content.styled(words, style), width)
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

    def __init__(self, words: str, keys: Groups, *, is_left: bool = False) -> None:
        """Takes the words, the keys, and the side: the one without the explained pane."""
        super().__init__(classes="-left" if is_left else "")
        self._words = words
        self._keys = keys

    def compose(self) -> ComposeResult:
        box = HelpBox(self._words, self._keys)
        box.border_title = "Help"
        yield box
        yield KeysFooter(show_command_palette=False)

    def on_mount(self) -> None:
        self.watch(self.query_one(HelpBox), "virtual_size", self._show_scrolling)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_scrolling)

    def _show_scrolling(self) -> None:
        box = self.query_one(HelpBox)
        box.border_subtitle = "↑ ↓ scroll" if box.max_scroll_y > 0 else ""
