"""Reads the entries of a table of contents from its JSON, while it is unpacked.

Only a window of the text is in memory, because a table may have hundreds of megabytes, and a hostile one any form.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

_MAX_VALUE_CHARS = 4 << 20
"""For one entry: its path, its link and its attributes have a hundredth of that."""
_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?={)")
_SCALARS = frozenset('"-0123456789tfn')
"""First characters of values that are not a list or an object."""
_MIN_WINDOW_BYTES = 256 << 10
"""Bytes that are added at once: a value that is cut there is read again from its start."""
_decode = json.JSONDecoder().raw_decode


class UnusableTable(Exception):
    """A table of contents that cannot be used; the message is a reason for people."""


def entries(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Yields the objects of the list ``entries``, in order. Raises UnusableTable."""
    text = _Text(chunks)
    text.expect("{")
    is_read = False
    while True:
        key = text.value()
        text.expect(":")
        if key == "entries" and not is_read:
            is_read = True
            yield from _objects(text)
        elif text.next_char() in _SCALARS:
            text.value()
        else:
            raise UnusableTable("it has an unknown part")
        if text.expect(",}") == "}":
            break
    text.expect("")


def _objects(text: _Text) -> Iterator[dict[str, Any]]:
    if text.next_char() == "n" and text.value() is None:
        # A program in Go writes no entries as null.
        return
    text.expect("[")
    if text.next_char() == "]":
        text.expect("]")
        return
    while True:
        entry = text.value()
        if not isinstance(entry, dict):
            raise UnusableTable("an entry is not a JSON object")
        yield entry
        if not text.skip_comma() and text.expect(",]") == "]":
            return


class _Text:
    """A window of a text that arrives in pieces."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0

    def next_char(self) -> str:
        """Returns the next character that is no space; empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def skip_comma(self) -> bool:
        """Skips a comma in front of an object, if both are in the window; this is fast."""
        match = _COMMA.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match is not None

    def expect(self, characters: str) -> str:
        """Takes one of the characters; an empty text stands for the end."""
        char = self.next_char()
        if (char not in characters) if char else bool(characters):
            raise UnusableTable("it is not the JSON of a table")
        self._at += len(char)
        return char

    def value(self) -> Any:
        """Takes a whole JSON value, of limited length."""
        if not self._text.startswith("{", self._at):
            self.next_char()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except (ValueError, RecursionError):
                if len(self._text) - self._at > _MAX_VALUE_CHARS or not self._read_more():
                    raise UnusableTable("it is not the JSON of a table") from None
                continue
            # A number may go on.
            if end < len(self._text) or not self._read_more():
                self._at = end
                return value

    def _read_more(self) -> bool:
        chunk = bytearray()
        for piece in self._chunks:
            chunk += piece
            if len(chunk) >= _MIN_WINDOW_BYTES:
                break
        try:
            more = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            raise UnusableTable("it is not UTF-8") from None
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(chunk)
