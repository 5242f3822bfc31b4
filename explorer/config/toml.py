"""TOML files that users write: what is wrong in them is told with file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.errors import UsageError
from explorer.text.printable import printable, shortened

_MOST_PARTS = 20
"""Parts of a key with dots; the standard library takes very long for thousands of them."""
_STRING_OR_COMMENT = re.compile(
    r'"""(?>\\?.)*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\[^\n]|[^"\\\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|\#[^\n]*+",
    re.DOTALL,
)
"""One that nobody ends goes on to the end of its line or of the text, so that each character is looked at once."""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{_MOST_PARTS}}}[\w-]")
"""In a text without strings and comments; nothing else in it has dots but numbers, and these have one."""


@dataclass(frozen=True, slots=True)
class TomlText:
    """The text of a file, and what errors call the file."""

    file: str
    text: str

    def document(self) -> dict[str, object]:
        """What the text says. Raises UsageError."""
        line = _line_of_long_key(self.text)
        if line is not None:
            raise UsageError(f"{self.file}, line {line}: a key has more than {_MOST_PARTS} parts")
        try:
            return tomllib.loads(self.text)
        except ValueError as error:
            # A number of thousands of digits is a plain one.
            raise UsageError(f"{self.file} is not TOML: {error}") from None
        except RecursionError:
            raise UsageError(f"{self.file} is not TOML: it is nested too deeply") from None

    def table(self, document: Mapping[str, object], name: str, around: str = "") -> dict[str, object]:
        """The table ``name`` of the document, or of the table ``around`` in it; empty where there is none.

        Raises UsageError for what is no table.
        """
        found = document.get(name, {})
        if not isinstance(found, dict):
            whole = f"{around}.{name}" if around else name
            raise self.wrong(around, name, f"{whole} is a table: [{whole}], and what belongs to it below")
        return found

    def wrong(self, table: str, name: str, words: str) -> UsageError:
        """The error about a key, with its line when that can be found."""
        line = self._line(table, name)
        return UsageError(f"{self.file}{f', line {line}' if line else ''}: {words}")

    def _line(self, table: str, name: str) -> int | None:
        wanted = f"{table}.{name}" if table else name
        current = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.lstrip().startswith("["):
                head = line.strip().lstrip("[").partition("]")[0].strip()
                current = head.replace('"', "").replace("'", "")
                if f"{current}.".startswith(f"{wanted}."):
                    return number
            elif "=" in line:
                key = re.sub(r"[\"'\s]", "", line.partition("=")[0])
                if wanted == (f"{current}.{key}" if current else key):
                    return number
        return None


def _line_of_long_key(text: str) -> int | None:
    # A string may be a part of a key, and a string of several lines leaves them as they are counted.
    bare = _STRING_OR_COMMENT.sub(lambda match: f"_{chr(10) * match[0].count(chr(10))}", text)
    found = _LONG_KEY.search(bare)
    return None if found is None else bare.count("\n", 0, found.start()) + 1


def value_words(value: object) -> str:
    """A value as TOML writes it; of one that would take many words, what it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = shortened(value, 100).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{printable(escaped)}"'
    if isinstance(value, (int, float)):
        return shortened(str(value), 100) if abs(value) < 1e100 else "a vast number"
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a date or a time"


def key_words(name: str) -> str:
    """A key as errors show it."""
    return printable(shortened(name, 100))
