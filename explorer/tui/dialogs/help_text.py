"""Help texts as lines, from the part of Markdown that they use.

Textual's Markdown makes a widget for every paragraph each time, which takes as long as the rest of opening the help.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.content import Content

from explorer.tui.widgets.prose import hanging_lines

_STYLED = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+)\*")
_STYLES = {"code": "$text-accent", "bold": "bold", "italic": "italic"}
_BULLET = "• "


def help_lines(words: str, width: int) -> Iterator[Content]:
    """Yields the lines of a help text, at most ``width`` cells wide."""
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
