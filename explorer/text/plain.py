"""Characters for terminals and files whose encoding is not Unicode."""

from __future__ import annotations

import codecs
from collections.abc import Callable

_UNICODE_ENCODINGS = ("utf", "gb18030")
_TYPOGRAPHY = {
    "…": "~", "”": '"', "“": '"', "·": ".", "→": ">", "←": "<", "↑": "^", "↓": "v", "⇒": "=", "−": "-", "×": "x",
    "±": "~", "—": "-", "⏎": "<", "⇥": ">", "●": "*", "•": "*", "◆": "*", "✓": "v", "▶": ">", "▸": ">", "▾": "v",
    "▼": "v", "▴": "^", "▲": "^", "◌": "o",
}  # fmt: skip
_HORIZONTAL, _VERTICAL = "─━═╌╍┄┅┈┉╴╶╸╺╼╾", "│┃║╎╏┆┇┊┋╵╷╹╻╽╿"
_HALF_FULL, _LESS = "█▉▊▋▌▓", "▍▎▏"


def _box_character(character: str) -> str:
    return "-" if character in _HORIZONTAL else "|" if character in _VERTICAL else "+"


def _block_character(character: str) -> str:
    return "#" if character in _HALF_FULL else "-" if character in _LESS else ":" if character in "▒░" else " "


_PLAIN = {
    **_TYPOGRAPHY,
    **{character: _box_character(character) for character in map(chr, range(0x2500, 0x2580))},
    **{character: _block_character(character) for character in map(chr, range(0x2580, 0x25A0))},
}
_PLAIN_TABLE = str.maketrans(_PLAIN)


def is_unicode(encoding: str) -> bool:
    """True if an encoding holds all characters."""
    try:
        return codecs.lookup(encoding).name.startswith(_UNICODE_ENCODINGS)
    except LookupError:
        return False


def plain(text: str, encoding: str, cells: Callable[[str], int]) -> str:
    """Returns a text as wide as before, which an encoding can hold.

    Frames and bars become ASCII, because some encodings hold them as wide characters. Other characters become ``?``.
    """
    text = text.translate(_PLAIN_TABLE)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join([_held(character, encoding, cells) for character in text])
    return text


def _held(character: str, encoding: str, cells: Callable[[str], int]) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return "?" * cells(character)
    return character


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replaces the characters that an encoding lacks, by plain ones or by escapes."""
    if isinstance(error, UnicodeEncodeError):
        character = _PLAIN.get(error.object[error.start])
        if character is not None:
            return character, error.start + 1
    return codecs.backslashreplace_errors(error)


PLAIN_ERRORS = "layer-explorer-plain"
"""The name of the error handler for output streams."""
codecs.register_error(PLAIN_ERRORS, _replace)
