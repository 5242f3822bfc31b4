"""TOML files that users write; errors name file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from explorer.errors import UsageError
from explorer.text.printable import printable, shortened

_MAX_SHOWN_CHARS = 100


@dataclass(frozen=True, slots=True)
class TomlText:
    """The text of a file, and the file's name in errors."""

    file: str
    text: str

    def document(self) -> dict[str, object]:
        """Returns the parsed text. Raises UsageError if it is not TOML."""
        try:
            return tomllib.loads(self.text)
        except ValueError as error:
            # Not only TOMLDecodeError: a number of thousands of digits is a plain ValueError.
            raise UsageError(f"{self.file} is not TOML: {error}") from None
        except RecursionError:
            raise UsageError(f"{self.file} is not TOML: it is nested too deeply") from None

    def table(self, document: Mapping[str, object], name: str, parent: str = "") -> dict[str, object]:
        """Returns a table of a document or of its table ``parent``; empty if missing.

        Raises UsageError if the value is not a table.
        """
        table = document.get(name, {})
        if not isinstance(table, dict):
            whole = f"{parent}.{name}" if parent else name
            raise self.error(parent, name, f"{whole} must be a table: [{whole}], with its keys below")
        return table

    def error(self, table: str, name: str, words: str) -> UsageError:
        """Returns the error about a key, with its line if that can be found."""
        line = self._line(table, name)
        return UsageError(f"{self.file}{f', line {line}' if line else ''}: {words}")

    def _line(self, table: str, name: str) -> int | None:
        wanted = f"{table}.{name}" if table else name
        current_table = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.lstrip().startswith("["):
                header = line.strip().lstrip("[").partition("]")[0].strip()
                current_table = header.replace('"', "").replace("'", "")
                if f"{current_table}.".startswith(f"{wanted}."):
                    return number
            elif "=" in line:
                key = re.sub(r"[\"'\s]", "", line.partition("=")[0])
                if wanted == (f"{current_table}.{key}" if current_table else key):
                    return number
        return None


def value_words(value: object) -> str:
    """Returns a value as TOML writes it; of a long value, its type."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = shortened(value, _MAX_SHOWN_CHARS).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{printable(escaped)}"'
    if isinstance(value, (int, float)):
        return shortened(str(value), _MAX_SHOWN_CHARS) if abs(value) < 1e100 else "a vast number"
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a date or a time"


def key_words(name: str) -> str:
    """Returns a key as errors show it."""
    return printable(shortened(name, _MAX_SHOWN_CHARS))
