"""The setting that names wanted paths: files that are not disposable in any image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from explorer.config.paths import settings_text
from explorer.config.toml import TomlText, key_words, value_words
from explorer.text.patterns import are_patterns

TABLE = "disposable"
NAME = "wanted_paths"
WORDS = "patterns as in a .gitignore file, such as /usr/share/doc or *.pyc"


def read_wanted_paths(path: Path) -> tuple[str, ...]:
    """Returns the patterns in a configuration file; none if there is no file.

    Reads no other setting. Raises UsageError.
    """
    text = settings_text(path)
    if text is None or TABLE not in text:
        return ()
    toml = TomlText(str(path), text)
    return parse_wanted_paths(toml, toml.document())


def parse_wanted_paths(toml: TomlText, document: Mapping[str, object]) -> tuple[str, ...]:
    """Returns the patterns in a document. Raises UsageError."""
    table = toml.table(document, TABLE)
    for name in table:
        if name != NAME:
            raise toml.error(TABLE, name, f"[{TABLE}] has no {key_words(name)}; it has {NAME}")
    value = table.get(NAME, [])
    items = value if isinstance(value, list) else [value]
    patterns = tuple(item for item in items if isinstance(item, str) and are_patterns(["a", item]))
    if len(patterns) < len(items) or not are_patterns(patterns):
        invalid = next((item for item in items if item not in patterns), value)
        raise toml.error(TABLE, NAME, f"{NAME} takes {WORDS}, not {value_words(invalid)}")
    return patterns
