"""Which parts of a text are comments, keywords, strings: by its file's name or first line, with Pygments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pygments.lexer import Lexer

_MOST = 96 << 10
"""Characters that are looked at: more take longer than anybody waits for colours."""
_LONGEST_LINE = 1_000
"""Of longer lines none is looked at: a minified file makes a lexer slow, and nobody reads it."""
_SHEBANGS = {"python": "python", "perl": "perl", "ruby": "ruby", "node": "javascript", "bash": "bash", "sh": "bash"}


def highlights(name: str, lines: Sequence[str]) -> Mapping[int, Sequence[tuple[int, int, str]]]:
    """Line to the coloured parts of it: where one starts and ends, and the name of a style of the pager."""
    head = _head(lines)
    lexer = _lexer(name, head[0] if head else "")
    if lexer is None:
        return {}
    found: dict[int, list[tuple[int, int, str]]] = {}
    styles = _styles()
    line = column = 0
    for token, text in lexer.get_tokens("\n".join(head)):
        style = next((style for kind, style in styles if token in kind), "")
        for number, part in enumerate(text.split("\n")):
            if number:
                line, column = line + 1, 0
            if part and style:
                found.setdefault(line, []).append((column, column + len(part), style))
            column += len(part)
    return found


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


def _head(lines: Sequence[str]) -> list[str]:
    """The first lines, as many as are coloured."""
    found: list[str] = []
    room = _MOST
    for line in lines:
        room -= len(line) + 1
        if room < 0 or len(line) > _LONGEST_LINE:
            break
        found.append(line)
    return found


def _lexer(name: str, first: str) -> Lexer | None:
    # Most files are never looked into, and importing this takes a tenth of a second.
    from pygments.lexers import find_lexer_class_for_filename, get_lexer_by_name
    from pygments.lexers.special import TextLexer

    options = {"stripnl": False, "ensurenl": False}
    kind = find_lexer_class_for_filename(name)
    if kind is not None and not issubclass(kind, TextLexer):
        return kind(**options)
    if first.startswith("#!"):
        program = first.split()[-1].rpartition("/")[2].rstrip("0123456789.")
        if program in _SHEBANGS:
            return get_lexer_by_name(_SHEBANGS[program], **options)
    return None
