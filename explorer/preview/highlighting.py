"""Syntax highlighting with Pygments, by a file's name or its ``#!`` line.

``textual.highlight`` also guesses from the content. That takes 3 s for 6,000 lines of /var/lib/dpkg/status, and finds
a language in /etc/hosts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pygments.lexer import Lexer

_MAX_CHARS = 96 << 10
"""Characters that are highlighted. Texts that people write take 0.2 s."""
_MAX_LINE_CHARS = 1_000
"""Highlighting ends at a longer line, because minified files make lexers slow."""
_SHEBANGS = {"python": "python", "perl": "perl", "ruby": "ruby", "node": "javascript", "bash": "bash", "sh": "bash"}


def highlights(name: str, lines: Sequence[str]) -> Mapping[int, Sequence[tuple[int, int, str]]]:
    """Returns line to its coloured parts: start, end and a style of the pager."""
    head = highlighted_head(lines)
    lexer = _lexer(name, head[0] if head else "")
    if lexer is None:
        return {}
    spans: dict[int, list[tuple[int, int, str]]] = {}
    styles = _styles()
    line = column = 0
    for token, text in lexer.get_tokens("\n".join(head)):
        style = next((style for kind, style in styles if token in kind), "")
        for number, part in enumerate(text.split("\n")):
            if number:
                line, column = line + 1, 0
            if part and style:
                spans.setdefault(line, []).append((column, column + len(part), style))
            column += len(part)
    return spans


def _styles() -> list[tuple[Any, str]]:
    from pygments.token import Comment, Generic, Keyword, Name, Number, String

    return [
        (Comment, "comment"),
        (Keyword, "keyword"),
        (String, "string"),
        (Number, "number"),
        (Name.Tag, "keyword"),
        (Name.Attribute, "name"),
        (Name.Function, "name"),
        (Name.Class, "name"),
        (Name.Variable, "name"),
        (Name.Builtin, "name"),
        (Generic.Heading, "keyword"),
    ]


def highlighted_head(lines: Sequence[str]) -> list[str]:
    """Returns the first lines, up to the limits of highlighting."""
    head: list[str] = []
    room = _MAX_CHARS
    for line in lines:
        room -= len(line) + 1
        if room < 0 or len(line) > _MAX_LINE_CHARS:
            break
        head.append(line)
    return head


def _lexer(name: str, first_line: str) -> Lexer | None:
    # Imported only here, because that takes a tenth of a second and most files are never viewed.
    from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
    from pygments.lexers.special import TextLexer

    options = {"stripnl": False, "ensurenl": False}
    kind = find_lexer_class_for_filename(name)
    if kind is not None and not issubclass(kind, TextLexer):
        return kind(**options)
    if first_line.startswith("#!"):
        program = first_line.split()[-1].rpartition("/")[2].rstrip("0123456789.")
        if program in _SHEBANGS:
            return get_lexer_by_name(_SHEBANGS[program], **options)
    return None
