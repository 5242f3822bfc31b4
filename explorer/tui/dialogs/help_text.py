"""What a pane says of itself, laid out in lines: the little of Markdown that our own words use.

Textual's Markdown makes a widget of every paragraph, all of them anew each time; that took as long as all the rest of
opening the help.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.content import Content

from explorer.tui.widgets.prose import hanging_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

_STYLED = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+)\*")
_STYLES = {"code": "$text-accent", "bold": "bold", "italic": "italic"}
_BULLET = "• "


def help_lines(words: str, width: int) -> Iterator[Content]:
    """Headings, paragraphs and lists, with an empty line after each, in lines of at most ``width`` cells."""
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
    """A paragraph as one line, with what is code, bold or italic in it."""
    text = " ".join(text.split())
    parts: list[Content] = []
    at = 0
    for found in _STYLED.finditer(text):
        kind = found.lastgroup or ""
        parts += [Content(text[at : found.start()]), Content.styled(found[kind], _STYLES[kind])]
        at = found.end()
    return Content("").join([*parts, Content(text[at:])])
