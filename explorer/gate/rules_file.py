"""The rules file of a project.

It is ``.layer-explorer.toml``, ``pyproject.toml`` or dive's ``.dive-ci``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from explorer.config.toml import TomlText, key_words
from explorer.errors import UsageError
from explorer.files import read_text
from explorer.gate.dive_ci import parse_dive_ci
from explorer.gate.rules import RULES, RawSetting, rule_key
from explorer.text.printable import printable

OWN = ".layer-explorer.toml"
PROJECT = "pyproject.toml"
DIVE = ".dive-ci"
NAMES = (OWN, PROJECT, DIVE)
"""The names of rules files; the first file that has rules counts."""
_TABLE = "layer-explorer"
_TABLE_IN_ANY_SPELLING = re.compile("layer.?explore", re.IGNORECASE)
_SHARED_KEYS = ("wanted-paths", "base", "base-layers")
"""The keys that count for commands that do not check, too."""
_MIN_SIMILARITY = 0.8
"""The similarity, from 0 to 1, from which another table's name counts as a misspelt one."""

RawSettings = Mapping[str, RawSetting]


def find_rules(directory: Path) -> RawSettings:
    """Returns the rules of a directory's first file with rules. Raises UsageError."""
    for name in NAMES:
        path = directory / name
        try:
            text = read_text(path)
        except FileNotFoundError:
            if path.is_symlink():
                raise UsageError(f"{name} is a link to a file that does not exist") from None
            continue
        settings = _parsed(name, text)
        if settings:
            return settings
    return {}


def find_shared_rules(directory: Path) -> RawSettings:
    """Returns the wanted paths and the base of a directory's first file with rules.

    Commands that do not check need nothing else, so other mistakes in the file are no errors. Raises UsageError.
    """
    for name in (OWN, PROJECT):
        try:
            text = TomlText(name, read_text(directory / name))
        except (FileNotFoundError, UsageError):
            continue
        table_name, table = _rules_table(text) or ("", {})
        if table:
            shared = {name: value for name, value in table.items() if rule_key(name) in _SHARED_KEYS}
            return _settings(text, table_name, shared)
    return {}


def read_rules(path: Path) -> RawSettings:
    """Returns the rules of the file that the user names. Raises UsageError."""
    shown = printable(str(path))
    try:
        text = read_text(path)
    except FileNotFoundError:
        raise UsageError(f"there is no file {shown}") from None
    settings = _parsed(shown, text)
    if settings is None:
        raise UsageError(f"{shown} has no rules", f"They belong in a table [tool.{_TABLE}].")
    return settings


def _parsed(file: str, text: str) -> RawSettings | None:
    """Returns the rules in a text; None for a pyproject.toml without our table."""
    name = Path(file).name
    if name != PROJECT and not name.lower().endswith(".toml"):
        return parse_dive_ci(file, text)
    toml = TomlText(file, text)
    found = _rules_table(toml)
    return None if found is None else _settings(toml, *found)


def _rules_table(text: TomlText) -> tuple[str, Mapping[str, object]] | None:
    """Returns the name and the keys of the table of rules; None if there is no table."""
    if Path(text.file).name != PROJECT:
        return _below_rules(text, "", text.document())
    if not _TABLE_IN_ANY_SPELLING.search(text.text):
        # Errors in the file's other tables are for other programs to report.
        return None
    document = text.document()
    tools = text.table(document, "tool")
    if _TABLE not in tools:
        for parent, names in (("tool", tools), ("", document)):
            similar = difflib.get_close_matches(_TABLE, names, 1, _MIN_SIMILARITY)
            if similar:
                raise text.error(parent, similar[0], f"rules belong in a table [tool.{_TABLE}], not in this one")
        return None
    return _below_rules(text, f"tool.{_TABLE}", text.table(tools, _TABLE, parent="tool"))


def _below_rules(text: TomlText, table_name: str, table: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    """Returns the table, or the tables `rules` in it, as in dive's files."""
    while list(table) == ["rules"]:
        name = f"{table_name}.rules".lstrip(".")
        table, table_name = text.table(table, "rules", table_name), name
    return table_name, table


def _settings(text: TomlText, table_name: str, table: Mapping[str, object]) -> RawSettings:
    settings: dict[str, RawSetting] = {}
    for name, value in table.items():
        key = rule_key(name)
        if key is None:
            raise text.error(table_name, name, f"there is no rule {key_words(name)}; the rules are {', '.join(RULES)}")
        if key in settings:
            raise text.error(table_name, name, f"{key} is set twice")
        settings[key] = RawSetting(value, text.file, partial(_error, text, table_name, name))
    return settings


def _error(text: TomlText, table_name: str, name: str, words: str) -> UsageError:
    return text.error(table_name, name, f"{name} {words}")
